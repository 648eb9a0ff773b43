"""What a Python user would write in place of `pudnet predict`, `classify` and `finetune`; the peer of `npm run bench -- whole`.

Pictures by Pillow in threads, which decodes JPEGs at a fraction of their size where that is enough; ConvNet-3 with random
kernels, batch norm fitted to 500 of the pictures, features, ridge regression in closed form; for `finetune` epochs of Adam
over all weights and a linear head. What it used is written to the file that BENCH_USAGE names.
"""

import argparse
import json
import os
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image

from networks import NETWORKS, initial_kernels

CHUNK, BATCH, FITTED, LAMBDA = 250, 100, 500, 1.0


def decoded(path, side):
    with Image.open(path) as picture:
        picture.draft("RGB", (2 * side, 2 * side))
        width, height = picture.size
        shorter = min(width, height)
        left, top = (width - shorter) // 2, (height - shorter) // 2
        square = picture.convert("RGB").resize((side, side), Image.BILINEAR, (left, top, left + shorter, top + shorter))
        return torch.frombuffer(bytearray(square.tobytes()), dtype=torch.uint8).view(side, side, 3).permute(2, 0, 1)


def files_of(paths):
    for path in map(Path, paths):
        yield from sorted(p for p in path.rglob("*") if p.suffix in (".png", ".jpg")) if path.is_dir() else [path]


def load(paths, options):
    files = list(files_of(paths))
    with ThreadPoolExecutor(options.threads) as pool:
        return files, torch.stack(list(pool.map(lambda path: decoded(path, options.side), files)))


def normalized(images):
    return ((images.float() / 255 - 0.5) / 0.29).contiguous(memory_format=torch.channels_last)


@torch.no_grad()
def features(network, kernels, images):
    return torch.cat([network(normalized(chunk), kernels) for chunk in images.split(CHUNK)])


def labelled(options):
    files, images = load(options.paths, options)
    names = sorted({path.parent.name for path in files})
    return names, images, torch.tensor([names.index(path.parent.name) for path in files])


@torch.no_grad()
def predict(network, kernels, options):
    names, images, labels = labelled(options)
    for norm in network.norms:
        norm.momentum = 1.0  # the statistics of this batch alone
    network.train()(normalized(images[:: max(1, len(images) // FITTED)][:FITTED]), kernels)
    x = features(network.eval(), kernels, images)
    mean = x.mean(0)
    x = F.normalize(x - mean)
    targets = F.one_hot(labels, len(names)).float() - 1 / len(names)
    weight = torch.linalg.solve(x.T @ x + LAMBDA * torch.eye(x.shape[1]), x.T @ targets)
    state = {"network": network.state_dict(), "kernels": kernels.state_dict(), "names": names}
    torch.save({**state, "mean": mean, "weight": weight}, options.model)


def classify(network, kernels, options):
    saved = torch.load(options.model)
    network.load_state_dict(saved["network"])
    kernels.load_state_dict(saved["kernels"])
    files, images = load(options.paths, options)
    scores = F.normalize(features(network.eval(), kernels, images) - saved["mean"]) @ saved["weight"]
    for path, best in zip(files, scores.argmax(1).tolist()):
        print(f"{path}: {saved['names'][best]}")


def finetune(network, kernels, options):
    names, images, labels = labelled(options)
    head = torch.nn.Linear(network.features(options.side), len(names))
    parameters = [*kernels.parameters(), *network.parameters(), *head.parameters()]
    optimizer = torch.optim.Adam(parameters, 1e-3, foreach=False)
    network.train()
    for _ in range(options.epochs):
        for rows in torch.randperm(len(images)).split(BATCH):
            loss = F.cross_entropy(head(network(normalized(images[rows]), kernels)), labels[rows])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
    torch.save({"network": network.state_dict(), "kernels": kernels.state_dict(), "names": names}, options.model)


def peak_megabytes():
    """Of this process alone: a peak that getrusage tells is at least what the parent had when it started this one."""
    status = Path("/proc/self/status")
    if status.exists():
        return int(status.read_text().split("VmHWM:")[1].split()[0]) * 1024 / 1e6
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 1e6


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("mode", choices=("predict", "classify", "finetune"))
    parser.add_argument("paths", nargs="+")
    parser.add_argument("--side", type=int, default=28)
    parser.add_argument("--model", required=True, help="what is written; for classify, what is read")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=5)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)
    network = NETWORKS["convnet-3"]()
    kernels = initial_kernels(network.shapes, "channels-last")
    {"predict": predict, "classify": classify, "finetune": finetune}[options.mode](network, kernels, options)
    used = resource.getrusage(resource.RUSAGE_SELF)
    usage = {"cpuMs": 1e3 * (used.ru_utime + used.ru_stime), "megabytes": peak_megabytes()}
    if "BENCH_USAGE" in os.environ:
        Path(os.environ["BENCH_USAGE"]).write_text(json.dumps(usage))


if __name__ == "__main__":
    main()
