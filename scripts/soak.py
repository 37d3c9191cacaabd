"""Many pictures through one worker, and whether its memory stays flat.

    python scripts/soak.py [--pictures 500] [--size 384] [--out soak.json]

Every picture is another one: size, number of shapes, alpha and model vary. After each, the
worker's resident memory is read; the slope of a straight line through it, without the first fifth
(caches fill, the allocator settles), is what is reported, with an interval from the scatter.
Ends with code 1 when it grows by more than `LIMIT_KB` a picture, or a file is left behind.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict, dataclass
from pathlib import Path

import cv2
import numpy as np

from illustrators_depth.settings import DepthSettings
from illustrators_depth.types import Image
from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers

# 500 pictures may cost 10 MB in all before it is called a leak.
LIMIT_KB = 20.0


@dataclass(frozen=True)
class SoakResult:
    """What was seen.

    Attributes:
        pictures: how many went through.
        resident_kb: the worker's resident memory after each.
        slope_kb: growth for each picture after the first fifth (least squares).
        slope_error_kb: twice its standard error.
        seconds: wall-clock time of all.
        left: files left in the exchange folder at the end.
    """

    pictures: int
    resident_kb: list[int]
    slope_kb: float
    slope_error_kb: float
    seconds: float
    left: int

    @property
    def leaks(self) -> bool:
        """Whether it grows beyond the limit, and beyond doubt."""
        return self.slope_kb - self.slope_error_kb > LIMIT_KB or self.left > 0


def drawing(seed: int, size: int) -> Image:
    """An anti-aliased drawing whose sides, shapes and alpha depend on the seed."""
    rng = np.random.default_rng(seed)
    height, width = (int(v) for v in rng.integers(size // 2, size + 1, 2))
    canvas = np.full((2 * height, 2 * width, 4), 255, np.uint8)
    if seed % 5 == 0:
        canvas[...] = 0  # a drawing on a clear page
    for _ in range(int(rng.integers(3, 25))):
        center = (int(rng.integers(0, 2 * width)), int(rng.integers(0, 2 * height)))
        axes = tuple(int(v) for v in rng.integers(size // 10, size // 2, 2))
        color = (*(int(v) for v in rng.integers(0, 256, 3)), 255)
        cv2.ellipse(canvas, center, axes, float(rng.uniform(0, 180)), 0, 360, color, -1)
    small = cv2.resize(canvas, (width, height), interpolation=cv2.INTER_AREA)
    return Image((small / np.float32(255)).astype(np.float32), f"soak-{seed}")


def resident_kb(pid: int) -> int:
    """A process's resident memory, from /proc."""
    pages = Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1]
    return int(pages) * 4


def slope(values: list[int]) -> tuple[float, float]:
    """Growth a step of the last four fifths, and twice its standard error."""
    settled = np.array(values[len(values) // 5 :], float)
    x = np.arange(len(settled)) - (len(settled) - 1) / 2
    slope_kb = float((x * settled).sum() / (x * x).sum())
    residuals = settled - settled.mean() - slope_kb * x
    error = float(np.sqrt((residuals * residuals).sum() / max(1, len(settled) - 2) / (x * x).sum()))
    return slope_kb, 2.0 * error


def soak(pictures: int, size: int, show: bool = False) -> SoakResult:
    """Send pictures through one worker, and watch it."""
    start = time.monotonic()
    resident: list[int] = []
    with WorkerClient() as worker:
        for seed in range(pictures):
            model = "heuristic" if seed % 4 == 3 else "compact"
            job = submit_layers(worker, drawing(seed, size), DepthSettings(model=model))
            worker.wait(job, 300)
            collect_layers(job)
            job.release()
            assert worker.pid is not None
            time.sleep(0.05)  # it gives memory back once it has answered
            resident.append(resident_kb(worker.pid))
            if show and (seed + 1) % 50 == 0:
                print(f"{seed + 1} pictures: {resident[-1] / 1024:.0f} MB", flush=True)
        left = sum(1 for p in worker.folder.rglob("*") if p.is_file())
    slope_kb, error = slope(resident)
    return SoakResult(pictures, resident, slope_kb, error, time.monotonic() - start, left)


def main() -> int:
    """Run it and say how it went; returns the exit code."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=int, default=500)
    parser.add_argument("--size", type=int, default=384)
    parser.add_argument("--out", type=Path, help="keep the curve as JSON")
    options = parser.parse_args()
    if not Path("/proc/self/statm").is_file():
        print("Error: the soak reads resident memory from /proc, which is not here.")
        return 2
    result = soak(options.pictures, options.size, show=True)
    print(
        f"{result.pictures} pictures in {result.seconds:.0f} s: resident memory "
        f"{result.resident_kb[0] / 1024:.0f} MB after the first, "
        f"{max(result.resident_kb) / 1024:.0f} MB at most, "
        f"{result.resident_kb[-1] / 1024:.0f} MB at the end; slope {result.slope_kb:+.2f} "
        f"(+-{result.slope_error_kb:.2f}) kB a picture; {result.left} files left behind"
    )
    if options.out:
        options.out.write_text(json.dumps(asdict(result)) + "\n", encoding="utf-8")
    return 1 if result.leaks else 0


if __name__ == "__main__":
    sys.exit(main())
