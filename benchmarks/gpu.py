"""Measures Depth Pro on a GPU: latency and memory, fp32 against fp16, plain against compiled.

    python benchmarks/gpu.py [--weights depth_pro.pt] [--repeats 10] [--out gpu.json]

Random weights serve for timing when no checkpoint is given. Without a CUDA GPU it says so and ends
with code 2.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch

from illustrators_depth.networks.checkpoint import fit_state, read_tensors
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import (
    drop_field_of_view,
    from_transformers,
    is_transformers_layout,
)


def load(weights: Path | None) -> DepthProNetwork:
    """The full network on the GPU, in float32."""
    network = DepthProNetwork()
    if weights is not None:
        tensors = read_tensors(weights)
        if is_transformers_layout(tensors):
            tensors = from_transformers(tensors)
        network.load_state_dict(fit_state(network, drop_field_of_view(tensors), weights))
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


def main() -> int:
    """Run all variants; returns the exit code."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--repeats", type=int, default=10)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--no-compile", action="store_true", help="leave torch.compile out")
    options = parser.parse_args()
    if not torch.cuda.is_available():
        print("No CUDA GPU here: nothing was measured.", file=sys.stderr)
        return 2
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
                found = measure(network, dtype, tiles, options.repeats)
                rows.append({"variant": name, **found})
                print(f"{name}: {found['seconds']:.3f} s, {found['peak_gib']:.2f} GiB", flush=True)
    report = {"gpu": torch.cuda.get_device_name(), "torch": torch.__version__, "rows": rows}
    if options.out:
        options.out.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
