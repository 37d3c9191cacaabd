"""The smooth relief: few triangles where nothing happens, and as near the depth as was said."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.geometry.heightfield import TOLERANCE_MM, heightfield
from illustrators_depth.printing.sections import sealed
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import DepthMap, Mesh

SETTINGS = ReliefSettings(mode="heightfield")
RISE_MM = SETTINGS.height_mm


def hills(side: int) -> NDArray[np.float32]:
    """Smooth, from 0 to 1, with plains between."""
    y, x = np.mgrid[0:side, 0:side] / side
    bumps = np.exp(-((x - 0.3) ** 2 + (y - 0.6) ** 2) / 0.01)
    bumps += 0.6 * np.exp(-((x - 0.75) ** 2 + (y - 0.3) ** 2) / 0.002)
    bumps -= bumps.min()
    return (bumps / bumps.max()).astype(np.float32)


def surface_error(mesh: Mesh, values: NDArray[np.float32]) -> float:
    """Largest distance in height from the middles of the upper faces to the map, mm."""
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    upward = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])[:, 2] > 1e-9
    middle = corners[upward].mean(axis=1)
    side = values.shape[0]
    x = middle[:, 0] / SETTINGS.size_mm * side - 0.5
    y = (1.0 - middle[:, 1] / SETTINGS.size_mm) * side - 0.5
    left, top = np.clip(np.floor([x, y]).astype(int), 0, side - 2)
    u, v = np.clip([x - left, y - top], 0.0, 1.0)
    above = values[top, left] * (1 - u) + values[top, left + 1] * u
    below = values[top + 1, left] * (1 - u) + values[top + 1, left + 1] * u
    height = SETTINGS.base_mm + RISE_MM * (above * (1 - v) + below * v)
    return float(np.abs(height - middle[:, 2]).max())


def test_it_keeps_to_its_tolerance_with_few_triangles() -> None:
    values = hills(512)
    mesh = heightfield(DepthMap(values), SETTINGS)
    assert mesh.size_mm == pytest.approx((200.0, 200.0, 7.0), abs=1e-3)
    assert len(mesh.faces) < 40_000
    # The map itself, and what sampling it moved.
    assert surface_error(mesh, values) < 1.5 * TOLERANCE_MM
    assert sealed(mesh) is not None


def test_steps_of_a_large_picture_stay_within_the_budget() -> None:
    """A checkerboard of cliffs, 2000 pixels wide: 2 million triangles before."""
    y, x = np.mgrid[0:2000, 0:2000] // 125
    mesh = heightfield(DepthMap(((x + y) % 2).astype(np.float32)), SETTINGS)
    assert len(mesh.faces) <= 300_000
    assert mesh.size_mm == pytest.approx((200.0, 200.0, 7.0), abs=1e-3)


def test_a_larger_relief_may_have_more() -> None:
    values = np.random.default_rng(0).random((900, 900), np.float32)
    small = heightfield(DepthMap(values), SETTINGS)
    large = heightfield(DepthMap(values), ReliefSettings(mode="heightfield", size_mm=400.0))
    assert len(small.faces) < 300_000 < len(large.faces)


def test_a_plain_plate_is_a_few_triangles() -> None:
    mesh = heightfield(DepthMap(np.zeros((300, 300), np.float32)), SETTINGS)
    assert mesh.size_mm[2] == pytest.approx(1.0) and len(mesh.faces) < 1000
    assert sealed(mesh) is not None
