"""Outlines: smooth, within a pixel of the mask, same topology, exact along the border."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.outlines import outline_rings, smooth_field
from illustrators_depth.outlines.contour import _area
from tests.engine.drawings import disc


def circle(radius: float, size: int = 100) -> np.ndarray:
    rows, cols = np.mgrid[:size, :size] + 0.5
    return np.hypot(cols - size / 2, rows - size / 2) < radius


def test_a_discs_outline_is_a_circle_not_a_staircase() -> None:
    for radius in (10.3, 30.7):
        (ring,) = outline_rings(smooth_field(circle(radius)), simplify=0.0)
        away = np.hypot(*(ring - 50.0).T) - radius
        assert np.abs(away).max() < 0.45
        assert away.std() < 0.12
        assert abs(away.mean()) < 0.12
        # The pixel outline's own deviation, for scale: smoothing must beat it by far.
        (rough,) = outline_rings(smooth_field(circle(radius), 0.0), simplify=0.0)
        assert away.std() < 0.6 * (np.hypot(*(rough - 50.0).T) - radius).std()


def test_the_field_never_changes_sides() -> None:
    mask = np.random.default_rng(0).random((40, 50)) < 0.5
    assert np.array_equal(smooth_field(mask) > 0.5, mask)


def test_a_slanted_edge_comes_out_straight() -> None:
    rows, cols = np.mgrid[:80, :80] + 0.5
    mask = rows > 20 + 0.13 * cols
    (ring,) = outline_rings(smooth_field(mask), simplify=0.1)
    edge = ring[(ring[:, 0] > 5) & (ring[:, 0] < 75)]
    edge = edge[edge[:, 1] > 40]
    assert np.abs(80 - edge[:, 1] - (20 + 0.13 * edge[:, 0])).max() < 0.3


def test_full_mask_is_exactly_the_picture() -> None:
    (ring,) = outline_rings(smooth_field(np.ones((30, 40), bool)))
    assert len(ring) == 4
    assert sorted(map(tuple, ring)) == [(0, 0), (0, 30), (40, 0), (40, 30)]
    assert _area(ring) == pytest.approx(1200)


def test_holes_islands_and_orientation() -> None:
    size = (100, 100)
    mask = disc(size, 50, 50, 45)[2::4, 2::4] & ~disc(size, 50, 50, 30)[2::4, 2::4]
    mask |= disc(size, 50, 50, 10)[2::4, 2::4]
    areas = sorted(map(_area, outline_rings(smooth_field(mask))))
    assert [area > 0 for area in areas] == [False, True, True], "a hole, an island, the outside"
    assert sum(areas) == pytest.approx(mask.sum(), rel=0.01)


def test_thin_lines_survive() -> None:
    mask = np.zeros((30, 60), bool)
    mask[15, 5:55] = True
    (ring,) = outline_rings(smooth_field(mask))
    assert np.ptp(ring[:, 0]) > 48
    assert _area(ring) == pytest.approx(50.0, rel=0.1), "one pixel wide, fifty long"


def test_nothing_gives_nothing() -> None:
    assert outline_rings(smooth_field(np.zeros((5, 5), bool))) == []
