"""Networks that ours is measured beside, at their published sizes with random weights."""

from __future__ import annotations

from typing import Any


def depth_anything_small(size: int) -> tuple[Any, Any]:
    """Depth Anything V2 Small with random weights, and a picture of size x size for it."""
    import torch
    from transformers import DepthAnythingConfig, DepthAnythingForDepthEstimation, Dinov2Config

    # The published sizes of the Small model.
    backbone = Dinov2Config(
        hidden_size=384,
        num_attention_heads=6,
        image_size=518,
        patch_size=14,
        out_indices=[3, 6, 9, 12],  # type: ignore[call-arg]
        apply_layernorm=True,
        reshape_hidden_states=False,
    )
    config = DepthAnythingConfig(
        backbone_config=backbone,
        reassemble_hidden_size=384,
        neck_hidden_sizes=[48, 96, 192, 384],
        fusion_hidden_size=64,
        head_in_index=-1,
        head_hidden_size=32,
    )
    return DepthAnythingForDepthEstimation(config).eval(), torch.rand(1, 3, size, size)
