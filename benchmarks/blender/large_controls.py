"""Measures how long Blender's window is held by a picture of 3840 x 2160 with 32 layers.

    python -m benchmarks large_controls

Processor time of the main thread alone and of all threads, in Blender's Python module. As in a
window, layers that a slider asks for are made in a thread first, which is not counted.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any

from ..harness.addon import POLL_SECONDS, registered_addon

WIDTH, HEIGHT, LAYERS, SHAPES = 3840, 2160, 32, 44


def crowded_drawing() -> Any:
    """Flat overlapping ellipses, float32 RGBA: more than layers are asked for."""
    import cv2
    import numpy as np

    rng = np.random.default_rng(0)
    canvas = np.full((HEIGHT, WIDTH, 3), 245, np.uint8)
    for _ in range(SHAPES):
        centre = int(rng.integers(0, WIDTH)), int(rng.integers(0, HEIGHT))
        axes = int(rng.integers(200, 900)), int(rng.integers(150, 700))
        color = tuple(int(v) for v in rng.integers(0, 256, 3))
        cv2.ellipse(
            canvas, centre, axes, float(rng.uniform(0, 180)), 0, 360, color, -1, cv2.LINE_AA
        )
    return np.dstack([canvas / 255.0, np.ones((HEIGHT, WIDTH))]).astype(np.float32)


def measure(row: str, run: Callable[[], Any]) -> None:
    """Print a row: what is measured, milliseconds of the main thread and of all threads."""
    all_start, main_start = time.process_time(), time.thread_time()
    run()
    main_ms = 1e3 * (time.thread_time() - main_start)
    all_ms = 1e3 * (time.process_time() - all_start)
    print(f"{row:24s} {main_ms:8.0f} {all_ms:8.0f}", flush=True)


def main() -> int:
    """Predict, build, slide and edit; returns the exit code, 2 without Blender's module."""
    with registered_addon() as bpy:
        measure_all(bpy)
    return 0


def measure_all(bpy: Any) -> None:
    """Print every row."""
    from illustrators_depth.types import Image
    from illustrators_depth_addon import api
    from illustrators_depth_addon.scene.images.packing import image_from_engine
    from illustrators_depth_addon.session import SESSION
    from illustrators_depth_addon.session.prediction import PredictJob
    from illustrators_depth_addon.settings.scene import layering_settings, relief_settings

    operators = bpy.ops.illdepth
    SESSION.layer_files.defers_in_background = True  # as in a window, where bytes follow later
    scene = api.empty_file()
    image: Any = image_from_engine(Image(crowded_drawing(), "large"))
    settings = scene.illdepth
    settings.image, settings.model, settings.layers = image, "heuristic", LAYERS
    print(f"{'':24s} {'main ms':>8s} {'all ms':>8s}")
    job = PredictJob(scene, image)
    measure("predict: start", lambda: SESSION.jobs.begin(job))
    longest, finished = 0.0, False
    while not finished:
        time.sleep(POLL_SECONDS)
        start = time.thread_time()
        finished = job.poll()
        longest = max(longest, time.thread_time() - start)
    print(f"{'predict: longest look':24s} {1e3 * longest:8.0f}")
    SESSION.jobs.end(job)
    measure("predict: keep", job.result)
    items = image.illdepth.layers
    assert len(items) == LAYERS
    measure("build layers", operators.build_layers)
    for count in (LAYERS - 4, LAYERS):
        settings.layers = count
        SESSION.ahead.begin(image, layering_settings(scene), relief_settings(scene))
        while not SESSION.ahead.done():
            time.sleep(POLL_SECONDS)
        measure(f"layers slider to {count}", operators.update_layers)
    measure("merge", lambda: operators.layer_merge(layer=items[10].uid))
    measure("move", lambda: operators.layer_move(layer=items[10].uid, way="UP"))
    measure("hide", lambda: setattr(items[5], "shown", False))
    measure("recolor", lambda: setattr(items[6], "color", (1.0, 0.0, 0.0)))
    measure("rename", lambda: setattr(items[6], "name", "renamed"))
    measure("build planes", operators.build_planes)
    measure("build curves", operators.build_curves)


if __name__ == "__main__":
    sys.exit(main())
