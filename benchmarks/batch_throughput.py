"""Throughput of a batch against its number of processes, and memory over many pictures.

    python -m benchmarks batch_throughput
    python benchmarks/batch_throughput.py [--pictures 16] [--jobs 1,2,4] [--soak 200]

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

sys.path.insert(0, str(Path(__file__).resolve().parent))
from _measure import save

from illustrators_depth.batch import (
    LocalWorkers,
    Options,
    Preset,
    Record,
    make_recipe,
    run_batch,
)
from illustrators_depth.worker import WorkerClient

ROOT = Path(__file__).resolve().parents[1]
EXAMPLES = ("autumn.png", "goldfish.png", "parrot.png", "portrait.webp", "reef.png", "valley.png")
SIDE = 512


class Clock:
    """Notes when each picture ended, and the resident memory of the workers then."""

    def __init__(self, clients: list[WorkerClient]) -> None:
        self.ends: list[float] = []
        self.cpu: list[float] = []
        self.memory: list[int] = []
        self._clients = clients

    def begin(self, total: int, skipped: int) -> None: ...

    def progress(self, fraction: float) -> None: ...

    def picture(self, record: Record) -> None:
        if record.error is not None:
            raise SystemExit(f"Error: {record.error['message']}")
        self.ends.append(time.perf_counter())
        self.memory.append(max(resident(c.pid) for c in self._clients))
        self.cpu.append(sum(processor(c.pid) for c in self._clients))


def resident(pid: int | None) -> int:
    """Resident kB of a process (Linux; 0 elsewhere)."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS")), 0)


def processor(pid: int | None) -> float:
    """Seconds of processor time that a process has used (Linux; 0 elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def make_pictures(folder: Path, count: int) -> None:
    for number in range(count):
        picture = Image.open(ROOT / "examples" / EXAMPLES[number % len(EXAMPLES)]).convert("RGB")
        picture.thumbnail((SIDE, SIDE))
        picture.save(folder / f"p{number:04d}.png")


def run(pictures: Path, jobs: int) -> Clock:
    clients: list[WorkerClient] = []
    clock = Clock(clients)

    def client() -> WorkerClient:
        clients.append(WorkerClient())
        return clients[-1]

    recipe = make_recipe(("depth", "layers", "svg"), Preset())
    with tempfile.TemporaryDirectory() as out:
        workers = LocalWorkers(jobs, new_client=client)
        run_batch([str(pictures)], Path(out) / "out", recipe, workers, Options(), clock)
    return clock


def rate(clock: Clock, jobs: int) -> float:
    """Pictures a second once every process is warm."""
    warm = clock.ends[jobs - 1 :]
    return (len(warm) - 1) / (warm[-1] - warm[0])


def processor_each(clock: Clock, jobs: int) -> float:
    """Processor seconds of a picture once every process is warm."""
    warm = clock.cpu[jobs - 1 :]
    return (warm[-1] - warm[0]) / (len(warm) - 1)


def main() -> int:
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    steps = [n for n in (1, 2, 4, 8, 16, 32) if n <= (cores or 1)]
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--pictures", type=int, default=16)
    parser.add_argument("--jobs", default=",".join(map(str, steps)))
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--soak", type=int, default=0, help="also run so many in one process")
    options = parser.parse_args()
    rows: list[dict[str, object]] = []
    found: dict[str, object] = {"side": SIDE, "pictures": options.pictures}
    with tempfile.TemporaryDirectory() as folder:
        make_pictures(Path(folder), options.pictures)
        counts = [int(word) for word in options.jobs.split(",")]
        # In turn, so that what else the machine does falls on all of them.
        rates: dict[int, list[float]] = {n: [] for n in counts}
        cpu: dict[int, list[float]] = {n: [] for n in counts}
        memory: dict[int, int] = {}
        for _ in range(options.repeats):
            for n in counts:
                clock = run(Path(folder), n)
                rates[n].append(rate(clock, n))
                cpu[n].append(processor_each(clock, n))
                memory[n] = max(clock.memory)
        one = statistics.median(rates[counts[0]])
        columns = ("processes", "ratio", "pictures/s", "CPU s each", "MB each")
        print(" ".join(f"{word:>10}" for word in columns))
        for n in counts:
            median = statistics.median(rates[n])
            each = statistics.median(cpu[n])
            print(
                f"{n:>10} {median / one:>10.2f} {median:>10.2f} {each:>10.2f} "
                f"{memory[n] / 1e3:>10.0f}"
            )
            rows.append({"processes": n, "ratio": median / one, "rate": median, "cpu": each,
                         "mb": memory[n] / 1e3})  # fmt: skip
    if options.soak:
        with tempfile.TemporaryDirectory() as folder:
            make_pictures(Path(folder), options.soak)
            clock = run(Path(folder), 1)
        tenth = max(options.soak // 10, 1)
        early, late = clock.memory[tenth], clock.memory[-1]
        found["soak"] = {"pictures": options.soak, "kB": clock.memory[::tenth]}
        print(
            f"{options.soak} pictures in one process: {early / 1e3:.0f} MB after {tenth}, "
            f"{late / 1e3:.0f} MB at the end (x {late / max(early, 1):.2f})"
        )
    save("batch_throughput", rows, **found)
    return 0


if __name__ == "__main__":
    sys.exit(main())
