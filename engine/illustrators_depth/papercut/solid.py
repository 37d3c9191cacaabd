"""Which part of a sheet is paper: frame, shapes, and bridges to what would fall out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["join_islands", "rooted", "without_specks"]

_ROOT = np.ones((5, 5), np.uint8)  # how far bridges reach into what they join


def without_specks(solid: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """Drop pieces, and fill holes, of fewer than `smallest` pixels; bool (H, W)."""
    kept = _large_parts(solid, smallest)
    return ~_large_parts(~kept, smallest)


def _large_parts(mask: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= smallest
    large[0] = False
    return large[parts]


def join_islands(solid: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    """Join all parts to one by straight bars, as short as they can be in all.

    Bars are the edges of a minimum spanning tree (Kruskal 1956) of the parts that are next to one
    another, each where the two are nearest.

    Args:
        solid: bool (H, W), True where there is paper; the corner pixel is.
        width: of the bars, in pixels.

    Returns:
        bool (H, W), one connected part.
    """
    paper = solid.astype(np.uint8)
    thickness = max(1, round(width))
    while True:
        # Four-connected: pieces that touch in a corner would tear apart.
        count, parts = cv2.connectedComponents(paper, connectivity=4)
        if count <= 2:
            return paper > 0
        for one, other in _shortest_bars(paper, parts, count):
            (x1, y1), (x2, y2) = one, other
            # A little into both sides, so that a bar of any width is one piece with them.
            cv2.line(paper, one, other, 1, thickness)
            if thickness == 1:
                cv2.line(paper, (x1 + 1, y1), (x2 + 1, y2), 1, 1)


def _shortest_bars(
    paper: NDArray[np.uint8], parts: NDArray[np.integer], count: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Ends (x, y) of the bars that make one piece of all parts."""
    away, label = cv2.distanceTransformWithLabels(
        1 - paper, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels count the paper's pixels from 1: the nearest pixel of paper, and the part it is of.
    places = np.flatnonzero(paper)
    owner = np.append(parts.dtype.type(0), parts.ravel()[places])[label]
    # Where the lands of two parts meet, both are as near as they come.
    ends, costs = [], []
    for first, second in (
        ((slice(None), slice(None, -1)), (slice(None), slice(1, None))),
        ((slice(None, -1), slice(None)), (slice(1, None), slice(None))),
    ):
        meet = owner[first] != owner[second]
        sides = label[first][meet], label[second][meet]
        ends.append(np.stack([places[side - 1] for side in sides], axis=1))
        costs.append(away[first][meet] + away[second][meet] + 1.0)
    end, cost = np.concatenate(ends), np.concatenate(costs)
    pair = np.sort(parts.ravel()[end], axis=1).astype(np.int64)
    key = pair[:, 0] * count + pair[:, 1]
    order = np.lexsort((end[:, 1], end[:, 0], cost, key))
    first_of = order[np.unique(key[order], return_index=True)[1]]
    # Kruskal: the shortest first, unless its two parts hang together already.
    group = list(range(count))

    def root(part: int) -> int:
        while group[part] != part:
            group[part] = group[group[part]]
            part = group[part]
        return part

    bars = []
    for n in first_of[np.argsort(cost[first_of], kind="stable")].tolist():
        one, other = root(int(pair[n, 0])), root(int(pair[n, 1]))
        if one != other:
            group[one] = other
            rows, cols = np.divmod(end[n], paper.shape[1])
            (y1, y2), (x1, x2) = rows.tolist(), cols.tolist()
            bars.append(((x1, y1), (x2, y2)))
    return bars


def rooted(bridges: NDArray[np.bool_], solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Bridges, and what of the paper is beside them, so that their outlines overlap it."""
    return (cv2.dilate(bridges.view(np.uint8), _ROOT) > 0) & solid
