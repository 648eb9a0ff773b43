"""Golden case of PudNet's meta-training step with ConvNet-3; equation numbers are the paper's (arXiv 2310.11862)."""

import torch
import torch.nn.functional as F
from torch import nn

from .group import Group, normal
from .losses import cosine_logits, padded_kl
from .models import named
from .networks import Margin, as_leaves, batch_norm, convnet3, fresh_stats, largest_margin, random_parameters

HIDDEN, GRU_LAYERS, WIDTH, TARGET_WIDTH, SIDE = 16, 2, 4, 16, 16
WAYS, SHOTS, QUERIES, EXTRA, TRAIN_CLASSES = 3, 2, 3, 2, 7
BETA, TAU, LEAK, LR, CLIP, STEPS = 0.1, 10.0, 0.1, 1e-3, 10.0, 10
CLASSES = torch.tensor([5, 0, 3])  # of the group, in its order, among the training classes
SKETCH_CHANNELS = (3, 16, 32, 32)
KERNELS = [(TARGET_WIDTH, 3, 3, 3), (TARGET_WIDTH, TARGET_WIDTH, 3, 3), (TARGET_WIDTH, TARGET_WIDTH, 3, 3)]


def parameter_shapes():
    shapes = {}

    def layer(name, weight, bias):
        shapes.update({f"{name}.weight": weight, f"{name}.bias": bias})

    for i, (c_in, c_out) in enumerate(zip(SKETCH_CHANNELS, SKETCH_CHANNELS[1:])):
        layer(f"sketch.blocks.{i}.conv", (c_out, c_in, 5, 5), (c_out,))
        layer(f"sketch.blocks.{i}.norm", (c_out,), (c_out,))
    layer("sketch.head.linear", (HIDDEN * GRU_LAYERS, SKETCH_CHANNELS[-1] * (SIDE // 8) ** 2), (HIDDEN * GRU_LAYERS,))
    layer("sketch.head.norm", (HIDDEN * GRU_LAYERS,), (HIDDEN * GRU_LAYERS,))
    for i in range(GRU_LAYERS):
        for kind in ("input", "hidden"):
            shapes[f"ahru.cells.{i}.{kind}Weight"] = (3 * HIDDEN, HIDDEN)
            shapes[f"ahru.cells.{i}.{kind}Bias"] = (3 * HIDDEN,)
    layer("ahru.output", (HIDDEN, HIDDEN), (HIDDEN,))
    layer("ahru.norm", (HIDDEN,), (HIDDEN,))
    shapes["ahru.a0"] = (HIDDEN,)
    for l, (c_out, c_in, k, _) in enumerate(KERNELS):
        layer(f"generators.{l}.norm", (HIDDEN,), (HIDDEN,))
        layer(f"generators.{l}.linear", (WIDTH * k * k, HIDDEN), (WIDTH * k * k,))
        layer(f"generators.{l}.mix", (2 * WIDTH, WIDTH), (2 * WIDTH,))
        shapes[f"generators.{l}.bank"] = (c_out, c_in, 2 * WIDTH + 1)
    for i in (1, 2, 3):
        layer(f"target.bn{i}", (TARGET_WIDTH,), (TARGET_WIDTH,))
    layer("head", (TRAIN_CLASSES, TARGET_WIDTH * (SIDE // 8) ** 2), (TRAIN_CLASSES,))
    return shapes


SHAPES = parameter_shapes()
NORMS = [f"sketch.blocks.{i}.norm" for i in range(3)] + ["sketch.head.norm"] + [f"target.bn{i}" for i in (1, 2, 3)]


def linear(params, name, x):
    return F.linear(x, params[f"{name}.weight"], params[f"{name}.bias"])


def layer_norm(params, name, x):
    return F.layer_norm(x, x.shape[-1:], params[f"{name}.weight"], params[f"{name}.bias"], 1e-5)


def sketch(params, stats, images, margin):
    """Eq. 3: images [n, 3, s, s] -> [GRU_LAYERS, HIDDEN]; conv, leaky ReLU, batch norm, three times."""
    x = images
    for i in range(3):
        at = f"sketch.blocks.{i}"
        x = F.conv2d(x, params[f"{at}.conv.weight"], params[f"{at}.conv.bias"], stride=2, padding=2)
        x = batch_norm(margin.relu(x, LEAK), params, stats, f"{at}.norm", True)
    x = batch_norm(linear(params, "sketch.head.linear", x.flatten(1)), params, stats, "sketch.head.norm", True)
    return F.gelu(x).mean(0).view(GRU_LAYERS, HIDDEN)


def gru_cell(params, name, x, h):
    gates = [params[f"{name}.{part}"] for part in ("inputWeight", "hiddenWeight", "inputBias", "hiddenBias")]
    return torch.gru_cell(x.unsqueeze(0), h.unsqueeze(0), *gates).squeeze(0)


def ahru(params, s, margin):
    """Eq. 4: sketch [GRU_LAYERS, HIDDEN] -> the representation a^l of every layer, [layers, HIDDEN]."""
    a, hidden, representations = params["ahru.a0"], s, []
    for _ in KERNELS:
        top, states = a, []
        for i in range(GRU_LAYERS):
            top = gru_cell(params, f"ahru.cells.{i}", top, hidden[i])
            states.append(top)
        a = margin.relu(linear(params, "ahru.output", top))
        hidden = layer_norm(params, "ahru.norm", torch.stack(states))
        representations.append(a)
    return torch.stack(representations)


def generate(params, l, representation):
    """Eq. 6: [HIDDEN] -> kernel [c_out, c_in, k, k]; the bank's last column is the bias."""
    at, (c_out, c_in, k, _) = f"generators.{l}", KERNELS[l]
    u = F.gelu(linear(params, f"{at}.linear", layer_norm(params, f"{at}.norm", representation))).view(WIDTH, k * k)
    v = F.gelu(params[f"{at}.mix.weight"] @ u + params[f"{at}.mix.bias"].unsqueeze(1))
    return (params[f"{at}.bank"] @ torch.cat([v, torch.ones_like(v[:1])])).view(c_out, c_in, k, k)


def meta_forward(params, stats, images, margin):
    """All of eq. 3-11; a record of everything on the way."""
    s = sketch(params, stats, torch.cat([images["support"], images["extra"]]), margin)
    representations = ahru(params, s, margin)
    mixed = (1 - BETA) * representations + BETA * s.mean(0)  # eq. 5
    kernels = [generate(params, l, row) for l, row in enumerate(mixed)]
    targets = torch.cat([images["support"], images["query"]])
    features = convnet3(params, stats, targets, True, margin, "target.", kernels)
    supports, queries = features.split((WAYS * SHOTS, WAYS * QUERIES))
    prototypes = supports.view(WAYS, SHOTS, -1).mean(1).detach()
    metric = cosine_logits(queries, prototypes, params["tau"])  # eq. 7
    full = linear(params, "head", features)
    labels = torch.arange(WAYS).repeat_interleave(QUERIES)
    global_labels = torch.cat([CLASSES.repeat_interleave(n) for n in (SHOTS, QUERIES)])
    record = {
        "sketch": s, "representations": representations, "features": features, "metricLogits": metric, "fullLogits": full,
        "loss.metric": F.cross_entropy(metric, labels),
        "loss.full": F.cross_entropy(full, global_labels),
        "loss.kl": padded_kl(F.log_softmax(metric, 1), F.log_softmax(full[WAYS * SHOTS :], 1), CLASSES),
        "accuracy": (metric.argmax(1) == labels).double().mean(),
    }  # fmt: skip
    record |= {f"kernels/{l}": kernel for l, kernel in enumerate(kernels)}
    record["loss.total"] = record["loss.metric"] + record["loss.full"] + record["loss.kl"]  # eq. 11
    return record


def start_of(seed):
    params = random_parameters(SHAPES, f"pudnet/{seed}")
    for name in list(params):
        if name.endswith(".bank"):  # fan-in of the generated kernel, so that it has a usual size
            params[name] = params[name] * 0.5
        elif name.endswith("hiddenWeight") or name.endswith("inputWeight"):
            params[name] = params[name] * 0.7
    params["ahru.a0"] = 5 * params["ahru.a0"]  # N(0, 1), as its initialisation
    params["tau"] = torch.tensor(TAU)
    images = {}
    for name, n in (("support", SHOTS), ("query", QUERIES), ("extra", EXTRA)):
        # Each class has its own mean image: something to learn.
        means = normal(f"pudnet/{seed}/means", WAYS, 1, 3, SIDE, SIDE)
        images[name] = (0.5 * means + normal(f"pudnet/{seed}/{name}", WAYS, n, 3, SIDE, SIDE)).flatten(0, 1)
    return params, images


def pudnet(dtype):
    def cast(tensors, dtype):
        return {name: x.to(dtype) for name, x in tensors.items()}

    def margin_of(seed):
        params, images = start_of(seed)
        margin = Margin()
        with torch.no_grad():
            meta_forward(
                cast(params, torch.float64), fresh_stats(SHAPES, NORMS, torch.float64), cast(images, torch.float64), margin
            )
        return margin.smallest

    group = Group(dtype)
    seed, margin = largest_margin(100, margin_of)
    start, images = start_of(seed)
    params, stats = as_leaves(start, dtype), fresh_stats(SHAPES, NORMS, dtype)
    adam = torch.optim.Adam(params.values(), LR)
    totals, norms = [], []
    for step in range(STEPS):
        adam.zero_grad()
        record = meta_forward(params, stats, cast(images, dtype), Margin())
        record["loss.total"].backward()
        if step == 0:
            tensors = {f"images/{name}": x for name, x in images.items()} | {"classes": CLASSES} | record
            tensors |= named("params", start) | named("stats", {name: x.clone() for name, x in stats.items()})
            tensors |= named("grads", {name: p.grad.clone() for name, p in params.items()})
        norms.append(nn.utils.clip_grad_norm_(params.values(), CLIP))
        adam.step()
        totals.append(record["loss.total"].detach())
    tensors |= {"losses": torch.stack(totals), "gradientNorms": torch.stack(norms)}
    group.add(
        "convnet-3", tensors,
        margin=margin, hidden=HIDDEN, gruLayers=GRU_LAYERS, m=WIDTH, targetWidth=TARGET_WIDTH, side=SIDE, ways=WAYS,
        shots=SHOTS, queries=QUERIES, extra=EXTRA, trainClasses=TRAIN_CLASSES, beta=BETA, tau=TAU, leak=LEAK,
        sketchChannels=SKETCH_CHANNELS, detachPrototypes=True, optimizer="adam", lr=LR, clip=CLIP, steps=STEPS,
    )  # fmt: skip
    return group
