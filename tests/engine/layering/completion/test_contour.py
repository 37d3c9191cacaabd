"""Hidden outlines go on as a person would draw them."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np
import pytest
from hidden_shapes import CONTOUR, completed, grid, labels_of
from numpy.typing import NDArray

from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.layering.build import build_stack
from illustrators_depth.layering.complete_shape import complete_shape
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_CASES = Path(__file__).resolve().parents[3] / "cases"


def off_px(mask: NDArray[np.bool_], true: NDArray[np.bool_], above: NDArray[np.bool_]) -> float:
    """How far from the true outline the farthest wrong hidden pixel lies."""
    wrong = (mask != true) & above
    inside, outside = (
        cv2.distanceTransform(side.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        for side in (true, ~true)
    )
    return float(np.where(wrong, np.maximum(inside, outside), 0.0).max())


def by_colors(name: str, *colors: tuple[int, int, int]) -> NDArray[np.int32]:
    """A case's pixels by the nearest of some colours."""
    rgb = read_image(_CASES / name).rgba[..., :3]
    far = [((rgb - np.array(color) / 255.0) ** 2).sum(axis=2) for color in colors]
    return np.stack(far).argmin(axis=0).astype(np.int32)


def test_a_bar_goes_on_straight_under_another() -> None:
    labels = by_colors("bars768.png", (255, 255, 255), (0, 58, 158), (221, 42, 42))
    y, x = grid(768, 768)
    # Its long edges from (610, 90) to (80, 700) and from (690, 90) to (160, 700).
    along = np.array([80.0 - 610.0, 700.0 - 90.0])
    along /= np.hypot(*along)
    left, right = ((x - edge) * along[1] - (y - 90.0) * along[0] for edge in (610.0, 690.0))
    inside, beside = np.minimum(left, -right), np.minimum(np.abs(left), np.abs(right))
    wrong = (completed(labels, 1) != (inside > 0.0)) & (labels > 1)
    # To the middle of a wrong pixel: the outline is off by half a pixel more at most.
    assert wrong.sum() < 100 and beside[wrong].max() <= 0.5


def test_a_disc_under_two_bars_is_round() -> None:
    colors = (255, 255, 255), (250, 200, 42), (40, 122, 90), (180, 40, 88)
    labels = by_colors("disc.png", *colors)
    y, x = grid(512, 512)
    beyond = np.hypot(x - 250.0, y - 250.0) - 175.0
    true = beyond < 0.0
    mask = completed(labels, 1)
    assert np.count_nonzero(mask & true) >= 0.995 * np.count_nonzero(mask | true)
    assert np.abs(beyond[(mask != true) & (labels > 1)]).max() <= 0.5


def test_straight_edges_meet_in_a_corner() -> None:
    y, x = grid(160, 160)
    square = (np.abs(x - 70) < 40) & (np.abs(y - 70) < 40)
    cover = np.hypot(x - 110, y - 110) < 30
    assert off_px(completed(labels_of(square, cover), 1), square, cover) <= 1.5


def test_parts_that_have_nothing_to_do_with_each_other_stay_apart() -> None:
    y, x = grid(160, 240)
    ears = (np.hypot(x - 50, y - 80) < 14) | (np.hypot(x - 190, y - 80) < 14)
    face = ((x - 120) / 66) ** 2 + ((y - 80) / 74) ** 2 < 1
    mask = completed(labels_of(ears, face), 1)
    assert not mask[:, 100:140].any()


def test_a_bar_in_two_parts_is_one_bar() -> None:
    y, x = grid(160, 240)
    bar = (np.abs(y - 80) < 12) & (np.abs(x - 120) < 100)
    cover = np.abs(x - 120) < 40
    mask = completed(labels_of(bar, cover), 1)
    assert off_px(mask, bar, cover) <= 1.5


def test_a_hill_goes_on_to_the_border_of_the_picture() -> None:
    y, x = grid(160, 240)
    hill = y > 90 + 0.1 * x
    tree = np.abs(x - 200) < 60
    mask = completed(labels_of(hill, tree), 1)
    assert off_px(mask, hill, tree) <= 1.5


def test_paint_under_a_stroke_around_it_reaches_the_middle_of_the_stroke() -> None:
    y, x = grid(160, 160)
    far = np.hypot(x - 80, y - 80)
    paint, stroke = far < 50, np.abs(far - 50) < 6
    mask = completed(labels_of(paint, stroke), 1)
    assert off_px(mask, paint, stroke) <= 1.5


def test_a_hole_under_a_bar_stays_a_hole() -> None:
    y, x = grid(160, 160)
    far = np.hypot(x - 80, y - 80)
    ring, bar = (far < 60) & (far > 30), np.abs(y - 84) < 12
    mask = completed(labels_of(ring, bar), 1)
    assert off_px(mask, ring, bar) <= 1.5


