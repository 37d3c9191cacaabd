"""A texture goes on where it is hidden, without the colour of what hides it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.layering.build import build_stack
from illustrators_depth.layering.paint.texture_fill import is_textured
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_SIZE = 200
_BAR = np.array([0.1, 0.1, 0.6])
_PAINT = np.array([0.8, 0.6, 0.3])


def texture(name: str) -> np.ndarray:
    y, x = np.mgrid[0:_SIZE, 0:_SIZE]
    noise = np.random.default_rng(5).normal(0.0, 1.0, (_SIZE, _SIZE))
    return {
        "grain": 0.06 * noise,
        "soft grain": 0.3 * cv2.GaussianBlur(noise, (0, 0), 1.5),
        "hatching": np.where((x + y) % 9 < 2, -0.2, 0.0),
        "canvas": 0.06 * np.sin(x * 2 * np.pi / 5) + 0.06 * np.sin(y * 2 * np.pi / 6),
        "halftone": np.where((x % 10 - 5) ** 2 + (y % 10 - 5) ** 2 < 9, -0.25, 0.0),
    }[name]


def bar() -> np.ndarray:
    y, x = np.mgrid[0:_SIZE, 0:_SIZE]
    return np.abs(x - 0.3 * y - 70.0) < 26.0


def drawing(paint: np.ndarray) -> np.ndarray:
    """The paint under a bar, whose edge is a blend of both, two pixels wide."""
    covered = cv2.GaussianBlur(bar().astype(np.float32), (0, 0), 0.6)[..., None]
    rgba = np.ones((_SIZE, _SIZE, 4), np.float32)
    rgba[..., :3] = paint * (1.0 - covered) + _BAR * covered
    return rgba


def completed(paint: np.ndarray) -> np.ndarray:
    labels = bar().astype(np.int32)
    image = Image(drawing(paint))
    stack = build_stack(
        image, labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    return np.asarray(stack.layers[0].rgba[..., :3])


def local_deviation(colors: np.ndarray, where: np.ndarray) -> float:
    plain = colors.mean(axis=2)
    return float((plain - cv2.blur(plain, (21, 21)))[where].std())


def inside_and_outside(margin: int) -> tuple[np.ndarray, np.ndarray]:
    square = np.ones((2 * margin + 1, 2 * margin + 1), np.uint8)
    hidden = bar().astype(np.uint8)
    return cv2.erode(hidden, square) > 0, cv2.dilate(hidden, square) == 0


@pytest.mark.parametrize("name", ["grain", "soft grain", "hatching", "canvas", "halftone"])
def test_a_hidden_texture_varies_as_what_is_seen_of_it(name: str) -> None:
    paint = _PAINT + texture(name)[..., None]
    colors = completed(paint)
    hidden, seen = inside_and_outside(3)
    share = local_deviation(colors, hidden) / local_deviation(colors, seen)
    assert 0.85 < share < 1.15
    # Neither the mean colour nor the hue is drawn towards that of the bar.
    assert np.abs(colors[hidden].mean(axis=0) - paint[seen].mean(axis=0)).max() < 0.02
    reddish = colors[..., 0] - colors[..., 2]
    assert reddish[bar()].min() > 0.9 * (paint[..., 0] - paint[..., 2]).min() - 0.02


@pytest.mark.parametrize("name", ["hatching", "canvas", "halftone"])
def test_a_regular_texture_keeps_its_place(name: str) -> None:
    paint = _PAINT + texture(name)[..., None]
    hidden, _ = inside_and_outside(3)
    wrong = (completed(paint) - paint)[hidden]
    assert np.sqrt((wrong**2).mean()) < 0.5 * texture(name).std()


def test_a_texture_over_a_gradient_follows_the_gradient() -> None:
    gradient = _PAINT + np.linspace(-0.2, 0.1, _SIZE)[:, None, None]
    colors = completed(gradient + texture("grain")[..., None])
    hidden, _ = inside_and_outside(3)
    for part in np.array_split(np.flatnonzero(hidden.any(axis=1)), 5):
        rows = hidden.copy()
        rows[: part[0]] = False
        rows[part[-1] + 1 :] = False
        assert np.abs(colors[rows].mean(axis=0) - gradient[part].mean(axis=(0, 1))).max() < 0.02


def test_completion_of_a_texture_is_the_same_each_time() -> None:
    paint = _PAINT + texture("grain")[..., None]
    assert np.array_equal(completed(paint), completed(paint))


def test_a_picture_on_a_layer_is_no_texture() -> None:
    pixels = np.ones((_SIZE, _SIZE, 4), np.float32)
    pixels[..., :3] = _PAINT
    known = np.ones((_SIZE, _SIZE), np.uint8)
    cv2.circle(pixels, (60, 60), 20, (0.2, 0.3, 0.9, 1.0), -1)
    cv2.circle(pixels, (140, 120), 30, (0.9, 0.1, 0.1, 1.0), -1)
    assert not is_textured(pixels, known)
    pixels[..., :3] += texture("grain")[..., None].astype(np.float32)
    assert is_textured(pixels, known)
