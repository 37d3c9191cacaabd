"""Measures the add-on's sliders, edits and builds on a picture of 1024 x 1024 with 12 layers.

    python -m benchmarks live_controls [--repeats 7] [--out docs/results/live-controls.json]

Everything runs in Blender's Python module, without a window: what is timed is what a slider's own
callback does there, geometry included. Wall-clock time is what the bars speak of; processor time
stands beside it because it is the same on a busy machine.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import time
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from ..harness.addon import POLL_SECONDS, registered_addon, write_table

SIZE, LAYERS = 1024, 12
BARS_MS = {
    "build 12 layers": 1000.0,
    "layers, new number": 150.0,
    "layers, number seen before": 150.0,
    "detail": 150.0,
    "smallest region": 150.0,
    "hidden parts": 150.0,
    "hidden parts, seen before": 150.0,
    "handwork: layers, new number": 150.0,
    "handwork: layers, number seen before": 150.0,
    "handwork: detail": 150.0,
    "move": 150.0,
    "hide or show": 150.0,
    "rename": 150.0,
    "recolor": 150.0,
    "thickness": 30.0,
    "gap": 30.0,
    "own thickness": 30.0,
    "predict: start": 50.0,
    "predict: look at the worker": 50.0,
    "predict: keep the result": 50.0,
}
"""Row -> milliseconds that it may take at most, so that a slider feels live."""


class Times:
    """Wall-clock and processor seconds of each row."""

    def __init__(self) -> None:
        self.wall: dict[str, list[float]] = {}
        self.processor: dict[str, list[float]] = {}

    def measure(self, row: str, run: Callable[[], Any]) -> Any:
        """Run something once for a row, and give its result."""
        wall, processor = time.perf_counter(), time.process_time()
        result = run()
        self.wall.setdefault(row, []).append(time.perf_counter() - wall)
        self.processor.setdefault(row, []).append(time.process_time() - processor)
        return result

    def report(self) -> dict[str, dict[str, float]]:
        """Medians in milliseconds."""
        return {
            row: {
                "wall_ms": round(1e3 * statistics.median(self.wall[row]), 1),
                "processor_ms": round(1e3 * statistics.median(self.processor[row]), 1),
                "runs": len(self.wall[row]),
                "bar_ms": BARS_MS[row],
            }
            for row in BARS_MS
        }


def drawing() -> Any:
    """A flat drawing of 16 overlapping shapes, anti-aliased: more layers than are asked for."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    canvas = np.full((2 * SIZE, 2 * SIZE, 3), 245, np.uint8)
    for _ in range(16):
        centre = tuple(int(v) for v in rng.integers(0, 2 * SIZE, 2))
        axes = tuple(int(v) for v in rng.integers(SIZE // 4, SIZE, 2))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, color, -1)
    small = cv2.resize(canvas, (SIZE, SIZE), interpolation=cv2.INTER_AREA)
    return np.dstack([small / 255.0, np.ones((SIZE, SIZE))]).astype(np.float32)


def run(repeats: int) -> dict[str, dict[str, float]]:
    """Measure every row in a fresh file with the add-on registered."""
    import bpy

    from illustrators_depth.types import Image
    from illustrators_depth_addon import api
    from illustrators_depth_addon.scene.images.packing import image_from_engine
    from illustrators_depth_addon.session import SESSION

    times = Times()
    SESSION.layer_files.defers_in_background = True  # as in a window: bytes follow later
    scene = api.empty_file()
    image = image_from_engine(Image(drawing(), "drawing"))
    settings = scene.illdepth
    settings.image, settings.model, settings.layers = image, "heuristic", LAYERS
    for _ in range(3):
        predict(times, scene, image)
    for _ in range(min(repeats, 3)):
        for item in [*bpy.data.objects, *bpy.data.materials, *bpy.data.collections]:
            bpy.data.batch_remove([item])
        SESSION.clear_memory()  # as in a file just opened: the layers are decoded, too
        times.measure("build 12 layers", bpy.ops.illdepth.build_layers)
    assert len(image.illdepth.layers) == LAYERS
    sliders(times, settings, repeats)
    handwork(times, settings, image, repeats)
    edits(times, image, repeats)
    spacing(times, settings, image, repeats)
    return times.report()


def predict(times: Times, scene: Any, image: Any) -> None:
    """What Blender's window waits for: sending the picture, looking, keeping the result."""
    from illustrators_depth_addon.session import SESSION
    from illustrators_depth_addon.session.prediction import PredictJob

    job = PredictJob(scene, image)
    times.measure("predict: start", lambda: SESSION.jobs.begin(job))
    finished = False
    while not finished:
        time.sleep(POLL_SECONDS)
        finished = times.measure("predict: look at the worker", job.poll)
    SESSION.jobs.end(job)
    times.measure("predict: keep the result", job.result)


def sliders(times: Times, settings: Any, repeats: int) -> None:
    """Each control to another value and back, the geometry following."""
    import bpy

    def slide(row: str, key: str, values: Iterable[Any]) -> None:
        for value in values:
            setattr(settings, key, value)
            times.measure(row, update)

    def update() -> None:
        bpy.ops.illdepth.update_layers()
        bpy.context.view_layer.update()

    update()
    down = range(LAYERS - 1, 4, -1)
    slide("layers, new number", "layers", down)
    slide("layers, number seen before", "layers", [*reversed(down), LAYERS])
    for count in down:  # the first time that each of these layers is continued like that
        settings.layers, settings.completion = count, "contour"
        update()
        slide("hidden parts", "completion", ["nearest"])
        slide("hidden parts, seen before", "completion", ["contour"])
    settings.layers = LAYERS
    slide("smallest region", "min_region", [30.0 + 10 * n for n in range(repeats)])
    settings.layers = 0
    update()
    slide("detail", "detail", [0.1 + 0.8 * n / repeats for n in range(repeats)])
    settings.layers, settings.detail, settings.min_region = LAYERS, 0.5, 24.0
    update()


def handwork(times: Times, settings: Any, image: Any, repeats: int) -> None:
    """Sliders after a layer was renamed, one recolored, two merged, one moved and one hidden."""
    import bpy

    items = image.illdepth.layers
    items[5].name, items[6].color = "renamed", (0.1, 0.5, 0.9)
    bpy.ops.illdepth.layer_merge(layer=items[3].uid)
    bpy.ops.illdepth.layer_move(layer=items[7].uid, way="UP")
    items[2].shown = False

    def slide(row: str, key: str, values: Iterable[Any]) -> None:
        for value in values:
            setattr(settings, key, value)
            times.measure(row, bpy.ops.illdepth.update_layers)

    down = range(LAYERS - 1, 4, -1)
    slide("handwork: layers, new number", "layers", down)
    slide("handwork: layers, number seen before", "layers", [*reversed(down), LAYERS])
    settings.layers = 0
    slide("handwork: detail", "detail", [0.12 + 0.8 * n / repeats for n in range(repeats)])
    settings.layers, settings.detail = LAYERS, 0.5
    bpy.ops.illdepth.update_layers()


def edits(times: Times, image: Any, repeats: int) -> None:
    """Edits of the list, by operator and in place."""
    import bpy

    items = image.illdepth.layers
    uid = items[LAYERS // 2].uid
    for number in range(repeats):
        way = "UP" if number % 2 else "DOWN"
        times.measure("move", lambda way=way: bpy.ops.illdepth.layer_move(layer=uid, way=way))
        item = next(x for x in items if x.uid == uid)
        times.measure("hide or show", lambda x=item: setattr(x, "shown", not x.shown))
        times.measure("rename", lambda x=item, n=number: setattr(x, "name", f"layer {n}"))
        color = (number / repeats, 0.4, 0.6)
        times.measure("recolor", lambda x=item, c=color: setattr(x, "color", c))
        item.shown = True


def spacing(times: Times, settings: Any, image: Any, repeats: int) -> None:
    """Thickness and gap, with the heights that follow from them."""
    import bpy

    item = image.illdepth.layers[3]
    item.own_thickness = True

    def move(owner: Any, key: str, value: float) -> None:
        setattr(owner, key, value)
        bpy.context.view_layer.update()

    for number in range(repeats):
        value = 1.0 + number / 10.0
        times.measure("thickness", lambda v=value: move(settings, "thickness_mm", v))
        times.measure("gap", lambda v=value: move(settings, "gap_mm", v))
        times.measure("own thickness", lambda v=value: move(item, "thickness_mm", v))


def main() -> int:
    """Measure, print and write the table; returns the exit code, 2 without Blender."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--repeats", type=int, default=7)
    parser.add_argument("--out", type=Path, help="also write the table as JSON")
    options = parser.parse_args()
    with registered_addon() as bpy:
        table = run(options.repeats)
    load = os.getloadavg()[0] if hasattr(os, "getloadavg") else float("nan")
    print(f"Blender {bpy.app.version_string}, {os.cpu_count()} cores, load {load:.1f}; medians, ms")
    print(f"{'':30}{'wall':>9}{'processor':>11}{'bar':>8}")
    for row, ms in table.items():
        print(f"{row:30}{ms['wall_ms']:9.1f}{ms['processor_ms']:11.1f}{ms['bar_ms']:8.0f}")
    write_table(options.out, blender=bpy.app.version_string, load=load, rows=table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
