"""Layers of ink drawings: a few inks on paper, in strokes too many to be objects each.

An engraving or a spirograph leaves hundreds of cells of paper between its strokes. They are no
objects, and a network asked for the depth of each guesses. As the paper does for all pictures, a
colour is one layer here; it lies where its deepest part does, since a sheet of paper that a stroke
encloses is still the sheet.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...regions import FlatRegions

__all__ = ["ink_labels"]

Float = NDArray[np.float64]

# Fewer regions may be objects.
_MIN_REGIONS = 100
# More colours than this, paper included, are a painting.
_MAX_COLORS = 4
# Strokes are blends of ink and paper: colours this near (sRGB, L2) the line from paper through an
# ink, or between two inks, are theirs.
_BLEND_DISTANCE = 0.1
# Share of the area whose colours must be so explained.
_MIN_EXPLAINED_SHARE = 0.998
# Flat art is an ink drawing, too, when squares of this share of its longer side cover no more than
# that share of its inks, which are strokes then; or when so many of its regions are paper.
_STROKE_WIDTH_SHARE, _THICK_SHARE = 1 / 30, 0.35
_PAPER_CELL_SHARE = 0.8
# The depth of a colour is that of this share of its area, from the deepest up.
_DEEPEST_SHARE = 0.1


def ink_labels(
    regions: FlatRegions, medians: NDArray[np.floating], merge_color: float, flat: bool = False
) -> NDArray[np.int32] | None:
    """One layer per colour of a picture of very few, bottom = 0.

    Args:
        regions: the picture's flat regions, count >= 1.
        medians: (count,), each region's median depth, larger = nearer.
        merge_color: colours closer than this (sRGB, L2) are one.
        flat: the picture might be flat art, whose shapes are objects however few its colours.

    Returns:
        int32 (H, W), -1 where no region is; None when the picture has more colours than an ink
        drawing, or only one, or is flat art.
    """
    if regions.count < _MIN_REGIONS:
        return None
    colors = regions.colors.astype(np.float64)
    inks = _inks(colors, regions.areas, merge_color)
    if inks is None:
        return None
    nearest = np.linalg.norm(colors[:, None] - inks, axis=2).argmin(axis=1)
    if (
        flat
        and float((nearest == 0).mean()) < _PAPER_CELL_SHARE
        and not _strokes(regions.labels, nearest)
    ):
        return None
    depth = [_deepest(medians[nearest == n], regions.areas[nearest == n]) for n in range(len(inks))]
    rank = np.argsort(np.argsort(depth, kind="stable"), kind="stable")
    # Label -1 reads the last entry, -1.
    return np.append(rank[nearest], -1).astype(np.int32)[regions.labels]


def _inks(colors: Float, areas: NDArray[np.int64], merge_color: float) -> Float | None:
    """Paper, the colour of the largest region, and the inks; None if there are none or too many."""
    off = np.linalg.norm(colors - colors[np.argmax(areas)], axis=1)
    inks = [colors[np.argmax(areas)]]
    left = off >= merge_color
    while areas[left].sum() > (1.0 - _MIN_EXPLAINED_SHARE) * areas.sum():
        if len(inks) == _MAX_COLORS:
            return None
        ink = colors[np.flatnonzero(left)[np.argmax(areas[left])]]
        for number, other in enumerate(inks):
            # A thicker stroke goes on from paper beyond a thin one.
            most = np.inf if number == 0 else 1.0
            left &= _off_line(colors, other, ink, most) > _BLEND_DISTANCE
        inks.append(ink)
    return np.stack(inks) if len(inks) >= 2 else None


def _strokes(labels: NDArray[np.int32], nearest: NDArray[np.intp]) -> bool:
    """Whether all that is not paper (0 of `nearest`, by region) is thin."""
    ink = np.append(nearest != 0, False)[labels].astype(np.uint8)
    side = max(3, round(_STROKE_WIDTH_SHARE * max(labels.shape)))
    square = np.ones((side, side), np.uint8)
    thick = cv2.dilate(cv2.erode(ink, square, borderValue=1), square) & ink
    return cv2.countNonZero(thick) <= _THICK_SHARE * cv2.countNonZero(ink)


def _off_line(colors: Float, start: Float, through: Float, most: float) -> Float:
    """Distance of colours from a line that ends at `most` times the way to `through`."""
    line = through - start
    along = np.clip((colors - start) @ line / (line @ line), 0.0, most)
    return np.asarray(np.linalg.norm(colors - start - along[:, None] * line, axis=1), np.float64)


def _deepest(medians: NDArray[np.floating], areas: NDArray[np.int64]) -> float:
    order = np.argsort(medians, kind="stable")
    share = np.cumsum(areas[order]) / areas.sum()
    return float(medians[order][np.searchsorted(share, _DEEPEST_SHARE)])
