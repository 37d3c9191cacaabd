"""Flat regions: one per painted area, no slivers along edges, strokes kept, specks absorbed."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.regions import adjacency, flat_regions, region_medians
from tests.engine.drawings import box, disc, paint, stacked_discs


def test_each_area_is_one_region_that_matches_the_truth() -> None:
    drawing = stacked_discs()
    regions = flat_regions(drawing.image.rgba)
    # Background (cut by the stroke into two), four discs (one crossed by the stroke), the stroke.
    assert 6 <= regions.count <= 9
    pure = 0
    for i in range(regions.count):
        counts = np.bincount(drawing.truth[regions.labels == i])
        pure += counts.max()
    assert pure / drawing.truth.size > 0.985
    assert regions.core_share > 0.75


def test_no_sliver_regions_along_antialiased_edges() -> None:
    size = (200, 200)
    drawing = paint(size, [((200, 30, 30), disc(size, 100, 100, 70.3))], (255, 255, 255))
    regions = flat_regions(drawing.image.rgba, min_region=0.0)
    assert regions.count == 2


def test_a_thin_stroke_survives_as_its_own_region() -> None:
    size = (120, 200)
    drawing = paint(size, [((10, 10, 10), box(size, 20, 60.3, 180, 61.9))], (255, 240, 200))
    regions = flat_regions(drawing.image.rgba, min_region=4.0)
    dark = np.flatnonzero(regions.colors.max(axis=1) < 0.5)
    assert len(dark) == 1
    columns = (regions.labels == dark[0]).any(axis=0)
    assert columns[22:178].all()


def test_specks_are_absorbed_and_small_areas_kept_by_their_size() -> None:
    size = (256, 256)
    speck, dot = disc(size, 60, 60, 1.2), disc(size, 180, 180, 8)
    drawing = paint(size, [((10, 10, 10), speck), ((10, 10, 200), dot)])
    kept = flat_regions(drawing.image.rgba, min_region=24.0 * 16 * 4)
    assert kept.count == 2
    assert flat_regions(drawing.image.rgba, min_region=24.0 * 16 * 200).count == 1


def test_a_gradient_is_one_region() -> None:
    ramp = np.linspace(0.2, 0.9, 300, dtype=np.float32)
    rgba = np.ones((100, 300, 4), np.float32)
    rgba[..., 0], rgba[..., 1], rgba[..., 2] = ramp, 0.5, 1.0 - ramp
    assert flat_regions(rgba).count == 1


def test_a_stripe_of_near_white_is_not_the_white_page_that_it_touches() -> None:
    rgba = np.ones((120, 120, 4), np.float32)
    rgba[40:80, 20:100, :3] = np.array([247, 252, 255]) / 255.0
    regions = flat_regions(rgba)
    assert regions.count == 2
    assert sorted(regions.areas.tolist()) == [3200, 120 * 120 - 3200]
    # One rounding step is nothing that anybody painted.
    rgba[40:80, 20:100, :3] = 254.0 / 255.0
    assert flat_regions(rgba).count == 1


def test_transparent_pixels_belong_to_no_region() -> None:
    rgba = np.zeros((64, 64, 4), np.float32)
    assert flat_regions(rgba).count == 0
    rgba[16:48, 16:48] = (1.0, 0.0, 0.0, 1.0)
    regions = flat_regions(rgba)
    assert regions.count == 1
    assert (regions.labels >= 0).sum() == 32 * 32


def test_labels_are_dense_and_areas_add_up_even_on_noise() -> None:
    rgba = np.ones((97, 61, 4), np.float32)
    rgba[..., :3] = np.random.default_rng(3).random((97, 61, 3), np.float32)
    regions = flat_regions(rgba)
    assert np.array_equal(np.unique(regions.labels), np.arange(regions.count))
    assert regions.areas.sum() == 97 * 61
    again = flat_regions(rgba)
    assert np.array_equal(regions.labels, again.labels)


def test_medians_and_adjacency_agree_with_a_direct_count() -> None:
    rng = np.random.default_rng(0)
    labels = rng.integers(-1, 4, (20, 30)).astype(np.int32)
    values = rng.random((20, 30), np.float32)
    medians = region_medians(values, labels, 5)
    for i in range(4):
        inside = np.sort(values[labels == i])
        assert medians[i] == inside[(len(inside) - 1) // 2]
    assert np.isnan(medians[4])
    counted: dict[tuple[int, int], int] = {}
    for y in range(20):
        for x in range(30):
            for ny, nx in ((y, x + 1), (y + 1, x)):
                if ny < 20 and nx < 30:
                    a, b = sorted((int(labels[y, x]), int(labels[ny, nx])))
                    if a >= 0 and a != b:
                        counted[a, b] = counted.get((a, b), 0) + 1
    assert {(a, b): n for a, b, n in adjacency(labels, 4).tolist()} == counted


@pytest.mark.parametrize(
    "tones", [(0.0, 1.0), (1.0, 0.0), (0.05, 0.95), (0.4, 0.9), ((0.8, 0.2, 0.1), (0.1, 0.3, 0.7))]
)
@pytest.mark.parametrize("pattern", ["checks", "columns", "rows", "wide"])
@pytest.mark.parametrize("size", [(64, 64), (61, 83), (300, 701)])
def test_patterns_of_two_paints_keep_every_pixel(
    size: tuple[int, int], pattern: str, tones: tuple[object, object]
) -> None:
    """Checks and stripes of one and two pixels are drawn, however regular: no canvas, no stroke."""
    y, x = np.indices(size)
    second = {"checks": y + x, "columns": x, "rows": y, "wide": y // 2 + x // 2}[pattern] % 2
    rgba = np.ones((*size, 4), np.float32)
    rgba[..., :3] = np.where(second[..., None], *tones)
    regions = flat_regions(rgba)
    assert regions.untextured is None
    np.testing.assert_allclose(regions.colors[regions.labels], rgba[..., :3], atol=0.01)
