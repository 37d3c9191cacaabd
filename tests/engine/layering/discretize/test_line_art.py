"""Ink drawings: paper and ink are the layers, however many cells the strokes leave."""

from __future__ import annotations

from collections.abc import Callable

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.layering import decompose
from illustrators_depth.settings import DecomposeSettings
from illustrators_depth.types import DepthMap, Image

SIDE, STEP, MARGIN = 256, 10, 20
PAPER, INK = (250, 246, 235), (28, 40, 95)


def hatched(ink: tuple[int, int, int], fill: tuple[int, int, int]) -> NDArray[np.uint8]:
    """Crossing hairlines, anti-aliased, and a disc in a color of its own."""
    large = np.full((4 * SIDE, 4 * SIDE, 3), PAPER, np.uint8)
    first, last = 4 * MARGIN, 4 * (SIDE - MARGIN)
    for at in range(first, last + 1, 4 * STEP):
        cv2.line(large, (first, at), (last, at), ink, 5)
        cv2.line(large, (at, first), (at, last), ink, 5)
    cv2.circle(large, (2 * SIDE, 2 * SIDE), 160, fill, -1)
    return cv2.resize(large, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def guessed(rgb: NDArray[np.uint8]) -> tuple[Image, DepthMap]:
    """The picture, and a depth that knows the page and guesses at the cells between strokes."""
    rng = np.random.default_rng(3)
    depth = np.zeros((SIDE, SIDE), np.float32)
    inner = slice(MARGIN, SIDE - MARGIN)
    cells = rng.uniform(2.0, 9.0, (SIDE // STEP, SIDE // STEP)).astype(np.float32)
    depth[inner, inner] = np.kron(cells, np.ones((STEP, STEP), np.float32))[
        : SIDE - 2 * MARGIN, : SIDE - 2 * MARGIN
    ]
    depth[(np.abs(rgb.astype(int) - PAPER).max(axis=2) > 60)] = 5.0
    rgba = np.dstack([rgb / 255.0, np.ones((SIDE, SIDE))]).astype(np.float32)
    return Image(rgba, "hatched"), DepthMap(depth, "test")


@pytest.mark.parametrize(("fill", "layers"), [((20, 20, 30), 2), ((210, 40, 40), 3)])
def test_each_color_is_one_layer_and_paper_is_the_lowest(
    fill: tuple[int, int, int], layers: int
) -> None:
    rgb = hatched((20, 20, 30), fill)
    stack = decompose(*guessed(rgb))
    assert len(stack) == layers
    # Enclosed by strokes or not, and whatever was guessed: paper is paper.
    paper = np.abs(rgb.astype(int) - PAPER).max(axis=2) < 8
    assert (stack.labels[paper] == 0).mean() > 0.99
    assert stack.labels[SIDE // 2, SIDE // 2] > 0


def test_a_wanted_number_of_layers_is_still_cut_by_depth() -> None:
    stack = decompose(*guessed(hatched((20, 20, 30), (20, 20, 30))), DecomposeSettings(layers=5))
    assert len(stack) == 5


def test_many_colors_are_a_painting() -> None:
    rgb = hatched((20, 20, 30), (210, 40, 40))
    for n in range(6):
        rgb[4 : MARGIN - 4, 20 + 30 * n : 40 + 30 * n] = (40 * n, 255 - 40 * n, (97 * n) % 256)
    image, depth = guessed(rgb)
    assert len(decompose(image, depth)) > 4


def test_wide_cells_are_paper_too() -> None:
    """Strokes so far apart that most of the picture is flat."""
    rgb = np.full((4 * 400, 4 * 400, 3), PAPER, np.uint8)
    for at in range(80, 1600, 120):
        cv2.line(rgb, (80, at), (1520, at), (20, 20, 30), 5)
        cv2.line(rgb, (at, 80), (at, 1520), (20, 20, 30), 5)
    rgb = cv2.resize(rgb, (400, 400), interpolation=cv2.INTER_AREA)
    ink = np.abs(rgb.astype(int) - PAPER).max(axis=2) > 60
    cells = np.random.default_rng(3).uniform(2.0, 9.0, (14, 14)).astype(np.float32)
    depth = np.zeros((400, 400), np.float32)
    depth[20:380, 20:380] = np.kron(cells, np.ones((30, 30), np.float32))[:360, :360]
    depth[ink] = 5.0
    rgba = np.dstack([rgb / 255.0, np.ones((400, 400))]).astype(np.float32)
    stack = decompose(Image(rgba, "wide"), DepthMap(depth, "test"))
    assert len(stack) == 2
    assert (stack.labels[~ink & (rgb.min(axis=2) > 225)] == 0).mean() > 0.99


def test_shapes_of_few_colors_are_objects() -> None:
    """White spots on black squares on a white page lie on the squares."""
    rgb = np.full((640, 640, 3), 255, np.uint8)
    depth = np.zeros((640, 640), np.float32)
    for top in range(10, 640, 64):
        for left in range(10, 640, 64):
            rgb[top : top + 56, left : left + 56] = 20
            rgb[top + 24 : top + 34, left + 24 : left + 34] = 255
            depth[top : top + 56, left : left + 56] = 1.0
            depth[top + 24 : top + 34, left + 24 : left + 34] = 2.0
    rgba = np.dstack([rgb / 255.0, np.ones((640, 640))]).astype(np.float32)
    stack = decompose(Image(rgba, "spots"), DepthMap(depth, "test"))
    assert len(stack) == 3
    assert stack.labels[38, 38] > stack.labels[12, 12] > stack.labels[0, 0]


def hatching() -> NDArray[np.uint8]:
    fine = np.full((4 * SIDE, 4 * SIDE, 3), PAPER, np.uint8)
    for at in range(80, 945, 40):
        cv2.line(fine, (80, at), (944, at + 7), INK, 3)
    return cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


def chords() -> NDArray[np.uint8]:
    """Where they meet, what is left of the paper between them is smaller than a pixel."""
    fine = np.full((4 * SIDE, 4 * SIDE, 3), PAPER, np.uint8)
    for turn in np.linspace(0.0, 2.0 * np.pi, 150):
        x = (512 + 460 * np.cos([turn, turn + 2.6])).astype(int)
        y = (512 + 460 * np.sin([turn, turn + 2.6])).astype(int)
        cv2.line(fine, (x[0], y[0]), (x[1], y[1]), INK, 2)
    return cv2.resize(fine, (SIDE, SIDE), interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("draw", [hatching, chords])
def test_a_layer_of_strokes_is_of_the_ink_they_are_drawn_in(
    draw: Callable[[], NDArray[np.uint8]],
) -> None:
    """Thin strokes are blends with the paper all over: their mean would be a grey."""
    rgb = draw()
    rgba = np.dstack([rgb / 255.0, np.ones((SIDE, SIDE))]).astype(np.float32)
    depth = (rgb.min(axis=2) < 220).astype(np.float32)
    layer = decompose(Image(rgba, "strokes"), DepthMap(depth, "test")).layers[-1]
    assert layer.name.startswith("navy")
    assert np.abs(255.0 * np.array(layer.color) - INK).max() < 30
