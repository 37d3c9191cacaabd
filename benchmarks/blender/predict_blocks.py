"""Measures how long a prediction holds up Blender's main thread at a time.

    python -m benchmarks predict_blocks [--sizes 1024 2048 4096] [--out FILE.json]

The steps are those of the modal operator, looked at every 50 ms as its timer does. What counts is
the longest single block in processor time of the main thread: other programs do not disturb it,
and the threads and the worker that do the rest are not in it. Beside it stands the undo step that
Blender itself takes when an operator ends.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from ..harness.addon import POLL_SECONDS, registered_addon, write_table

BAR_MS = 50.0


class Blocks:
    """The longest block of each phase, in milliseconds of the main thread."""

    def __init__(self) -> None:
        self.longest: dict[str, float] = {}

    def measure(self, phase: str, run: Callable[[], Any]) -> Any:
        """Run something as part of a phase, and give its result."""
        start = time.thread_time()
        result = run()
        milliseconds = 1e3 * (time.thread_time() - start)
        self.longest[phase] = round(max(milliseconds, self.longest.get(phase, 0.0)), 1)
        return result


def picture(size: int) -> Any:
    """A flat drawing of overlapping discs on a ramp: neither trivial nor noisy to compress."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    canvas = np.full((size, size, 4), 255, np.uint8)
    canvas[..., 0] = np.linspace(60, 200, size, dtype=np.uint8)
    for _ in range(20):
        center = tuple(int(v) for v in rng.integers(0, size, 2))
        color = (*(int(v) for v in rng.integers(0, 256, 3)), 255)
        cv2.circle(canvas, center, int(rng.integers(size // 20, size // 5)), color, -1, cv2.LINE_AA)
    return canvas


def run(size: int, model: str) -> dict[str, float]:
    """One prediction in a fresh file; the second of its kind, the worker being warm."""
    import bpy
    import cv2

    from illustrators_depth_addon import api
    from illustrators_depth_addon.session import SESSION
    from illustrators_depth_addon.session.prediction import PredictJob

    scene: Any = api.empty_file()
    path = Path(bpy.app.tempdir) / f"blocks-{size}.png"
    cv2.imwrite(str(path), picture(size))
    image = bpy.data.images.load(str(path))
    len(image.pixels)  # decoded, as a picture that an editor shows
    scene.illdepth.image, scene.illdepth.model = image, model
    blocks = Blocks()
    for _ in range(2):
        blocks.longest.clear()
        job = PredictJob(scene, image)
        blocks.measure("begin", lambda job=job: SESSION.jobs.begin(job))
        finished = False
        while not finished:
            time.sleep(POLL_SECONDS)
            phase = "while predicting" if job.request.folder is not None else "read the picture"
            finished = blocks.measure(phase, job.poll)
        SESSION.jobs.end(job)
        blocks.measure("keep the result", job.result)
        blocks.measure("Blender's undo step", lambda: bpy.ops.ed.undo_push(message="predicted"))
    path.unlink()
    return blocks.longest


def main() -> int:
    """Measure every size and print the table; returns the exit code, 2 without Blender."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1024, 2048, 4096])
    parser.add_argument("--model", default="HEURISTIC", help="a predictor of the panel's menu")
    parser.add_argument("--out", type=Path, help="also write the table as JSON")
    options = parser.parse_args()
    with registered_addon() as bpy:
        table = {str(size): run(size, options.model.lower()) for size in options.sizes}
    print(f"Blender {bpy.app.version_string}; longest block in ms, bar {BAR_MS:.0f}")
    for size, blocks in table.items():
        print(f"{size:>6}: " + ", ".join(f"{phase} {ms}" for phase, ms in blocks.items()))
    write_table(options.out, blender=bpy.app.version_string, bar_ms=BAR_MS, longest_ms=table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
