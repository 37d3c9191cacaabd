"""First use: from the start-up scene to a picture that is seen in full, in its colors."""

from __future__ import annotations

import subprocess
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

from ..steps import (
    Steps,
    addon,
    area_of,
    in_3d_view,
    operators,
    output_folder,
    region_of,
    wait_until,
)
from .common import PICTURE, is_idle, passed, start_prediction

__all__ = ["first_use"]


# Of 255: differences that are seen, and colors that are not one of the interface's greys.
CHANGED_LEVELS, COLORFUL_LEVELS = 24, 50


def first_use() -> Steps:
    """The start-up scene, a picture, Predict: the picture is where one looks, in its colors."""
    before = middle_of_view("before")
    in_3d_view(lambda: operators().import_image(filepath=str(PICTURE), predict=False))
    start_prediction(build="LAYERS")
    yield from wait_until(is_idle, "the first prediction")
    for _ in range(10):
        yield  # the view glides to the build
    after = middle_of_view("after")
    changed = np.abs(after - before).max(axis=-1) > CHANGED_LEVELS
    colorful = np.ptp(after, axis=-1) > COLORFUL_LEVELS
    assert changed.mean() > 0.3, f"{changed.mean():.0%} of the view's middle changed"
    assert (changed & colorful).mean() > 0.08, f"{colorful.mean():.0%} of it is colorful"
    passed(f"first use: {changed.mean():.0%} of the view's middle changed to the picture")
    left, right, most_left, most_right = build_and_free_columns()
    assert left <= most_left and most_right <= right, (left, most_left, most_right, right)
    passed("all of the build is beside the sidebar, not under it")
    bpy.ops.wm.read_homefile(use_empty=False)
    yield


def build_and_free_columns() -> tuple[float, float, float, float]:
    """Columns of the 3D View that are free, and those that the new build takes."""
    area = area_of("VIEW_3D")
    region, view = region_of(area, "WINDOW"), area.spaces.active.region_3d
    left, right = addon().scene.framing.free_columns(area, region)
    columns = []
    for item in bpy.context.selected_objects:
        for corner in item.bound_box if item.type == "MESH" else ():
            place = item.matrix_world @ Vector(corner)
            columns.append(location_3d_to_region_2d(region, view, place)[0])
    return left, right, min(columns), max(columns)


def middle_of_view(name: str) -> Any:
    """The inner half of the 3D View as it is on the screen, int (H, W, 3); the whole is kept."""
    path = output_folder() / f"first-use-{name}.png"
    subprocess.run(["import", "-window", "root", str(path)], check=True)
    area = area_of("VIEW_3D")
    manager: Any = bpy.context.window_manager
    width, height = area.width // 2, area.height // 2
    left = area.x + area.width // 4
    top = manager.windows[0].height - area.y - area.height * 3 // 4
    crop = ["-crop", f"{width}x{height}+{left}+{top}", "-depth", "8", "rgb:-"]
    raw = subprocess.run(["convert", str(path), *crop], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3).astype(int)
