"""Depth Pro's checkpoints in all three layouts, through the predictor, at a small size."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth import predict_depth
from illustrators_depth.errors import InputError
from illustrators_depth.networks import depth_pro
from illustrators_depth.networks.depth_pro import DepthProConfig, DepthProNetwork
from illustrators_depth.networks.vit import VitConfig
from illustrators_depth.settings import DepthSettings

SMALL = DepthProConfig(
    vit=VitConfig(image=128, patch=16, width=32, depth=4, heads=2),
    hooks=(1, 3),
    fine=16,
    levels=(24, 32, 32),
)


@pytest.fixture
def weights(monkeypatch: pytest.MonkeyPatch) -> dict[str, torch.Tensor]:
    """Random weights of a small Depth Pro, which the predictor is made to expect."""
    monkeypatch.setattr(
        depth_pro, "DepthProConfig", lambda final_relu: replace(SMALL, final_relu=final_relu)
    )
    torch.manual_seed(0)
    network = DepthProNetwork(SMALL)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape).mul(0.2).half().float())
    return network.state_dict()


@pytest.fixture
def picture() -> np.ndarray:
    return np.random.default_rng(0).integers(0, 255, (40, 60, 3)).astype(np.uint8)


def test_public_layout_in_half_precision_with_field_of_view(
    weights: dict[str, torch.Tensor], picture: np.ndarray, tmp_path: Path
) -> None:
    from safetensors.torch import save_file

    save_file(weights, tmp_path / "plain.safetensors")
    public = {k: v.half() for k, v in weights.items()}
    public["fov.head.0.weight"] = torch.zeros(3, 3)
    torch.save(public, tmp_path / "depth_pro.pt")
    want = predict_depth(picture, model=str(tmp_path / "plain.safetensors"), device="cpu")
    got = predict_depth(picture, model=str(tmp_path / "depth_pro.pt"), device="cpu")
    assert got.shape == (40, 60)
    assert got.predictor == "depth_pro"
    assert got.values.std() > 0
    np.testing.assert_array_equal(got.values, want.values)


def test_training_checkpoint(
    weights: dict[str, torch.Tensor], picture: np.ndarray, tmp_path: Path
) -> None:
    torch.save({"state_dict": {f"network.{k}": v for k, v in weights.items()}}, tmp_path / "a.ckpt")
    assert predict_depth(picture, model=str(tmp_path / "a.ckpt"), device="cpu").shape == (40, 60)


def test_incomplete_checkpoint_names_its_keys(
    weights: dict[str, torch.Tensor], picture: np.ndarray, tmp_path: Path
) -> None:
    del weights["decoder.fusions.2.out_conv.bias"]
    torch.save(weights, tmp_path / "part.pt")
    with pytest.raises(InputError, match=r"part\.pt.*lacks decoder\.fusions\.2\.out_conv\.bias"):
        predict_depth(picture, model=str(tmp_path / "part.pt"), device="cpu")


def test_only_its_own_size(
    weights: dict[str, torch.Tensor], picture: np.ndarray, tmp_path: Path
) -> None:
    torch.save(weights, tmp_path / "a.pt")
    settings = DepthSettings(model=str(tmp_path / "a.pt"), device="cpu", size=256)
    with pytest.raises(InputError, match="works at 512 pixels"):
        predict_depth(picture, settings=settings)
