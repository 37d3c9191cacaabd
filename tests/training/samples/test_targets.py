"""Regions of an index map, and what a sample's training looks at."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import ndimage

from illustrators_depth_training.samples.targets import (
    connected_regions,
    make_targets,
    touching_regions,
)


@settings(max_examples=60, deadline=None)
@given(arrays(np.int32, (9, 11), elements=st.integers(1, 3)))
def test_regions_are_scipys(index: np.ndarray) -> None:
    region, count = connected_regions(index)
    total = 0
    for value in np.unique(index):
        labels, found = ndimage.label(index == value)
        total += found
        pairs = np.unique(np.stack([labels[index == value], region[index == value]]), axis=1)
        assert pairs.shape[1] == found  # a one-to-one renaming
    assert count == total == len(np.unique(region))


def test_touching_regions_and_their_boundary() -> None:
    region = np.array([[0, 0, 1], [0, 0, 1], [2, 2, 1]], np.int32)
    pairs, length = touching_regions(region, 3)
    assert {tuple(p): int(n) for p, n in zip(pairs, length, strict=True)} == {
        (0, 1): 2,
        (0, 2): 2,
        (1, 2): 1,
    }


def test_targets_are_bounded_and_repeatable() -> None:
    index = np.random.default_rng(0).integers(1, 6, (24, 24)).astype(np.int32)
    one = make_targets(index, np.random.default_rng(5), pixels=64, edges=32)
    two = make_targets(index, np.random.default_rng(5), pixels=64, edges=32)
    assert one.pixels.shape == (64,) and one.edges.shape == (32, 2)
    assert (one.pixels == two.pixels).all() and (one.edges == two.edges).all()
    assert one.pixels.min() >= 0 and one.pixels.max() < index.size


def test_small_regions_are_looked_at_more_than_their_area() -> None:
    index = np.ones((64, 64), np.int32)
    index[:4, :4] = 2  # 16 of 4096 pixels; square roots: 4 of 68
    found = make_targets(index, np.random.default_rng(0), pixels=20_000)
    share = (index.ravel()[found.pixels] == 2).mean()
    assert share == pytest.approx(4 / (4 + np.sqrt(4080)), abs=0.01)
