"""Compressed drawings: ripples beside edges make no regions, and no hairline is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.regions import flat_regions
from illustrators_depth.regions.ringing import remove_ringing, ringing_level
from tests.engine.drawings import box, disc, paint


def _compressed(rgba: NDArray[np.float32], ending: str, quality: int) -> NDArray[np.float32]:
    bgr = np.rint(rgba[..., 2::-1] * 255.0).astype(np.uint8)
    key = cv2.IMWRITE_JPEG_QUALITY if ending == ".jpg" else cv2.IMWRITE_WEBP_QUALITY
    again = cv2.imdecode(cv2.imencode(ending, bgr, [key, quality])[1], cv2.IMREAD_COLOR)
    out = np.ones_like(rgba)
    out[..., :3] = again[..., ::-1] / 255.0
    return out


@pytest.mark.parametrize(("ending", "quality"), [(".jpg", 90), (".jpg", 75), (".webp", 80)])
def test_a_compressed_drawing_falls_into_few_slivers(ending: str, quality: int) -> None:
    size = (400, 400)
    shapes = [
        ((230, 120, 20), disc(size, 150, 150, 120.3)),
        ((20, 90, 160), disc(size, 250, 240, 110.7)),
        ((250, 240, 90), box(size, 60.5, 250.2, 340.4, 310.6)),
        ((10, 10, 10), box(size, 40, 345.3, 360, 349.9)),
    ]
    rgba = paint(size, shapes, (245, 250, 255)).image.rgba
    clean, lossy = flat_regions(rgba), flat_regions(_compressed(rgba, ending, quality))
    assert clean.count == 7
    # Some are left; without regard to ripples it is 69, 80 and 43.
    assert lossy.count <= 18
    assert (lossy.areas >= 500).sum() <= 7


def test_a_hairline_survives_compression() -> None:
    size = (160, 240)
    drawing = paint(size, [((10, 10, 10), box(size, 20, 60.3, 220, 61.9))], (255, 240, 200))
    regions = flat_regions(_compressed(drawing.image.rgba, ".jpg", 85), min_region=4.0)
    dark = np.flatnonzero(regions.colors.max(axis=1) < 0.5)
    assert (regions.labels[:, 24:216] == dark[:, None, None]).any(axis=(0, 1)).all()


def _spread(color8: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return cv2.morphologyEx(color8, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)


def test_clean_drawings_ripple_not_and_texture_is_no_ripple() -> None:
    size = (200, 200)
    drawing = paint(size, [((200, 30, 30), disc(size, 100, 100, 70.3))], (255, 255, 255))
    color8 = np.rint(drawing.image.rgba[..., :3] * 255.0).astype(np.uint8)
    everywhere = np.ones(size, bool)
    assert ringing_level(_spread(color8), everywhere) == 0.0
    grain = np.random.default_rng(0).normal(0.0, 12.0, color8.shape)
    noisy = np.clip(color8 + grain, 0, 255).astype(np.uint8)
    assert ringing_level(_spread(noisy), everywhere) == 0.0
    lossy = _compressed(drawing.image.rgba, ".jpg", 75)
    assert (
        ringing_level(_spread(np.rint(lossy[..., :3] * 255.0).astype(np.uint8)), everywhere) > 2.0
    )


def test_only_what_is_near_the_median_is_replaced_by_it() -> None:
    color8 = np.full((9, 9, 3), 100, np.uint8)
    color8[4, 4], color8[2, 2] = 112, 200
    out = remove_ringing(color8, 1.0)
    assert (out[4, 4] == 100).all() and (out[2, 2] == 200).all()
