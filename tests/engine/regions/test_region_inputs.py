"""The region stage's inputs, on a picture whose regions are known by construction."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.networks.region_stage import RegionBatch
from illustrators_depth.regions.region_inputs import (
    PAIR_FEATURES,
    REGION_FEATURES,
    RegionInputs,
    region_inputs,
)

RGB = np.zeros((32, 64, 3), np.float32)


@pytest.fixture
def nested() -> np.ndarray:
    """Region 0: the page. Region 1: a 16x16 square. Region 2: an 8x8 square inside it."""
    labels = np.zeros((32, 64), np.int32)
    labels[8:24, 8:24] = 1
    labels[12:20, 12:20] = 2
    return labels


def test_largest_first_and_cover_adds_up(nested: np.ndarray) -> None:
    found = region_inputs(RGB, nested)
    assert found.number.tolist() == [0, 1, 2]
    assert found.cover.shape == (3, 8, 16)
    np.testing.assert_allclose(found.cover.sum(axis=0), 1.0)
    assert found.cover[2].sum() * 16 == 64
    assert found.cover[2, 3, 3] == 1.0 and found.cover[1, 3, 3] == 0.0


def test_features_are_bounded_and_of_the_promised_length(nested: np.ndarray) -> None:
    found = region_inputs(RGB, nested)
    assert found.features.shape == (3, REGION_FEATURES)
    assert found.pairs.shape == (3, 3, PAIR_FEATURES)
    assert np.isfinite(found.features).all() and np.abs(found.features).max() < 4
    assert np.isfinite(found.pairs).all() and np.abs(found.pairs).max() < 4


def test_enclosure_is_a_shared_boundary_of_one(nested: np.ndarray) -> None:
    pairs = region_inputs(RGB, nested).pairs
    touch, of_row, of_column = pairs[..., 0], pairs[..., 1], pairs[..., 2]
    assert touch.tolist() == [[0, 1, 0], [1, 0, 1], [0, 1, 0]]
    assert of_row[2, 1] == 1.0  # the inner square's whole boundary is with the outer one
    assert of_row[1, 2] == pytest.approx(32 / (64 + 32))
    assert of_column[1, 2] == of_row[2, 1]


def test_a_larger_picture_has_the_same_features(nested: np.ndarray) -> None:
    small = region_inputs(RGB, nested)
    twice = nested.repeat(2, axis=0).repeat(2, axis=1)
    large = region_inputs(np.zeros((64, 128, 3), np.float32), twice)
    np.testing.assert_allclose(large.features, small.features, atol=1e-5)
    np.testing.assert_allclose(large.pairs, small.pairs, atol=1e-5)


def test_finer_labels_describe_the_same_regions(nested: np.ndarray) -> None:
    coarse = region_inputs(RGB, nested)
    fine = region_inputs(RGB, nested.repeat(3, axis=0).repeat(3, axis=1))
    np.testing.assert_allclose(fine.cover, coarse.cover)
    np.testing.assert_allclose(fine.features, coarse.features, atol=1e-5)
    np.testing.assert_allclose(fine.pairs, coarse.pairs, atol=1e-5)


def test_finer_labels_hold_what_is_thinner_than_a_pixel(nested: np.ndarray) -> None:
    labels = nested.repeat(3, axis=0).repeat(3, axis=1)
    labels[60, 120:180] = 3  # a line of a third of a pixel, twenty pixels long
    found = region_inputs(RGB, labels)
    assert found.number.tolist() == [0, 1, 2, 3]
    assert found.cover[3].sum() * 16 == pytest.approx(20 / 3)
    assert found.pairs[3, 0, 1] == pytest.approx(1.0)  # all of its border is with the page
    with pytest.raises(ValueError, match="no whole multiple"):
        region_inputs(RGB, labels[:-1])


def test_pixels_without_region_belong_to_nothing(nested: np.ndarray) -> None:
    nested[:, 40:] = -1
    found = region_inputs(RGB, nested)
    assert found.cover[:, :, 10:].sum() == 0
    assert found.number.tolist() == [0, 1, 2]


def test_limits_keep_the_largest(nested: np.ndarray) -> None:
    assert region_inputs(RGB, nested, max_regions=2).number.tolist() == [0, 1]
    assert region_inputs(RGB, nested, min_pixels=100).number.tolist() == [0, 1]
    assert len(region_inputs(RGB, np.full((32, 64), -1, np.int32)).number) == 0


def _stage_output(order: np.ndarray, labels: np.ndarray) -> torch.Tensor:
    torch.manual_seed(0)
    network = CompactNetwork().eval()
    with torch.no_grad():
        for parameter in network.regions.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        found = region_inputs(RGB, labels)
        batch = RegionBatch(
            torch.from_numpy(found.cover[order])[None],
            torch.from_numpy(found.features[order])[None],
            torch.from_numpy(found.pairs[order][:, order])[None],
        )
        picture = torch.rand(1, 3, 32, 64, generator=torch.Generator().manual_seed(1))
        return network.with_regions(picture, batch)[1][0]


def test_the_stage_does_not_care_in_which_order_regions_come(nested: np.ndarray) -> None:
    straight = _stage_output(np.array([0, 1, 2]), nested)
    turned = _stage_output(np.array([2, 0, 1]), nested)
    torch.testing.assert_close(turned, straight[[2, 0, 1]], atol=1e-4, rtol=1e-4)
    assert straight.std() > 1e-3


def test_padding_changes_nothing(nested: np.ndarray) -> None:
    torch.manual_seed(0)
    network = CompactNetwork().eval()
    found, nothing = region_inputs(RGB, nested), RegionInputs.empty(32, 64, 4)
    pairs = np.zeros((7, 7, PAIR_FEATURES), np.float32)
    pairs[:3, :3] = found.pairs
    with torch.no_grad():
        for parameter in network.regions.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.05)
        plain = RegionBatch(*(torch.from_numpy(v) for v in found.feeds().values()))
        padded = RegionBatch(
            torch.from_numpy(np.concatenate([found.cover, nothing.cover]))[None],
            torch.from_numpy(np.concatenate([found.features, nothing.features]))[None],
            torch.from_numpy(pairs)[None],
            torch.tensor([[True] * 3 + [False] * 4]),
        )
        picture = torch.rand(1, 3, 32, 64)
        want = network.with_regions(picture, plain)[1][0]
        got = network.with_regions(picture, padded)[1][0, :3]
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-4)
