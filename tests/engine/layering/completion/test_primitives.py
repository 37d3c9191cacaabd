"""What is hidden of a primitive is that primitive's, to half a pixel."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from hidden_shapes import completed, grid, labels_of
from numpy.typing import NDArray

from illustrators_depth.layering.completion.primitive_fits import (
    ellipse,
    regular_polygon,
    rounded_rectangle,
)

_SIDE = 320
_SCALE = 16


def rounded_box(
    width: float, height: float, radius: float, degrees: float
) -> tuple[NDArray[np.bool_], NDArray[np.float64]]:
    """A rounded rectangle in the middle of the picture, and how far outside of it each pixel is."""
    y, x = grid(_SIDE, _SIDE)
    cos, sin = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    u, v = (x - 160) * cos + (y - 160) * sin, (y - 160) * cos - (x - 160) * sin
    beyond = np.stack([np.abs(u) - width / 2 + radius, np.abs(v) - height / 2 + radius])
    far = np.hypot(*np.maximum(beyond, 0)) + np.minimum(beyond.max(axis=0), 0) - radius
    return far < 0, far


def polygon(sides: int, radius: float, degrees: float) -> NDArray[np.bool_]:
    turn = np.radians(degrees) + 2 * np.pi * np.arange(sides) / sides
    corners = 160 + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    mask = np.zeros((_SIDE * _SCALE, _SIDE * _SCALE), np.uint8)
    cv2.fillPoly(mask, [np.rint(corners * _SCALE).astype(np.int32)], 1)
    return np.asarray(mask[_SCALE // 2 :: _SCALE, _SCALE // 2 :: _SCALE] > 0)


def off_by(mask: NDArray[np.bool_], true: NDArray[np.bool_], above: NDArray[np.bool_]) -> float:
    """Wrong hidden pixels against the length of the hidden outline: the mean distance."""
    outline = true & ~(cv2.erode(true.astype(np.uint8), np.ones((3, 3), np.uint8)) > 0)
    return np.count_nonzero((mask != true) & above) / max(1, np.count_nonzero(outline & above))


@pytest.mark.parametrize(
    ("width", "height", "radius", "degrees"),
    [(200, 140, 36, 0), (180, 180, 50, 0), (210, 120, 30, 17), (150, 200, 0, 33), (220, 90, 45, 0)],
)
def test_a_hidden_corner_is_round_like_the_others(
    width: float, height: float, radius: float, degrees: float
) -> None:
    true, _ = rounded_box(width, height, radius, degrees)
    y, x = grid(_SIDE, _SIDE)
    turn = np.radians(degrees)
    u, v = width / 2, -height / 2
    corner = 160 + u * np.cos(turn) - v * np.sin(turn), 160 + u * np.sin(turn) + v * np.cos(turn)
    badge = np.hypot(x - corner[0], y - corner[1]) < min(55, 0.42 * height)
    mask = completed(labels_of(true, badge), 1)
    assert off_by(mask, true, badge) <= 0.5


@pytest.mark.parametrize(("sides", "degrees"), [(3, 11), (5, 18), (6, 4), (8, 10)])
def test_a_polygon_has_its_hidden_corners(sides: int, degrees: float) -> None:
    true = polygon(sides, 110, degrees)
    y, x = grid(_SIDE, _SIDE)
    # One whole edge and both of its corners, but for a triangle, where that would be too much.
    middle = np.radians(degrees + (180 / sides if sides > 3 else 0))
    near = 100 if sides > 3 else 110
    cover = np.hypot(x - 160 - near * np.cos(middle), y - 160 - near * np.sin(middle)) < (
        110 * np.sin(np.pi / sides) + 22 if sides > 3 else 45
    )
    mask = completed(labels_of(true, cover), 1)
    assert off_by(mask, true, cover) <= 0.5


def test_what_is_none_of_them_is_not_taken_for_one() -> None:
    angle = np.linspace(0, 2 * np.pi, 400)
    wobbly = 100 + (60 + 4 * np.cos(5 * angle))[:, None] * np.stack(
        [np.cos(angle), np.sin(angle)], axis=1
    )
    assert ellipse(wobbly, 200.0) is None
    assert rounded_rectangle(wobbly) is None
    assert regular_polygon([wobbly]) is None
    # A rectangle one of whose sides is nowhere seen ends who knows where.
    seen = np.concatenate(
        [
            np.stack([np.full(80, 20.0), np.arange(20.0, 100.0)], axis=1),
            np.stack([np.arange(20.0, 120.0), np.full(100, 20.0)], axis=1),
            np.stack([np.arange(20.0, 90.0), np.full(70, 100.0)], axis=1),
        ]
    )
    assert rounded_rectangle(seen) is None


def test_a_disc_fills_the_outline_that_it_shares_with_what_hides_it() -> None:
    y, x = grid(300, 300)
    far, light = np.hypot(x - 150, y - 150), np.hypot(x - 90, y - 150) > 150
    disc = far < 120
    labels = np.zeros(disc.shape, np.int32)
    labels[disc & ~light] = 1
    # Drawn a little smaller, as two shapes on one circle often are.
    labels[(far < 119) & light] = 2
    assert np.count_nonzero(completed(labels, 1) ^ disc) < 0.02 * np.count_nonzero(disc)


def test_two_right_angles_are_no_square() -> None:
    chain = np.array([(0.0, 60.0), (0.0, 0.0), (100.0, 0.0), (100.0, 60.0)])
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(chain, axis=0).T))])
    dense = np.stack([np.interp(np.arange(at[-1] + 1), at, chain[:, i]) for i in (0, 1)], axis=1)
    assert regular_polygon([dense]) is None
    # Two sides and what is left of the third tell of a square.
    square = np.array([(0.0, 60.0), (0.0, 0.0), (100.0, 0.0), (100.0, 100.0), (60.0, 100.0)])
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(square, axis=0).T))])
    dense = np.stack([np.interp(np.arange(at[-1] + 1), at, square[:, i]) for i in (0, 1)], axis=1)
    assert regular_polygon([dense]) is not None


def test_two_ends_that_are_cut_off_are_no_side_of_a_rectangle() -> None:
    left = np.stack([np.zeros(61), np.arange(61.0)], axis=1)
    top = np.stack([np.arange(101.0), np.zeros(101)], axis=1)
    cut_off = np.concatenate([left[::-1], top, left + np.array([100.0, 0.0])])
    assert rounded_rectangle(cut_off) is None
    bottom = np.stack([np.arange(30.0), np.full(30, 60.0)], axis=1)
    assert rounded_rectangle(np.concatenate([bottom[::-1], cut_off])) is not None
