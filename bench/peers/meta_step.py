"""One PudNet meta-training step in PyTorch, the peer of `npm run bench -- meta-step-ARCH`.

    5 classes, 20 sketch (10 support + 10 extra) and 25 target images (10 support + 15 query) a class, 3x32x32; all kernels
    of ConvNet-3 or ResNet-18 (7x7 stem and pool) predicted; gradient clipping at norm 10, Adam 1e-3.

Equation numbers are the paper's (arXiv 2310.11862). README.md beside this file says how to start it and which idioms were
measured.
"""

import torch
import torch.nn.functional as F
from torch import nn

from networks import NETWORKS, laid_out
from protocol import adam, arguments, compiled, serve

SIDE, WAYS, SHOTS, EXTRA, QUERIES, TRAIN_CLASSES = 32, 5, 10, 10, 15, 80
HIDDEN, GRU_LAYERS, WIDTH, BETA, CLIP = 128, 2, 8, 0.1, 10.0
SKETCH_CHANNELS = (3, 16, 32, 32)


class SketchNet(nn.Module):
    """Eq. 3: images [n, 3, 32, 32] -> their mean representation [GRU_LAYERS, HIDDEN]."""

    def __init__(self):
        super().__init__()
        self.convs = nn.ModuleList(
            nn.Conv2d(c_in, c_out, 5, 2, 2) for c_in, c_out in zip(SKETCH_CHANNELS, SKETCH_CHANNELS[1:])
        )
        self.norms = nn.ModuleList(nn.BatchNorm2d(c) for c in SKETCH_CHANNELS[1:])
        self.linear = nn.Linear(SKETCH_CHANNELS[-1] * (SIDE // 8) ** 2, HIDDEN * GRU_LAYERS)
        self.norm = nn.BatchNorm1d(HIDDEN * GRU_LAYERS)

    def forward(self, x):
        for conv, norm in zip(self.convs, self.norms):
            x = norm(F.leaky_relu_(conv(x), 0.1))
        return F.gelu(self.norm(self.linear(x.flatten(1)))).mean(0).view(GRU_LAYERS, HIDDEN)


class Ahru(nn.Module):
    """Eq. 4-5: sketch [GRU_LAYERS, HIDDEN] -> one mixed representation [layers, HIDDEN], not yet normalised."""

    def __init__(self, layers):
        super().__init__()
        self.layers = layers
        self.cells = nn.ModuleList(nn.GRUCell(HIDDEN, HIDDEN) for _ in range(GRU_LAYERS))
        self.output = nn.Linear(HIDDEN, HIDDEN)
        self.norm = nn.LayerNorm(HIDDEN)
        self.a0 = nn.Parameter(torch.randn(1, HIDDEN))

    def forward(self, sketch):
        a, hidden, rows = self.a0, sketch.split(1), []
        for _ in range(self.layers):
            top, states = a, []
            for cell, state in zip(self.cells, hidden):
                top = cell(top, state)
                states.append(top)
            a = F.relu(self.output(top))
            hidden = [self.norm(state) for state in states]
            rows.append(a)
        return (1 - BETA) * torch.cat(rows) + BETA * sketch.mean(0)


class WeightGenerator(nn.Module):
    """Eq. 6: representation [HIDDEN] -> kernel [c_out, c_in, k, k]; the two 1x1 convolutions are matrix products."""

    def __init__(self, shape):
        super().__init__()
        self.shape = shape
        c_out, c_in, k, _ = shape
        self.norm = nn.LayerNorm(HIDDEN)
        self.linear = nn.Linear(HIDDEN, WIDTH * k * k)
        self.mix = nn.Linear(WIDTH, 2 * WIDTH)
        self.bank = nn.Linear(2 * WIDTH, c_out * c_in)

    def forward(self, representation):
        u = F.gelu(self.linear(self.norm(representation))).view(WIDTH, -1)
        v = F.gelu(torch.addmm(self.mix.bias.unsqueeze(1), self.mix.weight, u))
        return torch.addmm(self.bank.bias.unsqueeze(1), self.bank.weight, v).view(self.shape)


class PudNet(nn.Module):
    def __init__(self, arch, layout, stem="7x7+pool"):
        super().__init__()
        self.layout = layout
        self.target = NETWORKS[arch]()
        if stem == "3x3":
            self.target.shapes[0] = (64, 3, 3, 3)
        self.sketch = SketchNet()
        self.ahru = Ahru(len(self.target.shapes))
        self.generators = nn.ModuleList(WeightGenerator(shape) for shape in self.target.shapes)
        self.head = nn.Linear(self.target.features(SIDE), TRAIN_CLASSES)
        self.tau = nn.Parameter(torch.tensor(10.0))

    def loss(self, sketch_images, target_images, classes):
        """Eq. 7-11; `target_images` are the supports, class by class, then the queries; `classes` [WAYS] are global."""
        representations = self.ahru(self.sketch(sketch_images))
        kernels = [generate(row) for generate, row in zip(self.generators, representations)]
        features = self.target(target_images, kernels)
        supports, queries = features.split((WAYS * SHOTS, WAYS * QUERIES))
        centroids = F.normalize(supports.view(WAYS, SHOTS, -1).mean(1), dim=1).detach()
        metric_logits = self.tau * (F.normalize(queries, dim=1) @ centroids.t())
        full_logits = self.head(features)
        labels = torch.arange(WAYS, device=classes.device).repeat_interleave(QUERIES)
        global_labels = torch.cat([classes.repeat_interleave(n) for n in (SHOTS, QUERIES)])
        metric = F.log_softmax(metric_logits, 1)
        full = F.log_softmax(full_logits, 1)
        consistency = (metric.exp() * (metric - full[WAYS * SHOTS :, classes])).sum(1).mean()
        return F.nll_loss(metric, labels) + F.nll_loss(full, global_labels) + consistency


def clip_gradients(parameters, limit):
    """nn.utils.clip_grad_norm_, with one call for all norms and no pass over gradients that are below the limit.

    On CUDA, asking whether they are would wait for the device.
    """
    if parameters[0].is_cuda:
        nn.utils.clip_grad_norm_(parameters, limit, foreach=True)
        return
    gradients = [p.grad for p in parameters]
    norm = torch.stack(torch._foreach_norm(gradients)).norm()
    if norm > limit:
        torch._foreach_mul_(gradients, (limit / (norm + 1e-6)).item())


def main():
    options = arguments(__doc__)
    model = PudNet(options.arch, options.layout).to(options.device)
    parameters = list(model.parameters())
    optimizer = adam(parameters, 1e-3, options)
    targets = torch.randn(WAYS * (SHOTS + QUERIES), 3, SIDE, SIDE)
    sketched = torch.cat([targets[: WAYS * SHOTS], torch.randn(WAYS * EXTRA, 3, SIDE, SIDE)]).to(options.device)
    targets = targets.to(options.device)
    targets, sketched = laid_out(targets, options.layout), laid_out(sketched, "channels-last")
    classes = torch.randperm(TRAIN_CLASSES)[:WAYS].to(options.device)
    loss_of = compiled(model.loss, options)

    def step():
        optimizer.zero_grad(set_to_none=True)
        loss = loss_of(sketched, targets, classes)
        loss.backward()
        clip_gradients(parameters, CLIP)
        optimizer.step()
        return loss.detach()

    serve(step, options)


if __name__ == "__main__":
    main()
