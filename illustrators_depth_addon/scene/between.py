"""Puts 3D objects between two layers of a build, so that the one covers them and they the other."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import bpy
import numpy as np
from mathutils import Vector
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..addon_data import addon_data
from .objects.build_collection import GAP, PLANES, build_root_of, layer_objects
from .planes.build import EXTRA, shown_planes
from .stacked.spacing import set_gap, stack_up

__all__ = ["free_room", "place_between"]

# Empty room kept before and behind, as a share of the objects' own extent.
_MARGIN_SHARE = 0.1


def place_between(
    collection: bpy.types.Collection,
    objects: Sequence[bpy.types.Object],
    below: int,
    spread: bool = True,
) -> None:
    """Move objects along the stack's axis into the room above so many layers.

    Args:
        collection: a build of stacked layers or image planes.
        objects: what to move, together; children move with their parents.
        below: how many layers shall lie below them; 0 is behind all, all of them in front of all.
        spread: widen the room where they do not fit. Without it they are centered in what there is,
            and reach through the layers when they are thicker.

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
            f"{collection.name!r} has {len(layers)} layers, so 0 to {len(layers)} of them can lie "
            f"below, not {below}."
        )
    tops = [o for o in movable if not set(_ancestors(o)) & set(movable)]
    family = [o for top in tops for o in (top, *top.children_recursive)]
    low, high = _extent(root, family)
    wanted = (high - low) * (1.0 + 2.0 * _MARGIN_SHARE)
    room = free_room(collection, below)
    if spread and room[1] - room[0] < wanted and 0 < below < len(layers):
        _widen(collection, root, layers[below], wanted - (room[1] - room[0]))
        room = free_room(collection, below)
    if below == 0:
        target = room[1] - wanted / 2.0
    elif below == len(layers):
        target = room[0] + wanted / 2.0
    else:
        target = (room[0] + room[1]) / 2.0
    along = target - (low + high) / 2.0
    step: Any = root.matrix_world.to_3x3() @ Vector((0.0, 0.0, along))
    for item in tops:
        placed: Any = item.matrix_world.copy()
        placed.translation += step
        item.matrix_world = placed
    _update()


def free_room(collection: bpy.types.Collection, below: int) -> tuple[float, float]:
    """Where the room above so many layers begins and ends, along the root's z axis.

    Behind all layers it begins, and in front of all it ends, a hair away.
    """
    layers = shown_planes(collection)
    root = build_root_of(collection)
    sheets = [_extent(root, [o]) for o in layers]
    hair = 1e-3 * max(sheets[-1][1] - sheets[0][0], 1e-3)
    start = sheets[below - 1][1] + hair if below > 0 else -np.inf
    end = sheets[below][0] - hair if below < len(layers) else np.inf
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
    everything = np.concatenate(heights)
    return float(everything.min()), float(everything.max())


def _ancestors(item: bpy.types.Object) -> list[bpy.types.Object]:
    found = []
    while item.parent is not None:
        item = item.parent
        found.append(item)
    return found


def _update() -> None:
    layer: Any = bpy.context.view_layer
    layer.update()
