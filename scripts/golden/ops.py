"""Golden cases of single operators: convolution, normalisation, pooling, activations, GRU, LSTM."""

import torch
import torch.nn.functional as F

from .group import Group, normal, uniform

# n, cIn, h, w, cOut, k, stride, pad, bias
CONVOLUTIONS = [
    (1, 16, 6, 6, 32, 3, 1, 1, False),
    (2, 32, 4, 4, 16, 3, 1, 1, True),
    (1, 3, 28, 28, 16, 3, 1, 1, False),
    (3, 16, 5, 4, 16, 3, 1, 0, False),
    (2, 5, 6, 7, 3, 3, 1, 2, True),
    (1, 16, 7, 7, 16, 3, 2, 1, False),
    (1, 16, 8, 8, 16, 3, 2, 1, False),
    (1, 16, 6, 6, 16, 3, 2, 0, False),
    (1, 16, 7, 7, 16, 3, 2, 0, True),
    (1, 16, 6, 5, 16, 3, 2, 2, False),
    (2, 5, 9, 8, 3, 3, 2, 3, True),
    (2, 3, 7, 7, 5, 3, 2, 1, False),
    (2, 16, 5, 5, 16, 1, 1, 0, False),
    (2, 5, 4, 4, 3, 1, 1, 0, True),
    (1, 16, 8, 8, 32, 1, 2, 0, False),
    (1, 16, 7, 7, 16, 1, 2, 0, False),
    (1, 3, 16, 16, 16, 5, 2, 2, True),
    (1, 16, 6, 6, 16, 5, 2, 2, True),
    (2, 3, 7, 7, 16, 5, 2, 2, True),
    (2, 5, 9, 9, 3, 5, 1, 2, True),
    (1, 16, 6, 6, 5, 5, 1, 0, False),
    (1, 3, 28, 28, 16, 7, 2, 3, False),
    (1, 16, 9, 9, 5, 7, 2, 3, False),
    (2, 3, 9, 9, 5, 7, 1, 3, True),
    (1, 16, 1, 1, 16, 3, 1, 1, False),
    (2, 16, 2, 2, 16, 3, 2, 1, False),
]


def conv(dtype):
    group = Group(dtype)
    for n, c_in, h, w, c_out, k, stride, pad, bias in CONVOLUTIONS:
        case = f"n{n}-{c_in}to{c_out}-{h}x{w}-k{k}-s{stride}-p{pad}{'-bias' if bias else ''}"
        inputs = {"x": normal(f"{case}/x", n, c_in, h, w), "weight": 0.3 * normal(f"{case}/weight", c_out, c_in, k, k)}
        if bias:
            inputs["bias"] = normal(f"{case}/bias", c_out)
        parameters = {"n": n, "cIn": c_in, "h": h, "w": w, "cOut": c_out, "k": k}
        group.case(
            case,
            lambda x, weight, b=None: F.conv2d(x, weight, b, stride, pad),
            inputs,
            **parameters, stride=stride, pad=pad, bias=bias,
        )  # fmt: skip
    return group


def norm(dtype):
    group = Group(dtype)

    def affine(case, c):
        return {"weight": uniform(f"{case}/weight", 0.5, 1.5, c), "bias": normal(f"{case}/bias", c)}

    def training(case, x):
        c = x.shape[1]
        running = torch.zeros(c, dtype=dtype), torch.ones(c, dtype=dtype)
        group.case(
            case,
            lambda x, weight, bias: F.batch_norm(x, *running, weight, bias, True, 0.1, 1e-5),
            {"x": x, **affine(case, c)},
            lambda: {"runningMean": running[0], "runningVar": running[1]},
            mode="training", momentum=0.1, eps=1e-5,
        )  # fmt: skip

    training("batch-norm-16", 2 * normal("batch-norm-16/x", 4, 16, 4, 3) + 0.5)
    training("batch-norm-5", normal("batch-norm-5/x", 3, 5, 5, 5))
    training("batch-norm-large-mean", normal("batch-norm-large-mean/x", 4, 16, 4, 4) + 30)
    training("batch-norm-1d", normal("batch-norm-1d/x", 7, 12) - 1)
    for case, shape in (("batch-norm-eval", (3, 16, 4, 4)), ("batch-norm-1d-eval", (5, 12))):
        c = shape[1]
        group.case(
            case,
            lambda x, weight, bias, mean, var: F.batch_norm(x, mean.detach(), var.detach(), weight, bias, False, 0.1, 1e-5),
            {
                "x": normal(f"{case}/x", *shape),
                **affine(case, c),
                "runningMean": normal(f"{case}/mean", c),
                "runningVar": uniform(f"{case}/var", 0.3, 2, c),
            },
            mode="evaluation", eps=1e-5,
        )  # fmt: skip
    for case, shape in (("layer-norm", (6, 16)), ("layer-norm-3d", (2, 3, 10))):
        group.case(
            case,
            lambda x, weight, bias: F.layer_norm(x, x.shape[-1:], weight, bias, 1e-5),
            {"x": 2 * normal(f"{case}/x", *shape) + 1, **affine(case, shape[-1])},
            eps=1e-5,
        )
    group.case(
        "image-layer-norm",
        lambda x, weight, bias: F.group_norm(x, 1, weight, bias, 1e-5),
        {"x": 2 * normal("image-layer-norm/x", 3, 5, 4, 4) + 1, **affine("image-layer-norm", 5)},
        eps=1e-5,
    )
    return group


