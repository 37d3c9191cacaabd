"""Muon: orthogonal steps, AdamW for the rest exactly as torch's, and resuming mid-way."""

from __future__ import annotations

import copy
from pathlib import Path

import pytest
import torch
from tiny import write_config
from torch import nn

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth_training.learning.losses import LossWeights
from illustrators_depth_training.learning.muon import MuonAdamW, orthogonalize
from illustrators_depth_training.trainer.config import load_config
from illustrators_depth_training.trainer.module import DepthModule, OptimizerConfig
from illustrators_depth_training.trainer.train import train


@pytest.mark.parametrize("shape", [(2, 24, 48), (1, 48, 24), (3, 16, 16)])
def test_singular_values_come_near_one(shape: tuple[int, int, int]) -> None:
    matrices = torch.randn(shape, generator=torch.Generator().manual_seed(1)) * 1e-3
    before = torch.linalg.svd(matrices, full_matrices=False)
    after = orthogonalize(matrices)
    values = torch.linalg.svdvals(after)
    # Square random matrices have a smallest singular value near zero, which rises only in part.
    assert values.max() < 1.35
    assert values.median() > 0.65
    # The directions stay: U^T X V is (nearly) diagonal and positive.
    inner = before.U.transpose(1, 2) @ after @ before.Vh.transpose(1, 2)
    diagonal = inner.diagonal(dim1=1, dim2=2)
    assert (diagonal > 0).all()
    assert (inner - torch.diag_embed(diagonal)).abs().max() < 0.1


def test_what_is_not_a_matrix_takes_adamw_steps() -> None:
    torch.manual_seed(0)
    ours, theirs = nn.Linear(5, 3), nn.Linear(5, 3)
    theirs.load_state_dict(ours.state_dict())
    settings = {"lr": 1e-2, "weight_decay": 0.1}
    mine = MuonAdamW([{"params": list(ours.parameters()), "muon": False, **settings}])
    reference = torch.optim.AdamW(theirs.parameters(), betas=(0.9, 0.99), **settings)
    for _ in range(5):
        x = torch.randn(4, 5)
        for network, optimizer in ((ours, mine), (theirs, reference)):
            optimizer.zero_grad()
            network(x).square().mean().backward()
            optimizer.step()
    for a, b in zip(ours.parameters(), theirs.parameters(), strict=True):
        torch.testing.assert_close(a, b)


def test_matrices_move_by_the_size_of_an_adamw_step() -> None:
    weight = nn.Parameter(torch.zeros(32, 8, 3, 3))
    optimizer = MuonAdamW([{"params": [weight], "muon": True, "lr": 1e-2}])
    weight.grad = torch.randn(32, 8, 3, 3) * 1e-4
    optimizer.step()
    size = float(weight.detach().square().mean().sqrt())
    assert size == pytest.approx(1e-2 * 0.2, rel=0.25)


def test_only_hidden_matrices_are_muons() -> None:
    module = DepthModule(CompactNetwork(), LossWeights(), OptimizerConfig(kind="muon"), 10, True)
    optimizer = module.configure_optimizers()["optimizer"]
    muon = {id(p) for g in optimizer.param_groups if g["muon"] for p in g["params"]}
    every = {id(p) for g in optimizer.param_groups for p in g["params"]}
    named = dict(module.network.named_parameters())
    assert every == {id(p) for p in named.values()}
    assert id(named["regions.layers.0.qkv.weight"]) in muon
    assert id(named["encoder.stages.5.3.project.weight"]) in muon
    for name in ("encoder.stem.weight", "encoder.stages.5.3.depthwise.weight", "head.weight"):
        assert id(named[name]) not in muon
    assert {g["weight_decay"] for g in optimizer.param_groups if not g["muon"]} == {0.0, 0.05}


def test_a_resumed_run_takes_the_same_steps(tmp_path: Path) -> None:
    torch.set_num_threads(1)
    kind = {"optimizer": {"kind": "muon"}, "checkpoint_minutes": 1000.0}

    def run(folder: Path, steps: int) -> dict[str, torch.Tensor]:
        config = load_config(write_config(tmp_path, steps), kind)
        trainer = train(config, folder, quiet=True)
        assert trainer.model is not None
        return copy.deepcopy(trainer.model.state_dict())

    whole = run(tmp_path / "whole", 4)
    run(tmp_path / "parts", 2)
    resumed = run(tmp_path / "parts", 4)
    # A schedule of two steps and one of four agree while both still warm up (two steps), so that
    # a difference can only come from what the optimiser remembers.
    assert [k for k in whole if not torch.equal(whole[k], resumed[k])] == []


def test_unknown_kind_is_one_sentence() -> None:
    with pytest.raises(InputError, match="adamw or muon, not 'sgd'"):
        OptimizerConfig(kind="sgd")
