"""Hairlines: one region however little of each pixel they cover; no crumbs along sharp edges."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.regions import FlatRegions, flat_regions
from tests.engine.drawings import paint

SIZE = 200
INK, PAPER = np.array([0.1, 0.2, 0.5]), np.array([1.0, 0.97, 0.9])


def inked(inside: NDArray[np.bool_], ink: NDArray[np.floating] = INK) -> NDArray[np.float32]:
    """A shape given at 8x the size, or ink of a colour per pixel, on paper."""
    side = inside.shape[0] // 8
    cover = inside.reshape(side, 8, side, 8).mean(axis=(1, 3))[..., None]
    rgb = ink * cover + PAPER * (1.0 - cover)
    return np.concatenate([rgb, np.ones_like(cover)], axis=2).astype(np.float32)


def plane() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    y, x = np.mgrid[: 8 * SIZE, : 8 * SIZE] / 8 + 1 / 16
    return y, x


def strokes(regions: FlatRegions, cover: NDArray[np.float64]) -> NDArray[np.int64]:
    """Regions that hold a pixel covered by half or more."""
    return np.unique(regions.labels[cover >= 0.5])


@pytest.mark.parametrize("width", [0.6, 1.0, 1.6, 3.2])
def test_a_hairline_is_one_region(width: float) -> None:
    y, x = plane()
    wave = np.abs(y - 100 - 30 * np.sin(x / 21)) * 0.6 < width / 2
    wave &= (x > 10) & (x < 190)
    regions = flat_regions(inked(wave))
    lines = [i for i in range(regions.count) if np.linalg.norm(regions.colors[i] - PAPER) > 0.15]
    assert len(lines) == 1
    assert (regions.labels == lines[0]).any(axis=0)[14:186].mean() > 0.97


def test_a_line_that_changes_color_is_one_region() -> None:
    y, x = plane()
    line = np.abs(np.hypot(x - 100, y - 100) - 70) < 1.2
    along = np.linspace(0, 1, SIZE)[None, :, None]
    ink = np.array([0.9, 0.6, 0.1]) * (1 - along) + np.array([0.2, 0.6, 0.6]) * along
    regions = flat_regions(inked(line, np.broadcast_to(ink, (SIZE, SIZE, 3))))
    assert regions.count == 3  # inside, outside, the line


def test_hatching_is_one_region_and_its_gaps_are_paper() -> None:
    y, x = plane()
    inside = np.hypot(x - 100, y - 100) < 80
    lines = (((x + y) % 14 < 1.1) | ((x - y) % 14 < 1.1)) & inside
    regions = flat_regions(inked(lines))
    cover = lines.reshape(SIZE, 8, SIZE, 8).mean(axis=(1, 3))
    sizes = regions.areas[strokes(regions, cover)]
    assert sizes.max() > 0.8 * sizes.sum()
    clear = np.unique(regions.labels[cover == 0.0])
    assert np.linalg.norm(regions.colors[clear] - PAPER, axis=1).max() < 0.05


def test_two_inks_that_cross_stay_apart() -> None:
    size = (160, 160)
    rows, cols = np.mgrid[: 4 * size[0], : 4 * size[1]] / 4
    made = paint(
        size,
        [
            ((150, 150, 150), np.abs(rows - 80) < 1.5),
            ((0, 0, 0), np.abs(cols - 80 - (rows - 80) / 9) < 1.5),
        ],
        (255, 255, 255),
    )
    regions = flat_regions(made.image.rgba)
    black = regions.labels[20, 73]
    assert np.linalg.norm(regions.colors[black]) < 0.2
    grey = regions.labels[80, 20]
    assert abs(float(regions.colors[grey].mean()) - 150 / 255) < 0.1
    assert (regions.labels[79:82, 10:70] == grey).mean() > 0.6


def test_no_crumbs_at_tips_and_along_the_border() -> None:
    y, x = plane()
    star = np.hypot(x - 100, y - 100) < 0
    for turn in np.radians([90, 162, 234]):
        u = (x - 98.4) * np.cos(turn) + (y - 103.7) * np.sin(turn)
        v = (y - 103.7) * np.cos(turn) - (x - 98.4) * np.sin(turn)
        star |= np.abs(v) < 26 * (1 - np.abs(u) / 85)
    assert flat_regions(inked(star)).count == 2
    card = np.hypot(np.maximum(np.abs(x - 100) - 70, 0), np.maximum(np.abs(y - 100) - 70, 0)) < 30
    assert flat_regions(inked(card)).count == 5  # four corners of paper
