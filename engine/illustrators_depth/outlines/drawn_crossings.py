"""Where outlines that a file drew cross the pixel grid: exact places for level lines."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from ..types import LayerStack
from .drawn_outline import drawn_area
from .level_crossings import LevelCrossings

__all__ = ["with_drawn_crossings"]

_MARGIN = 0.02
"""How near to a pixel's centre a crossing may lie, as in `smooth_field`."""
_NEAR = 0.2
"""A crossing so near to a pixel's centre may be meant for the edge on the other side of it: by
its coverage the pixel counts as inside, by its centre not, or the other way round."""

Float = NDArray[np.float64]


def with_drawn_crossings(
    crossings: LevelCrossings, levels: NDArray[np.int32], stack: LayerStack
) -> LevelCrossings:
    """The crossings with those of shown layers that have outlines of their own put in.

    Args:
        crossings: of the levels, from pixels.
        levels: int32 (H, W), rising with the layers of the stack.
        stack: of the same size.
    """
    top = np.full(levels.shape, -1, np.int32)
    for index, layer in stack.shown():
        top[layer.box][layer.mask_crop] = index
    across, down = crossings.across.copy(), crossings.down.copy()
    found = False
    for index, layer in stack.shown():
        area = drawn_area(layer)
        if area is None:
            continue
        found = True
        rings = [np.asarray(ring, np.float64) - 0.5 for ring in area.to_polygons()]
        _put(across, levels, top, index, *_grid_crossings(rings))
        flipped = [ring[:, ::-1] for ring in rings]
        _put(down.T, levels.T, top.T, index, *_grid_crossings(flipped))
    return replace(crossings, across=across, down=down) if found else crossings


def _grid_crossings(rings: list[Float]) -> tuple[NDArray[np.intp], Float]:
    """Rows at whole y that rings cross, and the x where they do."""
    if not rings:
        return np.zeros(0, np.intp), np.zeros(0)
    start = np.concatenate(rings)
    end = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    low, high = np.minimum(start[:, 1], end[:, 1]), np.maximum(start[:, 1], end[:, 1])
    first = np.ceil(low).astype(np.intp)
    count = np.maximum(0, np.ceil(high).astype(np.intp) - first)  # of [low, high)
    owner = np.repeat(np.arange(len(start)), count)
    step = np.arange(len(owner)) - np.repeat(np.cumsum(count) - count, count)
    rows = first[owner] + step
    share = (rows - start[owner, 1]) / (end[owner, 1] - start[owner, 1])
    return rows, start[owner, 0] + share * (end[owner, 0] - start[owner, 0])


def _put(
    places: NDArray[np.float32],
    levels: NDArray[np.int32],
    top: NDArray[np.int32],
    index: int,
    rows: NDArray[np.intp],
    xs: Float,
) -> None:
    """Write crossings of one layer's outline, where its mask ends between two pixels, in place."""
    columns = np.floor(xs).astype(np.intp)
    shares = xs - columns
    before, after = shares < _NEAR, shares > 1.0 - _NEAR
    for chosen, shift, value in (
        (before, -1, np.full(len(xs), 1.0)),
        (after, 1, np.zeros(len(xs))),
        (np.ones(len(xs), bool), 0, shares),
    ):
        r, c, share = rows[chosen], columns[chosen] + shift, value[chosen]
        inside = (r >= 0) & (r < places.shape[0]) & (c >= 0) & (c < places.shape[1])
        r, c, share = r[inside], c[inside], share[inside]
        left, right = levels[r, c], levels[r, c + 1]
        upper = np.where(left > right, top[r, c], top[r, c + 1])
        ends = (left != right) & (upper == index)
        places[r[ends], c[ends]] = np.clip(share[ends], _MARGIN, 1.0 - _MARGIN)
