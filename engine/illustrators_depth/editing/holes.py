"""Finds patches of a layer that are really holes in the layer around them, and opens them."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..types import Layer, LayerStack
from .assign import assign
from .restack import check_indices

__all__ = ["find_holes", "open_holes"]

# A patch has the colour of what is behind when no channel is farther off, of 1.
_SAME_COLOR = 0.02
# Share of a patch's surroundings that its object makes up.
_ENCLOSED_SHARE = 0.95
# Share of an object's surroundings that what is seen through it makes up at least.
_BEHIND_SHARE = 0.15
# Smaller patches are the white of an eye or dust; in pixels of a 1024 x 1024 picture.
_MIN_AREA = 24.0
_SQUARE = np.ones((3, 3), np.uint8)


def open_holes(
    stack: LayerStack,
    indices: Sequence[int] | None = None,
    locked: frozenset[int] = frozenset(),
) -> LayerStack:
    """Let patches that look like holes be holes; the picture stays as it is.

    A patch is a hole when one layer encloses it and it has the colour of a lower layer that is seen
    around that one, or around what encloses that one, as the hole of a tag and the inside of an
    outlined letter have. It becomes part of the lower layer, and the layers above end at it.

    Args:
        stack: the layers.
        indices: layers whose patches are looked at; all where None. The white of an eye on white
            paper looks like a hole, too.
        locked: indices of layers that neither get a hole nor lose a patch.

    Raises InputError when no patch looks like a hole.
    """
    areas = find_holes(stack, indices, locked)
    if not areas:
        raise InputError(f"No patch of {stack.name!r} looks like a hole in what is around it.")
    uids = {index: stack.layers[index].uid for index in areas}
    for index, area in sorted(areas.items()):
        place = next(i for i, layer in enumerate(stack) if layer.uid == uids[index])
        stack = assign(stack, area, place)
    return stack


def find_holes(
    stack: LayerStack,
    indices: Sequence[int] | None = None,
    locked: frozenset[int] = frozenset(),
) -> dict[int, NDArray[np.bool_]]:
    """Which pixels, bool (H, W), are seen through a hole, by the index of the layer seen there.

    Arguments as for `open_holes`.
    """
    chosen = range(len(stack)) if indices is None else check_indices(stack, indices)
    min_pixels = _MIN_AREA * stack.labels.size / (1024.0 * 1024.0)
    layers_behind: dict[int, list[int]] = {}
    areas: dict[int, NDArray[np.bool_]] = {}
    for index, layer in stack.shown():
        if index in locked or index not in chosen:
            continue
        count, parts, stats, _ = cv2.connectedComponentsWithStats(
            layer.visible_crop.astype(np.uint8), connectivity=4
        )
        for part in range(1, count):
            if stats[part, cv2.CC_STAT_AREA] < min_pixels:
                continue
            patch, box = _patch_window(layer, parts == part, stats[part])
            host = _enclosing_layer(stack.labels[box], patch)
            if host is None or host == index or host in locked:
                continue
            if host not in layers_behind:
                layers_behind[host] = _layers_behind(stack, host)
            target = _same_color(stack, layer, parts == part, layers_behind[host])
            if target is not None and target not in (index, host) and target not in locked:
                area = areas.setdefault(target, np.zeros(stack.labels.shape, bool))
                area[box] |= patch
    return areas


def _patch_window(
    layer: Layer, part: NDArray[np.bool_], stats: NDArray[np.int32]
) -> tuple[NDArray[np.bool_], tuple[slice, slice]]:
    """A patch in its own window with a pixel of room, and that window in the picture."""
    x, y, width, height = (int(v) for v in stats[:4])
    top, left = layer.window[0] + y, layer.window[1] + x
    rows, columns = layer.frame
    before = min(1, top), min(1, left)
    after = min(1, rows - top - height), min(1, columns - left - width)
    patch = np.pad(
        part[y : y + height, x : x + width], ((before[0], after[0]), (before[1], after[1]))
    )
    box = (
        slice(top - before[0], top + height + after[0]),
        slice(left - before[1], left + width + after[1]),
    )
    return patch, box


def _enclosing_layer(labels: NDArray[np.int32], patch: NDArray[np.bool_]) -> int | None:
    """The one layer that is seen all around a patch, None where there is no such layer."""
    if patch[0].any() or patch[-1].any() or patch[:, 0].any() or patch[:, -1].any():
        return None  # at the picture's border
    ring = (cv2.dilate(patch.astype(np.uint8), _SQUARE) > 0) & ~patch
    around = labels[ring]
    around = around[around >= 0]
    if not len(around):
        return None
    counts = np.bincount(around)
    host = int(counts.argmax())
    return host if counts[host] >= _ENCLOSED_SHARE * int(ring.sum()) else None


def _layers_behind(stack: LayerStack, host: int) -> list[int]:
    """Lower layers seen around a layer, around those, and so on, the nearest first."""
    indices = [host]
    for index in indices:  # which grows meanwhile
        indices += [i for i in _layers_around(stack, index) if i not in indices]
    return indices[1:]


def _layers_around(stack: LayerStack, host: int) -> list[int]:
    """Lower layers that are seen around the outside of a layer, those with the most first."""
    layer = stack.layers[host]
    mask = np.pad(layer.visible_crop.astype(np.uint8), 2)
    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    filled = np.zeros_like(mask)
    cv2.drawContours(filled, contours, -1, 1, cv2.FILLED)
    y, x = np.nonzero((cv2.dilate(filled, _SQUARE) > 0) & (filled == 0))
    y, x = y + layer.window[0] - 2, x + layer.window[1] - 2
    inside = (y >= 0) & (x >= 0) & (y < stack.height) & (x < stack.width)
    around = stack.labels[y[inside], x[inside]]
    counts = np.bincount(around[around >= 0], minlength=len(stack))
    ranked = np.argsort(-counts, kind="stable")
    min_pixels = _BEHIND_SHARE * max(1, len(around))
    return [int(i) for i in ranked if i < host and counts[i] >= min_pixels]


def _same_color(
    stack: LayerStack, layer: Layer, part: NDArray[np.bool_], behind: list[int]
) -> int | None:
    color = layer.rgba_crop[part][:, :3].mean(axis=0)
    for index in behind:
        if float(np.abs(color - np.array(stack.layers[index].color)).max()) <= _SAME_COLOR:
            return index
    return None
