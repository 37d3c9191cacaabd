"""The border network, and what the predictor makes of its answers."""

from __future__ import annotations

import numpy as np
import torch

from illustrators_depth.borders import BorderCrops, border_picture, refine_values
from illustrators_depth.borders.crops import CONTEXT_PX, END_PX, FEATURES
from illustrators_depth.networks.border_network import BorderNetwork
from illustrators_depth.types import Image


def test_the_network_is_antisymmetric() -> None:
    torch.manual_seed(0)
    network = BorderNetwork().eval()
    context = torch.rand(4, 5, CONTEXT_PX, CONTEXT_PX)
    ends = torch.rand(4, 2, 5, END_PX, END_PX)
    features = torch.randn(4, 2, FEATURES)
    swap = [0, 1, 2, 4, 3]
    with torch.inference_mode():
        one = network(context, ends, features)
        other = network(context[:, swap], ends[:, :, swap], features.flip(1))
        turned = network(context, ends.flip(1), features)  # which end is first does not matter
    torch.testing.assert_close(one, -other)
    torch.testing.assert_close(one, turned)
    assert sum(p.numel() for p in network.parameters()) <= 500_000


def test_a_border_that_is_sure_puts_two_regions_right() -> None:
    rgba = np.ones((64, 64, 4), np.float32)
    rgba[16:48, 16:48, :3] = 0.2
    labels = np.zeros((64, 64), np.int32)
    labels[16:48, 16:48] = 1
    rgb, small = border_picture(Image(rgba), labels)
    assert max(small.shape) == 384

    def ask(crops: BorderCrops) -> np.ndarray:
        return np.full(len(crops.context), -8.0, np.float32)  # the first one lies below

    wrong = np.array([0.2, 0.0], np.float32)
    refined = refine_values(rgb, small, wrong, 1.0, ask)
    assert refined.values[1] > refined.values[0]
    assert refined.confidence.min() > 0.9

    def shrug(crops: BorderCrops) -> np.ndarray:
        return np.zeros(len(crops.context), np.float32)

    undecided = refine_values(rgb, small, np.zeros(2, np.float32), 1.0, shrug)
    assert undecided.confidence.max() < 0.1


def test_many_pairs_at_a_time_are_answered_like_each_alone() -> None:
    from illustrators_depth.borders.crops import CONTEXT_PX, END_PX, FEATURES, BorderCrops
    from illustrators_depth.predictors.shipped import shipped_borders

    rng = np.random.default_rng(0)
    count = 37
    crops = BorderCrops(
        rng.integers(0, 256, (count, 5, CONTEXT_PX, CONTEXT_PX), np.uint8),
        rng.integers(0, 256, (count, 2, 5, END_PX, END_PX), np.uint8),
        rng.random((count, 2, FEATURES), np.float32),
    )
    network = shipped_borders()
    alone = [
        network(
            BorderCrops(crops.context[i : i + 1], crops.ends[i : i + 1], crops.features[i:][:1])
        )
        for i in range(count)
    ]
    np.testing.assert_allclose(network(crops), np.concatenate(alone), atol=1e-4)
