"""A session gives what starting over gives, whatever was asked of it before."""

from __future__ import annotations

from collections.abc import Iterator

import cv2
import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.layering.session import LayerSession
from illustrators_depth.outlines import remember_tiles
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import DepthMap, Image, LayerStack
from tests.engine.drawings import Drawing, stacked_discs

STEPS = [
    (DecomposeSettings(), CompleteSettings()),
    (DecomposeSettings(layers=4), CompleteSettings()),
    (DecomposeSettings(layers=3), CompleteSettings()),
    (DecomposeSettings(layers=4), CompleteSettings(method="nearest")),
    (DecomposeSettings(layers=5), CompleteSettings()),
    (DecomposeSettings(min_region=20_000.0), CompleteSettings()),
    (DecomposeSettings(method="bins", layers=3), CompleteSettings(feather=0.0)),
    (DecomposeSettings(denoise=0.6), CompleteSettings(feather=3.0)),
    (DecomposeSettings(), CompleteSettings()),
]


def assert_same(one: LayerStack, other: LayerStack) -> None:
    assert (one.name, one.meta, len(one)) == (other.name, other.meta, len(other))
    np.testing.assert_array_equal(one.labels, other.labels)
    for a, b in zip(one, other, strict=True):
        for key in ("name", "depth", "color", "frame", "window", "uid"):
            assert getattr(a, key) == getattr(b, key), key
        np.testing.assert_array_equal(a.visible_crop, b.visible_crop)
        np.testing.assert_array_equal(a.mask_crop, b.mask_crop)
        np.testing.assert_array_equal(a.rgba_crop, b.rgba_crop)


def test_every_step_is_as_if_it_were_the_first() -> None:
    drawing = stacked_discs()
    session = LayerSession(drawing.image, drawing.depth)
    stacks = [session.decompose(*step) for step in STEPS]
    # Compared at the end: a later step must not have written into an earlier one's arrays.
    for step, stack in zip(STEPS, stacks, strict=True):
        assert_same(stack, decompose(drawing.image, drawing.depth, *step))


def large_and_translucent() -> Drawing:
    """So large that what is hidden is worked out reduced; a third lets half of the light through.

    Its colours are such as no 8 bits hold.
    """
    small, size = stacked_discs(), (640, 512)
    rgba = cv2.resize(small.image.rgba, size, interpolation=cv2.INTER_LINEAR)
    rgba[:170, :, 3] = 0.5
    truth = cv2.resize(small.truth, size, interpolation=cv2.INTER_NEAREST)
    return Drawing(Image(rgba, "large"), truth)


@pytest.fixture
def tiles_remembered() -> Iterator[None]:
    remember_tiles(1 << 22)  # less than what these steps make: the oldest go
    yield
    remember_tiles(0)


def test_nothing_that_is_remembered_shows(tiles_remembered: None) -> None:
    drawing = large_and_translucent()
    session = LayerSession(drawing.image, drawing.depth, eight_bit=True)
    steps = [STEPS[n] for n in (1, 2, 3, 6, 1)]
    stacks = [session.decompose(*step) for step in steps]
    remember_tiles(0)
    for step, stack in zip(steps, stacks, strict=True):
        anew = LayerSession(drawing.image, drawing.depth, eight_bit=True)
        assert_same(stack, anew.decompose(*step))


def test_layers_in_eight_bits_are_the_nearest_ones() -> None:
    drawing = large_and_translucent()
    for step in STEPS[:4]:
        exact = LayerSession(drawing.image, drawing.depth).decompose(*step)
        rounded = LayerSession(drawing.image, drawing.depth, eight_bit=True).decompose(*step)
        for a, b in zip(exact, rounded, strict=True):
            steps = b.rgba_crop * np.float32(255.0)
            np.testing.assert_allclose(steps, np.rint(steps), atol=1e-4)
            np.testing.assert_array_equal(a.mask_crop, b.mask_crop)
            # Colours are rounded before medians and coverage are found from them, and what a rim's
            # coverage leaves to its colour, up to half of the pixel, counts twice; what a layer
            # above leaves of it, down to a third, three times. A faint pixel's colour says little.
            colors = np.abs(a.rgba_crop - b.rgba_crop)[..., :3].max(axis=2)
            assert (colors * a.rgba_crop[..., 3]).max() <= 4.01 / 255.0
            assert (colors > 1.01 / 255.0).mean() < 0.01
            assert np.abs(a.rgba_crop - b.rgba_crop)[..., 3].mean() < 1.0 / 255.0


def test_layers_that_do_not_change_share_their_arrays() -> None:
    drawing = stacked_discs()
    session = LayerSession(drawing.image, drawing.depth)
    first = session.decompose(DecomposeSettings(layers=6))
    fewer = session.decompose(DecomposeSettings(layers=5))
    arrays = {id(layer.mask_crop) for layer in first}
    assert sum(id(layer.mask_crop) in arrays for layer in fewer) >= 3
    again = session.decompose(DecomposeSettings(layers=6))
    assert all(a.rgba_crop is b.rgba_crop for a, b in zip(first, again, strict=True))


def test_what_cannot_be_taken_apart() -> None:
    drawing = stacked_discs()
    with pytest.raises(InputError, match="one size"):
        LayerSession(drawing.image, DepthMap(np.zeros((3, 3), np.float32)))
    clear = Image(np.zeros_like(drawing.image.rgba), "clear")
    with pytest.raises(InputError, match="fully transparent"):
        LayerSession(clear, drawing.depth)
    session = LayerSession(drawing.image, drawing.depth)
    with pytest.raises(InputError, match="fewer than the 200"):
        session.decompose(DecomposeSettings(layers=200))
    assert len(session.decompose()) == 6
