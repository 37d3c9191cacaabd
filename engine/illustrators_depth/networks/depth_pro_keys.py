"""Translates parameter names of Depth Pro between the public layout and that of `transformers`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from .checkpoint import read_tensors

__all__ = [
    "drop_field_of_view",
    "from_transformers",
    "is_transformers_layout",
    "read_public_tensors",
]

_VITS = {
    "depth_pro.encoder.patch_encoder.model.": "encoder.patch_encoder.",
    "depth_pro.encoder.image_encoder.model.": "encoder.image_encoder.",
}
_VIT_NAMES = (
    ("embeddings.cls_token", "cls_token"),
    ("embeddings.position_embeddings", "pos_embed"),
    ("embeddings.patch_embeddings.projection.", "patch_embed.proj."),
    ("encoder.layer.", "blocks."),
    ("attention.o_proj.", "attn.proj."),
    ("attention.output.dense.", "attn.proj."),
    ("layer_scale1.lambda1", "ls1.gamma"),
    ("layer_scale2.lambda1", "ls2.gamma"),
    ("layernorm.", "norm."),
)
_NECK = {
    "depth_pro.neck.feature_upsample.image_block.layers.0.": "encoder.upsample_lowres.",
    "depth_pro.neck.feature_upsample.scaled_images.0.layers.": "encoder.upsample2.",
    "depth_pro.neck.feature_upsample.scaled_images.1.layers.": "encoder.upsample1.",
    "depth_pro.neck.feature_upsample.scaled_images.2.layers.": "encoder.upsample0.",
    "depth_pro.neck.feature_upsample.intermediate.0.layers.": "encoder.upsample_latent1.",
    "depth_pro.neck.feature_upsample.intermediate.1.layers.": "encoder.upsample_latent0.",
    "depth_pro.neck.fuse_image_with_low_res.": "encoder.fuse_lowres.",
    "depth_pro.neck.feature_projection.projections.0.": "decoder.convs.4.",
    "depth_pro.neck.feature_projection.projections.1.": "decoder.convs.3.",
    "depth_pro.neck.feature_projection.projections.2.": "decoder.convs.2.",
    "depth_pro.neck.feature_projection.projections.3.": "decoder.convs.1.",
    "fusion_stage.intermediate.0.": "decoder.fusions.4.",
    "fusion_stage.intermediate.1.": "decoder.fusions.3.",
    "fusion_stage.intermediate.2.": "decoder.fusions.2.",
    "fusion_stage.intermediate.3.": "decoder.fusions.1.",
    "fusion_stage.final.": "decoder.fusions.0.",
    "head.layers.": "head.",
}
_FUSION_NAMES = (
    ("residual_layer1.convolution1.", "resnet1.residual.1."),
    ("residual_layer1.convolution2.", "resnet1.residual.3."),
    ("residual_layer2.convolution1.", "resnet2.residual.1."),
    ("residual_layer2.convolution2.", "resnet2.residual.3."),
    ("projection.", "out_conv."),
)
# Both spellings of the three projections that the public layout keeps as one matrix.
_QKV = re.compile(
    r"(?P<block>blocks\.\d+)\.attention\.(?:attention\.)?"
    r"(?P<which>query|key|value|q_proj|k_proj|v_proj)\.(?P<kind>weight|bias)$"
)


def drop_field_of_view(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors without those of the field-of-view head, which is not used here."""
    return {k: v for k, v in tensors.items() if not k.startswith(("fov.", "fov_model."))}


def read_public_tensors(path: Path) -> dict[str, Tensor]:
    """A checkpoint's tensors under the public names, without the field-of-view head.

    The file may have Depth Pro's public layout or that of transformers; other networks' names are
    kept as they are. Raises InputError as `read_tensors` does.
    """
    tensors = read_tensors(path)
    if is_transformers_layout(tensors):
        tensors = from_transformers(tensors)
    return drop_field_of_view(tensors)


def is_transformers_layout(tensors: Mapping[str, Tensor]) -> bool:
    """Whether the names are those of transformers' DepthProForDepthEstimation."""
    return any(name.startswith("depth_pro.") for name in tensors)


def from_transformers(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors under the public names; unknown names are kept as they are.

    Query, key and value projections become one matrix; an incomplete set of them is left out, and
    `fit_state` then reports what is missing.
    """
    out: dict[str, Tensor] = {}
    projections: dict[str, dict[str, Tensor]] = {}
    for name, value in drop_field_of_view(tensors).items():
        renamed = _rename(name)
        match = _QKV.search(renamed)
        if match is None:
            out[renamed] = value
            continue
        target = renamed[: match.start()] + f"{match['block']}.attn.qkv.{match['kind']}"
        projections.setdefault(target, {})[match["which"][0]] = value
    for target, parts in projections.items():
        if set(parts) == {"q", "k", "v"}:
            out[target] = torch.cat([parts["q"], parts["k"], parts["v"]])
    return out


def _rename(name: str) -> str:
    """A name in the layout of `transformers` as a public one, but for the three projections."""
    for prefix, target in _VITS.items():
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            for old, new in _VIT_NAMES:
                rest = rest.replace(old, new)
            return target + rest
    for prefix, target in _NECK.items():
        if name.startswith(prefix):
            rest = name.removeprefix(prefix)
            if prefix.startswith("fusion_stage."):
                for old, new in _FUSION_NAMES:
                    rest = rest.replace(old, new)
            return target + rest
    return name
