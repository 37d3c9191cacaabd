"""A stroke around a fill goes on with it under what hides both."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.layering.build import build_stack
from illustrators_depth.layering.edges.outline_stroke import outline_stroke
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_SIZE = 200
_STROKE, _BAR = np.array([0.1, 0.1, 0.15]), np.array([0.2, 0.4, 0.8])


def outside(shape: str) -> np.ndarray:
    """How far each pixel lies outside of the shape; negative inside."""
    y, x = np.mgrid[0:_SIZE, 0:_SIZE] + 0.5
    if shape == "disc":
        return np.hypot(x - 100.0, y - 100.0) - 70.0
    return np.maximum(np.abs(y - 100.0) - 40.0, np.abs(x - 100.0) - 85.0)


def bar() -> np.ndarray:
    _, x = np.mgrid[0:_SIZE, 0:_SIZE] + 0.5
    return np.abs(x - 100.0) < 24.0


def hidden_colors(shape: str, width: float, fill: np.ndarray) -> np.ndarray:
    """The colours of a stroked shape's layer under a bar, and beside it."""
    distance = outside(shape)
    stroke = np.clip(distance + width + 0.5, 0.0, 1.0)[..., None]
    colors = fill * (1.0 - stroke) + _STROKE * stroke
    labels = np.where(bar(), 2, np.where(distance < 0.0, 1, 0)).astype(np.int32)
    rgba = np.ones((_SIZE, _SIZE, 4), np.float32)
    rgba[..., :3] = np.select(
        [(labels == 2)[..., None], (labels == 1)[..., None]], [_BAR, colors], 1
    )
    stack = build_stack(
        Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    return np.asarray(stack.layers[1].rgba[..., :3])


@pytest.mark.parametrize("shape", ["disc", "rectangle"])
@pytest.mark.parametrize("width", [4.0, 7.5, 12.0])
@pytest.mark.parametrize("shaded", [False, True])
def test_a_hidden_stroke_keeps_its_width_and_colour(shape: str, width: float, shaded: bool) -> None:
    shade = np.linspace(-0.2, 0.2, _SIZE)[:, None, None] * shaded
    fill = np.array([0.75, 0.6, 0.3]) + shade
    colors, distance = hidden_colors(shape, width, fill), outside(shape)
    in_stroke = bar() & (distance < -1.0) & (distance > 1.0 - width)
    in_fill = bar() & (distance < -1.0 - width)
    assert np.abs(colors[in_stroke] - _STROKE).max() < 0.02
    truth = np.broadcast_to(fill, colors.shape)
    assert np.abs(colors[in_fill] - truth[in_fill]).max() < 0.03


@pytest.mark.parametrize("width", [2.0, 2.5])
def test_a_round_stroke_of_few_pixels_goes_on(width: float) -> None:
    fill = np.array([0.75, 0.6, 0.3])
    colors, distance = hidden_colors("disc", width, fill), outside("disc")
    outermost = bar() & (distance < -0.4) & (distance > 0.1 - width)
    off = np.abs(colors[outermost] - _STROKE).max(axis=1)
    assert off.mean() < 0.12 and off.max() < 0.45
    assert np.abs(colors[bar() & (distance < -1.5 - width)] - fill).max() < 0.03


def test_colours_side_by_side_are_no_stroke() -> None:
    pixels = np.ones((_SIZE, _SIZE, 4), np.float32)
    pixels[:, :100, :3] = 0.2
    mask = outside("disc") < 0.0
    core = (outside("disc") < -1.5).astype(np.uint8)
    assert outline_stroke(pixels, mask, core) is None
    pixels[..., :3] = 0.5
    assert outline_stroke(pixels, mask, core) is None
