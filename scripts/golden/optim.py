"""Golden cases of optimizers: five steps from the same start with the same gradients."""

import torch
from torch import nn

from .group import Group, normal

SHAPES = [(6, 4, 3, 3), (5, 7), (5,)]
STEPS = 5


def centralise(gradient):
    """Gradient centralisation: subtract the mean over all dimensions but the first."""
    if gradient.dim() < 2:
        return gradient
    return gradient - gradient.mean(tuple(range(1, gradient.dim())), keepdim=True)


def optim(dtype):
    group = Group(dtype)
    starts = [normal(f"optim/start{i}", *shape) for i, shape in enumerate(SHAPES)]
    gradients = [normal(f"optim/gradient{i}", STEPS, *shape) for i, shape in enumerate(SHAPES)]
    shared = {f"start{i}": x for i, x in enumerate(starts)} | {f"gradient{i}": x for i, x in enumerate(gradients)}
    group.add("shared", shared, shapes=SHAPES, steps=STEPS)

    def descend(case, make, centralised_decay=None, **parameters):
        """Record the parameters after each step; with `centralised_decay`, g = centralise(g + decay * parameter)."""
        values = [nn.Parameter(x.to(dtype, copy=True)) for x in starts]
        optimizer = make(values)
        history = []
        for step in range(STEPS):
            for value, gradient in zip(values, gradients):
                value.grad = gradient[step].to(dtype)
                if centralised_decay is not None:
                    value.grad = centralise(value.grad + centralised_decay * value.detach())
            optimizer.step()
            history.append([value.detach().clone() for value in values])
        group.add(case, {f"parameter{i}": torch.stack(x) for i, x in enumerate(zip(*history))}, **parameters)

    adam = {"lr": 1e-3, "betas": [0.9, 0.999], "eps": 1e-8}
    descend("adam", lambda p: torch.optim.Adam(p, 1e-3), **adam, weightDecay=0)
    descend("adam-decay", lambda p: torch.optim.Adam(p, 1e-3, weight_decay=0.01), **adam, weightDecay=0.01)
    descend("adam-gc", lambda p: torch.optim.Adam(p, 1e-3), 0.0, **adam, weightDecay=0, centralised=True)
    descend("adam-gc-decay", lambda p: torch.optim.Adam(p, 1e-3), 0.01, **adam, weightDecay=0.01, centralised=True)
    sgd = {"lr": 0.1, "momentum": 0.9, "weightDecay": 5e-4}
    settings = {"lr": 0.1, "momentum": 0.9, "weight_decay": 5e-4}
    descend("sgd", lambda p: torch.optim.SGD(p, lr=0.1), lr=0.1, momentum=0, weightDecay=0)
    descend("sgd-momentum", lambda p: torch.optim.SGD(p, **settings), **sgd)

    first = [gradient[0] for gradient in gradients]
    group.add("centralise", {f"output{i}": centralise(g.to(dtype)) for i, g in enumerate(first)}, input="gradientI[0]")
    for case, limit in (("clip-above", 5.0), ("clip-below", 100.0)):
        values = [nn.Parameter(x.to(dtype, copy=True)) for x in starts]
        for value, gradient in zip(values, first):
            value.grad = gradient.to(dtype, copy=True)
        norm = nn.utils.clip_grad_norm_(values, limit)
        group.add(case, {"norm": norm} | {f"output{i}": v.grad for i, v in enumerate(values)}, limit=limit, input="gradientI[0]")
    return group
