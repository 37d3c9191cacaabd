"""One network of lines for all levels: nested outlines that meet exactly or not at all."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from illustrators_depth.geometry.terrace_mesh import LineNetwork, terrace_surface
from illustrators_depth.outlines import outline_rings, smooth_field
from illustrators_depth.outlines.level_lines import level_lines

LEVELS = hnp.arrays(
    np.int32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=11),
    elements=st.integers(-1, 6),
).filter(lambda a: (a >= 0).any())


def signed_area(ring: np.ndarray) -> float:
    x, y = ring[:, 0], ring[:, 1]
    return 0.5 * float(np.dot(x, np.roll(y, -1)) - np.dot(y, np.roll(x, -1)))


def area(network: LineNetwork, rings: list[np.ndarray]) -> float:
    return sum(signed_area(network.points[ring]) for ring in rings)


def discs(size: int = 90) -> np.ndarray:
    """Overlapping discs of rising level; some outlines are shared by several steps."""
    y, x = np.mgrid[:size, :size]
    levels = np.zeros((size, size), np.int32)
    for level, (cx, cy, r) in enumerate([(30, 40, 24), (55, 45, 20), (45, 60, 9), (70, 20, 12)], 1):
        levels[(x - cx) ** 2 + (y - cy) ** 2 < r * r] = level
    return levels


@settings(max_examples=60, deadline=None)
@given(LEVELS, st.sampled_from([0.0, 1.0]), st.sampled_from([0.0, 0.1]))
def test_shelves_and_outlines_tile_the_plane(
    levels: np.ndarray, smoothing: float, simplify: float
) -> None:
    network = LineNetwork(level_lines(levels, smoothing, simplify))
    areas = [area(network, network.outline(k)) for k in range(8)]
    assert all(a >= b - 1e-6 for a, b in pairwise(areas))
    for k in range(7):
        assert area(network, network.shelf(k)) == pytest.approx(areas[k] - areas[k + 1], abs=1e-3)
        for ring in network.outline(k):
            assert len(set(ring.tolist())) == len(ring) >= 3  # an outline never meets itself
    if smoothing == simplify == 0.0 and (levels >= 0).all():
        assert areas[0] == pytest.approx(levels.size, abs=1e-3)


@settings(max_examples=60, deadline=None)
@given(LEVELS, st.sampled_from([0.0, 0.1]))
def test_the_surface_is_manifold_and_folds_nowhere(levels: np.ndarray, simplify: float) -> None:
    count = int(levels.max()) + 1
    network = LineNetwork(level_lines(levels, 1.0, simplify))
    vertices, faces = terrace_surface(network, [1.0 + k for k in range(count)])
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    directed = {tuple(e) for e in edges.tolist()}
    assert len(directed) == len(edges)  # every way along an edge is taken once ...
    assert all((b, a) in directed for a, b in directed)  # ... and once the other way
    assert len(np.unique(vertices.astype(np.float32), axis=0)) == len(vertices)
    # Around every vertex the faces form one fan: no two pieces hang together by a point.
    for vertex in range(len(vertices)):
        around = faces[(faces == vertex).any(axis=1)]
        turn = np.argmax(around == vertex, axis=1)
        after = dict(
            zip(
                around[np.arange(len(around)), (turn + 1) % 3].tolist(),
                around[np.arange(len(around)), (turn + 2) % 3].tolist(),
                strict=True,
            )
        )
        start = at = next(iter(after))
        steps = 0
        while steps == 0 or at != start:
            at, steps = after[at], steps + 1
        assert steps == len(around)
    corners = vertices[faces]
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2]
    level = np.ptp(corners[:, :, 2], axis=1) == 0
    floor = level & (corners[:, 0, 2] == 0)
    assert (normal[level & ~floor] > -1e-6).all() and (normal[floor] < 1e-6).all()


def test_lines_follow_the_smooth_outline_of_each_step() -> None:
    levels = discs()
    network = LineNetwork(level_lines(levels, 1.0, 0.0))
    for k in range(1, 5):
        one_by_one = sum(map(signed_area, outline_rings(smooth_field(levels >= k), 0.0)))
        assert area(network, network.outline(k)) == pytest.approx(one_by_one, rel=2e-3)


def test_a_jump_of_several_levels_is_one_line() -> None:
    levels = np.zeros((20, 20), np.int32)
    levels[6:14, 6:14] = 5
    lines = level_lines(levels)
    assert sorted((x.low, x.high) for x in lines) == [(-1, 0), (0, 5)]
    assert all(np.array_equal(x.points[0], x.points[-1]) for x in lines)


def test_the_border_is_exact() -> None:
    levels = discs()
    levels[:, 45:] += 1  # lines that run into the border
    network = LineNetwork(level_lines(levels))
    (ring,) = network.outline(0)
    corners = network.points[ring]
    assert {(0.0, 0.0), (90.0, 0.0), (90.0, 90.0), (0.0, 90.0)} <= set(map(tuple, corners))
    assert signed_area(corners) == pytest.approx(90.0 * 90.0)


def test_nothing_gives_no_lines() -> None:
    assert level_lines(np.full((4, 5), -1, np.int32)) == []
