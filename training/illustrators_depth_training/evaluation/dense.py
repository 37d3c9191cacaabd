"""Predictors pixel by pixel, without regions or pooling: what the paper measures.

The product gives every flat region one depth. The paper's numbers, and the ablations', are of the
network's own map, so that nothing but the network is compared.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import fit_state
from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import read_public_tensors
from illustrators_depth.predictors import Predictor
from illustrators_depth.predictors.onnx import OnnxPredictor
from illustrators_depth.predictors.working_size import fit_picture
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.types import DepthMap, Image

from ..network_config import DepthProSizes
from .table_rows import named_predictor

__all__ = ["DENSE_SIZE", "DensePredictor", "dense_predictor"]

DENSE_SIZE = 128
"""Longest side in pixels that the compact network sees unless asked otherwise."""
_CHECKPOINTS = {".pt", ".pth", ".ckpt", ".safetensors"}


class DensePredictor:
    """The dense map of the compact network or of Depth Pro, in torch.

    Compact checkpoints that were trained without a region stage are taken too.
    """

    def __init__(
        self,
        checkpoint: Path,
        size: int = 0,
        device: str = "cpu",
        sizes: DepthProSizes | None = None,
    ) -> None:
        """Load averaged weights; which network they are of, their own names say.

        Args:
            checkpoint: of `train`, or Depth Pro's public one.
            size: the longest side that the network sees; 0 = its own.
            device: torch's name of it.
            sizes: of a Depth Pro that is not the public one.

        Raises InputError when they fit neither network, or `size` is not Depth Pro's.
        """
        self.name, self.device = checkpoint.stem, device
        tensors = read_public_tensors(checkpoint)
        if any(name.startswith("encoder.patch_encoder.") for name in tensors):
            network, side = _depth_pro(checkpoint, tensors, sizes or _sizes_of_run(checkpoint))
            if size not in (0, side):
                raise InputError(f"This Depth Pro works at {side} pixels; leave the size at 0.")
            self._size, self._stride = side, side
        else:
            network = CompactNetwork()
            state = fit_state(network, tensors, checkpoint, optional="regions.")
            network.load_state_dict(state, strict=False)
            self._size, self._stride = size or DENSE_SIZE, STRIDE
        self._network = network.to(device).eval()

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer."""
        fitted = fit_picture(image.over(), self._size, self._stride)
        with torch.inference_mode():
            rgb = torch.from_numpy(fitted.rgb)[None].to(self.device)
            dense = self._network(rgb)[0].float().cpu().numpy()
        progress("depth", 1.0)
        return DepthMap(
            np.ascontiguousarray(fitted.restore(dense), np.float32), self.name, self.device
        )


def dense_predictor(name: str, size: int = 0) -> Predictor:
    """The dense map of a checkpoint, of an .onnx file or of "compact"; others are as they are.

    Raises InputError as `named_predictor` does.
    """
    path = Path(name).expanduser()
    if path.suffix.lower() in _CHECKPOINTS:
        return DensePredictor(path, size)
    predictor = named_predictor(name, size)
    if isinstance(predictor, OnnxPredictor):
        predictor.pooled = False
    return predictor


def _depth_pro(
    path: Path, tensors: Mapping[str, Tensor], sizes: DepthProSizes
) -> tuple[nn.Module, int]:
    """The network with these weights, and the side of its picture in pixels."""
    with torch.device("meta"):
        network = DepthProNetwork(sizes.config)
    network.load_state_dict(fit_state(network, tensors, path), assign=True)
    return network, sizes.config.image


def _sizes_of_run(checkpoint: Path) -> DepthProSizes:
    """Sizes that the run of a checkpoint kept beside it; the public ones where it kept none."""
    try:
        text = (checkpoint.parent.parent / "config.json").read_text(encoding="utf-8")
        kept = json.loads(text)["network"]["sizes"]
        sizes: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in kept.items()}
        return DepthProSizes(**sizes)
    except (OSError, ValueError, LookupError, TypeError):
        return DepthProSizes()
