"""One-click animations of builds: layers rise one after another or come apart, a card unfolds.

Ordinary keyframes on the properties that users set by hand, so that all of it can be edited in the
dope sheet. Running a helper again replaces its own keyframes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy

from ..addon_data import addon_data
from .datablocks.fcurves import curves_of, remove_curves
from .objects.build_collection import GAP, build_root_of, layer_objects
from .planes.popup_card import ANGLE
from .planes.root import OFFSET

__all__ = ["RevealOptions", "explode", "fold_card", "reveal_layers", "set_frame_range"]

# Of the whole time: how long each layer of a reveal is on its way.
_RISE_SHARE = 0.35


@dataclass(frozen=True)
class RevealOptions:
    """Frames of a reveal.

    Attributes:
        frame_start, frame_end: when the first layer starts and the last one arrives.
        from_below: whether the lowest layer rises, too, or is there from the start.
    """

    frame_start: int = 1
    frame_end: int = 96
    from_below: bool = False


def reveal_layers(
    collection: bpy.types.Collection, options: RevealOptions | None = None
) -> list[bpy.types.Object]:
    """Let the layers of a build rise into place one after another, from the lowest up.

    Stacked layers come up through those below them; upright planes come up from under the frame.
    A layer is not rendered until it starts. Where it ends is where its object is now, or where an
    earlier reveal had it end.

    Returns the objects that were animated.
    """
    options = options or RevealOptions()
    layers = [o for o in layer_objects(collection) if not addon_data(o).hidden_layer]
    rising = layers if options.from_below else layers[1:]
    root: Any = build_root_of(collection)
    axis = 1 if root is not None and root.get(OFFSET) is not None else 2
    for item in layer_objects(collection):
        _remove_reveal(item, axis)
    view_layer: Any = bpy.context.view_layer
    view_layer.update()
    length = options.frame_end - options.frame_start
    rise = max(1.0, _RISE_SHARE * length) if len(rising) > 1 else float(length)
    for number, item in enumerate(rising):
        begin = options.frame_start + (length - rise) * number / max(1, len(rising) - 1)
        _animate_rise(item, axis, _start_distance(layers, item, axis, root), begin, begin + rise)
    return list(rising)


def _start_distance(
    layers: Sequence[bpy.types.Object], item: bpy.types.Object, axis: int, root: Any
) -> float:
    """How far below its place a layer starts, so that nothing of it is seen."""
    if axis == 1:
        return float(root["height"])
    lowest = layers[0]
    return float(item.delta_location[2] - lowest.delta_location[2] + _size(item)[2])


def _size(item: Any) -> tuple[float, float, float]:
    width, depth, height = item.dimensions
    return width, depth, height


def _animate_rise(item: Any, axis: int, distance: float, begin: float, end: float) -> None:
    height = item.location[axis]
    for frame, value in ((begin, height - distance), (end, height)):
        item.location[axis] = value
        item.keyframe_insert("location", index=axis, frame=frame)
    for frame, hidden in ((begin - 1.0, True), (begin, False)):
        item.hide_render = hidden
        item.keyframe_insert("hide_render", frame=frame)
    for curve in curves_of(item):
        if curve.data_path == "location" and curve.array_index == axis:
            for key in curve.keyframe_points:
                key.interpolation, key.easing = "CUBIC", "EASE_OUT"


def _remove_reveal(item: Any, axis: int) -> None:
    """Take an earlier reveal away; its end stays as the object's height."""
    for curve in curves_of(item):
        if curve.data_path == "location" and curve.array_index == axis:
            item.location[axis] = curve.keyframe_points[-1].co[1]
    if any(curve.data_path == "hide_render" for curve in curves_of(item)):
        item.hide_render = False
    remove_curves(item, "hide_render")
    remove_curves(item, "location", axis)


def explode(
    collection: bpy.types.Collection,
    frame_start: int,
    frame_end: int,
    amount: float,
    back: bool = False,
) -> None:
    """Let the layers of a build come apart along its axis.

    Args:
        collection: stacked layers, or planes.
        frame_start, frame_end: first and last frame.
        amount: how far the nearest layer ends from the lowest, as a share of the picture's width.
        back: come together again in the second half.
    """
    root: Any = build_root_of(collection)
    name = GAP if root.get(GAP) is not None else OFFSET
    curve = next((c for c in curves_of(root) if c.data_path == f'["{name}"]'), None)
    start_value = float(curve.keyframe_points[0].co[1]) if curve is not None else float(root[name])
    layers = layer_objects(collection)
    width = max((max(_size(item)) for item in layers), default=1.0)
    end_value = max(start_value, amount * width / max(1, len(layers) - 1))
    middle = (frame_start + frame_end) / 2.0
    keyframes = [(frame_start, start_value), (middle if back else frame_end, end_value)]
    _set_keyframes(root, name, [*keyframes, (frame_end, start_value)] if back else keyframes)


def fold_card(
    collection: bpy.types.Collection, frame_start: int, frame_end: int, opening: bool, angle: float
) -> None:
    """Let a pop-up card open to `angle` (radians) or close from it."""
    root: Any = build_root_of(collection)
    first, last = (0.0, angle) if opening else (angle, 0.0)
    _set_keyframes(root, ANGLE, [(frame_start, first), (frame_end, last)])


def _set_keyframes(root: Any, name: str, keyframes: Sequence[tuple[float, float]]) -> None:
    """Keyframes of a property of the root, replacing those there."""
    path = f'["{name}"]'
    remove_curves(root, path)
    for frame, value in keyframes:
        root[name] = value
        root.keyframe_insert(path, frame=frame)
    root[name] = keyframes[0][1]
    root.update_tag()


def set_frame_range(scene: bpy.types.Scene, frame_start: int, frame_end: int) -> None:
    """Let the scene play just these frames, from the first."""
    scene.frame_start, scene.frame_end = frame_start, frame_end
    scene.frame_set(frame_start)
