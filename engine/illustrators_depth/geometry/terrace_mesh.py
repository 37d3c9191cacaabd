"""Level lines to rings, caps and walls: the surface of a solid with flat steps.

Every point of the network is passed at most once by the outline of each step, so at every height
the solid's cross-section is bounded by simple closed curves, and the surface built here is closed
and manifold in edges and in points, whatever the picture.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..outlines.simplify_lines import LevelLine

__all__ = ["LineNetwork", "terrace_surface"]

Ids = NDArray[np.int64]
"""Numbers of points in `LineNetwork.points`."""
DirectedLine = tuple[int, bool]
"""A line's index, and whether it is followed from its start to its end."""


class LineNetwork:
    """Level lines with numbered points, and the lines that meet at each of their ends.

    Attributes:
        points: float64 (n, 2), all points of all lines, shared ones once.
        ids: for every line the numbers of its points; a closed line's first is repeated.
        lines: as given.
        leaving, reaching: indices of the lines that start and that end at a point, by its number.
    """

    def __init__(self, lines: Sequence[LevelLine]) -> None:
        self.lines = list(lines)
        number: dict[int, int] = {}
        coordinates: list[NDArray[np.float32]] = []
        for line in self.lines:
            for end, position in ((line.start, line.points[0]), (line.end, line.points[-1])):
                if end not in number:
                    number[end] = len(number)
                    coordinates.append(position[None])
        self.ids: list[Ids] = []
        count = len(number)
        for line in self.lines:
            inner = len(line.points) - 2
            inner_ids = np.arange(count, count + inner, dtype=np.int64)
            ends = number[line.start], number[line.end]
            self.ids.append(np.concatenate([ends[:1], inner_ids, ends[1:]]).astype(np.int64))
            coordinates.append(line.points[1:-1])
            count += inner
        self.points = np.concatenate(coordinates).astype(np.float64)
        self.leaving: dict[int, list[int]] = {}
        self.reaching: dict[int, list[int]] = {}
        for index, ids in enumerate(self.ids):
            self.leaving.setdefault(int(ids[0]), []).append(index)
            self.reaching.setdefault(int(ids[-1]), []).append(index)

    def outline(self, level: int) -> list[Ids]:
        """Rings around all that is at least `level` high, counter-clockwise, holes clockwise."""
        members = [i for i, x in enumerate(self.lines) if x.low < level <= x.high]
        chosen = set(members)

        def next_line(line: DirectedLine) -> DirectedLine:
            leaving = self.leaving[int(self.ids[line[0]][-1])]
            return next((i, True) for i in leaving if i in chosen)

        return self._rings([(i, True) for i in members], next_line)

    def shelf(self, level: int) -> list[Ids]:
        """Rings around all that is exactly `level` high, counter-clockwise, holes clockwise."""
        inner = {i for i, x in enumerate(self.lines) if x.high == level}
        outer = {i for i, x in enumerate(self.lines) if x.low == level}

        def next_line(line: DirectedLine) -> DirectedLine:
            index, forward = line
            end = int(self.ids[index][-1 if forward else 0])
            onward = [(i, True) for i in self.leaving.get(end, ()) if i in inner]
            back = [(i, False) for i in self.reaching.get(end, ()) if i in outer]
            # Where a line of the other kind begins here, the shelf lies between the two; else its
            # boundary passes the point.
            return (back + onward if forward else onward + back)[0]

        directed = [(i, True) for i in sorted(inner)] + [(i, False) for i in sorted(outer)]
        return self._rings(directed, next_line)

    def _rings(
        self,
        lines: Sequence[DirectedLine],
        next_line: Callable[[DirectedLine], DirectedLine],
    ) -> list[Ids]:
        """Follow lines, forwards or backwards, until each is used once."""
        used: set[DirectedLine] = set()
        rings = []
        for first in lines:
            if first in used:
                continue
            parts, line = [], first
            while line not in used:
                used.add(line)
                ids = self.ids[line[0]]
                parts.append(ids[:-1] if line[1] else ids[:0:-1])
                line = next_line(line)
            rings.append(np.concatenate(parts))
        return rings


