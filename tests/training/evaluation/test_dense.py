"""The dense predictor answers what the network answers, with or without a region stage stored."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth.types import Image
from illustrators_depth_training.evaluation.dense import DensePredictor


def _picture(height: int, width: int) -> Image:
    rgb = np.random.default_rng(3).random((height, width, 3), dtype=np.float32)
    return Image(np.concatenate([rgb, np.ones((height, width, 1), np.float32)], axis=2))


@pytest.mark.parametrize("with_regions", [True, False])
def test_it_is_the_networks_own_map(tmp_path: Path, with_regions: bool) -> None:
    torch.manual_seed(2)
    network = CompactNetwork().eval()
    state = {
        f"network.{name}": value
        for name, value in network.state_dict().items()
        if with_regions or not name.startswith("regions.")
    }
    torch.save({"state_dict": state}, tmp_path / "a.ckpt")
    picture = _picture(64, 64)
    found = DensePredictor(tmp_path / "a.ckpt", 64).predict(picture).values
    rgb = torch.from_numpy(picture.rgba[..., :3].transpose(2, 0, 1).copy())
    with torch.inference_mode():
        want = network(rgb[None])[0].numpy()
    np.testing.assert_allclose(found, want, atol=1e-5)


def test_the_answer_has_the_pictures_size(tmp_path: Path) -> None:
    state = {f"network.{k}": v for k, v in CompactNetwork().state_dict().items()}
    torch.save({"state_dict": state}, tmp_path / "a.ckpt")
    assert DensePredictor(tmp_path / "a.ckpt", 32).predict(_picture(50, 70)).values.shape == (
        50,
        70,
    )


def test_a_strangers_checkpoint_is_refused(tmp_path: Path) -> None:
    torch.save({"state_dict": {"weight": torch.zeros(2)}}, tmp_path / "b.ckpt")
    with pytest.raises(InputError, match=r"b\.ckpt"):
        DensePredictor(tmp_path / "b.ckpt")
