"""ConvNet-3 and ResNet-18 in PyTorch, the peers of the training-step and meta-step benchmarks.

Convolution kernels come from outside (`kernels`, in torchvision order: stem, then per block conv1, conv2, downsample), so
the same network is trained directly (its kernels are parameters) or by PudNet (its kernels are predicted). Batch norm is
in training mode: batch statistics, running averages with momentum 0.1.
"""

import math

import torch
import torch.nn.functional as F
from torch import nn

STAGES = ((64, 1), (128, 2), (256, 2), (512, 2))


class ConvNet3(nn.Module):
    """Three times conv 3x3 -> batch norm -> ReLU -> max pool 2x2, 64 channels; x [n, 3, s, s] -> [n, 64 (s // 8)^2]."""

    def __init__(self):
        super().__init__()
        self.shapes = [(64, 3, 3, 3), (64, 64, 3, 3), (64, 64, 3, 3)]
        self.norms = nn.ModuleList(nn.BatchNorm2d(64) for _ in self.shapes)

    def features(self, side):
        return 64 * (side // 8) ** 2

    def forward(self, x, kernels):
        for kernel, norm in zip(kernels, self.norms):
            x = F.max_pool2d(F.relu_(norm(F.conv2d(x, kernel, padding=1))), 2, 2)
        return dense(x).flatten(1)


class ResNet18(nn.Module):
    """torchvision's ResNet-18: 7x7 stride 2 stem, 3x3 max pool, four stages, global average; x [n, 3, s, s] -> [n, 512]."""

    def __init__(self):
        super().__init__()
        self.shapes, self.strides = [(64, 3, 7, 7)], [2]
        self.shortcuts = []  # one a block: does it have a 1x1 convolution?
        c_in = 64
        for width, first_stride in STAGES:
            for stride in (first_stride, 1):
                self.shapes += [(width, c_in, 3, 3), (width, width, 3, 3)]
                self.strides += [stride, 1]
                self.shortcuts.append(stride != 1 or c_in != width)
                if self.shortcuts[-1]:
                    self.shapes.append((width, c_in, 1, 1))
                    self.strides.append(stride)
                c_in = width
        self.norms = nn.ModuleList(nn.BatchNorm2d(shape[0]) for shape in self.shapes)

    def features(self, side):
        return 512

    def forward(self, x, kernels):
        convs = iter(zip(kernels, self.norms, self.strides))

        def conv_norm(x):
            kernel, norm, stride = next(convs)
            return norm(F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2))

        x = F.max_pool2d(F.relu_(conv_norm(x)), 3, 2, 1)
        for has_shortcut in self.shortcuts:
            y = conv_norm(F.relu_(conv_norm(x)))
            y += conv_norm(x) if has_shortcut else x
            x = F.relu_(y)
        return dense(F.adaptive_avg_pool2d(x, 1)).flatten(1)


NETWORKS = {"convnet-3": ConvNet3, "resnet-18": ResNet18}


# `mkldnn` is oneDNN's own blocked layout, kept from the first convolution to the features (Tensor.to_mkldnn).
LAYOUTS = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last, "mkldnn": torch.contiguous_format}


def dense(x):
    return x.to_dense() if x.is_mkldnn else x


def laid_out(x, layout):
    """`x` [n, c, h, w] as the network's input in `layout`."""
    x = x.contiguous(memory_format=LAYOUTS[layout])
    return x.to_mkldnn() if layout == "mkldnn" else x


def initial_kernels(shapes, layout):
    """Trainable kernels, Kaiming-uniform as nn.Conv2d's, stored in the memory format of `layout`."""
    kernels = nn.ParameterList()
    for shape in shapes:
        kernel = torch.empty(shape)
        nn.init.kaiming_uniform_(kernel, a=math.sqrt(5))
        kernels.append(nn.Parameter(kernel.contiguous(memory_format=LAYOUTS[layout])))
    return kernels
