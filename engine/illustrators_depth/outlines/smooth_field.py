"""Turns a pixel mask into a smooth field whose 0.5 level is its outline without the staircase.

Smoothing under a constraint (Whitaker 2000, "Reducing aliasing artifacts in iso-surfaces of binary
volumes"): low-pass, then push every pixel back to its own side of 0.5. The outline may move only
between the centres of pixels inside and outside, hence by less than a pixel; no part, hole or thin
line is ever lost, and the true edge of a shape sampled at pixel centres is always within reach.
"""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import Box
from .tile_cache import begun_tile, remembered_tile

__all__ = ["smooth_field"]

# How near to 0.5 a pixel may come: keeps crossings clear of pixel centres.
_MARGIN = 0.02
# The same for pixels of thin strokes and gaps (no 3x3 square fits), which would shrink to a hair.
_THIN_MARGIN = 0.3
_LEVEL = np.float32(0.5)
# Least and greatest value of a pixel, by whether it is inside (2) and of something thin (1).
_MARGINS = np.array([_MARGIN, _THIN_MARGIN], np.float32)
_LOWER, _UPPER = np.zeros(256, np.float32), np.ones(256, np.float32)
_LOWER[2:4], _UPPER[:2] = _LEVEL + _MARGINS, _LEVEL - _MARGINS
_SQUARE = np.ones((3, 3), np.uint8)
_SWEEPS = 12
_STEP_BACK = np.float32(1.05)
COVERAGE_SMOOTHING = 0.5
"""The smoothing with which layers take their coverage from `smooth_field`; outlines take more."""
# The picture is worked on in tiles, of each the part that has outlines, with so many pixels around
# it: the sweeps' influence fades to less than a thousandth within them.
TILE = 96
REACH = 12
# Farther from every outline than this the field is what the mask is.
_NEAR_PX = 2


def smooth_field(
    mask: NDArray[np.bool_],
    smoothing: float = 1.0,
    finish: Callable[[NDArray[np.float32]], NDArray[np.float32]] | None = None,
    known: NDArray[np.bool_] | None = None,
    origin: tuple[int, int] = (0, 0),
) -> NDArray[np.float32]:
    """A float field, above 0.5 exactly where `mask` is True.

    Args:
        mask: bool (H, W).
        smoothing: 0 keeps the straight-cut pixel outline (corners bevelled by half a pixel), 1
            smooths as far as the constraint lets it.
        finish: applied to the smoothed field, tile by tile where there is an outline; must leave a
            field of zeros or ones as it is, and look no further than a few pixels. A function of
            the field alone: what it gave may be remembered (see `tile_cache`).
        known: bool (H, W), pixels whose value the caller has better knowledge of: where both sides
            of the outline are such, nothing is smoothed.
        origin: row and column, in the picture, of the mask's first pixel. Windows of one picture
            are then cut into the same tiles, which can be remembered (see `tile_cache`).

    Returns:
        float32 (H, W), 0..1. The picture's border is treated as if the mask went on beyond it.
    """
    sweeps = sweep_count(smoothing)
    field = mask.astype(np.float32)
    if sweeps == 0:
        return finish(field) if finish else field
    height, width = mask.shape
    above, before = (place % TILE for place in origin)
    # Most tiles of a drawing lie wholly inside or outside: nothing to smooth.
    for top, left in tiles_with_edges(mask, (above, before)):
        tile = (
            slice(max(0, top), min(top + TILE, height)),
            slice(max(0, left), min(left + TILE, width)),
        )
        place = _edge_window(mask, tile)
        if place is None:
            continue
        rows, cols = (
            slice(max(0, side.start - REACH), min(size, side.stop + REACH))
            for side, size in zip(place, mask.shape, strict=True)
        )
        around = mask[rows, cols]
        inner = (
            slice(place[0].start - rows.start, place[0].stop - rows.start),
            slice(place[1].start - cols.start, place[1].stop - cols.start),
        )
        if known is not None and not (_is_edge(around) & ~known[rows, cols])[inner].any():
            continue

        def smooth(
            around: NDArray[np.bool_] = around, inner: tuple[slice, slice] = inner
        ) -> NDArray[np.float32]:
            whole = _smoothed(around, sweeps)
            return (finish(whole) if finish else whole)[inner]

        within = inner[0].start, inner[0].stop, inner[1].start, inner[1].stop
        field[place] = remembered_tile(around, (sweeps, finish, within), smooth)
    return field


