"""Where no outline tells, the simplest shape over what is seen is guessed."""

from __future__ import annotations

import numpy as np
from hidden_shapes import completed, grid, labels_of
from numpy.typing import NDArray


def overlap(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> float:
    """Intersection over union."""
    return np.count_nonzero(one & other) / np.count_nonzero(one | other)


def test_a_head_is_round_under_its_hair_whatever_its_ears_say() -> None:
    y, x = grid(240, 240)
    skull = (np.hypot(x - 120, y - 108) < 62) | (
        ((x - 120) / 61) ** 2 + ((y - 108) / 90) ** 2 < 1
    ) & (y > 108)
    ears = np.hypot(np.abs(x - 120) - 66, y - 122) < 20
    head = skull | ears
    hair = (((x - 120) / 62) ** 2 + ((y - 100) / 72) ** 2 < 1) & (y < 112)
    fringe = (np.abs(x - 120) < 48) & (y > 76)
    hair &= ~fringe
    mask = completed(labels_of(head, hair), 1)
    assert overlap(mask & hair, head & hair) > 0.85


def test_a_thin_rim_gets_no_dome() -> None:
    y, x = grid(200, 300)
    lid = (np.abs(x - 150) < 110) & (y > 40) & (y < 120 + 4 * np.sin(x / 12.0))
    rim = (np.abs(x - 150) < 110) & (y > 100) & (y < 132)
    mask = completed(labels_of(rim, lid), 1)
    assert not mask[y < 80].any()


def test_paint_fills_its_stroke_under_what_else_lies_in_there() -> None:
    y, x = grid(200, 200)
    far = np.hypot(x - 100, y - 100)
    moon, stroke = far < 80, np.abs(far - 80) < 5
    light = moon & (np.hypot(x - 60, y - 100) > 84)
    mask = completed(labels_of(moon, light, stroke), 1)
    assert overlap(mask, moon) > 0.98


def test_paint_in_a_stroke_leaves_to_lower_paint_what_is_nearer_to_that() -> None:
    y, x = grid(200, 200)
    frame = (np.abs(x - 100) < 84) & (np.abs(y - 100) < 84)
    inside = (np.abs(x - 100) < 76) & (np.abs(y - 100) < 76)
    lower, upper = inside & (y > 140), inside & (y < 100)
    between = inside & ~lower & ~upper
    labels = np.zeros((200, 200), np.int32)
    labels[lower], labels[upper], labels[between], labels[frame & ~inside] = 1, 2, 3, 4
    mask = completed(labels, 2)
    assert not mask[y > 132].any() and mask[between & (y < 114)].mean() > 0.9


def test_one_feature_of_many_in_a_stroke_does_not_fill_it() -> None:
    y, x = grid(200, 200)
    far = np.hypot(x - 100, y - 100)
    face, stroke, nose = far < 80, np.abs(far - 80) < 5, (np.abs(x - 100) < 14) & (y > 120)
    labels = np.zeros((200, 200), np.int32)
    labels[nose & face], labels[face & ~nose], labels[stroke] = 1, 2, 3
    assert not completed(labels, 1)[y < 80].any()
