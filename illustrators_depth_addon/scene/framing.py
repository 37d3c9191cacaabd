"""Brings a new build into view: moved free of other objects, selected, framed in the 3D Views."""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import region_2d_to_location_3d
from mathutils import Vector
from numpy.typing import NDArray

from ..addon_data import addon_data
from .objects.build_collection import build_root_of

__all__ = [
    "frame_in_views",
    "free_columns",
    "hide_default_cube",
    "place_beside",
    "select_build",
    "select_only",
]

# Free room to the next object, as a share of the build's width.
_MARGIN_SHARE = 0.1
# An object larger than this many times the build is a ground or a sky, not an obstacle.
_MAX_OBSTACLE_RATIO = 8.0
_SOLID_TYPES = {"MESH", "CURVE", "SURFACE", "META", "FONT", "CURVES", "POINTCLOUD", "VOLUME"}
_SOLID_TYPES |= {"GPENCIL", "GREASEPENCIL"}

# Regions that may lie over the view; where they leave less than this of it, nothing helps.
_SIDEBARS = {"UI", "TOOLS"}
_MIN_FREE_SHARE = 0.2

_CUBE_SIDE = 2.0
_CUBE_CORNERS = 8

# Least and greatest corner in the world, float64 (2, 3).
Box = NDArray[np.float64]


def hide_default_cube(scene: bpy.types.Scene, collection: bpy.types.Collection) -> bool:
    """Hide the untouched cube of Blender's start-up file where nothing else stands in the scene.

    Returns whether it was there.
    """
    others = [
        o for o in scene.objects if o.type in _SOLID_TYPES and o.name not in collection.all_objects
    ]
    if len(others) != 1 or not _is_default_cube(others[0]):
        return False
    others[0].hide_set(True)
    others[0].hide_render = True
    return True


def _is_default_cube(item: Any) -> bool:
    if item.name != "Cube" or item.type != "MESH" or item.library is not None:
        return False
    mesh = item.data
    untouched = not item.modifiers and not item.children and item.animation_data is None
    if not untouched or len(mesh.vertices) != _CUBE_CORNERS or not item.visible_get():
        return False
    if np.abs(np.array(item.matrix_world) - np.eye(4)).max() > 1e-6:
        return False
    return all(abs(abs(v) - _CUBE_SIDE / 2.0) < 1e-6 for point in mesh.vertices for v in point.co)


def place_beside(scene: bpy.types.Scene, collection: bpy.types.Collection) -> None:
    """Move a build along X until it stands in no other visible object of its own size."""
    root: Any = build_root_of(collection)
    view_layer: Any = bpy.context.view_layer
    view_layer.update()
    if root is None or root.name not in view_layer.objects:
        return
    own_box = _box_of([o for o in collection.all_objects if o.type in _SOLID_TYPES])
    if own_box is None:
        return
    size = own_box[1] - own_box[0]
    obstacles = _obstacles(scene, collection, float(size.max()))
    margin = _MARGIN_SHARE * float(size[0])
    shift_x = 0.0
    for _ in obstacles:
        shifted = own_box + np.array([shift_x, 0.0, 0.0])
        right_ends = [box[1, 0] for box in obstacles if _overlap(shifted, box)]
        if not right_ends:
            break
        shift_x = max(right_ends) + margin - own_box[0, 0]
    root.location.x += shift_x


def _obstacles(scene: bpy.types.Scene, collection: bpy.types.Collection, size: float) -> list[Box]:
    """Boxes of what else is seen: of every object, and of every other build as a whole."""
    builds = [c for c in scene.collection.children_recursive if addon_data(c).kind]
    groups = [list(c.objects) for c in builds if c != collection]
    built = {o for c in builds for o in c.objects}
    groups += [[item] for item in scene.objects if item not in built]
    boxes = [_box_of([o for o in g if o.type in _SOLID_TYPES and o.visible_get()]) for g in groups]
    limit = _MAX_OBSTACLE_RATIO * size
    return [box for box in boxes if box is not None and (box[1] - box[0]).max() <= limit]


