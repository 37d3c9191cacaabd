"""Composed scenes have an exact order; duplicates are found, variants are not."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth_training.data.drawing.cleaning import invisible_boundary_fraction
from illustrators_depth_training.data.drawing.shapes import occlusions
from illustrators_depth_training.data.index_colors import color_index, contact_sheet
from illustrators_depth_training.data.layered import (
    FACT,
    FREE,
    MASKED,
    LayeredImage,
    layer_relations,
)
from illustrators_depth_training.data.scenes.backgrounds import make_background
from illustrators_depth_training.data.scenes.compose import compose_scene, cut_out
from illustrators_depth_training.data.selection.duplicates import (
    DuplicateFilter,
    Fingerprint,
    fingerprint,
)


def disc(color: tuple[int, int, int], size: int = 96, radius: float = 0.35) -> LayeredImage:
    """An anti-aliased disc with a square on it, on white; three layers."""
    y, x = np.mgrid[0:size, 0:size] / size - 0.5
    cover = np.clip((radius - np.hypot(x, y)) * size + 0.5, 0, 1)[..., None]
    full = [np.ones((size, size), bool), cover[..., 0] >= 0.5]
    rgb = 255 * (1 - cover) + np.array(color) * cover
    index = np.where(cover[..., 0] >= 0.5, 2, 1).astype(np.int32)
    square = (np.abs(x) < 0.1) & (np.abs(y) < 0.1)
    rgb[square] = 255 - np.array(color)
    index[square] = 3
    pairs = np.array([[2, 3]], np.int32)
    shapes = np.stack([*full, square])
    return LayeredImage(rgb.round().astype(np.uint8), index, pairs, shapes=shapes)


DRAWINGS = [disc((200, 30, 40)), disc((20, 90, 200), radius=0.2), disc((30, 160, 60))]


@pytest.mark.parametrize("seed", range(12))
def test_scene_is_consistent(seed: int) -> None:
    scene = compose_scene(np.random.default_rng(seed), DRAWINGS, 128)
    rgb, index = scene.rgb, scene.index
    assert rgb.shape == (128, 128, 3)
    assert rgb.dtype == np.uint8
    present = np.unique(index)
    assert present.tolist() == list(range(1, len(present) + 1))
    again = compose_scene(np.random.default_rng(seed), DRAWINGS, 128)
    np.testing.assert_array_equal(rgb, again.rgb)
    np.testing.assert_array_equal(index, again.index)


def test_scenes_stack_deep_and_stay_clean() -> None:
    colors = [(90, 40, 10), (240, 200, 20), (120, 20, 150)]
    drawings = DRAWINGS + [disc(color) for color in colors]
    scenes = [compose_scene(np.random.default_rng(s), drawings, 128) for s in range(30)]
    assert np.median([scene.index.max() for scene in scenes]) >= 9
    clean = [invisible_boundary_fraction(scene.index, scene.rgb) <= 0.01 for scene in scenes]
    assert np.mean(clean) > 0.8


def test_later_drawings_lie_above_earlier_ones() -> None:
    """Where the last drawing's colours show, the index is above everything else."""
    scene = compose_scene(np.random.default_rng(5), DRAWINGS, 160)
    rgb, index = scene.rgb, scene.index
    last = np.abs(rgb.astype(int) - (30, 160, 60)).max(axis=-1) < 8
    first = np.abs(rgb.astype(int) - (200, 30, 40)).max(axis=-1) < 8
    assert last.sum() > 50 and first.sum() > 50
    assert index[last].min() > index[first].max()


@pytest.mark.parametrize("seed", range(6))
def test_scenes_know_what_hides_what(seed: int) -> None:
    """With full shapes exactly; without them, at least what lies on what shows."""
    exact = compose_scene(np.random.default_rng(seed), DRAWINGS, 128)
    assert exact.shapes is not None and exact.hides is not None
    count = int(exact.index.max())
    assert exact.shapes.shape == (count, 128, 128)
    top = np.zeros((128, 128), np.int32)
    for layer, shape in enumerate(exact.shapes, start=1):
        top[shape] = layer
    # A visible pixel belongs to the upper of the shapes there.
    np.testing.assert_array_equal(top, exact.index)
    truth = {p[:2] for p in occlusions(exact.shapes, exact.index, page=False)}
    direct = {(int(a), int(b)) for a, b in exact.hides}
    assert all(below < above for below, above in direct)
    relations = layer_relations(count, exact.hides)
    assert all(relations[below, above] == FACT for below, above in truth)
    unknown = compose_scene(
        np.random.default_rng(seed), [LayeredImage(d.rgb, d.index) for d in DRAWINGS], 128
    )
    assert unknown.hides is None and unknown.shapes is None
    np.testing.assert_array_equal(unknown.index, exact.index)


