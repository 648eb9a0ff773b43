"""One training step in PyTorch: batch 100, cross entropy, Adam 1e-3; the peer of `npm run bench -- train-step-ARCH`.

    ConvNet-3 (64-64-64) at 3x28x28, or ResNet-18 (7x7 stem and pool) at 3x32x32; a linear head with 10 classes.

README.md beside this file says how to start it and which idioms were measured.
"""

import itertools

import torch
import torch.nn.functional as F
from torch import nn

import safetensors
from networks import NETWORKS, initial_kernels, laid_out
from protocol import adam, arguments, compiled, serve

BATCH, CLASSES = 100, 10
SIDES = {"convnet-3": 28, "resnet-18": 32}


@torch.no_grad()
def start_from(path, kernels, target, head):
    """Copy the parameters in a safetensors file; its images and labels are those of several batches."""
    tensors = safetensors.read(path)
    for i, (kernel, norm) in enumerate(zip(kernels, target.norms)):
        kernel.copy_(tensors[f"kernels.{i}"])
        norm.weight.copy_(tensors[f"norms.{i}.weight"])
        norm.bias.copy_(tensors[f"norms.{i}.bias"])
    head.weight.copy_(tensors["head.weight"])
    head.bias.copy_(tensors["head.bias"])
    return tensors["images"], tensors["labels"]


def main():
    options = arguments(__doc__)
    side = SIDES[options.arch]
    target = NETWORKS[options.arch]()
    kernels = initial_kernels(target.shapes, options.layout)
    head = nn.Linear(target.features(side), CLASSES)
    if options.start is None:
        images, labels = torch.randn(BATCH, 3, side, side), torch.randint(0, CLASSES, (BATCH,))
    else:
        images, labels = start_from(options.start, kernels, target, head)
    for module in (kernels, target, head):
        module.to(options.device)
    images = [laid_out(batch, options.layout) for batch in images.to(options.device).split(BATCH)]
    batches = itertools.cycle(zip(images, labels.to(options.device).split(BATCH)))
    parameters = [*kernels, *target.parameters(), *head.parameters()]
    optimizer = adam(parameters, options.rate, options)
    loss_of = compiled(lambda x, y: F.cross_entropy(head(target(x, kernels)), y), options)

    def step():
        x, y = next(batches)
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(x, y)
        loss.backward()
        optimizer.step()
        return loss.detach()

    serve(step, options)


if __name__ == "__main__":
    main()
