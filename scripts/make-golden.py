"""Make the golden vectors in test/golden with PyTorch (Debian's python3-torch; 1.13.1 was used).

    python3 scripts/make-golden.py [GROUP ...]

Only needed to change the vectors: tests read the committed files. All results are computed in float64 and stored as
float32. The same run in float32 is compared with it, so the table printed here says which tolerance is fair.
"""

import sys
from pathlib import Path

import torch

from golden import baselines, losses, models, ops, optim, pudnet, safetensors

GROUPS = {
    "conv": ops.conv, "norm": ops.norm, "pool": ops.pool, "activations": ops.activations, "gru": ops.gru,
    "lstm": ops.lstm, "losses": losses.losses, "optim": optim.optim, "models": models.models, "pudnet": pudnet.pudnet,
    "baselines": baselines.baselines,
}  # fmt: skip
FOLDER = Path(__file__).parent.parent / "test" / "golden"


def float32_error(exact, single):
    """The largest relative difference of a tensor (Euclidean norms) between the two runs, and whose it is."""
    worst, where = 0.0, "-"
    for name, tensor in exact.tensors.items():
        if tensor.is_floating_point() and tensor.norm() > 1e-9:
            error = ((single.tensors[name].double() - tensor).norm() / tensor.norm()).item()
            if error > worst:
                worst, where = error, name
    return worst, where


def main():
    torch.set_num_threads(1)
    for name in sys.argv[1:] or GROUPS:
        exact, single = GROUPS[name](torch.float64), GROUPS[name](torch.float32)
        path = FOLDER / f"{name}.safetensors"
        safetensors.save(path, exact.tensors, exact.metadata)
        worst, where = float32_error(exact, single)
        size = path.stat().st_size / 1e3
        print(f"{name:12} {len(exact.metadata):3} cases {size:7.0f} kB   float32 is off by {worst:.1e} ({where})")


if __name__ == "__main__":
    main()
