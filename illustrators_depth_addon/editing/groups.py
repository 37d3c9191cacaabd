"""Groups of layers: by hand, by which objects belong together, and how high their parts stand."""

from __future__ import annotations

from collections.abc import Sequence

import bpy
import numpy as np

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import Layer, LayerStack

from ..addon_data import addon_data
from ..storage.layer_list import group_path
from .layers import check_unlocked, edit, index_of

__all__ = [
    "flatten_groups",
    "group",
    "group_objects",
    "object_groups",
    "open_holes",
    "rename_group",
    "treat_alike",
]

# A part lies on an object when it has this share of what is seen of it inside the outline ...
_INSIDE_SHARE = 0.9
# ... of a layer that is larger than it, but no background.
_MAX_OBJECT_SHARE = 0.5


def group(
    scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int], names: Sequence[str]
) -> LayerStack:
    """Put layers into a group, `names` from the outermost in; none takes them out of all."""
    check_unlocked(image, uids)

    def change(stack: LayerStack) -> LayerStack:
        return editing.group(stack, [index_of(stack, uid) for uid in uids], names)

    return edit(scene, image, change)


def rename_group(
    scene: bpy.types.Scene, image: bpy.types.Image, path: Sequence[str], name: str
) -> LayerStack:
    """Give a group another name, wherever it holds layers or groups."""
    old, new = tuple(path), (*path[:-1], name)

    def change(stack: LayerStack) -> LayerStack:
        for index, layer in enumerate(stack.layers):
            if layer.group[: len(old)] == old:
                stack = editing.group(stack, index, (*new, *layer.group[len(old) :]))
        return stack

    return edit(scene, image, change)


def group_objects(scene: bpy.types.Scene, image: bpy.types.Image) -> int:
    """Group each object with the parts that lie on it; returns the number of groups.

    Layers that are in a group already stay there. Raises InputError where nothing lies on another.
    """
    grouped: dict[str, list[int]] = {}

    def change(stack: LayerStack) -> LayerStack:
        for name, members in object_groups(stack).items():
            free = [i for i in members if not stack.layers[i].group]
            if len(free) > 1:
                grouped[name] = free
                stack = editing.group(stack, free, [name])
        if not grouped:
            raise InputError(
                f"No layer of {stack.name!r} lies on another one; check some and press Group."
            )
        return stack

    edit(scene, image, change)
    return len(grouped)


def object_groups(stack: LayerStack) -> dict[str, list[int]]:
    """Indices of the layers that make up one object each, by the name of its lowest layer.

    A layer belongs to the smallest lower layer whose outline holds nearly all that is seen of it;
    large layers, and those that run across the picture, are grounds to stand on, not objects.
    """
    pixels = stack.height * stack.width
    areas = [int(np.count_nonzero(layer.mask_crop)) for layer in stack]
    hosts_of: dict[int, int] = {}
    for index, layer in stack.shown():
        hosts = [
            below
            for below in range(index)
            if not stack.layers[below].hidden
            and not _is_ground(stack.layers[below])
            and areas[index] < areas[below] <= _MAX_OBJECT_SHARE * pixels
            and _share_inside(layer, stack.layers[below]) >= _INSIDE_SHARE
        ]
        if hosts:
            hosts_of[index] = min(hosts, key=lambda below: areas[below])
    groups: dict[int, list[int]] = {}
    for index in hosts_of:
        root = index
        while root in hosts_of:
            root = hosts_of[root]
        groups.setdefault(root, [root]).append(index)
    return {stack.layers[root].name: sorted(members) for root, members in groups.items()}


def _is_ground(layer: Layer) -> bool:
    """Whether a layer runs from one side of the picture to the opposite one."""
    top, left, bottom, right = layer.window
    height, width = layer.frame
    return (left == 0 and right == width) or (top == 0 and bottom == height)


def _share_inside(part: Layer, whole: Layer) -> float:
    """Which share of what is seen of a layer lies within another's completed mask."""
    top, left = (max(a, b) for a, b in zip(part.window[:2], whole.window[:2], strict=True))
    bottom, right = (min(a, b) for a, b in zip(part.window[2:], whole.window[2:], strict=True))
    count = int(np.count_nonzero(part.visible_crop))
    if top >= bottom or left >= right or not count:
        return 0.0

    def cut_mask(layer: Layer, mask: np.ndarray) -> np.ndarray:
        row, column = layer.window[:2]
        inside: np.ndarray = mask[top - row : bottom - row, left - column : right - column]
        return inside

    both = cut_mask(part, part.visible_crop) & cut_mask(whole, whole.mask_crop)
    return float(np.count_nonzero(both)) / count


def treat_alike(scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int]) -> LayerStack:
    """One layer for each color among some layers, in one order, such as a word's letters."""
    check_unlocked(image, uids)
    return edit(
        scene, image, lambda stack: editing.treat_alike(stack, [index_of(stack, u) for u in uids])
    )


def open_holes(scene: bpy.types.Scene, image: bpy.types.Image, uids: Sequence[int]) -> LayerStack:
    """Let patches of some layers that look like holes be holes; locked layers stay whole."""
    check_unlocked(image, uids)
    locked_uids = {item.uid for item in addon_data(image).layers if item.locked}

    def change(stack: LayerStack) -> LayerStack:
        locked = frozenset(i for i, layer in enumerate(stack) if layer.uid in locked_uids)
        return editing.open_holes(stack, [index_of(stack, uid) for uid in uids], locked)

    return edit(scene, image, change)


def flatten_groups(image: bpy.types.Image, height_mm: float | None, only: str = "") -> int:
    """Let the parts of each group lie close on one another; returns how many layers were changed.

    Args:
        image: the picture; its builds follow its items.
        height_mm: thickness of every part but the lowest; None gives them the stack's again.
        only: one group, as its layers' items have it; "" for all.
    """
    flattened: set[str] = set()
    changed = 0
    for item in addon_data(image).layers:
        if not item.group or (only and item.group != only):
            continue
        top = group_path(item.group)[0]
        if top not in flattened:
            flattened.add(top)  # the lowest keeps its height
            continue
        item.own_thickness = item.own_gap = height_mm is not None
        if height_mm is not None:
            item.thickness_mm, item.gap_mm = height_mm, 0.0
        changed += 1
    if not changed:
        raise InputError(f"The image {image.name!r} has no groups of layers; group some first.")
    return changed
