"""Layers of ink drawings: a few inks on paper, in strokes too many to be objects each.

An engraving or a spirograph leaves hundreds of patches of paper between its strokes. They are no
objects, and a network can only guess the depth of each. So each colour is one layer here, as the
publication has it for all pictures. A layer lies at the depth of its deepest part: a patch of paper
that a stroke encloses is still the sheet.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...regions import FlatRegions

__all__ = ["ink_labels"]

Float = NDArray[np.float64]

# With fewer regions than this, each may be an object.
_MIN_REGIONS = 100
# With more colours than this, paper included, the picture is a painting.
_MAX_COLORS = 4
# Strokes are blends of ink and paper. Colours this near (sRGB, L2) to the line from the paper
# through an ink, or between two inks, are blends of these.
_BLEND_DISTANCE = 0.1
# Share of the area whose colours must be so explained.
_MIN_EXPLAINED_SHARE = 0.998
# Flat art is an ink drawing, too, when its inks are strokes: squares of the first share of its
# longer side fit into no more than the second share of their area. Or when so many of its regions
# are paper.
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
        and not _is_strokes(regions.labels, nearest)
    ):
        return None
    depth = [
        _deepest_part(medians[nearest == n], regions.areas[nearest == n]) for n in range(len(inks))
    ]
    rank = np.argsort(np.argsort(depth, kind="stable"), kind="stable")
    # Label -1 reads the last entry, -1.
    return np.append(rank[nearest], -1).astype(np.int32)[regions.labels]


def _inks(colors: Float, areas: NDArray[np.int64], merge_color: float) -> Float | None:
    """Paper, the colour of the largest region, and the inks; None if there are none or too many."""
    distance = np.linalg.norm(colors - colors[np.argmax(areas)], axis=1)
    inks = [colors[np.argmax(areas)]]
    is_unexplained = distance >= merge_color
    while areas[is_unexplained].sum() > (1.0 - _MIN_EXPLAINED_SHARE) * areas.sum():
        if len(inks) == _MAX_COLORS:
            return None
        ink = colors[np.flatnonzero(is_unexplained)[np.argmax(areas[is_unexplained])]]
        for number, earlier_ink in enumerate(inks):
            # Seen from the paper, colours beyond the ink are its own, too: thicker strokes of it.
            max_share = np.inf if number == 0 else 1.0
            is_unexplained &= (
                _distance_to_line(colors, earlier_ink, ink, max_share) > _BLEND_DISTANCE
            )
        inks.append(ink)
    return np.stack(inks) if len(inks) >= 2 else None


def _is_strokes(labels: NDArray[np.int32], nearest: NDArray[np.intp]) -> bool:
    """Whether hardly any ink is thick; `nearest` is the colour of each region, 0 the paper."""
    ink = np.append(nearest != 0, False)[labels].astype(np.uint8)
    side = max(3, round(_STROKE_WIDTH_SHARE * max(labels.shape)))
    square = np.ones((side, side), np.uint8)
    thick_ink = cv2.dilate(cv2.erode(ink, square, borderValue=1), square) & ink
    return cv2.countNonZero(thick_ink) <= _THICK_SHARE * cv2.countNonZero(ink)


def _distance_to_line(colors: Float, start: Float, through: Float, max_share: float) -> Float:
    """Distance of colours (n, 3) from the line that runs from `start` towards `through`.

    It ends at `max_share` of the way: 1 is at `through`, infinity makes it a ray.
    """
    line = through - start
    share = np.clip((colors - start) @ line / (line @ line), 0.0, max_share)
    return np.asarray(np.linalg.norm(colors - start - share[:, None] * line, axis=1), np.float64)


def _deepest_part(medians: NDArray[np.floating], areas: NDArray[np.int64]) -> float:
    """The depth below which _DEEPEST_SHARE of the area of some regions lies."""
    order = np.argsort(medians, kind="stable")
    share = np.cumsum(areas[order]) / areas.sum()
    return float(medians[order][np.searchsorted(share, _DEEPEST_SHARE)])
