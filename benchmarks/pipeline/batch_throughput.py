"""Throughput of a batch against its number of processes, and memory over many pictures.

    python -m benchmarks batch_throughput [--pictures 16] [--jobs 1,2,4] [--soak 200]

Pictures are the examples scaled to 512 pixels; products: depth, layers, svg. The first picture of
each process is left out: it starts then and reads the network. Ratios are to one process; the
processor's seconds per picture (of the workers alone) tell, also on a busy machine, what more
processes cost.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
import time
from pathlib import Path

from PIL import Image

from illustrators_depth.batch import (
    LocalWorkers,
    Options,
    Preset,
    Record,
    make_recipe,
    run_batch,
)
from illustrators_depth.worker import WorkerClient

from ..harness.measure import ROOT, save_results
from ..harness.process_stats import cpu_seconds, memory_mb

EXAMPLES = ("autumn.png", "goldfish.png", "parrot.png", "portrait.webp", "reef.png", "valley.png")
SIDE_PX = 512


class PictureLog:
    """When each picture ended, and the workers' memory in MB and processor seconds then."""

    def __init__(self, clients: list[WorkerClient]) -> None:
        self.ends: list[float] = []
        self.cpu: list[float] = []
        self.memory_mb: list[float] = []
        self._clients = clients

    def begin(self, total: int, skipped: int) -> None:
        """Nothing is noted before the first picture."""

    def progress(self, fraction: float) -> None:
        """Nothing is noted within a picture."""

    def picture(self, record: Record) -> None:
        """Note the end of a picture; ends the benchmark where it failed."""
        if record.error is not None:
            raise SystemExit(f"Error: {record.error['message']}")
        self.ends.append(time.perf_counter())
        self.memory_mb.append(max(memory_mb(pid=c.pid) for c in self._clients))
        self.cpu.append(sum(cpu_seconds(c.pid) for c in self._clients))


def make_pictures(folder: Path, count: int) -> None:
    """Write the examples in turn, `count` files of at most 512 pixels."""
    for number in range(count):
        picture = Image.open(ROOT / "examples" / EXAMPLES[number % len(EXAMPLES)]).convert("RGB")
        picture.thumbnail((SIDE_PX, SIDE_PX))
        picture.save(folder / f"p{number:04d}.png")


def run(pictures: Path, jobs: int) -> PictureLog:
    """Convert a folder of pictures with so many worker processes."""
    clients: list[WorkerClient] = []
    log = PictureLog(clients)

    def client() -> WorkerClient:
        clients.append(WorkerClient())
        return clients[-1]

    recipe = make_recipe(("depth", "layers", "svg"), Preset())
    with tempfile.TemporaryDirectory() as out:
        workers = LocalWorkers(jobs, new_client=client)
        run_batch([str(pictures)], Path(out) / "out", recipe, workers, Options(), log)
    return log


def rate(log: PictureLog, jobs: int) -> float:
    """Pictures a second once every process is warm."""
    warm = log.ends[jobs - 1 :]
    return (len(warm) - 1) / (warm[-1] - warm[0])


def processor_each(log: PictureLog, jobs: int) -> float:
    """Processor seconds of a picture once every process is warm."""
    warm = log.cpu[jobs - 1 :]
    return (warm[-1] - warm[0]) / (len(warm) - 1)


def main() -> int:
    """Measure each number of processes, print and save; returns the exit code."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    steps = [n for n in (1, 2, 4, 8, 16, 32) if n <= (cores or 1)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--jobs", default=",".join(map(str, steps)))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--soak", type=int, default=0, help="also run so many in one process")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    settings: dict[str, object] = {"side": SIDE_PX, "pictures": options.pictures}
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(Path(folder), options.pictures)
        counts = [int(word) for word in options.jobs.split(",")]
        # In turn, so that what else the machine does falls on all of them.
        rates: dict[int, list[float]] = {n: [] for n in counts}
        cpu: dict[int, list[float]] = {n: [] for n in counts}
        memory: dict[int, float] = {}
        for _ in range(options.repeats):
            for n in counts:
                log = run(Path(folder), n)
                rates[n].append(rate(log, n))
                cpu[n].append(processor_each(log, n))
                memory[n] = max(log.memory_mb)
        one = statistics.median(rates[counts[0]])
        columns = ("processes", "ratio", "pictures/s", "CPU s each", "MB each")
        print(" ".join(f"{word:>10}" for word in columns))
        for n in counts:
            median = statistics.median(rates[n])
            each = statistics.median(cpu[n])
            print(f"{n:>10} {median / one:>10.2f} {median:>10.2f} {each:>10.2f} {memory[n]:>10.0f}")
            rows.append({"processes": n, "ratio": median / one, "rate": median, "cpu": each,
                         "mb": memory[n]})  # fmt: skip
    if options.soak:
        with tempfile.TemporaryDirectory() as folder:
            make_pictures(Path(folder), options.soak)
            log = run(Path(folder), 1)
        tenth = max(options.soak // 10, 1)
        early, late = log.memory_mb[tenth], log.memory_mb[-1]
        settings["soak"] = {"pictures": options.soak, "mb": log.memory_mb[::tenth]}
        print(
            f"{options.soak} pictures in one process: {early:.0f} MB after {tenth}, "
            f"{late:.0f} MB at the end (x {late / max(early, 1):.2f})"
        )
    save_results("batch_throughput", rows, **settings)
    return 0


if __name__ == "__main__":
    sys.exit(main())