def test_order_is_a_fact_through_others_too() -> None:
    hides = np.array([[2, 3], [3, 5]], np.int32)
    relations = layer_relations(5, hides, np.array([[2, 4]], np.int32))
    assert relations[2, 3] == relations[3, 2] == relations[3, 5] == FACT
    assert relations[2, 5] == FACT  # under what is under it
    assert relations[3, 4] == relations[4, 5] == FREE
    assert relations[2, 4] == relations[4, 2] == MASKED
    assert (relations[1, 2:] == FACT).all()  # all lies on the lowest
    assert (layer_relations(4, None) == FACT).all()  # nobody said


def test_renumbering_takes_pairs_along() -> None:
    index = np.array([[1, 3], [3, 6]], np.int32)
    hides = np.array([[1, 3], [3, 6], [2, 6], [3, 9]], np.int32)
    image = LayeredImage(np.zeros((2, 2, 3), np.uint8), index, hides).renumbered()
    assert image.index.tolist() == [[1, 2], [2, 3]]
    assert image.hides is not None and image.hides.tolist() == [[1, 2], [2, 3]]


def test_cutout_has_no_pale_rim() -> None:
    drawing = disc((10, 20, 30))
    rgb, index = drawing.rgb, drawing.index
    cutout = cut_out(drawing)
    inside = cutout.index > 0
    assert rgb[inside].max() > 240  # the square is light, so compare the disc alone
    edge = inside & (index == 2)
    assert rgb[edge].max() > 100  # mixed with the page
    assert cutout.colors[edge].max() < 60  # freed of it
    assert (cutout.index == np.where(index > 1, index - 1, 0)).all()


def test_cutout_keeps_a_line_of_one_pixel() -> None:
    rgb, index = np.full((32, 32, 3), 255, np.uint8), np.ones((32, 32), np.int32)
    rgb[10], index[10] = (5, 6, 7), 2
    cutout = cut_out(LayeredImage(rgb, index))
    assert (cutout.colors[10] == (5, 6, 7)).all()
    assert (cutout.index[10] == 1).all()


@pytest.mark.parametrize("seed", range(40))
def test_backgrounds_are_stacks_of_full_shapes(seed: int) -> None:
    picture, shapes = make_background(np.random.default_rng(seed), 64)
    assert picture.shape == (64, 64, 3)
    assert shapes.shape[1:] == (64, 64)
    assert shapes.dtype == bool
    assert shapes[0].all()
    assert picture.min() >= 0 and picture.max() <= 255


def test_duplicates_are_found_and_variants_kept() -> None:
    rgb, index = DRAWINGS[0].rgb, DRAWINGS[0].index
    touched = rgb.copy()
    touched[40:42, 40:42] += 3
    recolored = disc((40, 30, 200))
    other = disc((200, 30, 40), radius=0.45)
    met = DuplicateFilter()
    assert met.verdict(fingerprint(rgb, index)) is None
    assert met.verdict(fingerprint(rgb.copy(), index.copy())) == "duplicate"
    assert met.verdict(fingerprint(touched, index)) == "near-duplicate"
    assert met.verdict(fingerprint(recolored.rgb, recolored.index)) is None
    assert met.verdict(fingerprint(other.rgb, other.index)) is None
    assert DuplicateFilter(near=False).verdict(fingerprint(touched, index)) is None


def test_fingerprint_travels_through_json() -> None:
    print_ = fingerprint(DRAWINGS[0].rgb, DRAWINGS[0].index)
    assert Fingerprint.from_json(print_.to_json()) == print_


def test_contact_sheet_and_colors() -> None:
    colored = color_index(DRAWINGS[0].index)
    assert len(np.unique(colored.reshape(-1, 3), axis=0)) == 3
    sheet = contact_sheet([(d.rgb, d.index) for d in DRAWINGS], columns=2, side=40)
    assert sheet.shape == (2 * 44, 2 * 88, 3)
