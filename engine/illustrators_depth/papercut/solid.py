"""Which pixels of a sheet are paper: frame, shapes, and bridges to parts that would fall out."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..raster.tiling import nonzero_places, strips

__all__ = ["join_islands", "with_overlap", "without_specks"]

_OVERLAP = np.ones((5, 5), np.uint8)  # bridges reach 2 pixels into what they join


def without_specks(solid: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """Drop pieces, and fill holes, of fewer than `smallest` pixels; bool (H, W)."""
    kept = _large_parts(solid, smallest)
    return ~_large_parts(~kept, smallest)


def _large_parts(mask: NDArray[np.bool_], smallest: float) -> NDArray[np.bool_]:
    """The four-connected parts of a mask with at least `smallest` pixels."""
    _, parts, stats, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=4)
    large = stats[:, cv2.CC_STAT_AREA] >= smallest
    if large[1:].all():
        return mask
    large[0] = False
    return large.take(parts)


def join_islands(solid: NDArray[np.bool_], width: float) -> NDArray[np.bool_]:
    """Join all parts to one by straight bars of the least total length.

    Bars are the edges of a minimum spanning tree (Kruskal 1956) of the parts that are next to one
    another, each where the two are nearest.

    Args:
        solid: bool (H, W), True where there is paper; the upper left pixel must be.
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
        for start, end in _shortest_bars(paper, parts, count):
            (x1, y1), (x2, y2) = start, end
            # A little into both sides, so that a bar of any width is one piece with them.
            cv2.line(paper, start, end, 1, thickness)
            if thickness == 1:
                cv2.line(paper, (x1 + 1, y1), (x2 + 1, y2), 1, 1)


def _shortest_bars(
    paper: NDArray[np.uint8], parts: NDArray[np.integer], count: int
) -> list[tuple[tuple[int, int], tuple[int, int]]]:
    """Both ends (x, y) of each bar that makes one piece of all parts.

    `parts` numbers the paper's parts, int (H, W), 0 where there is none; `count` includes the 0.
    """
    distance, nearest = cv2.distanceTransformWithLabels(
        1 - paper, cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    # Labels count the paper's pixels from 1: the nearest pixel of paper, and the part it is in.
    places = np.flatnonzero(paper)
    part_of = np.append(parts.dtype.type(0), parts.ravel()[places])
    height, width = paper.shape
    # The shortest bar between two parts crosses a border between their Voronoi cells.
    ends, costs = [], []
    for rows in strips(height, width):
        near = nearest[rows.start : min(rows.stop + 1, height)]
        far = distance[rows.start : rows.start + len(near)]
        part = part_of.take(near, mode="clip")
        below = rows.stop - rows.start
        for step, is_border in (
            (1, part[:below, :-1] != part[:below, 1:]),
            (width, part[:-1] != part[1:]),
        ):
            row, col = nonzero_places(is_border)
            first = row * width + col
            sides = [near.ravel()[first], near.ravel()[first + step]]
            ends.append(np.stack([places[side - 1] for side in sides], axis=1))
            costs.append(far.ravel()[first] + far.ravel()[first + step] + 1.0)
    bar_ends, cost = np.concatenate(ends), np.concatenate(costs)
    pair = np.sort(parts.ravel()[bar_ends], axis=1).astype(np.int64)
    key = pair[:, 0] * count + pair[:, 1]
    order = np.lexsort((bar_ends[:, 1], bar_ends[:, 0], cost, key))
    shortest_of_pair = order[np.unique(key[order], return_index=True)[1]]
    # Kruskal: the shortest bar first, unless its two parts are joined already.
    group = list(range(count))

    def root(part: int) -> int:
        while group[part] != part:
            group[part] = group[group[part]]
            part = group[part]
        return part

    bars = []
    for index in shortest_of_pair[np.argsort(cost[shortest_of_pair], kind="stable")].tolist():
        first_root, second_root = root(int(pair[index, 0])), root(int(pair[index, 1]))
        if first_root != second_root:
            group[first_root] = second_root
            rows, cols = np.divmod(bar_ends[index], paper.shape[1])
            (y1, y2), (x1, x2) = rows.tolist(), cols.tolist()
            bars.append(((x1, y1), (x2, y2)))
    return bars


def with_overlap(bridges: NDArray[np.bool_], solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Bridges and the paper right beside them, so that their outline overlaps that of the paper.

    All are bool (H, W).
    """
    return (cv2.dilate(bridges.view(np.uint8), _OVERLAP) > 0) & solid