@pytest.mark.parametrize("shape", [(64, 1), (1, 64), (3, 5), (90, 90)])
def test_noise_is_completed_too(shape: tuple[int, int]) -> None:
    labels = np.random.default_rng(3).integers(0, 5, shape).astype(np.int32)
    for index in range(int(labels.max()) + 1):
        mask = completed(labels, index)
        assert mask[labels == index].all() and not mask[labels < index].any()


def test_a_layer_of_very_many_ends_is_completed_smoothly_and_says_so() -> None:
    y, x = grid(120, 640)
    teeth = (x % 16 < 8) & (np.abs(y - 60) < 50)
    combs = (y % 24 < 8) & (x > 20)
    labels = labels_of(teeth, combs)
    image = Image(np.ones((120, 640, 4), np.float32))
    depth = labels.astype(np.float32)
    stack = build_stack(image, labels, depth, CONTOUR, {"method": "clusters"})
    assert stack.meta["completed_smooth"] == [1]
    smooth = CompleteSettings(method="smooth")
    masks = [
        complete_shape(VisibilityIndex(labels), 1, how, margin=4)[1] for how in (CONTOUR, smooth)
    ]
    assert np.array_equal(*masks)


def test_an_ellipse_under_a_bar_is_that_ellipse() -> None:
    y, x = grid(200, 260)
    u, v = (x - 130) * 0.9 + (y - 100) * 0.436, (y - 100) * 0.9 - (x - 130) * 0.436
    ellipse = (u / 100) ** 2 + (v / 48) ** 2 < 1
    bar = np.abs(x - 160) < 34
    assert off_px(completed(labels_of(ellipse, bar), 1), ellipse, bar) <= 1.5


def test_curves_leave_no_hairlines() -> None:
    y, x = grid(200, 260)
    paint = np.hypot(x - 130, y - 100) < 70
    ring = np.abs(np.hypot(x - 130, y - 100) - 70) < 8
    twig = (np.abs(y - 100 - 0.3 * (x - 130)) < 5) & (x > 40)
    labels = labels_of(paint, ring | twig)
    mask = completed(labels, 1)
    hole = cv2.morphologyEx(mask.astype(np.uint8), cv2.MORPH_CLOSE, np.ones((3, 3), np.uint8))
    assert np.count_nonzero((hole > 0) & ~mask & (labels == 2)) <= 8


def test_a_rim_of_which_most_is_hidden_ends_close_by() -> None:
    y, x = grid(240, 320)
    sheet = (np.abs(x - 160) < 120) & (np.abs(y - 110) < 80)
    # A shadow of which three rows show below the sheet.
    shadow = (np.abs(x - 160) < 120) & (np.abs(y - 113) < 80)
    mask = completed(labels_of(shadow, sheet), 1)
    assert np.count_nonzero(mask & sheet) < 8 * 240


def test_strokes_meet_in_the_corner_of_a_star() -> None:
    y, x = grid(240, 240)
    # Two bands that meet in a corner under a disc: neither is closed where it is cut off.
    up = (np.abs(y - 60 - 0.5 * (x - 40)) < 10) & (x > 40) & (x < 180)
    down = (np.abs(y - 199 + 0.5 * (x - 40)) < 10) & (x > 40) & (x < 180)
    tip = (np.abs(y - 129.5) < 10 + 0.5 * (180 - x)) & (x >= 140) & (x < 199)
    hollow = np.abs(y - 129.5) < 0.5 * (179 - x) - 11
    arrow = ((up | down | tip) & ~hollow) & (x < 199 - 2 * np.abs(y - 129.5) + 1e9)
    cover = np.hypot(x - 178, y - 129.5) < 34
    mask = completed(labels_of(arrow, cover), 1)
    true, ours = arrow & cover, mask & cover
    assert np.count_nonzero(true & ours) > 0.8 * np.count_nonzero(true | ours)


def test_paint_reaches_no_farther_than_its_stroke_where_other_paint_follows() -> None:
    y, x = grid(200, 260)
    far = np.hypot(x - 90, y - 100)
    paint, stroke = far < 60, np.abs(far - 60) < 6
    # Beyond the stroke, on one side, lies the paint of something that is higher, too.
    coat = (x > 140) & (np.abs(y - 100) < 60)
    labels = np.zeros((200, 260), np.int32)
    labels[paint], labels[coat & ~paint], labels[stroke] = 1, 2, 3
    mask = completed(labels, 1)
    assert np.count_nonzero(mask & (far > 66)) < 60
