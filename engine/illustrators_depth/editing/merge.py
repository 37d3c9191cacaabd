"""Several layers into one, without changing the picture."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_kind
from ..layering.compositing.composite import lay_over, sort_by_coverage, straight
from ..layering.layer_tree import common_group
from ..regions.statistics import area_weighted_median
from ..types import Layer, LayerStack
from .attributes import delete
from .restack import check_indices, check_name, is_number, restack

__all__ = ["merge", "threshold"]

# What lies under this much is not seen in eight bits; rounding must not pass for
# translucency.
_OPAQUE = 0.999


def merge(stack: LayerStack, indices: Sequence[int], name: str | None = None) -> LayerStack:
    """Unite layers in the place of the top-most of them.

    The picture stays as it is, whatever lies between the members without being one of them: where
    such a layer hides a lower member, that member is cut away; where it lets it shine through, at
    a soft edge or where it is translucent, the merged layer takes on the mixed colour.

    Args:
        stack: the layers.
        indices: at least two of them, all shown or all hidden.
        name: of the result; by default that of the member most is seen of.

    Raises:
        InputError: fewer than two layers, one that does not exist, or shown ones mixed with hidden.
    """
    members = sorted(set(check_indices(stack, indices)))
    if len(members) < 2:
        raise InputError("Merging takes at least two different layers.")
    chosen = [stack.layers[i] for i in members]
    if len({layer.hidden for layer in chosen}) > 1:
        name_of = next(layer.name for layer in chosen if layer.hidden)
        raise InputError(f"The layer {name_of!r} is hidden; show it before merging it with others.")
    return _merge_members(stack, members, None if name is None else check_name(name))


def threshold(stack: LayerStack, at: float) -> LayerStack:
    """Two layers, background and foreground: what lies below and above a depth.

    Args:
        stack: the layers; hidden ones are dropped.
        at: 0 (the depth of the lowest layer) .. 1 (that of the highest); layers deeper than it, or
            as deep, are background.

    Raises:
        InputError: `at` lies outside 0..1, or one of the two would be empty.
    """
    check_kind(stack, LayerStack, "stack")
    if not is_number(at) or not 0.0 <= at <= 1.0:
        raise InputError(f"The threshold must lie between 0 and 1, not {at!r}.")
    hidden = [i for i, layer in enumerate(stack.layers) if layer.hidden]
    if len(hidden) == len(stack):
        raise InputError(f"All layers of {stack.name!r} are hidden; show at least two.")
    result = delete(stack, hidden) if hidden else stack
    depths = np.array([layer.depth for layer in result.layers])
    low, high = float(depths.min()), float(depths.max())
    near = depths > low + at * (high - low)
    if near.all() or not near.any():
        raise InputError(
            f"At threshold {at:g} all layers fall on one side; the depths run from {low:g} to "
            f"{high:g}."
        )
    back = [i for i in range(len(result)) if not near[i]]
    # One after the other, since each must reckon with what the other group shows in between.
    result = _merge_members(result, back, "background")
    place = back[-1] - len(back) + 1
    result = _merge_members(result, [i for i in range(len(result)) if i != place], "foreground")
    return restack(stack, result.layers, {"op": "threshold", "at": at})


def _merge_members(stack: LayerStack, members: Sequence[int], name: str | None) -> LayerStack:
    """The stack with the members, ascending, as one layer in the place of the last of them."""
    merged = _merged_layer(stack, members, name)
    layers = [
        merged if i == members[-1] else layer
        for i, layer in enumerate(stack.layers)
        if i == members[-1] or i not in members
    ]
    return restack(stack, layers, {"op": "merge", "layers": list(members), "name": merged.name})


def _merged_layer(stack: LayerStack, members: Sequence[int], name: str | None) -> Layer:
    """The members as one layer, for the place of the last of them."""
    chosen = [stack.layers[i] for i in members]
    windows = np.array([layer.window for layer in chosen])
    top, left = (int(v) for v in windows[:, :2].min(axis=0))
    bottom, right = (int(v) for v in windows[:, 2:].max(axis=0))
    box = (slice(top, bottom), slice(left, right))
    canvas = np.zeros((stack.height, stack.width, 4), np.float32)
    mask = np.zeros((stack.height, stack.width), bool)
    visible = np.zeros_like(mask)
    for index in range(members[0], members[-1] + 1):
        layer = stack.layers[index]
        if index in members:
            lay_over(canvas, layer)
            mask[layer.box] |= layer.mask_crop
            visible[layer.box] |= layer.visible_crop
        elif not layer.hidden and not chosen[0].hidden:
            _hide_behind(canvas, layer)
            mask[layer.box] &= ~layer.mask_crop
    rgba = straight(canvas[box])
    clear = rgba[..., 3] <= 0.0
    for layer in chosen:
        _keep_edge_colors(rgba, clear, layer, top, left)
    areas = np.array([max(1, int(layer.visible_crop.sum())) for layer in chosen])
    color = np.average([layer.color for layer in chosen], axis=0, weights=areas)
    largest = chosen[int(np.argmax(areas))]
    return Layer(
        name=name or largest.name,
        depth=area_weighted_median(np.array([layer.depth for layer in chosen]), areas),
        color=(float(color[0]), float(color[1]), float(color[2])),
        frame=(stack.height, stack.width),
        window=(top, left, bottom, right),
        visible_crop=visible[box].copy(),
        mask_crop=mask[box].copy(),
        rgba_crop=rgba,
        hidden=chosen[0].hidden,
        uid=largest.uid,
        group=common_group(layer.group for layer in chosen),
        # One mode for all of them goes on meeting what is below; several are mixed in here.
        blend=chosen[0].blend if len({layer.blend for layer in chosen}) == 1 else "normal",
    )


def _hide_behind(canvas: NDArray[np.float32], layer: Layer) -> None:
    """Let a layer that stays below hide or tint a premultiplied float32 (H, W, 4) canvas, in place.

    With m the canvas, a its alpha, and x what is below it without the members, the picture is
    m + (1 - a) x. Laying b over both, of alpha s, gives m (1 - s) + a b + (1 - a) (b + (1 - s) x),
    so m (1 - s) + a b with alpha a as it was ("atop", Porter and Duff 1984) keeps the picture.
    """
    part = canvas[layer.box]
    flat = sort_by_coverage(layer.rgba_crop)
    rim = part[flat.rim]
    rim[:, :3] = rim[:, :3] * (1.0 - flat.rim_pixels[:, 3:]) + flat.rim_pixels[:, :3] * rim[:, 3:]
    rim[flat.rim_pixels[:, 3] > _OPAQUE] = 0.0
    part[flat.rim] = rim
    part[flat.solid] = 0.0


def _keep_edge_colors(
    rgba: NDArray[np.float32], clear: NDArray[np.bool_], layer: Layer, top: int, left: int
) -> None:
    """Keep the colours that a layer has beyond its edge, so that the merged one does not fringe.

    They go to the pixels of `rgba` (h, w, 4) that are `clear`, whose corner lies at (top, left).
    """
    rows, cols = layer.box
    box = slice(rows.start - top, rows.stop - top), slice(cols.start - left, cols.stop - left)
    y, x = np.nonzero(clear[box])
    colors = layer.rgba_crop[y, x, :3]
    present = colors.any(axis=1)
    rgba[box][y[present], x[present], :3] = colors[present]
