"""Where opaque meets translucent paint, the layers have the picture's own colour and alpha."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.layering import decompose
from illustrators_depth.layering.compositing.composite import lay_over
from illustrators_depth.layering.edges.settle_edges import settle_edges
from illustrators_depth.types import DepthMap, Image, Layer, LayerStack

HALF_STEP = 0.5 / 255.0
ROWS, COLS = np.mgrid[:120, :140] + 0.5


def disc_on_shadow(reach: float) -> NDArray[np.float32]:
    """An orange disc, anti-aliased, over a soft black shadow that fades, straight alpha."""
    shadow = 0.45 * np.clip(1.0 - np.hypot(COLS - 80, ROWS - 70) / reach, 0.0, 1.0) ** 1.5
    disc = np.clip(40.5 - np.hypot(COLS - 55, ROWS - 50), 0.0, 1.0)
    alpha = disc + shadow * (1.0 - disc)
    color = np.array([1.0, 0.6, 0.1]) * (disc / np.maximum(alpha, 1e-6))[..., None]
    return np.dstack([color, alpha]).astype(np.float32)


def flattened(layers: LayerStack | list[Layer], shape: tuple[int, ...]) -> NDArray[np.float32]:
    canvas = np.zeros((*shape[:2], 4), np.float32)
    for layer in layers:
        lay_over(canvas, layer)
    return canvas


def premultiplied(rgba: NDArray[np.float32]) -> NDArray[np.float32]:
    return np.dstack([rgba[..., :3] * rgba[..., 3:], rgba[..., 3]])


@pytest.mark.parametrize("disc_depth", [2.0, 0.0], ids=["shadow below", "shadow above"])
@pytest.mark.parametrize("eight_bit", [False, True])
def test_a_disc_over_its_fading_shadow(disc_depth: float, eight_bit: bool) -> None:
    rgba = disc_on_shadow(reach=60.0)
    if eight_bit:
        rgba = np.rint(rgba * 255).astype(np.float32) / np.float32(255.0)
    inside = np.hypot(COLS - 55, ROWS - 50) < 40.0
    depth = DepthMap(np.where(inside, disc_depth, 1.0).astype(np.float32))
    stack = decompose(Image(rgba, "disc"), depth)
    assert len(stack) >= 2
    off = np.abs(flattened(stack, rgba.shape) - premultiplied(rgba)).max(axis=2)

    assert off.max() <= HALF_STEP + 1e-5


def test_layers_that_show_more_than_the_picture_cover_less() -> None:
    """No colour and coverage of a black shadow makes up for too much orange below or above it."""
    picture = np.zeros((3, 6, 4), np.float32)
    picture[:, :2] = (1.0, 0.6, 0.1, 1.0)
    picture[:, 2:] = (0.0, 0.0, 0.0, 0.3)
    orange, black = picture.copy(), picture.copy()
    orange[:, 2:] = (1.0, 0.6, 0.1, 0.0)
    orange[:, 2, 3] = 102.0 / 255.0
    black[:, :2] = 0.0
    mask = np.zeros((3, 6), bool)
    mask[:, :2] = True

    def layer(rgba: NDArray[np.float32], own: NDArray[np.bool_]) -> Layer:
        return Layer("", 0.0, (0.0, 0.0, 0.0), (3, 6), (0, 0, 3, 6), own, own, rgba.copy())

    for order in ((0, 1), (1, 0)):
        both = [layer(orange, mask), layer(black, ~mask)]
        layers = [both[k] for k in order]
        numbers = np.where(mask, order.index(0) + 1, order.index(1) + 1).astype(np.uint8)
        settled = settle_edges(picture, numbers, layers, np.float32(255.0))
        off = np.abs(flattened(settled, picture.shape) - premultiplied(picture))
        assert off.max() <= HALF_STEP + 1e-5


def test_a_page_that_is_not_clear_far_from_the_drawing_is_no_rim() -> None:
    rgba = np.zeros((40, 320, 4), np.float32)
    rgba[..., 3] = 0.02
    rgba[10:30, 10:30] = 1.0
    (square,) = decompose(Image(rgba, "page"), DepthMap(np.zeros((40, 320), np.float32)))
    assert square.window[3] <= 30 + 320 // 8 + 4
    assert not square.mask[:, 30:].any()
