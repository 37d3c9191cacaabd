"""Compressed drawings: ripples beside edges make no regions, and no hairline is taken for one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.regions import flat_regions
from illustrators_depth.regions.ringing import Ringing, measure_ringing, remove_ringing
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


def _ringing(color8: NDArray[np.uint8]) -> Ringing | None:
    spread = cv2.morphologyEx(color8, cv2.MORPH_GRADIENT, np.ones((3, 3), np.uint8)).max(axis=2)
    return measure_ringing(color8, spread, np.ones(color8.shape[:2], bool))


def test_clean_drawings_ripple_not_and_texture_is_no_ripple() -> None:
    size = (200, 200)
    drawing = paint(size, [((200, 30, 30), disc(size, 100, 100, 70.3))], (255, 255, 255))
    color8 = np.rint(drawing.image.rgba[..., :3] * 255.0).astype(np.uint8)
    assert _ringing(color8) is None
    grain = np.random.default_rng(0).normal(0.0, 12.0, color8.shape)
    noisy = np.clip(color8 + grain, 0, 255).astype(np.uint8)
    assert _ringing(noisy) is None
    lossy = _compressed(drawing.image.rgba, ".jpg", 75)
    ringing = _ringing(np.rint(lossy[..., :3] * 255.0).astype(np.uint8))
    assert ringing is not None and ringing.level > 2.0


def test_a_shade_beside_an_edge_is_no_ripple() -> None:
    color8 = np.full((160, 160, 3), 255, np.uint8)
    color8[20:140, 20:140] = 228
    color8[20:140, 20:32] = np.arange(12)[None, :, None] * 19
    assert _ringing(color8) is None


def test_only_what_is_near_the_median_is_replaced_by_it() -> None:
    color8 = np.full((9, 9, 3), 100, np.uint8)
    color8[4, 4], color8[2, 2] = 112, 200
    out = remove_ringing(color8, 1.0)
    assert (out[4, 4] == 100).all() and (out[2, 2] == 200).all()


def test_a_faint_shape_far_from_strong_edges_survives_compression() -> None:
    size = (256, 256)
    shapes = [
        ((255, 232, 166), disc(size, 128, 128, 120.3)),
        ((243, 220, 156), disc(size, 90, 100, 40.2)),
        ((243, 220, 156), disc(size, 170, 160, 30.4)),
    ]
    rgba = paint(size, shapes, (20, 20, 20)).image.rgba
    assert flat_regions(rgba).count == 4
    assert flat_regions(_compressed(rgba, ".jpg", 60)).count == 4


def test_color_that_bleeds_over_strong_edges_makes_no_regions() -> None:
    size = (256, 256)
    shapes = [((0, 128, 0), box(size, 10.5, 12.3, 245.2, 244.6))]
    shapes += [((255, 220, 0), box(size, 26.2, 27.7, 230.1, 229.3))]
    for x, y, blue in ((40.6, 41.3, 255), (137.2, 40.8, 230), (39.4, 135.7, 210)):
        shapes.append(((0, 180, blue), box(size, x, y, x + 78.3, y + 77.1)))
    rgba = paint(size, shapes, (255, 255, 255)).image.rgba
    clean = flat_regions(rgba)
    for quality in (40, 60, 85):
        lossy = flat_regions(_compressed(rgba, ".jpg", quality))
        # Without regard to where the bleeding is to be expected it is 51, 44 and 25.
        assert lossy.count <= clean.count + 5
        assert (lossy.areas >= 500).sum() == clean.count


def test_a_gradient_stays_one_region_when_its_blocks_show() -> None:
    size = (256, 320)
    ramp = np.linspace(0.55, 0.0, 280, dtype=np.float32)
    rgba = paint(size, [((90, 90, 90), disc(size, 160, 60, 30.3))], (255, 255, 255)).image.rgba
    rgba[100:240, 20:300, :3] = np.stack(
        [np.full(280, 1.0), np.linspace(0.9, 0.8, 280), ramp], axis=-1
    )
    assert flat_regions(rgba).count == 3
    assert flat_regions(_compressed(rgba, ".jpg", 60)).count == 3


def test_a_compressed_drawing_full_of_edges_is_still_flat_art() -> None:
    size = (256, 256)
    rng = np.random.default_rng(4)
    shapes = [
        (tuple(rng.integers(0, 256, 3).tolist()), disc(size, x + 0.3, y + 0.4, 9.6))
        for y in range(20, 256, 36)
        for x in range(20, 256, 36)
    ]
    rgba = paint(size, shapes, (255, 255, 255)).image.rgba
    clean, lossy = flat_regions(rgba), flat_regions(_compressed(rgba, ".jpg", 60))
    assert lossy.core_share == pytest.approx(clean.core_share, abs=0.08)
    assert lossy.count == pytest.approx(clean.count, rel=0.1)


def test_dithered_gradients_are_no_ripples() -> None:
    size = (300, 300)
    shapes = [
        ((250, 170, 30), disc(size, 120, 120, 95.3)),
        ((130, 140, 150), disc(size, 190, 190, 80.7)),
    ]
    rgba = paint(size, shapes, (255, 255, 255)).image.rgba
    y, x = np.mgrid[0.0:1.0:300j, 0.0:1.0:300j]
    drawn = (rgba[..., :3].min(axis=2) < 0.97)[..., None]
    glow = np.exp(-8.0 * ((x - 0.6) ** 2 + (y - 0.55) ** 2))
    slope = np.stack([0.3 * x + 0.2 * y, 0.25 * x + 0.3 * glow, 0.3 * glow], axis=2)
    dither = np.random.default_rng(5).uniform(0.0, 1.0, (*size, 1))
    lit = np.where(drawn, np.floor(255.0 * rgba[..., :3] * (1.0 - slope) + dither), 255.0)
    color8 = np.clip(lit, 0, 255).astype(np.uint8)
    assert _ringing(color8) is None
    again = np.dstack([color8 / np.float32(255.0), rgba[..., 3]]).astype(np.float32)
    lossy = _compressed(again, ".webp", 60)
    assert _ringing(np.rint(lossy[..., :3] * 255.0).astype(np.uint8)) is not None
