"""What the benchmarks share: rows in processes of their own, the machine, its ceiling, results.

Processor time is what is compared (the machine may be shared); wall-clock time stands beside it.
"""

from __future__ import annotations

import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

__all__ = ["RESULTS", "Timed", "drawing", "in_child", "machine", "save", "timed"]

RESULTS = Path(__file__).resolve().parent / "results"
ROOT = RESULTS.parents[1]


@dataclass(frozen=True)
class Timed:
    """Medians over some runs: seconds of processor and of the clock."""

    cpu: float
    wall: float
    runs: int


def timed(run: Callable[[], object], runs: int = 5, warm: int = 1) -> Timed:
    """Measure `run`, after letting it run `warm` times unmeasured."""
    for _ in range(warm):
        run()
    cpu, wall = [], []
    for _ in range(runs):
        c, w = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - c)
        wall.append(time.perf_counter() - w)
    return Timed(statistics.median(cpu), statistics.median(wall), runs)


def in_child(script: str, *arguments: object, threads: int = 1) -> dict[str, Any]:
    """One row: `script --row ARGUMENTS` in a fresh process; adds its peak memory.

    The row prints one JSON object last. What goes wrong is told as {"not run": why}.
    """
    command = [sys.executable, script, "--row", *map(str, arguments)]
    environment = {**os.environ, "OMP_NUM_THREADS": str(threads)}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if done.returncode:
        last = (done.stderr.strip() or "no word").splitlines()[-1]
        return {"not run": last}
    found: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return found


def answer(**values: object) -> None:
    """Print a row's result, with this process's peak resident memory."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain = {k: asdict(v) if isinstance(v, Timed) else v for k, v in values.items()}
    print(json.dumps({**plain, "peak_mb": round(peak, 1)}))


def machine() -> dict[str, Any]:
    """Processor, cores, load, versions, and the GFLOP/s that a matrix product reaches on a core."""
    import numpy as np

    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
        name = next(line.partition(":")[2].strip() for line in lines if "model name" in line)
    except (OSError, StopIteration):
        name = platform.processor()
    return {
        "processor": name,
        "cores": os.cpu_count(),
        "load": [round(v, 1) for v in os.getloadavg()],
        "python": platform.python_version(),
        "numpy": np.__version__,
        "gflops_ceiling": round(in_child(__file__)["gflops"], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


def _ceiling() -> None:
    """The best of some float32 matrix products, per second of processor time, on one thread."""
    import numpy as np

    size = 1024
    a = np.random.default_rng(0).random((size, size), np.float32)
    best = 0.0
    for _ in range(12):
        start = time.process_time()
        a @ a
        best = max(best, 2 * size**3 / max(time.process_time() - start, 1e-9) / 1e9)
    answer(gflops=best)


def save(name: str, rows: list[dict[str, Any]], **more: Any) -> Path:
    """Write `benchmarks/results/NAME.json`; the folder can be chosen with BENCH_RESULTS."""
    folder = Path(os.environ.get("BENCH_RESULTS", RESULTS))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    report = {"machine": machine(), **more, "rows": rows}
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return path


def drawing(width: int, height: int, shapes: int = 24, seed: int = 0) -> Any:
    """A flat drawing of ellipses, anti-aliased; the same at every size but for its resolution."""
    import cv2
    import numpy as np

    from illustrators_depth.types import Image

    rng = np.random.default_rng(seed)
    fine = 2 if width * height <= 20_000_000 else 1
    canvas = np.full((fine * height, fine * width, 3), 255, np.uint8)
    span = fine * max(width, height)
    for _ in range(shapes):
        centre = (int(rng.uniform(0, fine * width)), int(rng.uniform(0, fine * height)))
        axes = (int(rng.uniform(0.05, 0.25) * span), int(rng.uniform(0.05, 0.25) * span))
        colour = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, colour, -1)
    if fine > 1:
        canvas = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = canvas / np.float32(255)
    return Image(rgba, "drawing")


if __name__ == "__main__":
    _ceiling()
