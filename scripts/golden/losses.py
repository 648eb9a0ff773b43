"""Golden cases of the losses: cross entropy, padded KL, cosine logits, distillation."""

import torch
import torch.nn.functional as F

from .group import Group, normal


def padded_kl(metric, full, classes):
    """Eq. 10: mean over rows of KL(p || q), p padded with zeros to the classes of q; arguments are log probabilities."""
    return (metric.exp() * (metric - full[:, classes])).sum(1).mean()


def cosine_logits(x, prototypes, tau):
    """Eq. 7: x [n, d], prototypes [ways, d] -> [n, ways]."""
    return tau * F.normalize(x, dim=1) @ F.normalize(prototypes, dim=1).t()


def distilled(teacher, student, temperature):
    """Hinton et al. 2015: T^2 KL(teacher || student) of logits softened by T."""
    soft = F.log_softmax(teacher / temperature, 1)
    return F.kl_div(F.log_softmax(student / temperature, 1), soft, reduction="batchmean", log_target=True) * temperature**2


def similarity(x, y):
    """Tung & Mori 2019: x [n, d], y [n, e]."""
    of_x, of_y = (F.normalize(rows @ rows.t(), dim=1) for rows in (x, y))
    return (of_x - of_y).pow(2).mean()


def losses(dtype):
    group = Group(dtype)
    rows, ways, classes = 6, 4, 11
    labels = torch.tensor([0, 3, 10, 3, 7, 1])
    picked = torch.tensor([7, 0, 10, 3])
    case = "cross-entropy"
    group.case(case, F.cross_entropy, {"logits": 2 * normal(case, rows, classes), "labels": labels}, reduction="mean")
    case = "kl-log-probabilities"
    metric, full = (2 * normal(f"{case}/{i}", rows, size) for i, size in enumerate((ways, classes)))
    inputs = {"logP": F.log_softmax(metric, 1), "logQ": F.log_softmax(full, 1), "classes": picked}
    group.case(case, padded_kl, inputs, reduction="mean over rows")
    case = "kl-logits"
    group.case(
        case,
        lambda metric, full, classes: padded_kl(F.log_softmax(metric, 1), F.log_softmax(full, 1), classes),
        {"metricLogits": metric, "fullLogits": full, "classes": picked},
        reduction="mean over rows",
    )
    case = "cosine-logits"
    group.case(
        case,
        cosine_logits,
        {"x": normal(f"{case}/x", rows, 16), "prototypes": normal(f"{case}/p", ways, 16), "tau": torch.tensor(10.0)},
        eps=1e-12,
    )
    case = "distillation"
    teacher, student = (3 * normal(f"{case}/{i}", rows, classes) for i in range(2))
    inputs = {"teacher": teacher, "student": student}
    group.case(case, lambda teacher, student: distilled(teacher, student, 4), inputs, temperature=4)
    case = "similarity"
    group.case(case, similarity, {"x": normal(f"{case}/x", rows, 16), "y": normal(f"{case}/y", rows, 9)})
    return group
