"""Layers laid over one another give the picture back: through shadows, along hairlines, in JPEG."""

from __future__ import annotations

from io import BytesIO

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image as PilImage

from illustrators_depth.editing import flatten
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.layering import decompose
from illustrators_depth.layering.compositing.composite import lay_over
from illustrators_depth.layering.edges.settle_edges import settle_edges
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.tracing import vectorize
from illustrators_depth.types import DepthMap, Image, Layer, LayerStack
from tests.engine.drawings import stacked_discs
from tests.engine.tracing.rendering import over_white, render

SIZE = (160, 200)


def logo(shadow: float) -> tuple[Image, DepthMap]:
    """A red disc, and on it, says the depth, a blue translucent square that also leaves it."""
    fine = np.zeros((4 * SIZE[0], 4 * SIZE[1], 4), np.float32)
    index = np.zeros(fine.shape[:2], np.float32)
    rows, cols = np.mgrid[: fine.shape[0], : fine.shape[1]]
    disc = np.hypot(cols - 320, rows - 320) < 240
    square = (cols > 360) & (cols < 720) & (rows > 300) & (rows < 580)
    fine[disc], index[disc] = (0.85, 0.15, 0.2, 1.0), 1.0
    fine[square], index[square] = (0.1, 0.3, 0.8, shadow), 2.0
    premultiplied = fine * np.dstack([fine[..., 3]] * 3 + [np.ones_like(index)])
    small = cv2.resize(premultiplied, SIZE[::-1], interpolation=cv2.INTER_AREA)
    alpha = small[..., 3:]
    color = np.where(alpha > 0, small[..., :3] / np.maximum(alpha, 1e-6), 0.0)
    image = Image(np.concatenate([color, alpha], axis=2).astype(np.float32), "logo")
    return image, DepthMap(np.ascontiguousarray(index[2::4, 2::4]))


def off(stack: LayerStack, image: Image) -> NDArray[np.float32]:
    """How far every pixel of the flattened stack is from the picture's, over white."""
    return np.abs(flatten(stack).over() - image.over()).max(axis=2)


@pytest.mark.parametrize("method", ["smooth", "nearest"])
def test_nothing_continues_under_glass(method: str) -> None:
    image, depth = logo(shadow=0.4)
    stack = decompose(image, depth, complete=CompleteSettings(method=method))
    red, blue = stack.layers
    assert not (red.mask & blue.visible).any()
    assert float((off(stack, image) > 0.1).mean()) < 0.002


def test_what_is_solid_is_continued_under() -> None:
    image, depth = logo(shadow=1.0)
    red, blue = decompose(image, depth).layers
    assert np.count_nonzero(red.mask & blue.visible) > 1000


def test_drawings_have_nothing_under_glass_either() -> None:
    image, depth = logo(shadow=0.4)
    drawn = over_white(render(vectorize(decompose(image, depth))))
    wrong = np.abs(drawn - image.over()).max(axis=2) > 0.15
    assert float(wrong.mean()) < 0.006  # 0.092 where layers run on under the glass


def test_hairlines_keep_their_dark() -> None:
    """Lines of half a pixel, crossing: no pixel is as dark as their ink, crossings are darker."""
    fine = np.ones((4 * 160, 4 * 160, 3), np.float32)
    for k in range(0, 640, 60):
        cv2.line(fine, (k, 0), (640 - k, 639), (0.1, 0.1, 0.3), 2)
        cv2.line(fine, (0, k), (639, 640 - k), (0.1, 0.1, 0.3), 2)
    rgb = cv2.resize(fine, (160, 160), interpolation=cv2.INTER_AREA)
    image = Image(np.dstack([rgb, np.ones((160, 160), np.float32)]), "net")
    depth = DepthMap((rgb.min(axis=2) < 0.9).astype(np.float32))
    away = off(decompose(image, depth), image)
    assert float(np.sqrt((away**2).mean())) < 0.03  # 0.078 with coverage alone


