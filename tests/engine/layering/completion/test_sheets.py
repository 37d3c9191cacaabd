"""Rectangles of which three sides are seen: their fourth side is guessed, or told by the rest."""

from __future__ import annotations

import numpy as np
import pytest
from hidden_shapes import completed, grid, labels_of
from numpy.typing import NDArray

from illustrators_depth.layering.completion.guesses import rectangle_corners, sheet_outline

UP, DOWN = np.array([0.0, -1.0]), np.array([0.0, 1.0])


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


@pytest.mark.parametrize("turned", [False, True])
def test_as_much_of_a_sheet_is_hidden_as_is_seen(turned: bool) -> None:
    y, x = grid(300, 300)
    sheet = (np.abs(x - 150) < 90) & (np.abs(y - 120) < 50)
    folder = (np.abs(x - 150) < 120) & (y > 120) & (y < 260)
    labels = labels_of(sheet, folder)
    mask = completed(labels.T.copy(), 1).T if turned else completed(labels, 1)
    assert overlap(mask & folder, sheet & folder) > 0.97


def test_round_corners_of_a_sheet_come_back_below() -> None:
    y, x = grid(300, 300)
    off_x, off_y = np.maximum(np.abs(x - 150) - 78, 0), np.maximum(np.abs(y - 120) - 38, 0)
    sheet = np.hypot(off_x, off_y) < 12
    folder = (np.abs(x - 150) < 120) & (y > 120) & (y < 260)
    mask = completed(labels_of(sheet, folder), 1)
    assert np.count_nonzero((mask ^ sheet) & folder) < 60


def test_a_sheet_does_not_come_out_at_the_other_side() -> None:
    y, x = grid(300, 300)
    sheet = (np.abs(x - 150) < 90) & (y > 70) & (y < 120)
    narrow = (np.abs(x - 150) < 120) & (y >= 120) & (y < 140)
    mask = completed(labels_of(sheet, narrow), 1)
    assert not mask[y > 141].any() and not (mask & (labels_of(sheet, narrow) == 0)).any()


def test_a_card_under_another_and_under_a_rim_keeps_its_corner() -> None:
    y, x = grid(400, 400)
    card = (np.abs(x - 180) < 130) & (np.abs(y - 220) < 130) & (y - x < 260)
    rim = card & (y < 104)
    other = (x > 200) & (y > 20) & (y < 240)
    labels = labels_of(card, rim | other)
    mask = completed(labels, 1)
    assert overlap(mask & other, card & other) > 0.97


def test_a_wedge_is_no_sheet_and_no_rectangle() -> None:
    chain = np.array([(0.0, 50.0), (20.0, 0.0), (80.0, 0.0), (100.0, 50.0)])
    way = np.array([0.3, 1.0]) / np.hypot(0.3, 1.0)
    back = np.array([0.3, -1.0]) / np.hypot(0.3, 1.0)
    border = np.array([(100.0, 50.0), (0.0, 50.0)])
    assert sheet_outline(chain, border, chain[-1], chain[0], way, back) is None
    above = np.ones((200, 200), bool)
    assert rectangle_corners(chain, chain[-1], chain[0], way, back, above) is None


def test_a_cut_that_is_not_straight_shows_no_sheet() -> None:
    chain = np.array([(0.0, 50.0), (0.0, 10.0), (100.0, 10.0), (100.0, 50.0)])
    ends = chain[-1], chain[0], DOWN, UP
    assert sheet_outline(chain, chain[[-1, 0]], *ends) is not None
    bay = np.array([(100.0, 50.0), (50.0, 30.0), (0.0, 50.0)])
    assert sheet_outline(chain, bay, *ends) is None
