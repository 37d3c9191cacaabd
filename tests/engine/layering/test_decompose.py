"""Decompose: the truth's layers come back, in order, covering the picture exactly once."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import DepthMap, Image, LayerStack
from tests.engine.drawings import box, disc, paint, stacked_discs


def assert_is_partition(stack: LayerStack, image: Image) -> None:
    covered = np.zeros(stack.labels.shape, np.int32)
    for index, layer in enumerate(stack):
        assert np.array_equal(layer.visible, stack.labels == index)
        assert not (layer.visible & ~layer.mask).any(), "a layer must hold what is seen of it"
        assert layer.visible.any()
        covered += layer.visible
    assert np.array_equal(covered == 1, image.alpha >= 0.5)
    assert covered.max() <= 1


def flatten(stack: LayerStack) -> np.ndarray:
    out = np.zeros((stack.height, stack.width, 4), np.float32)
    for layer in stack:
        alpha = layer.rgba[..., 3:]
        out[..., :3] = layer.rgba[..., :3] * alpha + out[..., :3] * (1 - alpha)
        out[..., 3:] = alpha + out[..., 3:] * (1 - alpha)
    return out


def test_true_depth_gives_the_true_layers() -> None:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    assert stack.meta["method"] == "clusters"
    assert len(stack) == drawing.truth.max() + 1
    assert np.mean(stack.labels == drawing.truth) > 0.985
    assert_is_partition(stack, drawing.image)
    assert [layer.depth for layer in stack] == sorted(layer.depth for layer in stack)


def test_layers_flatten_back_to_the_picture() -> None:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    assert np.abs(flatten(stack) - drawing.image.rgba).mean() < 0.006


def test_one_color_at_two_depths_makes_two_layers() -> None:
    size = (120, 120)
    black = (15, 15, 15)
    drawing = paint(
        size,
        [(black, disc(size, 60, 60, 50)), ((230, 90, 60), disc(size, 60, 60, 40)),
         (black, disc(size, 60, 60, 10))],
    )  # fmt: skip
    stack = decompose(drawing.image, drawing.depth)
    assert len(stack) == 4
    assert stack.layers[1].mask[60, 60] and not stack.layers[1].visible[60, 60]


def test_same_color_side_by_side_shares_a_layer() -> None:
    size = (120, 160)
    eye = (240, 240, 240)
    drawing = paint(
        size,
        [((230, 90, 60), disc(size, 80, 60, 55)), (eye, disc(size, 60, 50, 12)),
         (eye, disc(size, 100, 50, 12))],
        background=(90, 130, 200),
    )  # fmt: skip
    assert len(decompose(drawing.image, drawing.depth)) == 3


@pytest.mark.parametrize("count", [1, 2, 3, 5])
@pytest.mark.parametrize("method", ["clusters", "bins"])
def test_a_wanted_number_of_layers_is_what_one_gets(method: str, count: int) -> None:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth, DecomposeSettings(method=method, layers=count))
    assert len(stack) == count
    assert_is_partition(stack, drawing.image)


@pytest.mark.parametrize("method", ["clusters", "bins"])
def test_automatic_keeps_to_its_limit(method: str) -> None:
    drawing = stacked_discs()
    settings = DecomposeSettings(method=method, max_layers=4, detail=1.0)
    assert len(decompose(drawing.image, drawing.depth, settings)) == 4


def test_more_layers_than_there_are_is_refused_with_the_number() -> None:
    drawing = stacked_discs()
    with pytest.raises(InputError, match="at most 6"):
        decompose(drawing.image, drawing.depth, DecomposeSettings(method="clusters", layers=40))
    with pytest.raises(InputError, match="at most 6"):
        decompose(drawing.image, drawing.depth, DecomposeSettings(method="bins", layers=40))


def test_thresholds_cut_the_normalised_depth_where_they_say() -> None:
    ramp = np.tile(np.linspace(3.0, 7.0, 100, dtype=np.float32), (50, 1))
    image = Image(np.ones((50, 100, 4), np.float32))
    settings = DecomposeSettings(thresholds=(0.25, 0.5), min_region=0.0)
    stack = decompose(image, DepthMap(ramp), settings)
    assert np.array_equal(stack.labels[0], np.searchsorted([0.25, 0.5], np.linspace(0, 1, 100)))


def test_photographs_are_sliced_by_depth() -> None:
    rng = np.random.default_rng(1)
    rgba = np.ones((96, 96, 4), np.float32)
    rgba[..., :3] = rng.random((96, 96, 3), np.float32)
    depth = np.tile(np.repeat([0.0, 1.0, 5.0], 32).astype(np.float32), (96, 1))
    stack = decompose(Image(rgba), DepthMap(depth + 0.05 * rng.random((96, 96), np.float32)))
    assert stack.meta["method"] == "bins"
    assert len(stack) == 3


def test_everything_continues_below_what_covers_it() -> None:
    size = (100, 100)
    drawing = paint(
        size,
        [((230, 90, 60), box(size, 10, 30, 90, 70)), ((40, 60, 160), box(size, 40, 10, 60, 90))],
    )
    for method in ("smooth", "nearest"):
        stack = decompose(drawing.image, drawing.depth, complete=CompleteSettings(method=method))
        bottom, bar, _ = stack.layers
        assert bottom.mask.all(), "the page continues everywhere"
        assert bar.mask[35:65, 42:58].all(), "the bar runs through below the post"
        assert np.allclose(bar.rgba[50, 50, :3], np.array([230, 90, 60]) / 255, atol=0.02)
    alone = decompose(drawing.image, drawing.depth, complete=CompleteSettings(method="none"))
    assert all(np.array_equal(layer.mask, layer.visible) for layer in alone)


def test_transparent_pictures_keep_their_outline() -> None:
    rgba = np.zeros((80, 80, 4), np.float32)
    rgba[20:60, 20:60] = (0.9, 0.2, 0.2, 1.0)
    rgba[30:50, 30:50] = (0.2, 0.2, 0.9, 1.0)
    depth = np.zeros((80, 80), np.float32)
    depth[30:50, 30:50] = 1.0
    stack = decompose(Image(rgba), DepthMap(depth))
    assert len(stack) == 2
    assert_is_partition(stack, Image(rgba))
    assert stack.layers[0].mask.sum() == 40 * 40
    assert (stack.labels[:20] == -1).all()


@pytest.mark.parametrize("shape", [(1, 1), (1, 37), (53, 1), (2, 2)])
def test_tiny_pictures_are_one_layer(shape: tuple[int, int]) -> None:
    image = Image(np.full((*shape, 4), 1.0, np.float32))
    for method in ("auto", "clusters", "bins"):
        stack = decompose(
            image, DepthMap(np.zeros(shape, np.float32)), DecomposeSettings(method=method)
        )
        assert len(stack) == 1
        assert stack.layers[0].mask.all()


@pytest.mark.parametrize("strength", [0.45, 0.1])
def test_drawings_translucent_throughout_have_their_layers(strength: float) -> None:
    solid = np.zeros((48, 48, 4), np.float32)
    solid[8:40, 8:40] = (0.9, 0.2, 0.2, 1.0)
    solid[16:30, 16:30] = (0.1, 0.8, 0.2, 1.0)
    wash = solid * np.array([1.0, 1.0, 1.0, strength], np.float32)
    depth = DepthMap(solid[..., 1].copy())
    whole = decompose(Image(solid), depth)
    thin = decompose(Image(wash), depth)
    assert len(thin) == len(whole) == 2
    assert np.array_equal(thin.labels, whole.labels)


def test_mistakes_are_named() -> None:
    image = Image(np.ones((8, 8, 4), np.float32))
    for hole in (np.nan, np.inf):
        values = np.zeros((8, 8))
        values[3, 3] = hole
        with pytest.raises(InputError, match="NaN or infinite"):
            decompose(image, values)
    with pytest.raises(InputError, match="must be of one size"):
        decompose(image, DepthMap(np.zeros((8, 9), np.float32)))
    with pytest.raises(InputError, match="fully transparent"):
        decompose(Image(np.zeros((8, 8, 4), np.float32)), DepthMap(np.zeros((8, 8), np.float32)))
    for bad in ({"thresholds": (0.5, 0.4)}, {"layers": -1}, {"layers": 256}, {"method": "magic"},
                {"layers": 2.5}, {"layers": "3"}, {"layers": True}, {"detail": float("nan")},
                {"thresholds": ("a",)}, {"thresholds": (0.3, 0.3)}):  # fmt: skip
        with pytest.raises(InputError):
            DecomposeSettings(**bad).check()  # type: ignore[arg-type]
    with pytest.raises(InputError, match="Unknown setting 'colour'"):
        DecomposeSettings.from_dict({"colour": 1})


def test_deterministic() -> None:
    drawing = stacked_discs()
    one, two = (decompose(drawing.image, drawing.depth) for _ in range(2))
    assert np.array_equal(one.labels, two.labels)
    assert all(np.array_equal(a.rgba, b.rgba) for a, b in zip(one, two, strict=True))
