"""Measures a GPU: Depth Pro's latency and memory, and how fast the compact network trains.

    python -m benchmarks gpu [--weights depth_pro.pt] [--repeats 10] [--out gpu.json]
    python -m benchmarks gpu --training [--corpus corpus.pack] [--recipe compact-gpu] [--batch 256]

Random weights serve for timing when no checkpoint is given. Training is timed on one batch again
and again, and with a corpus also on samples made for every step, and on making them alone. Without
a CUDA GPU it says so and ends with code 2; `--device cpu` rehearses the training part.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import fit_state
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import read_public_tensors
from illustrators_depth.regions.region_inputs import CELL, PAIR_FEATURES, REGION_FEATURES
from illustrators_depth_training.batched import BatchMaker, load_corpus
from illustrators_depth_training.device_run.meter import matrix_rate, operations_of, synchronize
from illustrators_depth_training.device_run.networks import build_network
from illustrators_depth_training.device_run.recipe import RECIPES, DeviceRecipe
from illustrators_depth_training.device_run.run import optimizer_step
from illustrators_depth_training.device_run.state import RunState
from illustrators_depth_training.device_run.step import Batch, loss_function
from illustrators_depth_training.hardware import precision_of


def load(weights: Path | None) -> DepthProNetwork:
    """The full network on the GPU, in float32."""
    network = DepthProNetwork()
    if weights is not None:
        tensors = read_public_tensors(weights)
        network.load_state_dict(fit_state(network, tensors, weights))
    return network.eval().to("cuda", memory_format=torch.channels_last)  # type: ignore[call-overload]


@torch.inference_mode()
def measure(network: Any, dtype: torch.dtype, tiles: int, repeats: int) -> dict[str, float]:
    """Median seconds of one 1536x1536 picture, and peak memory in GiB."""
    network.patch_batch = tiles
    picture = torch.rand(1, 3, 1536, 1536, device="cuda")
    torch.cuda.reset_peak_memory_stats()
    times = []
    for i in range(repeats + 2):
        torch.cuda.synchronize()
        start = time.perf_counter()
        with torch.autocast("cuda", dtype, enabled=dtype != torch.float32):
            network(picture)
        torch.cuda.synchronize()
        if i >= 2:  # the first two choose kernels and fill caches
            times.append(time.perf_counter() - start)
    peak = torch.cuda.max_memory_allocated() / 2**30
    return {"seconds": statistics.median(times), "peak_gib": peak}


def synthetic_batch(recipe: DeviceRecipe, device: torch.device) -> Batch:
    """A batch of checks in the form of real ones, for a training step's time alone."""
    count, size, tokens = recipe.batch, recipe.size, recipe.tokens
    steps = torch.arange(size, device=device) * 6 // size
    checks = (steps[:, None] * 6 + steps)[None].expand(count, -1, -1).contiguous()
    cells = size // CELL
    edges = torch.stack([torch.arange(35), torch.arange(1, 36)], 1).to(device)
    return {
        "rgb": torch.randint(256, (count, 3, size, size), device=device, dtype=torch.uint8),
        "index": (checks % 7 + 1).int(),
        "region": checks.int(),
        "pixels": torch.randint(size * size, (count, 192), device=device).int(),
        "pixel_relation": torch.full((count, 192, 192), 2, device=device, dtype=torch.uint8),
        "edges": edges.int().expand(count, -1, -1),
        "edge_weight": torch.ones((count, 35), device=device),
        "edge_relation": torch.full((count, 35), 2, device=device, dtype=torch.uint8),
        "cover": torch.rand((count, tokens, cells, cells), device=device),
        "features": torch.randn((count, tokens, REGION_FEATURES), device=device),
        "pairs": torch.rand((count, tokens, tokens, PAIR_FEATURES), device=device),
        "real": torch.ones((count, tokens), device=device, dtype=torch.bool),
        "token": (checks % tokens).int(),
    }


