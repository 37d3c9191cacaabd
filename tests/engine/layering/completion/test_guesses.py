"""Where no outline tells, the simplest shape over what is seen is guessed."""

from __future__ import annotations

import numpy as np
from hidden_shapes import completed, grid, labels_of
from numpy.typing import NDArray

from illustrators_depth.layering.completion.guesses import convex_paint


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


def test_paint_fills_an_outline_that_shade_makes_thick_on_one_side() -> None:
    y, x = grid(200, 200)
    far = np.hypot(x - 100, y - 100)
    ball = far < 80
    # Shade of the stroke's colour: one layer with it.
    stroke = (np.abs(far - 80) < 5) | (ball & (np.hypot(x - 84, y - 92) > 72))
    mask = completed(labels_of(ball, stroke), 1)
    assert overlap(mask, ball) > 0.98


def test_beads_around_paint_hide_no_more_than_their_half() -> None:
    y, x = grid(200, 200)
    paint = (np.abs(x - 100) < 70) & (np.abs(y - 100) < 70)
    near = np.maximum(np.abs(x - 100), np.abs(y - 100)) - 70
    beads = (np.abs(near) < 9) & (((x + y) % 24 < 20) | (np.abs(near) < 6))
    mask = completed(labels_of(paint, beads), 1)
    assert overlap(mask, paint) > 0.95


def test_a_plate_fills_the_rim_of_light_along_its_edge() -> None:
    y, x = grid(240, 240)
    plate = (np.abs(x - 120) < 90) & (np.abs(y - 120) < 90)
    light = plate & (y < 36)
    mask = completed(labels_of(plate, light), 1)
    assert overlap(mask, plate) > 0.99


def test_a_drum_does_not_fill_its_lid() -> None:
    y, x = grid(240, 240)
    drum = (np.abs(x - 120) < 80) & (y > 60) & (y < 200)
    lid = ((x - 120) / 80) ** 2 + ((y - 60) / 26) ** 2 < 1
    mask = completed(labels_of(drum, lid), 1)
    assert not mask[y < 52].any()


def test_the_hand_of_a_clock_goes_on_to_the_middle_of_its_hub() -> None:
    y, x = grid(200, 200)
    hub = np.hypot(x - 100, y - 100) < 30
    hand = (np.abs(x - 100) < 8) & (y > 100) & (y < 190)
    hand |= np.hypot(x - 100, y - 100) < 8
    mask = completed(labels_of(hand, hub), 1)
    assert overlap(mask & hub, hand & hub) > 0.9


def test_a_stick_does_not_fill_its_cap() -> None:
    y, x = grid(240, 120)
    stick = (np.abs(x - 60) < 10) & (y > 20) & (y < 220)
    cap = stick & (y < 80)
    mask = completed(labels_of(stick & ~cap, cap), 1)
    assert not mask[y < 56].any()


def test_a_stripe_goes_straight_on_under_a_triangle_to_its_frame() -> None:
    y, x = grid(160, 240)
    inside = (np.abs(x - 120) < 104) & (np.abs(y - 80) < 64)
    frame = (np.abs(x - 120) < 112) & (np.abs(y - 80) < 72) & ~inside
    stripe = inside & (y < 64)
    triangle = inside & (x - 16 < 90 - np.abs(y - 80) * 1.4)
    mask = completed(labels_of(inside, stripe, triangle, frame), 2)
    assert overlap(mask & triangle, stripe & triangle) > 0.95


def test_a_fill_ends_in_the_middle_of_its_stroke_where_a_bar_hides_both() -> None:
    y, x = grid(200, 240)
    off = np.maximum(np.abs(y - 100) - 40, np.abs(x - 120) - 90)
    fill, stroke, bar = off < -6, (off < 6) & (off >= -6), np.abs(x - 120) < 28
    mask = completed(labels_of(fill, stroke, bar), 1)
    assert overlap(mask & bar, (off < 0) & bar) > 0.97


def test_a_convex_body_that_the_window_cuts_off_is_looked_at_again() -> None:
    y, x = grid(200, 300)
    off = np.maximum(np.abs(y - 100) - 80, np.abs(x - 150) - 120)
    # The title bar of a window, and a frame around all of it.
    body, paint = off < 0, (off < -10) & (y > 60)
    cut = np.zeros(body.shape, bool)
    whole = convex_paint(paint, body & ~paint, cut)
    assert whole is not None and overlap(whole | paint, off < -5) > 0.97
    cut[20] = True
    assert convex_paint(paint, body & ~paint, cut) is None
    # What no window could make convex is none, however much of it shows.
    cross = (np.abs(x - 150) < 20) | (np.abs(y - 100) < 20)
    assert convex_paint(cross & paint, cross & ~paint, cut) is not None
