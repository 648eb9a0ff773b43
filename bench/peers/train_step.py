"""One training step in PyTorch: batch 100, cross entropy, Adam 1e-3; the peer of `npm run bench -- train-step-ARCH`.

    ConvNet-3 (64-64-64) at 3x28x28, or ResNet-18 (7x7 stem and pool) at 3x32x32; a linear head with 10 classes.

README.md beside this file says how to start it and which idioms were measured.
"""

import torch
import torch.nn.functional as F
from torch import nn

from networks import NETWORKS, initial_kernels, laid_out
from protocol import arguments, serve

BATCH, CLASSES = 100, 10
SIDES = {"convnet-3": 28, "resnet-18": 32}


def main():
    options = arguments(__doc__)
    side = SIDES[options.arch]
    target = NETWORKS[options.arch]()
    kernels = initial_kernels(target.shapes, options.layout)
    head = nn.Linear(target.features(side), CLASSES)
    images = laid_out(torch.randn(BATCH, 3, side, side), options.layout)
    labels = torch.randint(0, CLASSES, (BATCH,))
    parameters = [*kernels, *target.parameters(), *head.parameters()]
    adam = torch.optim.Adam(parameters, 1e-3, foreach=False)

    def step():
        adam.zero_grad(set_to_none=True)
        loss = F.cross_entropy(head(target(images, kernels)), labels)
        loss.backward()
        adam.step()
        return loss.detach()

    serve(step, options)


if __name__ == "__main__":
    main()
