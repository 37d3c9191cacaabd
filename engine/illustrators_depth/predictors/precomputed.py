"""Depth that the user already has, from a file or an array."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from ..errors import InputError
from ..progress import Progress, no_progress
from ..types import DepthMap, Image

__all__ = ["PrecomputedPredictor"]

# A depth map of another aspect ratio is stretched, up to this difference; beyond, it is a mistake.
_ASPECT_TOLERANCE = 0.02


class PrecomputedPredictor:
    """Gives the same depth map for every picture, resized where only the scale differs."""

    name = "precomputed"
    device = "none"

    def __init__(self, depth: DepthMap) -> None:
        self._depth = depth

    @classmethod
    def from_file(cls, path: Path) -> PrecomputedPredictor:
        """Read a depth file (.npy, 16-bit .png, float .exr or .tif).

        Raises InputError as `read_depth` does.
        """
        from ..io.depth_file import read_depth

        return cls(read_depth(path))

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        """Return the given depth at the picture's size.

        Raises InputError when the aspect ratios differ by more than _ASPECT_TOLERANCE.
        """
        progress("depth", 0.0)
        height, width = self._depth.shape
        values = self._depth.values
        if (height, width) != (image.height, image.width):
            ratio = (width / height) / (image.width / image.height)
            if abs(ratio - 1.0) > _ASPECT_TOLERANCE:
                raise InputError(
                    f"The depth map is {width}x{height} but the picture {image.name!r} is "
                    f"{image.width}x{image.height}: the shapes differ; use this picture's depth."
                )
            values = cv2.resize(values, (image.width, image.height), interpolation=cv2.INTER_LINEAR)
        progress("depth", 1.0)
        return DepthMap(np.ascontiguousarray(values), self.name, self.device)
