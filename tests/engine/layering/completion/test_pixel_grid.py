"""Hidden parts of pixel art are made of its squares."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.layering.complete_shape import complete_shape
from illustrators_depth.layering.completion.pixel_grid import on_grid, pixel_grid
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.settings import CompleteSettings


def sprite(side: int = 16) -> np.ndarray:
    """A round face under a fringe, in squares."""
    labels = np.zeros((side, side), np.uint8)
    cv2.circle(labels, (8, 8), 6, 1, -1)
    labels[1:6, 3:14] = 2
    labels[5, 5] = labels[5, 9] = labels[4, 7] = 1
    labels[10, 6] = labels[9, 10] = 2
    return labels


@pytest.mark.parametrize("size", [(256, 256), (400, 410)])  # the second in sides of 25 and 26
def test_a_hidden_part_is_made_of_whole_squares(size: tuple[int, int]) -> None:
    labels = cv2.resize(sprite(), size[::-1], interpolation=cv2.INTER_NEAREST).astype(np.int32)
    seen = VisibilityIndex(labels)
    assert seen.grid is not None
    box, mask = complete_shape(seen, 1, CompleteSettings(), margin=0)
    whole = np.zeros(size, bool)
    whole[box] = mask
    assert (whole & (labels == 2)).any()
    middles = [((np.arange(16) + 0.5) * side / 16).astype(int) for side in size]
    squares = whole[np.ix_(*middles)].astype(np.uint8)
    again = cv2.resize(squares, size[::-1], interpolation=cv2.INTER_NEAREST) > 0
    assert np.count_nonzero(again != whole) == 0
    assert whole[labels == 1].all() and not whole[labels == 0].any()


def test_a_drawing_has_no_grid() -> None:
    labels = np.zeros((256, 256), np.uint8)
    cv2.circle(labels, (120, 120), 70, 1, -1)
    labels[40:60, 20:200] = 2
    assert pixel_grid(labels) is None
    stripes = np.repeat(np.arange(16, dtype=np.uint8) % 3, 16)[:, None] * np.ones(256, np.uint8)
    assert pixel_grid(stripes) is None  # rows alone: bars may end anywhere
    uneven = np.zeros((256, 256), np.uint8)
    for at in (16, 39, 71, 100, 131, 170, 205, 231):
        uneven[at:, at:] += 1
    assert pixel_grid(uneven) is None


def test_most_of_a_square_takes_all_of_it() -> None:
    lines = np.array([0, 4, 8, 12])
    mask = np.zeros((6, 5), bool)
    mask[:3, :3] = True  # three quarters of one square, once its box is grown to whole ones
    mask[4:, :2] = True
    box, own = on_grid(mask, (slice(5, 11), slice(4, 9)), (lines, lines))
    assert box == (slice(4, 12), slice(4, 12))
    expected = np.zeros((8, 8), bool)
    expected[:4, :4] = True
    np.testing.assert_array_equal(own, expected)
