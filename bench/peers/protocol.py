"""How a benchmark driver talks to a peer: one line in, one timed step out.

The peer builds its model, warms up and prints {"ready": true, "torch": ..., "threads": ...}. For each line read from
stdin it then runs one step and prints {"ms": ...}; at end of file it exits. The driver can so interleave peers with the
system under test, each step under the same machine load.
"""

import argparse
import json
import statistics
import sys
import time

import torch

from networks import LAYOUTS, NETWORKS


def arguments(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--arch", choices=tuple(NETWORKS), required=True)
    parser.add_argument("--layout", choices=tuple(LAYOUTS), default="mkldnn")
    parser.add_argument("--device", choices=("cpu", "cuda"), default="cpu")
    parser.add_argument("--tf32", action="store_true", help="round what CUDA multiplies to 10 bits of mantissa")
    parser.add_argument("--compile", action="store_true", help="torch.compile, replayed as CUDA graphs")
    parser.add_argument("--stem", choices=("3x3", "7x7+pool"), default="7x7+pool", help="of ResNet-18 (predict.py)")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--warm-up", type=int, default=3, help="untimed steps before the first timed one")
    parser.add_argument("--steps", type=int, help="run this many steps at once instead of one per line of stdin")
    parser.add_argument("--json", action="store_true", help="JSON lines (always so when stdin drives the steps)")
    parser.add_argument("--start", help="safetensors file with initial parameters and batches (train_step.py)")
    parser.add_argument("--rate", type=float, default=1e-3, help="learning rate (train_step.py)")
    parser.add_argument("--losses", action="store_true", help="add each step's loss to its line")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = options.tf32
    torch.backends.cudnn.benchmark = True
    torch.manual_seed(0)
    return options


def compiled(function, options):
    """`function`, or what torch.compile makes of it: one graph, whose kernels are replayed without the interpreter."""
    if not options.compile:
        return function
    fast = torch.compile(function, mode="reduce-overhead")

    def call(*inputs):
        torch.compiler.cudagraph_mark_step_begin()
        return fast(*inputs)

    return call


def adam(parameters, rate, options):
    """The fastest Adam of the device."""
    how = {"fused": True} if options.device == "cuda" else {"foreach": False}
    return torch.optim.Adam(parameters, rate, **how)


def serve(step, options):
    """Time `step`, which returns its loss, on request: one step a line of stdin, or `--steps` of them at once."""

    def say(record):
        print(json.dumps(record), flush=True)

    def timed():
        start = time.perf_counter()
        loss = step()
        if options.device == "cuda":
            torch.cuda.synchronize()
        record = {"ms": round((time.perf_counter() - start) * 1e3, 3)}
        if options.losses:
            record["loss"] = loss.item()
        return record

    for _ in range(options.warm_up):
        step()
    quiet = options.steps is not None and not options.json
    if not quiet:
        say({"ready": True, "torch": torch.__version__, "threads": torch.get_num_threads()})
    if options.steps is None:
        for _ in sys.stdin:
            say(timed())
        return
    records = [timed() for _ in range(options.steps)]
    if options.json:
        for record in records:
            say(record)
    else:
        times = sorted(record["ms"] for record in records)
        print(f"median {statistics.median(times):.1f} ms, fastest {times[0]:.1f} ms, {len(times)} steps")
