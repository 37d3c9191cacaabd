"""LPIPS from files a user brings: the published formula, and clear words for wrong files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from illustrators_depth.errors import InputError
from illustrators_depth_training.vector.lpips import Lpips, find_heads


def alexnet_features() -> nn.Sequential:
    """torchvision's AlexNet up to its last ReLU, with the same numbering."""
    return nn.Sequential(
        nn.Conv2d(3, 64, 11, 4, 2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(64, 192, 5, padding=2), nn.ReLU(), nn.MaxPool2d(3, 2),
        nn.Conv2d(192, 384, 3, padding=1), nn.ReLU(),
        nn.Conv2d(384, 256, 3, padding=1), nn.ReLU(),
        nn.Conv2d(256, 256, 3, padding=1), nn.ReLU(),
    )  # fmt: skip


@pytest.fixture(scope="module")
def network() -> nn.Sequential:
    torch.manual_seed(1)
    return alexnet_features().eval()


@pytest.fixture(scope="module")
def backbone(network: nn.Sequential, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("weights") / "alexnet.pth"
    torch.save({f"features.{k}": v for k, v in network.state_dict().items()}, path)
    return path


def pictures() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(2)
    one = rng.integers(0, 256, (64, 80, 3), np.uint8)
    return one, np.ascontiguousarray(one[:, ::-1])


def test_the_published_formula(network: nn.Sequential, backbone: Path) -> None:
    one, other = pictures()
    heads = torch.load(find_heads(), map_location="cpu", weights_only=True)
    shift = torch.tensor([-0.030, -0.088, -0.188])
    scale = torch.tensor([0.458, 0.448, 0.450])
    expected = 0.0
    taps = []
    with torch.no_grad():
        for picture in (one, other):
            x = (torch.from_numpy(picture).float() / 127.5 - 1.0 - shift) / scale
            x = x.permute(2, 0, 1)[None]
            found = []
            for layer in network:
                x = layer(x)
                if isinstance(layer, nn.ReLU):
                    found.append(x / (x.norm(dim=1, keepdim=True) + 1e-10))
            taps.append(found)
        for number, (a, b) in enumerate(zip(*taps, strict=True)):
            weight = heads[f"lin{number}.model.1.weight"]
            expected += float(nn.functional.conv2d((a - b) ** 2, weight).mean())
    lpips = Lpips(backbone)
    assert lpips(one, other) == pytest.approx(expected, rel=1e-5) and expected > 0.0
    assert lpips(one, one) == 0.0


def test_wrong_files_are_named(backbone: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no file"):
        Lpips(tmp_path / "nowhere.pth")
    text = tmp_path / "text.pth"
    text.write_text("weights")
    with pytest.raises(InputError, match=r"text\.pth is not a PyTorch file"):
        Lpips(text)
    other = tmp_path / "other.pth"
    torch.save({"layer.weight": torch.zeros(3)}, other)
    with pytest.raises(InputError, match=r"features\.0\.weight is missing"):
        Lpips(other)
    with pytest.raises(InputError, match=r"lin0\.model\.1\.weight"):
        Lpips(backbone, heads=other)
