"""Golden cases of whole target networks: features in both modes, running statistics, gradients, a short training."""

import torch
import torch.nn.functional as F

from .group import Group, normal
from .networks import (
    Margin, as_leaves, convnet3, convnet3_shapes, fresh_stats, largest_margin, random_parameters, resnet18, resnet18_shapes,
)  # fmt: skip

BATCH, CLASSES, STEPS = 4, 5, 20


def named(prefix, tensors):
    return {f"{prefix}/{name}": tensor for name, tensor in tensors.items()}


def network(group, case, forward, shapes, side, seeds, **parameters):
    """Record one network; returns its seed's inputs so that it can be trained further."""
    norm_names = [name.removesuffix(".bias") for name in shapes if name.endswith(".bias")]

    def margin_of(seed):
        margin = Margin()
        params = as_leaves(random_parameters(shapes, f"{case}/{seed}"), torch.float64)
        with torch.no_grad():
            x = normal(f"{case}/{seed}/x", BATCH, 3, side, side).double()
            forward(params, fresh_stats(shapes, norm_names, torch.float64), x, True, margin)
        return margin.smallest

    seed, margin = largest_margin(seeds, margin_of)
    start = random_parameters(shapes, f"{case}/{seed}")
    x = normal(f"{case}/{seed}/x", BATCH, 3, side, side)
    params, stats = as_leaves(start, group.dtype), fresh_stats(shapes, norm_names, group.dtype)
    features = forward(params, stats, x.to(group.dtype), True, Margin())
    grad_features = normal(f"{case}/gradFeatures", *features.shape)
    (features * grad_features).sum().backward()
    with torch.no_grad():
        features_eval = forward(params, stats, x.to(group.dtype), False, Margin())
    tensors = {"input": x, "features": features, "gradFeatures": grad_features, "featuresEval": features_eval}
    tensors |= named("params", start) | named("grads", {name: p.grad for name, p in params.items()})
    tensors |= named("stats", {name: x.clone() for name, x in stats.items()})  # training goes on with them
    group.add(case, tensors, margin=margin, batch=BATCH, side=side, **parameters)
    return start, x, stats


def training_losses(group, case, forward, start, x, stats):
    """Losses of Adam 1e-3 on one batch, and the parameters after it; a linear head on the features."""
    params = as_leaves(start, group.dtype)
    x = x.to(group.dtype)
    with torch.no_grad():
        features = forward(params, dict(stats), x, False, Margin()).shape[1]
    head_start = {
        "head.weight": normal(f"{case}/head.weight", CLASSES, features) / features**0.5,
        "head.bias": 0.1 * normal(f"{case}/head.bias", CLASSES),
    }
    params |= as_leaves(head_start, group.dtype)
    labels = torch.tensor([4, 0, 2, 0])
    adam = torch.optim.Adam(params.values(), 1e-3)
    losses = []
    for _ in range(STEPS):
        adam.zero_grad()
        logits = F.linear(forward(params, stats, x, True, Margin()), params["head.weight"], params["head.bias"])
        loss = F.cross_entropy(logits, labels)
        loss.backward()
        adam.step()
        losses.append(loss.detach())
    return named("params", head_start) | {"labels": labels, "losses": torch.stack(losses)}


def models(dtype):
    group = Group(dtype)
    shapes = convnet3_shapes(16)
    start, x, stats = network(group, "convnet-3", convnet3, shapes, 16, 100, width=16, arch="convnet-3")
    trained = training_losses(group, "convnet-3", convnet3, start, x, stats)
    group.tensors.update(named("convnet-3", trained))
    group.metadata["convnet-3"] |= {"optimizer": "adam", "lr": 1e-3, "steps": STEPS, "classes": CLASSES}
    widths = [16, 16, 32, 32]
    for stem in ("3x3", "7x7+pool"):
        pooled = stem == "7x7+pool"
        network(
            group, f"resnet-18-{stem}",
            lambda *arguments, pooled=pooled: resnet18(*arguments, pooled),
            resnet18_shapes(widths, pooled), 32, 60, arch="resnet-18", stem=stem, widths=widths,
        )  # fmt: skip
    return group
