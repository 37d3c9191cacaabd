"""Measures rows in processes of their own and saves them with the machine they were measured on.

Processor time is what is compared, since the machine may be shared; wall-clock time stands beside
it. A benchmark measures a row in a child of its own (`run_row`), which prints what it measured
(`print_row`), so that rows do not share memory or warm caches; `save_results` writes all rows.
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

__all__ = [
    "LACKING",
    "RESULTS",
    "ROOT",
    "Timed",
    "child_environment",
    "describe_machine",
    "find_benchmarks",
    "print_row",
    "run_row",
    "save_results",
    "timed",
]

PACKAGE = Path(__file__).resolve().parents[1]
RESULTS = PACKAGE / "results"
ROOT = PACKAGE.parent
"""The repository: benchmarks run from any folder find it, and it is on every child's path."""
LACKING = 2
"""Exit code of a benchmark that needs what this machine lacks, such as a GPU or a data set."""
_ROOMS = ("network", "pipeline", "vector", "blender")
_MATRIX_SIDE = 1024
_MATRIX_RUNS = 12


def find_benchmarks() -> dict[str, str]:
    """Name of every benchmark -> its module; a module without `main` is a helper of its room."""
    return {
        path.stem: f"{PACKAGE.name}.{room}.{path.stem}"
        for room in _ROOMS
        for path in sorted((PACKAGE / room).glob("*.py"))
        if "\ndef main(" in path.read_text(encoding="utf-8")
    }


def child_environment(threads: int | None = None) -> dict[str, str]:
    """The environment of a benchmark's process: this package on its path, OpenMP limited."""
    path = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    limit = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
    return {**os.environ, "PYTHONPATH": path, **limit}


@dataclass(frozen=True)
class Timed:
    """Medians over `runs` runs: seconds of processor and of the clock."""

    cpu: float
    wall: float
    runs: int


def timed(run: Callable[[], object], runs: int = 5, warm: int = 1) -> Timed:
    """Measure `run`, after letting it run `warm` times unmeasured."""
    for _ in range(warm):
        run()
    cpu, wall = [], []
    for _ in range(runs):
        cpu_start, wall_start = time.process_time(), time.perf_counter()
        run()
        cpu.append(time.process_time() - cpu_start)
        wall.append(time.perf_counter() - wall_start)
    return Timed(statistics.median(cpu), statistics.median(wall), runs)


def run_row(module: str, *arguments: object, threads: int = 1) -> dict[str, Any]:
    """One row: `python -m MODULE --row ARGUMENTS` in a fresh process of so many OpenMP threads.

    Returns what it printed last through `print_row`, or {"not run": why} where it failed.
    """
    command = [sys.executable, "-m", module, "--row", *map(str, arguments)]
    done = subprocess.run(
        command, capture_output=True, text=True, env=child_environment(threads), check=False
    )
    if done.returncode:
        return {"not run": (done.stderr.strip() or "no message").splitlines()[-1]}
    row: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return row


def print_row(**values: object) -> None:
    """Print a row's values as JSON for `run_row`, with this process's peak memory in MB."""
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    plain = {k: asdict(v) if isinstance(v, Timed) else v for k, v in values.items()}
    print(json.dumps({**plain, "peak_mb": round(peak, 1)}))


def describe_machine() -> dict[str, Any]:
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
        "gflops_ceiling": round(run_row(__name__)["gflops"], 1),
        "date": time.strftime("%Y-%m-%d"),
    }


def save_results(name: str, rows: list[dict[str, Any]], **more: Any) -> Path:
    """Write `benchmarks/results/NAME.json`; the folder can be chosen with BENCH_RESULTS."""
    folder = Path(os.environ.get("BENCH_RESULTS", RESULTS))
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.json"
    report = {"machine": describe_machine(), **more, "rows": rows}
    path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    print(f"wrote {path}")
    return path


def _measure_ceiling() -> None:
    """Print the best rate of some float32 matrix products on one thread, in GFLOP/s."""
    import numpy as np

    factor = np.random.default_rng(0).random((_MATRIX_SIDE, _MATRIX_SIDE), np.float32)
    best = 0.0
    for _ in range(_MATRIX_RUNS):
        start = time.process_time()
        factor @ factor
        seconds = max(time.process_time() - start, 1e-9)
        best = max(best, 2 * _MATRIX_SIDE**3 / seconds / 1e9)
    print_row(gflops=best)


if __name__ == "__main__":
    _measure_ceiling()
