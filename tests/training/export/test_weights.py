"""Weights written for keeping come back as they were, to half precision."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth_training.export.weights import write_weights


def test_round_trip(tmp_path: Path) -> None:
    state = CompactNetwork().state_dict()
    torch.save({"state_dict": {f"network.{k}": v for k, v in state.items()}}, tmp_path / "a.ckpt")
    write_weights(tmp_path / "a.ckpt", tmp_path / "a.safetensors")
    kept = load_compact(tmp_path / "a.safetensors")
    assert kept.keys() == state.keys()
    for name, value in state.items():
        torch.testing.assert_close(kept[name], value.float(), atol=1e-3, rtol=1e-3)
    assert (tmp_path / "a.safetensors").stat().st_size < 15e6


def test_a_stranger_is_refused_and_nothing_written(tmp_path: Path) -> None:
    torch.save({"state_dict": {"weight": torch.zeros(2)}}, tmp_path / "b.ckpt")
    with pytest.raises(InputError, match=r"b\.ckpt"):
        write_weights(tmp_path / "b.ckpt", tmp_path / "b.safetensors")
    assert not (tmp_path / "b.safetensors").exists()
