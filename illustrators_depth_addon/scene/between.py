"""Moves 3D objects between two layers of a build: one layer covers them, they cover the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from illustrators_depth.errors import InputError
from illustrators_depth.io.names import counted

from ..addon_data import addon_data
from .objects.build_collection import GAP, PLANES, build_root_of, layer_objects
from .planes.build import shown_planes
from .planes.offsets import EXTRA
from .stacked.spacing import set_gap, stack_up

__all__ = ["free_room", "place_between"]

# Room kept empty in front of and behind the objects, as a share of their own extent.
_MARGIN_SHARE = 0.1


def place_between(
    collection: bpy.types.Collection,
    objects: Sequence[bpy.types.Object],
    below: int,
    spread: bool = True,
) -> None:
    """Move objects along the stack's axis to above a number of layers, and below all others.

    Args:
        collection: a build of stacked layers or image planes.
        objects: what to move, together; children move with their parents.
        below: how many layers lie below them afterwards; 0 puts them behind all layers.
        spread: widen the gap where they do not fit. Without it they are centered in the gap, and
            thick ones reach through the layers.

    Raises InputError when there is nothing to move, or no such place.
    """
    layers = shown_planes(collection)
    root: Any = build_root_of(collection)
    if not layers or root is None:
        raise InputError(
            f"{collection.name!r} has no layers to place anything between; show some, or build it "
            "again."
        )
    movable = [o for o in objects if o.name not in collection.all_objects]
    if not movable:
        raise InputError("Nothing to place; select the objects that shall go between the layers.")
    if not 0 <= below <= len(layers):
        raise InputError(
            f"{collection.name!r} has {counted(len(layers), 'layer')}, so 0 to {len(layers)} "
            f"of them can lie below, not {below}."
        )
    outermost = [o for o in movable if not set(_ancestors(o)) & set(movable)]
    objects_with_children = [o for top in outermost for o in (top, *top.children_recursive)]
    low, high = _extent(root, objects_with_children)
    needed = (high - low) * (1.0 + 2.0 * _MARGIN_SHARE)
    room = free_room(collection, below)
    if spread and room[1] - room[0] < needed and 0 < below < len(layers):
        _widen(collection, root, layers[below], needed - (room[1] - room[0]))
        room = free_room(collection, below)
    if below == 0:
        target = room[1] - needed / 2.0
    elif below == len(layers):
        target = room[0] + needed / 2.0
    else:
        target = (room[0] + room[1]) / 2.0
    shift = target - (low + high) / 2.0
    move: Any = root.matrix_world.to_3x3() @ Vector((0.0, 0.0, shift))
    for item in outermost:
        placed: Any = item.matrix_world.copy()
        placed.translation += move
        item.matrix_world = placed
    _update()


def free_room(collection: bpy.types.Collection, below: int) -> tuple[float, float]:
    """Start and end of the gap above `below` layers, along the root's z axis.

    It is open (infinite) behind the lowest layer and in front of the highest one.
    """
    layers = shown_planes(collection)
    root = build_root_of(collection)
    extents = [_extent(root, [o]) for o in layers]
    epsilon = 1e-3 * max(extents[-1][1] - extents[0][0], 1e-3)
    start = extents[below - 1][1] + epsilon if below > 0 else -np.inf
    end = extents[below][0] - epsilon if below < len(layers) else np.inf
    return float(start), float(end)


def _widen(
    collection: bpy.types.Collection, root: bpy.types.Object, above: bpy.types.Object, by: float
) -> None:
    """Make more room below a layer: what lies nearer moves, or for planes what lies farther."""
    if addon_data(collection).kind == PLANES:
        data: Any = above
        data[EXTRA] = float(data.get(EXTRA, 0.0)) + by
        above.update_tag()
        return
    owner = above if above.get(GAP) is not None else root
    set_gap(above, float(owner[GAP]) + by)
    stack_up(layer_objects(collection), root)


def _extent(root: Any, objects: Sequence[bpy.types.Object]) -> tuple[float, float]:
    """Lowest and highest point of objects as they are evaluated, along the root's z axis."""
    _update()
    graph = bpy.context.evaluated_depsgraph_get()
    inwards = np.array(root.matrix_world.inverted_safe())[2]
    heights: list[NDArray[np.float64]] = []
    for item in objects:
        placed: Any = item.evaluated_get(graph)
        corners = np.array([tuple(c) for c in placed.bound_box] if placed.data else [(0, 0, 0)])
        matrix = np.array(placed.matrix_world)
        world = corners @ matrix[:3, :3].T + matrix[:3, 3]
        heights.append(world @ inwards[:3] + inwards[3])
    all_heights = np.concatenate(heights)
    return float(all_heights.min()), float(all_heights.max())


def _ancestors(item: bpy.types.Object) -> list[bpy.types.Object]:
    ancestors = []
    while item.parent is not None:
        item = item.parent
        ancestors.append(item)
    return ancestors


def _update() -> None:
    layer: Any = bpy.context.view_layer
    layer.update()