def pool(dtype):
    group = Group(dtype)

    def max_pool(case, shape, k, stride, pad, relu=False):
        group.case(
            case,
            lambda x: F.max_pool2d(F.relu(x) if relu else x, k, stride, pad),
            {"x": normal(f"{case}/x", *shape)},
            k=k, stride=stride, pad=pad, relu=relu,
        )  # fmt: skip

    max_pool("max-2x2-even", (1, 16, 8, 8), 2, 2, 0)
    max_pool("max-2x2-odd", (1, 16, 7, 9), 2, 2, 0)
    max_pool("max-2x2-5-channels", (2, 5, 7, 6), 2, 2, 0)
    max_pool("max-2x2-after-relu", (1, 16, 7, 7), 2, 2, 0, relu=True)
    max_pool("max-3x3-s2-p1-even", (1, 16, 8, 8), 3, 2, 1)
    max_pool("max-3x3-s2-p1-odd", (2, 3, 9, 7), 3, 2, 1)
    max_pool("max-3x3-s2-p1-after-relu", (1, 16, 8, 8), 3, 2, 1, relu=True)
    for case, shape in (("global-average", (3, 16, 5, 4)), ("global-average-5-channels", (2, 5, 7, 7))):
        group.case(case, lambda x: x.mean((2, 3)), {"x": normal(f"{case}/x", *shape)})
    return group


def activations(dtype):
    group = Group(dtype)
    functions = {
        "relu": F.relu,
        "leakyRelu": lambda x: F.leaky_relu(x, 0.1),
        "gelu": F.gelu,
        "sigmoid": torch.sigmoid,
        "tanh": torch.tanh,
        "softmax": lambda x: F.softmax(x, -1),
        "logSoftmax": lambda x: F.log_softmax(x, -1),
        "exp": torch.exp,
    }
    for name, function in functions.items():
        group.case(name, function, {"x": 2 * normal(f"{name}/x", 5, 13)})
    for name in ("gelu", "sigmoid", "tanh", "softmax", "logSoftmax"):
        group.case(f"{name}-large", functions[name], {"x": 30 * normal(f"{name}-large/x", 4, 9)})
    for name, function in (("log", torch.log), ("sqrt", torch.sqrt)):
        group.case(name, function, {"x": uniform(f"{name}/x", 0.05, 4, 5, 13)})
    return group


def gru(dtype):
    group = Group(dtype)
    hidden, batch, steps, layers = 8, 3, 3, 2

    def weights(case):
        sizes = {"inputWeight": (3 * hidden, hidden), "hiddenWeight": (3 * hidden, hidden)}
        sizes |= {"inputBias": (3 * hidden,), "hiddenBias": (3 * hidden,)}
        return {name: 0.5 * normal(f"{case}/{name}", *size) for name, size in sizes.items()}

    def cell(x, h, w_in, w_hidden, b_in, b_hidden):
        return torch.gru_cell(x, h, w_in, w_hidden, b_in, b_hidden)

    case = "cell"
    inputs = {"x": normal(f"{case}/x", batch, hidden), "h": normal(f"{case}/h", batch, hidden), **weights(case)}
    group.case(case, cell, inputs, hidden=hidden, gates="r,z,n")

    def stacked(x, h, *w):
        sequence, last = torch.gru(x, h, w, True, layers, 0.0, False, False, False)
        return torch.cat([sequence, last])

    case = "stacked"
    inputs = {"x": normal(f"{case}/x", steps, batch, hidden), "h": normal(f"{case}/h", layers, batch, hidden)}
    for layer in range(layers):
        inputs |= {f"cells.{layer}.{name}": w for name, w in weights(f"{case}/{layer}").items()}
    group.case(
        case, stacked, inputs,
        hidden=hidden, gates="r,z,n", layers=layers, steps=steps,
        output="rows 0..2: the top layer's output at each step; rows 3, 4: the last hidden state of layer 0, 1",
    )  # fmt: skip
    return group


def lstm(dtype):
    group = Group(dtype)
    d, hidden, batch, steps = 5, 6, 3, 4

    def weights(case):
        sizes = {"inputWeight": (4 * hidden, d), "hiddenWeight": (4 * hidden, hidden)}
        sizes |= {"inputBias": (4 * hidden,), "hiddenBias": (4 * hidden,)}
        return {name: 0.5 * normal(f"{case}/{name}", *size) for name, size in sizes.items()}

    case = "lstm-cell"
    states = {"x": (batch, d), "h": (batch, hidden), "c": (batch, hidden)}
    inputs = {name: normal(f"{case}/{name}", *size) for name, size in states.items()} | weights(case)
    group.case("cell", lambda x, h, c, *w: torch.cat(torch.lstm_cell(x, (h, c), *w)), inputs, gates="i,f,g,o")

    def bidirectional(x, *w):
        zeros = torch.zeros(2, 1, hidden, dtype=x.dtype)
        return torch.lstm(x.unsqueeze(1), (zeros, zeros), w, True, 1, 0.0, False, True, False)[0].squeeze(1)

    case = "lstm-bidirectional"
    inputs = {"x": normal(f"{case}/x", steps, d)}
    for direction in ("forward", "backward"):
        inputs |= {f"{direction}.{name}": w for name, w in weights(f"{case}/{direction}").items()}
    group.case("bidirectional", bidirectional, inputs, gates="i,f,g,o", output="forward, then backward, by columns")
    return group
