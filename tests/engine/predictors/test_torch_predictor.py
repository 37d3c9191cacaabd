"""Checkpoints in torch: the same answer as ONNX's path, and clear words about devices."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth import predict_depth
from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.predictors.torch import TorchPredictor, choose_device
from illustrators_depth.settings import DepthSettings


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Path:
    torch.manual_seed(0)
    path = tmp_path_factory.mktemp("weights") / "mine.pt"
    torch.save(CompactNetwork().state_dict(), path)
    return path


def test_compact_checkpoint(checkpoint: Path) -> None:
    picture = np.random.default_rng(0).integers(0, 255, (50, 90, 3)).astype(np.uint8)
    depth = predict_depth(picture, model=str(checkpoint), device="cpu")
    assert depth.shape == (50, 90)
    assert (depth.predictor, depth.device) == ("mine", "cpu")


def test_checkpoint_without_region_stage(checkpoint: Path, tmp_path: Path) -> None:
    state = torch.load(checkpoint, weights_only=True)
    path = tmp_path / "dense.pt"
    torch.save({k: v for k, v in state.items() if not k.startswith("regions.")}, path)
    made = TorchPredictor.from_file(path, DepthSettings(device="cpu", size=64))
    picture = np.random.default_rng(0).integers(0, 255, (50, 90, 3)).astype(np.uint8)
    assert predict_depth(picture, model=str(path), device="cpu").shape == (50, 90)
    assert made.device == "cpu"


def test_auto_says_what_it_chose() -> None:
    chosen = choose_device("auto")
    if torch.cuda.is_available():
        assert chosen == "cuda:0"
    elif not torch.backends.mps.is_available():
        assert chosen == "cpu"


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a CUDA GPU here")
@pytest.mark.parametrize("device", ["cuda", "cuda:0"])
def test_cuda_fails_clearly_where_there_is_none(device: str, checkpoint: Path) -> None:
    with pytest.raises(UnavailableError, match="no CUDA GPU here"):
        predict_depth(np.zeros((8, 8, 3), np.uint8), model=str(checkpoint), device=device)


def test_unknown_device() -> None:
    with pytest.raises(InputError, match="auto, cpu, cuda"):
        choose_device("tpu")


def test_broken_weights_give_no_nonsense(checkpoint: Path, tmp_path: Path) -> None:
    state = torch.load(checkpoint, weights_only=True)
    state["head.bias"][:] = float("nan")
    path = tmp_path / "nan.pt"
    torch.save(state, path)
    with pytest.raises(InputError, match="not finite"):
        predict_depth(np.zeros((8, 8, 3), np.uint8), model=str(path), device="cpu")
