"""One layer into several: by colour, by connected part, by depth."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_depth_shape, check_kind
from ..layering.build import build_stack
from ..layering.discretize.partition import optimal_partition
from ..raster.nearest import spread_known
from ..settings import CompleteSettings
from ..types import DepthMap, Image, Layer, LayerStack
from .restack import check_index, in_place_of, is_number, is_whole, restack

__all__ = ["split"]

_MAX_SAMPLES = 20_000
# Connected parts of fewer pixels stay with the largest part.
_MIN_PART_PIXELS = 12
_DEPTH_LEVELS = 256


def split(
    stack: LayerStack,
    index: int,
    by: str = "parts",
    count: int = 2,
    at: float | None = None,
    depth: DepthMap | None = None,
) -> LayerStack:
    """Replace a layer by several, in its place, numbered after its name.

    The new layers together look like the old one; those that touch continue under one another.

    Args:
        stack: the layers.
        index: which layer.
        by: "parts" (connected parts of its mask), "color" (`count` clusters of colour, the largest
            at the bottom) or "threshold" (far and near part by the depth map).
        count: number of colours, 2 or more.
        at: for "threshold": the depth that divides, in the depth map's units; by default where the
            two sides vary least.
        depth: for "threshold": the depth map, of the stack's size.

    Raises:
        InputError: the layer cannot be divided that way.
    """
    check_index(stack, index)
    layer = stack.layers[index]
    if by == "parts":
        labels, complete = _by_parts(layer), CompleteSettings(method="none")
    elif by == "color":
        labels, complete = _by_color(layer, count), CompleteSettings()
    elif by == "threshold":
        labels, complete = _by_depth(stack, layer, at, depth), CompleteSettings()
    else:
        raise InputError(f"A layer is split by parts, color or threshold, not by {by!r}.")
    local = np.full(labels.shape, layer.depth, np.float32)
    if by == "threshold" and depth is not None:
        local = depth.values[layer.box]
    pieces = build_stack(Image(layer.rgba_crop, layer.name), labels, local, complete, {})
    placed = []
    for number, piece in enumerate(pieces, 1):
        uid, name = layer.uid if number == 1 else 0, f"{layer.name} {number}"
        placed.append(in_place_of(layer, piece, uid, layer.group, name))
    layers = [*stack.layers[:index], *placed, *stack.layers[index + 1 :]]
    return restack(stack, layers, {"op": "split", "layer": index, "by": by, "pieces": len(placed)})


def _by_parts(layer: Layer) -> NDArray[np.int32]:
    count, parts, stats, _ = cv2.connectedComponentsWithStats(
        layer.mask_crop.astype(np.uint8), connectivity=8
    )
    order = np.argsort(-stats[1:, cv2.CC_STAT_AREA], kind="stable") + 1
    large = (
        [int(p) for p in order if stats[p, cv2.CC_STAT_AREA] >= _MIN_PART_PIXELS] or [int(order[0])]
        if (count > 1)
        else []
    )
    if len(large) < 2:
        raise InputError(f"The layer {layer.name!r} is one connected part; split it by color.")
    table = np.zeros(count, np.int32)
    table[0] = -1
    for number, part in enumerate(large):
        table[part] = number
    return table[parts]


def _by_color(layer: Layer, count: int) -> NDArray[np.int32]:
    if not is_whole(count) or not 2 <= count <= 64:
        raise InputError(f"A layer is split into 2 to 64 colours, not {count!r}.")
    where = layer.visible_crop if layer.visible_crop.any() else layer.mask_crop
    pixels = layer.rgba_crop[where][:, :3]
    sample = np.ascontiguousarray(pixels[:: max(1, len(pixels) // _MAX_SAMPLES)])
    distinct = len(np.unique(np.rint(sample * 255.0), axis=0))
    if distinct < count:
        raise InputError(
            f"The layer {layer.name!r} has {distinct} colour{'s' if distinct != 1 else ''}, fewer "
            f"than the {count} asked for."
        )
    cv2.setRNGSeed(0)  # the same layer gives the same split
    criteria = (cv2.TERM_CRITERIA_EPS + cv2.TERM_CRITERIA_MAX_ITER, 30, 1e-4)
    empty = np.zeros((len(sample), 1), np.int32)
    _, _, centres = cv2.kmeans(sample, count, empty, criteria, 3, cv2.KMEANS_PP_CENTERS)
    rgb = layer.rgba_crop[..., :3]
    distance = np.stack([((rgb - c) ** 2).sum(axis=2) for c in centres])
    labels = distance.argmin(axis=0).astype(np.uint8)
    # Blends along an edge may be nearest to a third colour: a majority takes them away.
    labels = cv2.medianBlur(labels, 3).astype(np.int32)
    return _numbered(np.where(layer.mask_crop, labels, -1), layer, "colours")


def _by_depth(
    stack: LayerStack, layer: Layer, at: float | None, depth: DepthMap | None
) -> NDArray[np.int32]:
    if depth is None:
        raise InputError("Splitting by threshold needs the picture's depth map.")
    check_kind(depth, DepthMap, "depth")
    if at is not None and not (is_number(at) and math.isfinite(at)):
        raise InputError(f"The depth to split at must be a finite number, not {at!r}.")
    check_depth_shape(depth.shape, (stack.height, stack.width), "the layers are")
    visible = layer.visible_crop
    if not visible.any():
        raise InputError(f"Nothing is seen of the layer {layer.name!r}: it has no depth to split.")
    values = depth.values[layer.box]
    cut = _natural_cut(values[visible]) if at is None else at
    near = (values > cut).astype(np.int32)
    # Where the layer is hidden the depth is that of others: it follows what is seen nearest.
    labels = np.where(layer.mask_crop, spread_known(near, visible), -1)
    if len(np.unique(labels[labels >= 0])) < 2:
        raise InputError(
            f"All of the layer {layer.name!r} lies on one side of depth {cut:g}; it runs from "
            f"{float(values[visible].min()):g} to {float(values[visible].max()):g}."
        )
    return labels.astype(np.int32)


def _natural_cut(values: NDArray[np.float32]) -> float:
    """The depth that parts the values into two groups of least squared error."""
    counts, edges = np.histogram(values, _DEPTH_LEVELS)
    filled = np.flatnonzero(counts)
    if len(filled) < 2:
        return float(values.max())
    centres = 0.5 * (edges[:-1] + edges[1:])[filled]
    second = int(optimal_partition(centres, counts[filled].astype(np.float64), 2)[1])
    return float(0.5 * (centres[second - 1] + centres[second]))


def _numbered(labels: NDArray[np.int32], layer: Layer, what: str) -> NDArray[np.int32]:
    """Labels renumbered from the most frequent down, -1 kept."""
    used, counts = np.unique(labels[labels >= 0], return_counts=True)
    if len(used) < 2:
        raise InputError(f"The layer {layer.name!r} cannot be told apart into {what}.")
    table = np.full(int(used.max()) + 2, -1, np.int32)
    table[used[np.argsort(-counts, kind="stable")]] = np.arange(len(used), dtype=np.int32)
    return table[labels]
