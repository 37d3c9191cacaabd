"""The loss: the paper's formula to the letter, and what the added terms reward."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor

from illustrators_depth_training.device_run.recipe import RECIPES
from illustrators_depth_training.learning.losses import LossWeights, depth_loss, scale_invariant_mae
from illustrators_depth_training.samples.targets import make_targets
from illustrators_depth_training.trainer.config import load_config

Batch = dict[str, Tensor]


def _batch(index: np.ndarray) -> Batch:
    found = make_targets(index.astype(np.int32), np.random.default_rng(0))
    return {
        "index": torch.from_numpy(index)[None],
        "region": torch.from_numpy(found.region)[None],
        "pixels": torch.from_numpy(found.pixels)[None],
        "edges": torch.from_numpy(found.edges)[None],
        "edge_weight": torch.from_numpy(found.edge_weight)[None],
    }


@pytest.fixture
def stack() -> np.ndarray:
    """A page, a square on it, and a smaller square on that."""
    index = np.ones((32, 32), np.int32)
    index[6:26, 6:26] = 2
    index[10:18, 10:18] = 3
    return index


def test_scale_invariant_mae_by_hand() -> None:
    prediction = torch.tensor([[[0.0, 0.0, 2.0, 4.0, 10.0]]])  # median 2, deviation 14/5
    truth = torch.tensor([[[1.0, 1.0, 1.0, 2.0, 3.0]]])  # median 1, deviation 3/5
    a = (prediction - 2.0) / 2.8
    b = (truth - 1.0) / 0.6
    assert scale_invariant_mae(prediction, truth).item() == pytest.approx((a - b).abs().mean())


def test_scale_and_offset_do_not_matter() -> None:
    truth = torch.rand(3, 8, 8)
    assert scale_invariant_mae(7.0 * truth - 3.0, truth).item() == pytest.approx(0.0, abs=1e-5)
    assert scale_invariant_mae(-truth, truth).item() > 1.0


def test_without_extra_weights_it_is_the_papers_loss(stack: np.ndarray) -> None:
    prediction = torch.rand(1, 32, 32)
    total, terms = depth_loss(prediction, _batch(stack), LossWeights())
    assert list(terms) == ["mae"]
    want = scale_invariant_mae(prediction, torch.from_numpy(stack)[None].float())
    assert total.item() == pytest.approx(want.item())


def test_every_term_prefers_the_truth(stack: np.ndarray) -> None:
    batch = _batch(stack)
    weights = LossWeights(mae=1, region=1, rank=1, touch=1)
    right = torch.from_numpy(stack)[None].float()
    _, good = depth_loss(right, batch, weights)
    _, bad = depth_loss(-right, batch, weights)
    swapped = right.clone()
    swapped[right == 2], swapped[right == 3] = 3.0, 2.0
    _, middling = depth_loss(swapped, batch, weights)
    for name in ("mae", "region", "rank", "touch"):
        assert good[name] < middling[name] < bad[name], name


def test_terms_pass_a_finite_gradient(stack: np.ndarray) -> None:
    prediction = torch.rand(1, 32, 32, requires_grad=True)
    total, _ = depth_loss(
        prediction, _batch(stack), LossWeights(region=1, rank=1, touch=1, clamp=8)
    )
    total.backward()
    assert prediction.grad is not None
    assert torch.isfinite(prediction.grad).all() and prediction.grad.abs().sum() > 0


def test_flat_maps_do_not_explode() -> None:
    flat = np.ones((16, 16), np.int32)
    total, _ = depth_loss(
        torch.zeros(1, 16, 16), _batch(flat), LossWeights(region=1, rank=1, touch=1)
    )
    assert torch.isfinite(total)


def test_background_pairs_can_be_weighed_down(stack: np.ndarray) -> None:
    batch = _batch(stack)
    prediction = torch.from_numpy(stack)[None].float()
    prediction[prediction == 3] = 1.5  # the top square under the middle one: a foreground mistake
    little = depth_loss(prediction, batch, LossWeights(rank=1, background=0.05))[1]["rank"]
    equal = depth_loss(prediction, batch, LossWeights(rank=1, background=1.0))[1]["rank"]
    assert little > equal


def _with_pairs(index: np.ndarray, hides: list[list[int]], invisible: list[list[int]]) -> Batch:
    targets = make_targets(
        index.astype(np.int32),
        np.random.default_rng(0),
        hides=np.array(hides, np.int32).reshape(-1, 2),
        invisible=np.array(invisible, np.int32).reshape(-1, 2),
    )
    return {
        **_batch(index),
        "pixel_relation": torch.from_numpy(targets.pixel_relation)[None],
        "edge_relation": torch.from_numpy(targets.edge_relation)[None],
    }


def test_free_and_invisible_pairs_weigh_less(stack: np.ndarray) -> None:
    """The same mistake between two layers: as a fact, as a free choice, at a border unseen."""
    prediction = torch.from_numpy(stack)[None].float()
    prediction[prediction == 3] = 1.5
    weights = LossWeights(rank=1, touch=1, background=0.0, free=0.3)
    fact, free, unseen = (
        depth_loss(prediction, _with_pairs(stack, *pairs), weights)[1]
        for pairs in (([[2, 3]], []), ([], []), ([[2, 3]], [[2, 3]]))
    )
    plain = depth_loss(prediction, _batch(stack), weights)[1]
    for term in ("rank", "touch"):
        assert fact[term] == pytest.approx(plain[term].item())
        assert free[term].item() == pytest.approx(0.3 * fact[term].item(), rel=1e-5)
        assert unseen[term] == 0


@pytest.mark.parametrize("name", ["compact", "compact-gpu", "teacher-gpu"])
def test_shipped_recipes_weigh_free_pairs_at_most_three_tenths(name: str) -> None:
    """And every term of the loss has a part in them."""
    loss = RECIPES[name].loss if name in RECIPES else load_config(Path(name)).loss
    assert 0 < loss.free <= 0.3 and min(loss.mae, loss.region, loss.rank, loss.touch) > 0


def test_a_deep_picture_counts_no_more_than_a_shallow_one(stack: np.ndarray) -> None:
    """A batch's loss is the mean of its pictures' losses."""
    deep = np.ones((32, 32), np.int32)
    for layer in range(15):
        deep[2 * layer : 2 * layer + 2, ::2] = layer + 2
    weights = LossWeights(region=1, rank=1, touch=1)
    prediction = torch.rand(2, 32, 32)
    one, two = _batch(stack), _batch(deep)
    both = {name: torch.cat([one[name], two[name]]) for name in one}
    _, together = depth_loss(prediction, both, weights)
    _, first = depth_loss(prediction[:1], one, weights)
    _, second = depth_loss(prediction[1:], two, weights)
    for term, value in together.items():
        mean = (first[term] + second[term]) / 2
        assert value.item() == pytest.approx(mean.item(), rel=1e-4), term
