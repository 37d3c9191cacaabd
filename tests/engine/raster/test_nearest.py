"""What is known at some pixels, carried to the nearest others."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.raster.nearest import nearest_known, spread_known


@pytest.mark.parametrize("mask", [cv2.DIST_MASK_3, cv2.DIST_MASK_5])
def test_values_come_from_a_nearest_known_pixel(mask: int) -> None:
    rng = np.random.default_rng(0)
    known = rng.random((23, 31)) < 0.03
    values = np.arange(known.size, dtype=np.int32).reshape(known.shape)
    spread = spread_known(values, known, mask)
    assert spread.dtype == values.dtype
    np.testing.assert_array_equal(spread[known], values[known])
    rows, cols = np.nonzero(known)
    for row, col in np.ndindex(known.shape):
        taken = divmod(int(spread[row, col]), known.shape[1])
        nearest = np.hypot(rows - row, cols - col).min()
        # OpenCV adds up steps: a little off the straight way, the less the larger its mask is.
        assert np.hypot(taken[0] - row, taken[1] - col) <= 1.1 * nearest + 1e-6


def test_colours_are_carried_whole() -> None:
    known = np.zeros((4, 5), bool)
    known[0, 0] = known[3, 4] = True
    colours = np.zeros((4, 5, 3), np.uint8)
    colours[0, 0], colours[3, 4] = (1, 2, 3), (7, 8, 9)
    spread = spread_known(colours, known)
    assert spread.shape == colours.shape
    assert tuple(spread[1, 0]) == (1, 2, 3)
    assert tuple(spread[3, 3]) == (7, 8, 9)


def test_known_pixels_are_counted_in_raster_order() -> None:
    known = np.zeros((2, 6), bool)
    known[0, 5] = known[1, 0] = True
    numbers = nearest_known(known)
    assert numbers[0, 5] == 0
    assert numbers[1, 0] == 1
    assert nearest_known(np.ones((2, 2), bool)).tolist() == [[0, 1], [2, 3]]
