"""Same-coloured layers: merged where the order between them is noise, kept where it is not."""

from __future__ import annotations

import time
from itertools import pairwise

import numpy as np
import pytest

from illustrators_depth.layering import decompose
from illustrators_depth.layering.discretize.merge_layers import DraftLayer, merge_uncertain
from illustrators_depth.regions import FlatRegions
from illustrators_depth.settings import DecomposeSettings
from illustrators_depth.types import DepthMap
from tests.engine.drawings import Drawing, box, disc, paint

INK, RED, PAGE = (20, 20, 20), (220, 60, 50), (250, 250, 245)
SIZE = (160, 160)
CENTRES = [(x, y) for y in (40, 80, 120) for x in (40, 80, 120)]


def nine_eyes() -> Drawing:
    """Nine red discs, each with its own ink pupil: three layers with the page."""
    red = [disc(SIZE, x, y, 15) for x, y in CENTRES]
    ink = [disc(SIZE, x, y, 7) for x, y in CENTRES]
    return paint(SIZE, [(RED, np.any(red, axis=0)), (INK, np.any(ink, axis=0))], PAGE)


def predicted(drawing: Drawing, noise: float, between: float = 1.0) -> DepthMap:
    """The truth as a network would give it: spacing of its own, each part a little off."""
    rng = np.random.default_rng(5)
    depth = np.array([0.0, 8.0, 8.0 + between])[drawing.truth].astype(np.float32)
    y, x = np.mgrid[: SIZE[0], : SIZE[1]]
    for cx, cy in CENTRES:
        near = np.hypot(x - cx, y - cy) < 18
        for layer in (1, 2):
            depth[near & (drawing.truth == layer)] += rng.normal(0.0, noise)
    return DepthMap(depth, "test")


@pytest.mark.parametrize("noise", [0.0, 0.8])
def test_noise_in_the_order_makes_no_layers(noise: float) -> None:
    drawing = nine_eyes()
    stack = decompose(drawing.image, predicted(drawing, noise))
    assert len(stack) == 3
    assert np.mean(stack.labels == drawing.truth) > 0.97


def test_detail_brings_the_uncertain_layers_back() -> None:
    drawing = nine_eyes()
    depth = predicted(drawing, 0.8)
    counts = [len(decompose(drawing.image, depth, DecomposeSettings(detail=d))) for d in (0, 1)]
    assert counts[0] == 3 < counts[1]


def test_a_number_above_the_certain_layers_is_still_given() -> None:
    drawing = nine_eyes()
    stack = decompose(drawing.image, predicted(drawing, 0.8), DecomposeSettings(layers=5))
    assert len(stack) == 5


def test_a_certain_order_is_kept() -> None:
    """Ink under the red and ink on it: far apart in depth, hence two layers."""
    drawing = paint(
        SIZE,
        [(INK, disc(SIZE, 80, 80, 60)), (RED, disc(SIZE, 80, 80, 50)),
         (INK, disc(SIZE, 80, 80, 9))],
        PAGE,
    )  # fmt: skip
    depth = DepthMap((drawing.truth * 3.3 + 0.1).astype(np.float32), "test")
    assert len(decompose(drawing.image, depth)) == 4


def test_a_true_index_is_taken_at_its_word() -> None:
    """Ink and red by turns: each step is a small part of the range, and certain all the same."""
    shapes = [
        ((INK, RED)[n % 2], box(SIZE, 4 + 5 * n, 4 + 5 * n, 156 - 5 * n, 156 - 5 * n))
        for n in range(14)
    ]
    drawing = paint(SIZE, shapes, PAGE)
    settings = DecomposeSettings(method="clusters")
    assert len(decompose(drawing.image, drawing.depth, settings)) == 15


def test_flat_colours_that_differ_little_stay_apart() -> None:
    """Craters on a moon: flat colours fifteen levels apart are two paints, at any depth."""
    moon, crater, dark = (252, 213, 63), (249, 198, 60), (243, 192, 61)
    craters = [(moon, disc(SIZE, 80, 80, 70)), (crater, disc(SIZE, 60, 70, 14))]
    drawing = paint(SIZE, [*craters, (dark, disc(SIZE, 105, 95, 20))])
    depth = DepthMap((drawing.truth > 0).astype(np.float32) * 1.1 + 0.1, "test")
    depth.values[drawing.truth == 2] += 0.02
    depth.values[drawing.truth == 3] += 0.03
    assert len(decompose(drawing.image, depth)) == 4


@pytest.mark.parametrize(("radius", "layers"), [(55, 3), (6, 2)])
def test_large_areas_of_one_color_share_no_layer_and_specks_do(radius: int, layers: int) -> None:
    """A white dove outlined on a white page is no part of the page; a white eyelet is."""
    ring = disc(SIZE, 80, 80, radius + 4) & ~disc(SIZE, 80, 80, radius)
    inside = disc(SIZE, 80, 80, radius)
    drawing = paint(SIZE, [(PAGE, inside), (INK, ring)], PAGE)
    depth = DepthMap(np.array([0.0, 1.5, 10.2])[drawing.truth].astype(np.float32), "test")
    stack = decompose(drawing.image, depth)
    assert len(stack) == layers
    assert (stack.labels[80, 80] > stack.labels[2, 2]) == (layers == 3)


def test_many_layers_of_one_colour_take_bounded_time() -> None:
    count = 300
    rng = np.random.default_rng(1)
    depth = np.sort(rng.random(count)) * 10
    colors = rng.integers(0, 6, count)[:, None] * np.array([[0.16, 0.1, 0.05]])
    draft_layers = [DraftLayer(float(depth[i]), colors[i], 1.0, 50.0, [i]) for i in range(count)]
    areas = np.full(count, 50, np.int64)
    whole, pure = np.zeros((1, 1), np.int32), np.ones(count, np.float32)
    regions = FlatRegions(whole, colors.astype(np.float32), areas, pure, 1.0)
    pairs = rng.integers(0, count, (4 * count, 2))
    touching = np.sort(pairs[pairs[:, 0] != pairs[:, 1]], axis=1).astype(np.int64)
    start = time.process_time()
    merged = merge_uncertain(draft_layers, regions, depth, touching, 10.0, 0.5, 0.05, exact=False)
    assert time.process_time() - start < 60.0, "a guard against hanging, not a measure of speed"
    assert sorted(m for c in merged for m in c.members) == list(range(count))
    assert len(merged) < count
    for below, above in pairwise(merged):
        assert np.linalg.norm(below.color - above.color) > 0.02
