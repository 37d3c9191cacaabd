"""Depth and layers ask for one segmentation; it is made once, and never of another picture."""

from __future__ import annotations

import gc

import numpy as np
import pytest

from illustrators_depth.depth import predict_depth
from illustrators_depth.layering import decompose
from illustrators_depth.regions import flat, flat_regions, region_cache
from illustrators_depth.settings import DepthSettings
from tests.engine.drawings import stacked_discs


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Grows by one with each segmentation that is really made."""
    calls: list[float] = []
    real = flat._segment

    def segment(color8, alpha, min_region):
        calls.append(min_region)
        return real(color8, alpha, min_region)

    monkeypatch.setattr(flat, "_segment", segment)
    return calls


def test_depth_and_layers_share_it(made: list[float]) -> None:
    drawing = stacked_discs((64, 80))
    depth = predict_depth(drawing.image, settings=DepthSettings(model="heuristic"))
    stack = decompose(drawing.image, depth)
    assert len(made) == 1
    copied = decompose(np.array(drawing.image.rgba), depth)
    assert len(made) == 2
    np.testing.assert_array_equal(stack.labels, copied.labels)


def test_a_change_of_any_pixel_is_seen(made: list[float]) -> None:
    rgba = stacked_discs((64, 80)).image.rgba.copy()
    first = flat_regions(rgba)
    rgba[10:20, 10:20, :3] = (0.0, 0.0, 1.0)
    second = flat_regions(rgba)
    assert second.count != first.count or not np.array_equal(first.labels, second.labels)
    rgba[30:50, 30:50, 3] = 0.0
    third = flat_regions(rgba)
    assert (third.labels < 0).sum() == 400
    flat_regions(rgba, 0.0)
    assert made == [24.0, 24.0, 24.0, 0.0]
    flat_regions(rgba, 0.0)
    assert len(made) == 4


def test_it_goes_with_the_picture_and_cannot_be_spoilt() -> None:
    rgba = stacked_discs((64, 80)).image.rgba.copy()
    with pytest.raises(ValueError, match="read-only"):
        flat_regions(rgba).labels[0, 0] = 7
    assert region_cache._last is not None
    del rgba
    gc.collect()
    assert region_cache._last is None