def training_rows(
    recipe: DeviceRecipe, corpus: Path | None, device: torch.device, repeats: int
) -> list[dict[str, Any]]:
    """Samples a second of a training step, of making samples, and of both."""
    state = RunState(build_network(recipe.network, recipe.prior, device), recipe.optimizer)
    precision = precision_of(recipe.precision, device)
    network: Any = state.network
    loss_of = loss_function(network, recipe.loss, precision, compiled=recipe.compile)
    fixed = synthetic_batch(recipe, device)
    work = {"training on one batch": lambda _number: optimizer_step(state, loss_of, fixed, recipe)}
    if corpus is not None:
        held = load_corpus(corpus, "train", device, recipe.kinds)
        maker = BatchMaker(held, recipe.samples, recipe.seed)
        work["making samples"] = lambda number: maker.batch(number, recipe.batch)["rgb"]
        work["both"] = lambda number: optimizer_step(
            state, loss_of, maker.batch(number, recipe.batch), recipe
        )
    plain = loss_function(network, recipe.loss, precision)  # compiled it would count as one
    operations = operations_of(plain, fixed)
    most = matrix_rate(device, precision)
    rows = []
    for name, step in work.items():
        for number in range(2):  # chooses kernels and fills caches
            step(number)
        synchronize(device)
        start = time.perf_counter()
        for number in range(repeats):
            step(number + 2)
        synchronize(device)
        rate = recipe.batch * repeats / (time.perf_counter() - start)
        row: dict[str, Any] = {"variant": name, "samples_per_second": rate}
        if name != "making samples":
            row["share_of_matrix_rate"] = operations / recipe.batch * rate / most
        rows.append(row)
        print(f"{name}: {rate:.1f} samples/s", flush=True)
    return rows


def main() -> int:
    """Run all variants; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    parser.add_argument("--training", action="store_true", help="measure training instead")
    parser.add_argument("--corpus", type=Path, help="a packed corpus, for real samples")
    parser.add_argument("--recipe", default="compact-gpu", choices=sorted(RECIPES))
    parser.add_argument("--batch", type=int, help="samples a step")
    parser.add_argument("--size", type=int, help="pixels of a sample")
    parser.add_argument("--device", default="cuda", choices=("cuda", "cpu"))
    options = parser.parse_args()
    if not torch.cuda.is_available() and not (options.training and options.device == "cpu"):
        print("No CUDA GPU here: nothing was measured.", file=sys.stderr)
        return 2
    device = torch.device(options.device)
    name = torch.cuda.get_device_name() if device.type == "cuda" else "cpu"
    try:
        rows = _training(options, device) if options.training else _depth_pro(options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 2
    report = {"gpu": name, "torch": torch.__version__, "rows": rows}
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


def _training(options: argparse.Namespace, device: torch.device) -> list[dict[str, Any]]:
    recipe = RECIPES[options.recipe]
    recipe = replace(recipe, batch=options.batch or recipe.batch, size=options.size or recipe.size,
                     compile=device.type == "cuda" and not options.no_compile)  # fmt: skip
    return training_rows(recipe, options.corpus, device, options.repeats)


def _depth_pro(options: argparse.Namespace) -> list[dict[str, Any]]:
    network = load(options.weights)
    rows: list[dict[str, Any]] = []
    for compiled in (False, True):
        if compiled and options.no_compile:
            break
        if compiled:
            network.compile()
        for dtype in (torch.float32, torch.float16, torch.bfloat16):
            for tiles in (0, 5):
                name = f"{str(dtype).removeprefix('torch.')}, {'compiled' if compiled else 'eager'}"
                name += f", {tiles or 35} tiles at a time"
                measured = measure(network, dtype, tiles, options.repeats)
                rows.append({"variant": name, **measured})
                print(
                    f"{name}: {measured['seconds']:.3f} s, {measured['peak_gib']:.2f} GiB",
                    flush=True,
                )
    return rows


if __name__ == "__main__":
    sys.exit(main())
