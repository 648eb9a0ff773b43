"""Golden cases of the episodic baselines: logits of queries from embeddings, or from feature maps (DeepBDC)."""

import torch
import torch.nn.functional as F

from .group import Group, normal

WAYS, D = 3, 6


def means(support):
    """Embeddings class after class -> [WAYS, d]."""
    return support.reshape(WAYS, -1, support.shape[1]).mean(1)


def protonet(support, query):
    return -(query[:, None] - means(support)[None]).pow(2).sum(2)


def meta_baseline(support, query, tau):
    return tau * F.cosine_similarity(query[:, None], means(support)[None], dim=2, eps=1e-12)


def matchnet(support, query, *weights):
    """Vinyals et al. 2016, appendix A, with the details of "A Closer Look at Few-shot Classification"."""
    zeros = support.new_zeros(2, 1, D)
    both = torch.lstm(support[:, None], (zeros, zeros), weights[:8], True, 1, 0.0, False, True, False)[0][:, 0]
    memory = support + both[:, :D] + both[:, D:]
    h, c = query, torch.zeros_like(query)
    for _ in range(len(memory)):
        read = F.softmax(h @ memory.T, 1) @ memory
        h, c = torch.lstm_cell(torch.cat([query, read], 1), (h, c), *weights[8:])
        h = h + query
    cosine = (h / (h.norm(dim=1, keepdim=True) + 1e-5)) @ (memory / (memory.norm(dim=1, keepdim=True) + 1e-5)).T
    labels = torch.eye(WAYS, dtype=h.dtype).repeat_interleave(len(memory) // WAYS, 0)
    return (F.softmax(100 * F.relu(cosine), 1) @ labels + 1e-6).log()


def bdc_vectors(maps, temperature):
    """Brownian distance covariance matrices of maps [n, d, h, w], upper triangles [n, d (d + 1) / 2]."""
    n, d, h, w = maps.shape
    x = maps.reshape(n, d, h * w)
    squares = (x[:, :, None] - x[:, None]).pow(2).sum(3)
    root = (temperature.exp() / (2 * h * w) * squares + 1e-5).sqrt()
    centre = torch.eye(d, dtype=x.dtype) - 1 / d
    rows, columns = torch.triu_indices(d, d)
    return (centre @ root @ centre)[:, rows, columns]


def deep_bdc(support, query, temperature):
    x, y = bdc_vectors(query, temperature), means(bdc_vectors(support, temperature))
    return x @ y.T if len(support) == WAYS else -(x[:, None] - y[None]).pow(2).sum(2)


def convnet_3(weights, x, stats=None):
    """weights: kernel, norm scale, norm shift of each block -> features, statistics; norms use `stats` where given."""
    used = []
    for i in range(3):
        kernel, scale, shift = weights[3 * i : 3 * i + 3]
        x = F.conv2d(x, kernel, padding=1)
        mean, variance = stats[i] if stats else (x.mean((0, 2, 3)), x.var((0, 2, 3), unbiased=False))
        used.append((mean, variance))
        mean, scale, shift, deviation = (c[:, None, None] for c in (mean, scale, shift, (variance + 1e-5).sqrt()))
        x = F.relu(F.max_pool2d((x - mean) / deviation * scale + shift, 2))
    return x.flatten(1), used


def musml(ways, shots, steps, rate, second_order):
    """Jiang et al. 2022: [sum of softmin(support losses / temperature) * query losses, support losses]."""

    def loss(start, temperature, images, *leaves):
        support, query = images[: ways * shots], images[ways * shots :]
        labels = [torch.arange(ways).repeat_interleave(len(part) // ways) for part in (support, query)]

        def classified(weights):
            features, stats = convnet_3(weights, support)
            centroids = features.reshape(ways, shots, -1).mean(1)
            logits = lambda x: 10 * F.cosine_similarity(x[:, None], centroids[None], dim=2, eps=1e-12)
            return F.cross_entropy(logits(features), labels[0]), stats, logits

        support_losses, query_losses = [], []
        for k in range(0, len(leaves), 9):
            combined = lambda v: [torch.tensordot(v, leaf, 1) for leaf in leaves[k : k + 9]]
            v = start
            for _ in range(steps):
                (gradient,) = torch.autograd.grad(classified(combined(v))[0], v, create_graph=True)
                v = v - rate * (gradient if second_order else gradient.detach())
            support_loss, stats, logits = classified(combined(v))
            support_losses.append(support_loss)
            query_losses.append(F.cross_entropy(logits(convnet_3(combined(v), query, stats)[0]), labels[1]))
        support_losses, query_losses = torch.stack(support_losses), torch.stack(query_losses)
        total = (F.softmin(support_losses / temperature, 0) * query_losses).sum()
        return torch.cat([total[None], support_losses])

    return loss


def lstm_weights(case, d, hidden):
    sizes = {"inputWeight": (4 * hidden, d), "hiddenWeight": (4 * hidden, hidden)}
    sizes |= {"inputBias": (4 * hidden,), "hiddenBias": (4 * hidden,)}
    return {f"{case}.{name}": 0.4 * normal(f"matchnet/{case}/{name}", *size) for name, size in sizes.items()}


def baselines(dtype):
    group = Group(dtype)

    def episode(case, shots, common=0.0):
        rows = {"support": WAYS * shots, "query": WAYS * 2}
        return {name: common + normal(f"{case}/{name}", count, D) for name, count in rows.items()}

    for case, shots, common in (("protonet", 2, 0.0), ("protonet-far", 2, 20.0)):
        group.case(case, protonet, episode(case, shots, common), ways=WAYS, shots=shots)
    case = "meta-baseline"
    group.case(case, meta_baseline, episode(case, 2) | {"tau": torch.tensor(7.0)}, ways=WAYS, shots=2)
    case = "matchnet"
    weights = lstm_weights("forward", D, D) | lstm_weights("backward", D, D) | lstm_weights("query", 2 * D, D)
    group.case(case, matchnet, episode(case, 2) | weights, ways=WAYS, shots=2, gates="i,f,g,o")
    for case, shots in (("deep-bdc", 2), ("deep-bdc-1-shot", 1)):
        rows = {"support": WAYS * shots, "query": WAYS * 2}
        maps = {name: F.relu(normal(f"{case}/{name}", count, D, 3, 2)) for name, count in rows.items()}
        for x in maps.values():
            x[0, :2] = 0  # two channels that never fire: their distance is exactly zero
        group.case(case, deep_bdc, maps | {"temperature": torch.tensor(0.3)}, ways=WAYS, shots=shots)
    ways, shots, queries, steps, rate, m, width = 2, 3, 2, 2, 0.2, 2, 4
    for case, second_order in (("musml", True), ("musml-first-order", False)):
        images = normal("musml/images", ways * (shots + queries), 3, 8, 8)
        inputs = {"start": 0.7 + 0.1 * normal("musml/start", m), "temperature": torch.tensor(0.2), "images": images}
        for k in range(2):
            for i in range(3):
                name = f"bases.{k}.conv{i + 1}"
                inputs[f"{name}.kernel"] = 0.4 * normal(f"musml/{name}", m, width, width if i else 3, 3, 3)
                inputs[f"{name}.scale"] = 0.7 + 0.2 * normal(f"musml/{name}/scale", m, width)
                inputs[f"{name}.shift"] = 0.2 * normal(f"musml/{name}/shift", m, width)
        parameters = {"ways": ways, "shots": shots, "queries": queries, "innerSteps": steps, "innerRate": rate}
        group.case(case, musml(ways, shots, steps, rate, second_order), inputs, **parameters, secondOrder=second_order)
    return group
