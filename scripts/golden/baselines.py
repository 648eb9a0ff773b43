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
    return group