def terrace_surface(
    network: LineNetwork, heights: Sequence[float]
) -> tuple[NDArray[np.float64], NDArray[np.int32]]:
    """The closed surface of a solid whose level k is `heights[k]` high and stands on z = 0.

    Args:
        network: level lines; levels count from 0, -1 is outside.
        heights: rising, one per level.

    Returns:
        vertices float64 (n, 3), x and y in the points' unit; faces int32 (m, 3), outward.
    """
    levels = len(heights)
    # A vertex is a point at the height of a level: number = point * (levels + 1) + level + 1.
    stride = levels + 1
    faces = [_walls(network, stride)]
    bottom = network.outline(0)
    faces.append(_cap(network, bottom)[:, ::-1] * stride)
    for level in range(levels):
        faces.append(_cap(network, network.shelf(level)) * stride + level + 1)
    used, numbered = np.unique(np.concatenate(faces), return_inverse=True)
    z = np.concatenate([[0.0], np.asarray(heights, np.float64)])
    vertices = np.column_stack([network.points[used // stride], z[used % stride]])
    return vertices, np.ravel(numbered).reshape(-1, 3).astype(np.int32)


def _cap(network: LineNetwork, rings: Sequence[Ids]) -> Ids:
    """Triangles (m, 3) of point numbers that fill the rings."""
    if not rings:
        return np.zeros((0, 3), np.int64)
    ids = np.concatenate(rings)
    triangles = manifold3d.triangulate([network.points[ring] for ring in rings])
    return ids[np.asarray(triangles, np.int64).reshape(-1, 3)]


def _walls(network: LineNetwork, stride: int) -> Ids:
    """Upright faces below every line, split where lines of other levels end at its ends."""
    heights: dict[int, set[int]] = {}
    for line, ids in zip(network.lines, network.ids, strict=True):
        for end in (int(ids[0]), int(ids[-1])):
            heights.setdefault(end, set()).update((line.low, line.high))
    starts, stops, low, high = [], [], [], []
    split_faces: list[tuple[int, ...]] = []
    for line, ids in zip(network.lines, network.ids, strict=True):
        splits = [
            sorted(h for h in heights[int(ids[i])] if line.low < h < line.high) for i in (0, -1)
        ]
        first, last = (1 if splits[0] else 0), (len(ids) - 1 - (1 if splits[1] else 0))
        if len(ids) == 2 and (splits[0] or splits[1]):
            split_faces += _zip(int(ids[0]), int(ids[1]), line, splits[0], splits[1], stride)
            continue
        if splits[0]:
            split_faces += _zip(int(ids[0]), int(ids[1]), line, splits[0], [], stride)
        if splits[1]:
            split_faces += _zip(int(ids[-2]), int(ids[-1]), line, [], splits[1], stride)
        starts.append(ids[first:last])
        stops.append(ids[first + 1 : last + 1])
        low.append(np.full(last - first, line.low))
        high.append(np.full(last - first, line.high))
    all_split_faces = np.asarray(split_faces, np.int64).reshape(-1, 3)
    if not starts:
        return all_split_faces
    a, b = np.concatenate(starts) * stride, np.concatenate(stops) * stride
    bottom, top = np.concatenate(low) + 1, np.concatenate(high) + 1
    return np.concatenate(
        [
            np.stack([a + bottom, b + bottom, b + top], axis=1),
            np.stack([a + bottom, b + top, a + top], axis=1),
            all_split_faces,
        ]
    )


def _zip(
    a: int, b: int, line: LevelLine, at_a: list[int], at_b: list[int], stride: int
) -> list[tuple[int, ...]]:
    """Faces of a wall between two points whose upright edges have further vertices on them.

    Args:
        a, b: numbers of the points.
        line: the level line that the wall stands below.
        at_a, at_b: levels of the further vertices, rising.
        stride: vertex numbers per point, see `terrace_surface`.
    """
    left = [a * stride + h + 1 for h in (line.low, *at_a, line.high)]
    right = [b * stride + h + 1 for h in (line.low, *at_b, line.high)]
    faces: list[tuple[int, ...]] = [(left[0], lower, upper) for lower, upper in pairwise(right)]
    faces += [(lower, right[-1], upper) for lower, upper in pairwise(left)]
    return faces