def test_rims_of_a_compressed_picture() -> None:
    drawing = stacked_discs()
    file = BytesIO()
    rgb = np.rint(drawing.image.rgba[..., :3] * 255).astype(np.uint8)
    PilImage.fromarray(rgb).save(file, "JPEG", quality=70)
    image = read_image(PilImage.open(file))
    away = off(decompose(image, drawing.depth), image)
    assert float((away > 0.1).mean()) < 0.006  # 0.017 with coverage alone


def test_clean_rims_keep_the_layers_own_colour() -> None:
    """Where coverage explains the blend, no blended colour is left in a layer's rim."""
    drawing = stacked_discs()
    for layer in decompose(drawing.image, drawing.depth).layers[1:4]:
        seen = layer.rgba_crop[layer.visible_crop][:, :3]
        wrong = np.abs(seen - np.median(seen, axis=0)).max(axis=1) > 0.1
        assert float(wrong.mean()) < 0.01


@pytest.mark.parametrize("clear", [False, True])
def test_outlines_thinner_than_a_pixel_are_not_lost(clear: bool) -> None:
    """Where an outline runs between two layers, neither layer's paint explains its pixels."""
    page = "" if clear else '<rect width="160" height="160" fill="#d8ecff"/>'
    picture = render(
        f'<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160">{page}'
        '<g stroke="#181410" stroke-width=".9"><circle cx="60" cy="60" r="40" fill="#e07a3c"/>'
        '<path d="M40 130L90 50L150 120Z" fill="#7bc47f"/>'
        '<circle cx="110" cy="60" r="22" fill="#f4d35e"/></g></svg>'
    )
    height = np.zeros((160, 160), np.float32)
    rows, cols = np.mgrid[:160, :160] + 0.5
    height[np.hypot(cols - 60, rows - 60) < 40] = 2.0
    green = (rows < 130 - (cols - 40) / 11) & (cols > 40 + (130 - rows) * 50 / 80)
    height[green & (rows > 50 + (cols - 90) * 70 / 60)] = 4.0
    height[np.hypot(cols - 110, rows - 60) < 22] = 6.0
    image = read_image(PilImage.fromarray(np.rint(picture * 255).astype(np.uint8)))
    stack = decompose(image, DepthMap(height))
    assert len(stack) >= 3
    off = flatten(stack).over() - image.over()
    assert np.sqrt((off**2).mean()) * 255 <= (2.0 if clear else 1.5)


def test_a_lower_layer_that_cannot_be_dark_enough_is_uncovered() -> None:
    """Under the upper layer's half-covered edge no colour of the lower one gives a black line."""
    picture = np.zeros((9, 9, 4), np.float32)
    picture[:] = (0.0, 0.0, 0.6, 1.0)
    picture[:, 5:] = (1.0, 0.8, 0.0, 1.0)
    picture[:, 4] = (0.0, 0.0, 0.0, 1.0)  # seen as the lower layer's
    numbers = np.ones((9, 9), np.uint16)
    numbers[:, 5:] = 2
    whole = picture.copy()
    whole[:, 4:] = (0.0, 0.0, 0.6, 1.0)
    above = np.zeros((9, 9, 4), np.float32)
    above[:] = (1.0, 0.8, 0.0, 0.0)
    above[:, 5:, 3], above[:, 4, 3] = 1.0, 0.4

    def layer(rgba: NDArray[np.float32], number: int) -> Layer:
        mask, own = rgba[..., 3] > 0.5, rgba.copy()
        return Layer(
            str(number), float(number), (0.0, 0.0, 0.0), (9, 9), (0, 0, 9, 9),
            numbers == number, mask, own,
        )  # fmt: skip

    layers = settle_edges(picture, numbers, [layer(whole, 1), layer(above, 2)], np.float32(255.0))
    canvas = np.zeros((9, 9, 4), np.float32)
    for each in layers:
        lay_over(canvas, each)
    assert np.abs(canvas - picture).max() < 1e-6
