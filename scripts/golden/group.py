"""A group of golden cases: seeded inputs, outputs and gradients under names `CASE/input0`, `CASE/output`, `CASE/grad0`.

Inputs are drawn in float32. Everything is computed in the group's dtype: the files hold float64 results, and the float32
run beside it says how far float32 PyTorch itself is away.
"""

import zlib

import torch


def generator(name):
    return torch.Generator().manual_seed(zlib.crc32(name.encode()))


def normal(name, *shape):
    """Standard normal float32 numbers that depend on the name only."""
    return torch.randn(shape, generator=generator(name))


def uniform(name, low, high, *shape):
    return torch.rand(shape, generator=generator(name)) * (high - low) + low


class Group:
    def __init__(self, dtype):
        self.dtype = dtype
        self.tensors, self.metadata = {}, {}

    def add(self, case, tensors, **parameters):
        """Record tensors under `CASE/` and the case's parameters as metadata."""
        self.tensors.update({f"{case}/{name}": tensor for name, tensor in tensors.items()})
        self.metadata[case] = parameters

    def case(self, case, function, inputs, extra=lambda: {}, **parameters):
        """Record function(*inputs) and, for loss = sum(output * gradOutput), the gradients of all float inputs."""
        leaves = [
            x.to(self.dtype).requires_grad_() if x.is_floating_point() else x for x in map(torch.clone, inputs.values())
        ]
        output = function(*leaves)
        grad_output = normal(f"{case}/gradOutput", *output.shape)
        (output * grad_output).sum().backward()
        tensors = {f"input{i}": x for i, x in enumerate(inputs.values())}
        tensors |= {"output": output, "gradOutput": grad_output}
        tensors |= {f"grad{i}": x.grad for i, x in enumerate(leaves) if x.is_floating_point() and x.grad is not None}
        self.add(case, tensors | extra(), inputs=list(inputs), **parameters)