def _box_of(items: list[bpy.types.Object]) -> Box | None:
    """The box around objects as they are shown, modifiers included; None without any."""
    graph = bpy.context.evaluated_depsgraph_get()
    corners = []
    for item in items:
        shown: Any = item.evaluated_get(graph)
        corners += [tuple(shown.matrix_world @ Vector(c)) for c in shown.bound_box]
    if not corners:
        return None
    points = np.array(corners, np.float64)
    return np.stack([points.min(axis=0), points.max(axis=0)])


def _overlap(one: Box, other: Box) -> bool:
    return bool((one[0] < other[1]).all() and (other[0] < one[1]).all())


def select_build(collection: bpy.types.Collection) -> None:
    """Select a build's objects and nothing else; its root, which moves all of it, is active."""
    select_only({o for o in collection.all_objects if o.type != "CAMERA"})
    root, view_layer = build_root_of(collection), bpy.context.view_layer
    if root is not None and view_layer is not None and root.name in view_layer.objects:
        view_layer.objects.active = root


def select_only(chosen: set[bpy.types.Object]) -> None:
    """Select these objects of the view layer and no others.

    Blender frees its list of a layer's objects as soon as an object was removed and the next one is
    selected; so the layer is brought up to date first, and a copy of the list is walked.
    """
    view_layer: Any = bpy.context.view_layer
    view_layer.update()
    for item in list(view_layer.objects):
        item.select_set(item in chosen)


def frame_in_views(textured: bool) -> None:
    """Frame what is selected in every 3D View but those through a camera.

    Solid views that show plain material colors show textures from now on, if the build has them.
    """
    manager: Any = bpy.context.window_manager
    for window in manager.windows if manager is not None else ():
        for area in window.screen.areas:
            if area.type == "VIEW_3D":
                _frame(window, area, textured)


def _frame(window: Any, area: Any, textured: bool) -> None:
    space = area.spaces.active
    shading = space.shading
    if textured and shading.type == "SOLID" and shading.color_type == "MATERIAL":
        shading.color_type = "TEXTURE"
    if space.local_view is not None:
        for item in bpy.context.selected_objects:
            item.local_view_set(space, True)
    region = next((r for r in area.regions if r.type == "WINDOW"), None)
    if region is None or space.region_3d.view_perspective == "CAMERA":
        return
    with bpy.context.temp_override(window=window, area=area, region=region):
        bpy.ops.view3d.view_selected(use_all_regions=True)
    if space.region_quadviews:
        return  # sidebars cover other views than this one
    _move_from_under_sidebars(area, region, space.region_3d)


def free_columns(area: Any, region: Any) -> tuple[int, int]:
    """First and last column of a 3D View's main region that no sidebar or toolbar covers."""
    left, right = 0, region.width
    for other in area.regions:
        start, end = other.x - region.x, other.x - region.x + other.width
        if other.type not in _SIDEBARS or other.width <= 1 or end <= 0 or start >= region.width:
            continue
        if start + end < region.width:
            left = max(left, end)
        else:
            right = min(right, start)
    return left, right


def _move_from_under_sidebars(area: Any, region: Any, view: Any) -> None:
    """Move the view so that the build is beside sidebars; Blender frames as if there were none."""
    left, right = free_columns(area, region)
    if right - left < region.width * _MIN_FREE_SHARE:
        return
    view.view_distance *= region.width / (right - left)
    view.update()
    middle, height = view.view_location.copy(), region.height / 2.0
    view_center = region_2d_to_location_3d(region, view, (region.width / 2.0, height), middle)
    free_center = region_2d_to_location_3d(region, view, ((left + right) / 2.0, height), middle)
    view.view_location = middle + view_center - free_center
