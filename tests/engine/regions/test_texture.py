"""Canvas, paper and grain over a whole picture: found on drawings, taken off, and nowhere else."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth import decompose, predict_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.regions import flat_regions
from illustrators_depth.regions.texture import overlaid_texture, remove_texture
from illustrators_depth.types import Image
from tests.engine.drawings import Drawing, box, disc, paint

_SIZE = (300, 320)
_EXAMPLES = Path(__file__).parents[3] / "examples"


def _drawing() -> Drawing:
    shapes = [
        ((230, 120, 20), disc(_SIZE, 120, 110, 90.3)),
        ((20, 90, 160), disc(_SIZE, 190, 180, 80.7)),
        ((250, 240, 90), box(_SIZE, 40.5, 190.2, 280.4, 240.6)),
        ((10, 10, 10), box(_SIZE, 30, 265.3, 290, 271.9)),
    ]
    return paint(_SIZE, shapes, (245, 250, 255))


def _shaded(rgba: NDArray[np.float32], shade: NDArray[np.float64]) -> NDArray[np.float32]:
    out = rgba.copy()
    values = np.clip(rgba[..., :3] * (1.0 + shade[..., None]), 0.0, 1.0)
    out[..., :3] = np.rint(255.0 * values) / 255.0
    return out


def _canvas(size: tuple[int, int]) -> NDArray[np.float64]:
    """A plain weave of threads four pixels wide, darker at their sides, each of its own shade."""
    rng = np.random.default_rng(3)
    y, x = np.indices(size)
    weft, warp = (rng.uniform(-0.05, 0.05, side // 4 + 1) for side in size)
    round_of = np.array([0.14, 0.05, 0.05, 0.14])
    over = (y // 4 + x // 4) % 2 == 0
    return np.where(over, weft[y // 4] - round_of[y % 4], warp[x // 4] - round_of[x % 4])


def _paper(size: tuple[int, int]) -> NDArray[np.float64]:
    rng = np.random.default_rng(4)
    stains = cv2.resize(rng.uniform(-0.06, 0.06, (12, 12)), size[::-1])
    return cv2.blur(rng.normal(0.0, 0.04, size), (2, 2)) + stains - 0.06


def _texture(rgba: NDArray[np.float32]) -> float:
    color8 = np.rint(rgba[..., :3] * 255.0).astype(np.uint8)
    spread = cv2.morphologyEx(color8, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    return overlaid_texture(color8, spread, rgba[..., 3] > 0)


@pytest.mark.parametrize("surface", [_canvas, _paper])
def test_a_drawing_on_a_surface_falls_into_its_own_regions(
    surface: Callable[[tuple[int, int]], NDArray[np.float64]],
) -> None:
    drawing = _drawing()
    rgba = _shaded(drawing.image.rgba, surface(_SIZE))
    clean, regions = flat_regions(drawing.image.rgba), flat_regions(rgba)
    assert regions.count == clean.count
    assert regions.core_share > 0.9
    assert regions.untextured is not None and not regions.untextured.flags.writeable
    # Seen from every region of the clean drawing: one region covers nearly all of it.
    for number in range(clean.count):
        inside = regions.labels[clean.labels == number]
        assert np.bincount(inside).max() >= 0.97 * len(inside)


def test_depth_and_layers_are_those_of_the_drawing_without_its_canvas() -> None:
    drawing = _drawing()
    image = Image(_shaded(drawing.image.rgba, _canvas(_SIZE)), "canvas")
    stack = decompose(image, predict_depth(image))
    assert len(stack) == len(decompose(drawing.image, predict_depth(drawing.image)))


def test_what_lies_over_transparent_parts_is_no_texture_of_its_own() -> None:
    rgba = _shaded(_drawing().image.rgba, _canvas(_SIZE))
    rgba[:, 200:, 3] = 0.0
    regions = flat_regions(rgba)
    assert regions.untextured is not None
    assert (regions.labels[:, 200:] == -1).all()
    assert (regions.untextured[:, 206:] == 255).all()


def test_the_filter_sees_over_the_edges_of_strips() -> None:
    size = (2200, 1400)
    color8 = np.rint(_shaded(np.ones((*size, 4), np.float32), _canvas(size))[..., :3] * 255)
    color8 = color8.astype(np.uint8)
    whole = remove_texture(color8, 0.15)
    # Rows near one that begins a strip, filtered in the middle of another.
    again = remove_texture(np.ascontiguousarray(color8[400:1800]), 0.15)
    np.testing.assert_array_equal(again[200:1200], whole[600:1600])


@pytest.mark.parametrize("size", [(701, 960), (960, 701)])
def test_a_large_drawing_keeps_its_edges_where_they_are(size: tuple[int, int]) -> None:
    shapes = [
        ((230, 120, 20), disc(size, 350, 300, 250.3)),
        ((20, 90, 160), box(size, 150.5, 420.2, 660.4, 640.6)),
    ]
    rgba = paint(size, shapes, (225, 230, 235)).image.rgba
    clean, regions = flat_regions(rgba), flat_regions(_shaded(rgba, _canvas(size)))
    assert regions.untextured is not None
    assert regions.count == clean.count == 3
    # Both number regions in the order of their first pixel.
    assert np.count_nonzero(regions.labels != clean.labels) < 0.004 * clean.labels.size


def test_drawings_gradients_paintings_and_photographs_have_no_texture_over_them() -> None:
    drawing = _drawing().image.rgba
    assert _texture(drawing) == 0.0
    ramp = np.broadcast_to(np.linspace(0.3, -0.4, _SIZE[1]), _SIZE)
    assert _texture(_shaded(drawing, ramp)) == 0.0
    half = _canvas(_SIZE)
    half[:, : _SIZE[1] // 2] = 0.0
    assert _texture(_shaded(drawing, half)) == 0.0
    for name in ("sunflower-canvas.jpg", "balloons-photo.jpg", "reef.png", "portrait.webp"):
        rgba = read_image(_EXAMPLES / name).rgba
        small = cv2.resize(rgba, None, fx=0.4, fy=0.4, interpolation=cv2.INTER_AREA)
        assert _texture(small) == 0.0, name
        assert flat_regions(small).untextured is None
