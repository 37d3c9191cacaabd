"""Edits by depth and from outside: layers cut at a threshold, another image between two layers.

As in `editing.layers`, the cached stack, the list and all builds follow; InputError comes before
anything has changed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import bpy

from illustrators_depth import editing
from illustrators_depth.errors import InputError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..scene.images.pixels import image_to_engine
from ..session import SESSION
from ..storage import layer_list
from . import layers as layer_edits
from . import threshold

__all__ = ["Insertion", "insert_image", "split_at_threshold", "threshold_layers"]


@dataclass(frozen=True)
class Insertion:
    """Where an inserted image goes.

    Attributes:
        at: place in the stack it will have, 0 = bottom; None is just above the active layer.
        x, y: its center, 0..1 of the picture's width from the left and height from the bottom.
        size: its longer side, 1.0 = the picture's longer side.
        rotation: radians, counter-clockwise.
    """

    at: int | None = None
    x: float = 0.5
    y: float = 0.5
    size: float = 0.5
    rotation: float = 0.0


def split_at_threshold(
    scene: bpy.types.Scene, image: bpy.types.Image, at: float, uids: list[int] | None = None
) -> LayerStack:
    """Cut layers into a far and a near part at a depth.

    Args:
        at: 0 (the picture's farthest pixel) .. 1 (its nearest).
        uids: which layers; None takes every shown, unlocked one with a real part on either side.
    """
    depth = SESSION.depth.load(image)
    if uids is not None:
        layer_edits.check_unlocked(image, uids)

    def change(stack: LayerStack) -> LayerStack:
        if uids is not None:
            places = [layer_edits.index_of(stack, uid) for uid in uids]
            return threshold.split_at(stack, depth, at, places)
        unlocked = [i for i, x in enumerate(stack) if not _is_locked(image, x.uid)]
        crossing = threshold.crossing(stack, depth, at)
        return threshold.split_at(stack, depth, at, [i for i in crossing if i in unlocked])

    return layer_edits.edit(scene, image, change)


def threshold_layers(scene: bpy.types.Scene, image: bpy.types.Image, at: float) -> LayerStack:
    """Unite the layers into a background and a foreground, each going as a whole."""
    depth = SESSION.depth.load(image)
    layer_edits.check_unlocked(image, [item.uid for item in addon_data(image).layers])
    return layer_edits.edit(scene, image, lambda stack: threshold.two_layers(stack, depth, at))


def insert_image(
    scene: bpy.types.Scene,
    image: bpy.types.Image,
    source: bpy.types.Image,
    where: Insertion | None = None,
) -> LayerStack:
    """Put another image into the stack as a layer of its own, and make it the active one.

    Its alpha is its outline. Raises InputError when it has no pixels, is transparent, or would lie
    outside the picture.
    """
    where = where or Insertion()
    if source == image:
        raise InputError(f"{image.name!r} is the picture itself; choose another image to insert.")
    if addon_data(source).is_result:
        raise InputError(f"{source.name!r} is a depth image; choose a picture to insert.")
    picture = image_to_engine(source)
    index = where.at

    def change(stack: LayerStack) -> LayerStack:
        nonlocal index
        if index is None:
            item = layer_list.active_item(image)
            index = layer_edits.index_of(stack, item.uid) + 1 if item else len(stack)
        scale = where.size * max(stack.width, stack.height) / max(picture.width, picture.height)
        placement = editing.Placement(
            x=where.x * stack.width,
            y=(1.0 - where.y) * stack.height,
            scale=scale,
            rotation=math.degrees(where.rotation),
        )
        return editing.insert(stack, picture, index, placement)

    stack = layer_edits.edit(scene, image, change)
    assert index is not None
    addon_data(image).active_layer = index
    return stack


def _is_locked(image: bpy.types.Image, uid: int) -> bool:
    item = layer_list.item_of(image, uid)
    return item is not None and bool(item.locked)
