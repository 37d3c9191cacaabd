"""Composed scenes have an exact order; duplicates are found, variants are not."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth_training.data.backgrounds import make_background
from illustrators_depth_training.data.cleaning import invisible_boundary_fraction
from illustrators_depth_training.data.colours import colour_index, contact_sheet
from illustrators_depth_training.data.duplicates import DuplicateFilter, Fingerprint, fingerprint
from illustrators_depth_training.data.scenes import compose_scene, cut_out

Pair = tuple[np.ndarray, np.ndarray]


def disc(colour: tuple[int, int, int], size: int = 96, radius: float = 0.35) -> Pair:
    """An anti-aliased disc with a square on it, on white; three layers."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    cover = np.clip((radius - np.hypot(x, y)) * size + 0.5, 0, 1)[..., None]
    rgb = 255 * (1 - cover) + np.array(colour) * cover
    index = np.where(cover[..., 0] >= 0.5, 2, 1).astype(np.int32)
    square = (np.abs(x) < 0.1) & (np.abs(y) < 0.1)
    rgb[square] = 255 - np.array(colour)
    index[square] = 3
    return rgb.round().astype(np.uint8), index


DRAWINGS = [disc((200, 30, 40)), disc((20, 90, 200), radius=0.2), disc((30, 160, 60))]


@pytest.mark.parametrize("seed", range(12))
def test_scene_is_consistent(seed: int) -> None:
    rgb, index = compose_scene(np.random.default_rng(seed), DRAWINGS, 128)
    assert rgb.shape == (128, 128, 3)
    assert rgb.dtype == np.uint8
    present = np.unique(index)
    assert present.tolist() == list(range(1, len(present) + 1))
    again = compose_scene(np.random.default_rng(seed), DRAWINGS, 128)
    np.testing.assert_array_equal(rgb, again[0])
    np.testing.assert_array_equal(index, again[1])


def test_scenes_stack_deep_and_stay_clean() -> None:
    colours = [(90, 40, 10), (240, 200, 20), (120, 20, 150)]
    drawings = DRAWINGS + [disc(colour) for colour in colours]
    scenes = [compose_scene(np.random.default_rng(s), drawings, 128) for s in range(30)]
    assert np.median([index.max() for _, index in scenes]) >= 9
    clean = [invisible_boundary_fraction(index, rgb) <= 0.01 for rgb, index in scenes]
    assert np.mean(clean) > 0.8


def test_later_drawings_lie_above_earlier_ones() -> None:
    """Where the last drawing's colours show, the index is above everything else."""
    rgb, index = compose_scene(np.random.default_rng(5), DRAWINGS, 160)
    last = np.abs(rgb.astype(int) - (30, 160, 60)).max(axis=-1) < 8
    first = np.abs(rgb.astype(int) - (200, 30, 40)).max(axis=-1) < 8
    assert last.sum() > 50 and first.sum() > 50
    assert index[last].min() > index[first].max()


def test_cutout_has_no_pale_rim() -> None:
    rgb, index = disc((10, 20, 30))
    cutout = cut_out(rgb, index)
    inside = cutout.index > 0
    assert rgb[inside].max() > 240  # the square is light, so compare the disc alone
    edge = inside & (index == 2)
    assert rgb[edge].max() > 100  # mixed with the page
    assert cutout.colours[edge].max() < 60  # freed of it
    assert (cutout.index == np.where(index > 1, index - 1, 0)).all()


def test_cutout_keeps_a_line_of_one_pixel() -> None:
    rgb, index = np.full((32, 32, 3), 255, np.uint8), np.ones((32, 32), np.int32)
    rgb[10], index[10] = (5, 6, 7), 2
    cutout = cut_out(rgb, index)
    assert (cutout.colours[10] == (5, 6, 7)).all()
    assert (cutout.index[10] == 1).all()


@pytest.mark.parametrize("seed", range(40))
def test_background_index_matches_its_picture(seed: int) -> None:
    picture, index = make_background(np.random.default_rng(seed), 64)
    assert picture.shape == (64, 64, 3)
    assert index.shape == (64, 64)
    assert index.min() >= 1
    assert picture.min() >= 0 and picture.max() <= 255


def test_duplicates_are_found_and_variants_kept() -> None:
    rgb, index = DRAWINGS[0]
    touched = rgb.copy()
    touched[40:42, 40:42] += 3
    recoloured = disc((40, 30, 200))
    other = disc((200, 30, 40), radius=0.45)
    met = DuplicateFilter()
    assert met.verdict(fingerprint(rgb, index)) is None
    assert met.verdict(fingerprint(rgb.copy(), index.copy())) == "duplicate"
    assert met.verdict(fingerprint(touched, index)) == "near-duplicate"
    assert met.verdict(fingerprint(*recoloured)) is None
    assert met.verdict(fingerprint(*other)) is None
    assert DuplicateFilter(near=False).verdict(fingerprint(touched, index)) is None


def test_fingerprint_travels_through_json() -> None:
    print_ = fingerprint(*DRAWINGS[0])
    assert Fingerprint.from_json(print_.to_json()) == print_


def test_contact_sheet_and_colours() -> None:
    coloured = colour_index(DRAWINGS[0][1])
    assert len(np.unique(coloured.reshape(-1, 3), axis=0)) == 3
    sheet = contact_sheet(DRAWINGS, columns=2, side=40)
    assert sheet.shape == (2 * 44, 2 * 88, 3)
