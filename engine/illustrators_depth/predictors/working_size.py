"""Fits a picture to a network's working size, and the network's depth to the picture's."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Fitted", "fit_picture"]


@dataclass(frozen=True)
class Fitted:
    """A picture at the network's working size.

    Attributes:
        rgb: float32 (3, h, w), sRGB 0..1, h and w multiples of the stride; padding repeats the
            border.
        inner: height and width of the part that is picture.
        size: height and width of the original picture.
    """

    rgb: NDArray[np.float32]
    inner: tuple[int, int]
    size: tuple[int, int]

    def restore(self, depth: NDArray[np.float32]) -> NDArray[np.float32]:
        """Cut the padding off depth (h, w) and resize it to the picture's size, float32 (H, W)."""
        unpadded = depth[: self.inner[0], : self.inner[1]]
        if self.inner == self.size:
            return np.ascontiguousarray(unpadded, np.float32)
        height, width = self.size
        resized = cv2.resize(unpadded, (width, height), interpolation=cv2.INTER_LINEAR)
        return np.asarray(resized, np.float32)


def fit_picture(rgb: NDArray[np.float32], longest: int, stride: int) -> Fitted:
    """Resize a picture so that its longest side is `longest` pixels, and pad it to the stride.

    `rgb` is float32 (H, W, C), sRGB 0..1; so has the result's `rgb` C channels.
    """
    height, width = rgb.shape[:2]
    scale = longest / max(height, width)
    inner = (max(1, round(height * scale)), max(1, round(width * scale)))
    if inner != (height, width):
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        rgb = cv2.resize(rgb, (inner[1], inner[0]), interpolation=interpolation)
    bottom, right = -inner[0] % stride, -inner[1] % stride
    padded = cv2.copyMakeBorder(rgb, 0, bottom, 0, right, cv2.BORDER_REPLICATE)
    planes = np.ascontiguousarray(padded.transpose(2, 0, 1), np.float32)
    return Fitted(planes, inner, (height, width))
