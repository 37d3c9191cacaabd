"""The full-size network: its size, its agreement with transformers' implementation, its loaders."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from illustrators_depth.networks.depth_pro import DepthProConfig, DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import drop_field_of_view, from_transformers
from illustrators_depth.networks.vit import VitConfig

SMALL = DepthProConfig(
    vit=VitConfig(image=64, patch=8, width=32, depth=4, heads=2),
    hooks=(1, 3),
    fine=16,
    levels=(24, 32, 32),
    last=32,
    final_relu=True,
)


def _randomised(network: nn.Module) -> nn.Module:
    generator = torch.Generator().manual_seed(3)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn(parameter.shape, generator=generator) * 0.2)
    return network.eval()


def test_parameter_count_at_full_size() -> None:
    with torch.device("meta"):
        network = DepthProNetwork()
    assert sum(p.numel() for p in network.parameters()) == 647_731_777


def test_equals_transformers() -> None:
    transformers = pytest.importorskip("transformers")
    vit = {
        "model_type": "dinov2",
        "hidden_size": 32,
        "num_hidden_layers": 4,
        "num_attention_heads": 2,
        "image_size": 64,
        "patch_size": 8,
        "use_mask_token": False,
    }
    config = transformers.DepthProConfig(
        image_model_config=dict(vit),
        patch_model_config=dict(vit),
        fov_model_config=dict(vit),
        patch_size=64,
        fusion_hidden_size=16,
        intermediate_hook_ids=[3, 1],
        intermediate_feature_dims=[16, 16],
        scaled_images_ratios=[0.25, 0.5, 1],
        scaled_images_overlap_ratios=[0.0, 0.5, 0.25],
        scaled_images_feature_dims=[32, 32, 24],
        merge_padding_value=1,
        use_fov_model=False,
    )
    theirs = _randomised(transformers.DepthProForDepthEstimation(config))
    ours = DepthProNetwork(SMALL).eval()
    ours.load_state_dict(from_transformers(theirs.state_dict()))
    picture = torch.rand(2, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        want = theirs(pixel_values=picture * 2 - 1).predicted_depth
        got = ours(picture)
    assert want.std() > 0.1  # random weights must not have died in the ReLU
    torch.testing.assert_close(got, want, atol=1e-4, rtol=1e-4)


def test_tiles_in_batches_give_the_same() -> None:
    network = _randomised(DepthProNetwork(SMALL))
    assert isinstance(network, DepthProNetwork)
    picture = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    with torch.no_grad():
        at_once = network(picture)
        network.patch_batch = 4
        torch.testing.assert_close(network(picture), at_once, atol=1e-4, rtol=1e-4)


def test_checkpointing_gives_the_same_gradient() -> None:
    network = _randomised(DepthProNetwork(SMALL)).train()
    assert isinstance(network, DepthProNetwork)
    picture = torch.rand(1, 3, 256, 256, generator=torch.Generator().manual_seed(2))
    gradients = []
    for on in (False, True):
        network.set_checkpointing(on)
        network.zero_grad()
        network(picture).mean().backward()
        weight = dict(network.named_parameters())["encoder.patch_encoder.blocks.0.attn.qkv.weight"]
        assert weight.grad is not None
        gradients.append(weight.grad.clone())
    assert gradients[0].abs().max() > 0
    torch.testing.assert_close(gradients[0], gradients[1])


def test_field_of_view_is_dropped() -> None:
    kept = drop_field_of_view({"fov.head.0.weight": torch.zeros(1), "head.0.weight": torch.ones(1)})
    assert list(kept) == ["head.0.weight"]


def test_older_attention_names_are_known() -> None:
    prefix = "depth_pro.encoder.patch_encoder.model.encoder.layer.7.attention"
    parts = {
        f"{prefix}.attention.{name}.weight": torch.full((2, 2), float(i))
        for i, name in enumerate(("query", "key", "value"))
    }
    made = from_transformers(parts)
    joined = made["encoder.patch_encoder.blocks.7.attn.qkv.weight"]
    assert joined[:, 0].tolist() == [0.0, 0.0, 1.0, 1.0, 2.0, 2.0]
