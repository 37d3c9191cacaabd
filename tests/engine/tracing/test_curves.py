"""Curve fitting: shapes with a formula come back within the tolerance, corners stay sharp."""

from __future__ import annotations

from itertools import pairwise

import contourpy
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from illustrators_depth.outlines import contour_rings, outline_rings, ring_areas
from illustrators_depth.tracing.curves.follow_rings import follow_rings
from illustrators_depth.tracing.curves.path_data import path_data
from tests.engine.tracing.rendering import render

TOLERANCE = 0.2


def circle(x: float, y: float, radius: float, points: int = 400) -> np.ndarray:
    angle = np.linspace(0.0, 2.0 * np.pi, points, endpoint=False)
    return np.stack([x + radius * np.cos(angle), y + radius * np.sin(angle)], axis=1)


def sampled(curves: np.ndarray, steps: int = 40) -> np.ndarray:
    t = np.linspace(0.0, 1.0, steps)[:, None]
    s = 1.0 - t
    basis = np.concatenate([s**3, 3 * s * s * t, 3 * s * t * t, t**3], axis=1)
    return np.concatenate([basis @ curve for curve in curves])


@pytest.mark.parametrize("radius", [3.0, 10.0, 80.0])
def test_a_circle_is_a_few_smooth_curves(radius: float) -> None:
    (curves,) = follow_rings([circle(100, 90, radius)], TOLERANCE, 45.0)
    assert len(curves) <= 8
    off = np.hypot(*(sampled(curves) - (100, 90)).T) - radius
    assert np.abs(off).max() < TOLERANCE + 0.05
    # Neighbouring curves share their direction.
    out = curves[:, 1] - curves[:, 0]
    arrive = np.roll(curves[:, 3] - curves[:, 2], 1, axis=0)
    cosine = (out * arrive).sum(1) / np.linalg.norm(out, axis=1) / np.linalg.norm(arrive, axis=1)
    assert cosine.min() > 0.99


def test_a_polygon_keeps_its_corners_and_straight_sides() -> None:
    star = np.array(
        [(50, 5), (61, 38), (96, 38), (68, 59), (79, 92),
         (50, 72), (21, 92), (32, 59), (4, 38), (39, 38)], float,
    )  # fmt: skip
    (curves,) = follow_rings([star], TOLERANCE, 45.0)
    for corner in star:
        assert np.linalg.norm(curves[:, 0] - corner, axis=1).min() < 0.3
    data = path_data([curves], 2, TOLERANCE)
    assert "c" not in data and data.count("z") == 1


def test_curves_are_closed_and_follow_one_another() -> None:
    rings = [circle(30, 30, 12), circle(70, 30, 4), np.array([[5.0, 5], [25, 6], [20, 22]])]
    for curves in follow_rings(rings, TOLERANCE, 45.0):
        assert np.allclose(curves[:, 3], np.roll(curves[:, 0], -1, axis=0))


@settings(max_examples=30, deadline=None)
@given(st.floats(12, 40), st.integers(2, 7), st.floats(0, 0.4), st.integers(0, 10_000))
@example(12.0, 7, 0.3125, 0)  # a wave's tip is no corner where no turn is one
def test_wavy_rings_stay_within_tolerance(
    radius: float, waves: int, depth: float, seed: int
) -> None:
    def ring(points: int) -> np.ndarray:
        angle = np.linspace(0, 2 * np.pi, points, endpoint=False)
        r = radius * (1.0 + depth * np.sin(waves * angle + seed / 100.0))
        return np.stack([60 + r * np.cos(angle), 60 + r * np.sin(angle)], axis=1)

    (curves,) = follow_rings([ring(800)], TOLERANCE, 180.0)
    away = np.linalg.norm(sampled(curves, 12)[:, None] - ring(6000)[None], axis=2).min(axis=1)
    assert away.max() < TOLERANCE + 0.1


def test_path_data_reads_back_in_another_renderer() -> None:
    """A ring with a hole, filled by resvg, has the area of its formula."""
    curves = follow_rings([circle(40, 40, 30), circle(40, 40, 10)], TOLERANCE, 45.0)
    data = path_data(curves, 2, TOLERANCE)
    image = render(
        '<svg xmlns="http://www.w3.org/2000/svg" width="80" height="80">'
        f'<path fill-rule="evenodd" d="{data}"/></svg>'
    )
    assert image[..., 3].sum() == pytest.approx(np.pi * 800, rel=0.01)


@pytest.mark.parametrize("decimals", [0, 1, 2, 4])
def test_rounding_never_adds_up(decimals: int) -> None:
    ring = circle(500, 500, 400)
    curves = follow_rings([ring], 0.05, 45.0)
    data = path_data(curves, decimals, 0.05)
    start = data[1 : min(i for i, c in enumerate(data) if c in "cl")].replace("-", " -").split()
    steps = np.diff(np.rint(curves[0][:, [0, 3]] * 10**decimals), axis=1)[:, 0]
    assert np.allclose(steps.sum(axis=0), 0)
    assert float(start[0]) == pytest.approx(curves[0][0, 0, 0], abs=0.51 / 10**decimals)


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**31))
def test_rings_enclose_what_another_library_encloses(height: int, width: int, seed: int) -> None:
    """Two independent tracings (ours and contourpy's) of one field agree."""
    rng = np.random.default_rng(seed)
    field = rng.random((height, width)).astype(np.float32)
    field[rng.random(field.shape) < 0.3] = 0.0

    def signed(ring: np.ndarray) -> float:
        x, y = ring[:, 0], ring[:, 1]
        return float(x @ np.roll(y, -1) - y @ np.roll(x, -1)) / 2.0

    rings = contour_rings(field)
    generator = contourpy.contour_generator(
        x=[0.0, *(np.arange(width) + 0.5), float(width)],
        y=[0.0, *(np.arange(height) + 0.5), float(height)],
        z=np.pad(field, 1, mode="edge"),
        fill_type=contourpy.FillType.OuterOffset,
        corner_mask=False,
    )
    theirs = [
        signed(points[a : b - 1].astype(float))
        for points, offsets in zip(*generator.filled(0.5, np.inf), strict=True)
        for a, b in pairwise(offsets)
    ]
    assert abs(sum(map(signed, rings))) == pytest.approx(sum(theirs), abs=1e-6)
    assert np.allclose(ring_areas(rings), [abs(signed(ring)) for ring in rings])
    assert len(outline_rings(field, 0.0)) == sum(abs(area) >= 0.05 for area in map(signed, rings))


def test_a_full_field_is_exactly_the_picture() -> None:
    (ring,) = contour_rings(np.ones((40, 60), np.float32))
    (curves,) = follow_rings([ring], TOLERANCE, 45.0)
    assert sorted(map(tuple, np.round(curves[:, 0], 9).tolist())) == [
        (0, 0),
        (0, 40),
        (60, 0),
        (60, 40),
    ]