def _edge_window(mask: NDArray[np.bool_], tile: Box) -> Box | None:
    """The part of a tile near to its outlines, those just outside of it counted in; None if there
    are none."""
    rows, cols = (
        slice(max(0, side.start - 1), min(size, side.stop + 1))
        for side, size in zip(tile, mask.shape, strict=True)
    )
    edges = cv2.morphologyEx(mask[rows, cols].view(np.uint8), cv2.MORPH_GRADIENT, _SQUARE)
    left, top, width, height = cv2.boundingRect(edges)
    if width == 0:
        return None
    top, left = rows.start + top, cols.start + left
    part = (
        slice(max(a.start, start - _NEAR_PX), min(a.stop, start + size + _NEAR_PX))
        for a, start, size in zip(tile, (top, left), (height, width), strict=True)
    )
    return next(part), next(part)


def tiles_with_edges(
    mask: NDArray[np.bool_], shift: tuple[int, int] = (0, 0)
) -> list[tuple[int, int]]:
    """Top and left of the tiles that hold both values, what is around them counted in.

    The first tile begins `shift` pixels, less than TILE, above and to the left of the mask.
    """
    above, before = shift
    height, width = mask.shape
    pixels = cv2.copyMakeBorder(
        mask.view(np.uint8),
        above,
        -(above + height) % TILE,
        before,
        -(before + width) % TILE,
        cv2.BORDER_REPLICATE,
    )
    down, across = pixels.shape[0] // REACH, pixels.shape[1] // REACH
    # A tile and what is around it are whole squares of REACH pixels.
    stripes = pixels.reshape(down, REACH, -1)
    lowest = stripes.min(axis=1).reshape(down, across, REACH).min(axis=2)
    highest = stripes.max(axis=1).reshape(down, across, REACH).max(axis=2)
    square = np.ones((TILE // REACH + 2, TILE // REACH + 2), np.uint8)
    # The anchor puts the square's upper left corner one to the upper left of the tile's first.
    lowest = cv2.erode(lowest, square, anchor=(1, 1), borderType=cv2.BORDER_REPLICATE)
    highest = cv2.dilate(highest, square, anchor=(1, 1), borderType=cv2.BORDER_REPLICATE)
    step = TILE // REACH
    rows, cols = np.nonzero((lowest != highest)[::step, ::step])
    tops, lefts = rows * TILE - above, cols * TILE - before
    return list(zip(tops.tolist(), lefts.tolist(), strict=True))


def sweep_count(smoothing: float) -> int:
    """Number of sweeps that `smoothing` (0..1) stands for."""
    return round(_SWEEPS * smoothing)


def _smoothed(mask: NDArray[np.bool_], sweeps: int) -> NDArray[np.float32]:
    """`smooth_tile`, going on from where a layer's coverage left off, if that is remembered."""
    first = sweep_count(COVERAGE_SMOOTHING)
    if sweeps < first:
        return smooth_tile(mask, sweeps)
    begun = begun_tile(mask, first, lambda: smooth_tile(mask, first))
    more = sweeps - first
    return smooth_tile(mask, more, begun.copy()) if more else begun


def smooth_tile(
    mask: NDArray[np.bool_], sweeps: int, begun: NDArray[np.float32] | None = None
) -> NDArray[np.float32]:
    """The field of one mask, all at once: `smooth_field` does this tile by tile.

    `begun` is a field on which sweeps were done before; it is written to.
    """
    # Their neighbours are held as firmly, or the stroke would swell to their centres.
    held = cv2.dilate(_is_thin(mask), _SQUARE)
    kind = cv2.scaleAdd(mask.view(np.uint8), 2.0, held)
    lower, upper = cv2.LUT(kind, _LOWER), cv2.LUT(kind, _UPPER)
    field = mask.astype(np.float32) if begun is None else begun
    for _ in range(sweeps):
        blurred = _blur(field)
        # A step back of slightly more than the blur (Taubin 1995) keeps small discs from shrinking.
        field = np.subtract(blurred, _blur(blurred), out=field)
        field *= _STEP_BACK
        field += blurred
        cv2.min(cv2.max(field, lower, dst=field), upper, dst=field)
    return field


def _blur(field: NDArray[np.float32]) -> NDArray[np.float32]:
    return cv2.GaussianBlur(field, (5, 5), 1.0, borderType=cv2.BORDER_REPLICATE)


def _is_edge(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels on either side of a mask's outline."""
    pixels, cross = mask.astype(np.uint8), cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))
    return cv2.morphologyEx(pixels, cv2.MORPH_GRADIENT, cross) > 0


def _is_thin(mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Above 0 where no 3x3 square on a pixel's own side of the outline covers it."""
    pixels = mask.view(np.uint8)
    opened = cv2.morphologyEx(pixels, cv2.MORPH_OPEN, _SQUARE)
    closed = cv2.morphologyEx(pixels, cv2.MORPH_CLOSE, _SQUARE)
    return np.asarray(cv2.absdiff(opened, closed), np.uint8)
