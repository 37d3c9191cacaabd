"""What is remembered of smoothed tiles never shows in a result."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import numpy as np
import pytest

from illustrators_depth.outlines import (
    remember_tiles,
    remembering_tiles,
    smooth_field,
    tile_cache,
)


@pytest.fixture
def remembering() -> Iterator[None]:
    remember_tiles(1 << 24)
    yield
    remember_tiles(0)


def disc() -> np.ndarray:
    rows, cols = np.mgrid[:230, :250]
    return (rows - 110) ** 2 + (cols - 130) ** 2 < 70**2


def test_outlines_that_go_on_from_coverage_are_those_made_at_once(remembering: None) -> None:
    strengths = (0.5, 1.0, 0.75, 0.25, 1.0, 0.5)  # coverage comes first, as in a session, and last
    remembered = [smooth_field(disc(), strength) for strength in strengths]
    remember_tiles(0)
    for strength, field in zip(strengths, remembered, strict=True):
        np.testing.assert_array_equal(field, smooth_field(disc(), strength))


@pytest.mark.parametrize("most_bytes", [0, 1 << 24])
def test_an_outline_goes_on_from_the_layers_coverage(
    monkeypatch: pytest.MonkeyPatch, most_bytes: int
) -> None:
    remember_tiles(most_bytes)
    module = sys.modules[smooth_field.__module__]
    done: list[int] = []
    smooth = module.smooth_tile

    def counted(mask: np.ndarray, sweeps: int, begun: np.ndarray | None = None) -> np.ndarray:
        done.append(sweeps)
        return smooth(mask, sweeps, begun)

    monkeypatch.setattr(module, "smooth_tile", counted)
    smooth_field(disc(), 0.5)
    tiles, coverage = len(done), sum(done)
    assert tiles > 3
    smooth_field(disc(), 1.0)
    assert sum(done[tiles:]) == coverage  # as many again, not twice as many
    remember_tiles(0)


def test_no_more_is_kept_than_was_allowed(remembering: None) -> None:
    remember_tiles(1 << 18)
    smooth_field(disc(), 0.5)
    smooth_field(disc(), 1.0)
    assert 0 < tile_cache._finished.kept_bytes() <= 1 << 18


def test_a_batch_keeps_a_bounded_number_of_begun_tiles() -> None:
    remember_tiles(0)
    for shift in range(90):
        smooth_field(np.roll(disc(), shift, axis=0), 0.5)
    assert 0 < tile_cache._begun.kept_bytes() <= tile_cache._MAX_BEGUN_BYTES
    assert tile_cache._finished.kept_bytes() == 0


def test_finished_tiles_are_kept_within_a_product_and_forgotten_after() -> None:
    mask = np.zeros((64, 64), np.bool_)
    mask[20:40, 10:50] = True
    with remembering_tiles(1 << 20):
        first = smooth_field(mask)
        kept = tile_cache._finished.kept_bytes()
        assert kept > 0
        assert np.array_equal(smooth_field(mask), first)
        assert tile_cache._finished.kept_bytes() == kept
    assert tile_cache._finished.max_bytes == 0
    assert tile_cache._finished.kept_bytes() == 0
    remember_tiles(1 << 22)
    with remembering_tiles(1 << 20):
        assert tile_cache._finished.max_bytes == 1 << 22
    assert tile_cache._finished.max_bytes == 1 << 22
    remember_tiles(0)
