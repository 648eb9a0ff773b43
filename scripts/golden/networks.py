"""Target networks as functions of a record of parameters with torchvision's names, in training or evaluation mode.

They also measure their margin: how close any ReLU input is to zero and any two candidates of a max pool to each other.
A decision with a smaller margin than float32's rounding error could fall differently elsewhere; seeds are chosen by it.
"""

import torch
import torch.nn.functional as F

from .group import generator


class Margin:
    def __init__(self):
        self.smallest = float("inf")

    def see(self, values):
        if values.numel() > 0:
            self.smallest = min(self.smallest, values.min().item())

    def relu(self, x, slope=0.0):
        self.see(x.detach().abs())
        return F.leaky_relu(x, slope) if slope else F.relu(x)

    def max_pool(self, x, k, stride, pad):
        """x [n, c, h, w] >= 0; zeros may tie, since no gradient passes a ReLU's zero."""
        n, c = x.shape[:2]
        windows = F.unfold(x.detach().flatten(0, 1).unsqueeze(1), k, padding=pad, stride=stride)
        first, second = windows.topk(2, dim=1).values.unbind(1)
        self.see((first - second)[first > 0])
        return F.max_pool2d(x, k, stride, pad)


def largest_margin(seeds, margin_of):
    """The seed below `seeds` whose decisions are the safest, and its margin."""
    margins = {seed: margin_of(seed) for seed in range(seeds)}
    best = max(margins, key=margins.get)
    return best, margins[best]


def batch_norm(x, params, stats, name, training):
    mean, var = stats[f"{name}.running_mean"], stats[f"{name}.running_var"]
    return F.batch_norm(x, mean, var, params[f"{name}.weight"], params[f"{name}.bias"], training, 0.1, 1e-5)


def convnet3(params, stats, x, training, margin, prefix="", kernels=None):
    """x [n, 3, s, s] -> [n, width (s // 8)^2]; `kernels` replaces the parameters conv1..conv3.weight."""
    for i in (1, 2, 3):
        kernel = kernels[i - 1] if kernels else params[f"{prefix}conv{i}.weight"]
        x = batch_norm(F.conv2d(x, kernel, padding=1), params, stats, f"{prefix}bn{i}", training)
        x = margin.max_pool(margin.relu(x), 2, 2, 0)
    return x.flatten(1)


def resnet18(params, stats, x, training, margin, pooled_stem):
    """x [n, 3, s, s] -> [n, last width]; a block has a shortcut convolution if its parameters are there."""

    def conv_norm(x, conv, norm, stride):
        kernel = params[f"{conv}.weight"]
        x = F.conv2d(x, kernel, stride=stride, padding=kernel.shape[-1] // 2)
        return batch_norm(x, params, stats, norm, training)

    x = margin.relu(conv_norm(x, "conv1", "bn1", 2 if pooled_stem else 1))
    if pooled_stem:
        x = margin.max_pool(x, 3, 2, 1)
    for stage in (1, 2, 3, 4):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            stride = 2 if stage > 1 and block == 0 else 1
            y = margin.relu(conv_norm(x, f"{at}.conv1", f"{at}.bn1", stride))
            y = conv_norm(y, f"{at}.conv2", f"{at}.bn2", 1)
            if f"{at}.downsample.0.weight" in params:
                x = conv_norm(x, f"{at}.downsample.0", f"{at}.downsample.1", stride)
            x = margin.relu(y + x)
    return x.mean((2, 3))


def convnet3_shapes(width):
    shapes = {}
    for i, c_in in ((1, 3), (2, width), (3, width)):
        shapes |= {f"conv{i}.weight": (width, c_in, 3, 3), f"bn{i}.weight": (width,), f"bn{i}.bias": (width,)}
    return shapes


def resnet18_shapes(widths, pooled_stem):
    def conv_norm(conv, norm, c_out, c_in, k):
        return {f"{conv}.weight": (c_out, c_in, k, k), f"{norm}.weight": (c_out,), f"{norm}.bias": (c_out,)}

    shapes = conv_norm("conv1", "bn1", widths[0], 3, 7 if pooled_stem else 3)
    c_in = widths[0]
    for stage, width in enumerate(widths, 1):
        for block in (0, 1):
            at = f"layer{stage}.{block}"
            shapes |= conv_norm(f"{at}.conv1", f"{at}.bn1", width, c_in, 3)
            shapes |= conv_norm(f"{at}.conv2", f"{at}.bn2", width, width, 3)
            if block == 0 and (stage > 1 or c_in != width):
                shapes |= conv_norm(f"{at}.downsample.0", f"{at}.downsample.1", width, c_in, 1)
            c_in = width
    return shapes


def fresh_stats(shapes, norm_names, dtype):
    """Running averages before the first step: mean 0, variance 1."""
    stats = {}
    for name in norm_names:
        c = shapes[f"{name}.weight"]
        stats |= {f"{name}.running_mean": torch.zeros(c, dtype=dtype), f"{name}.running_var": torch.ones(c, dtype=dtype)}
    return stats


def random_parameters(shapes, seed_name):
    """Matrices and kernels normal with variance 2 / fan-in, vectors (scales and shifts) away from their usual start."""
    random = generator(seed_name)
    params = {}
    for name, shape in shapes.items():
        x = torch.randn(shape, generator=random)
        if len(shape) > 1:
            params[name] = x * (2 / torch.Size(shape[1:]).numel()) ** 0.5
        else:
            params[name] = 1 + 0.2 * x if name.endswith("weight") else 0.2 * x
    return params


def as_leaves(params, dtype):
    return {name: x.to(dtype, copy=True).requires_grad_() for name, x in params.items()}
