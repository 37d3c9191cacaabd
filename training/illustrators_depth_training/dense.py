"""A checkpoint pixel by pixel, without regions or pooling: what the ablations are measured on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from illustrators_depth.networks.checkpoint import load_compact
from illustrators_depth.networks.compact import STRIDE, CompactNetwork
from illustrators_depth.predictors.working_size import fit_picture
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.types import DepthMap, Image

__all__ = ["DENSE_SIZE", "DensePredictor"]

DENSE_SIZE = 128
"""Longest side in pixels that the network sees unless asked otherwise."""


class DensePredictor:
    """The compact network's dense map alone, in torch on the CPU.

    Checkpoints that were trained without a region stage are taken too.
    """

    device = "cpu"

    def __init__(self, checkpoint: Path, size: int = 0) -> None:
        """Load averaged weights. Raises InputError when they are not the compact network's."""
        self.name = checkpoint.stem
        self._size = size or DENSE_SIZE
        self._network = CompactNetwork()
        weights = load_compact(checkpoint, optional="regions.")
        self._network.load_state_dict(weights, strict=False)
        self._network.eval()

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Depth at the picture's size, float32, larger = nearer."""
        fitted = fit_picture(image.over(), self._size, STRIDE)
        with torch.inference_mode():
            dense = self._network(torch.from_numpy(fitted.rgb)[None])[0].numpy()
        progress("depth", 1.0)
        return DepthMap(
            np.ascontiguousarray(fitted.restore(dense), np.float32), self.name, self.device
        )
