"""Layers for compositors, which blend in linear light what was made to blend in sRGB.

An edge that covers half a pixel shows the middle of two colours as sRGB has it, which is darker
than the middle in linear light. The layers' edges are therefore solved for again: each gets
the coverage with which "over" (Porter and Duff 1984), in linear light, gives what is shown.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...io.color import srgb_to_linear

__all__ = ["LinearBackdrop", "half_floats", "premultiplied_light"]

Float = NDArray[np.float32]

# Over a backdrop at least so opaque, coverage is free: whatever it is, the result is opaque.
_OPAQUE = 0.98


class LinearBackdrop:
    """The layers laid so far, in sRGB as the picture shows them, and in linear light as written."""

    def __init__(self, height: int, width: int) -> None:
        self._shown: Float = np.zeros((height, width, 4), np.float32)
        self._linear: Float = np.zeros((height, width, 4), np.float32)

    def lay(self, rgba: Float, box: tuple[slice, slice]) -> NDArray[np.float16]:
        """Lay the next layer over the others.

        Args:
            rgba: float32 (h, w, 4), straight alpha, sRGB, contiguous.
            box: its place in the frame.

        Returns:
            float16 (h, w, 4), the layer in linear light, premultiplied: over those before it, it
            gives what sRGB blending gives.
        """
        alpha = cv2.extractChannel(rgba, 3)
        own = premultiplied_light(rgba)
        soft = np.nonzero((alpha > 0.0) & (alpha < 1.0))
        shown, linear = self._shown[box], self._linear[box]
        _over(_premultiplied(rgba, alpha), alpha, shown)
        if len(soft[0]):
            own[soft] = _solved(rgba[soft], shown[soft], linear[soft])
        written = half_floats(own)
        # What rounding lost is made up for by the layers above.
        rounded = np.asarray(cv2.convertFp16(written.view(np.int16)), np.float32)
        _over(rounded, cv2.extractChannel(rounded, 3), linear)
        return written


def half_floats(values: Float) -> NDArray[np.float16]:
    """Rounded to the nearest half floats; OpenCV does this an order faster than NumPy."""
    return np.asarray(cv2.convertFp16(values), np.int16).view(np.float16)


def premultiplied_light(rgba: Float) -> Float:
    """Straight sRGB, float32 (h, w, 4), in linear light and premultiplied."""
    alpha = cv2.extractChannel(rgba, 3)
    light = srgb_to_linear(rgba)  # the alpha, too: all four are one run of memory
    light[..., 3] = alpha
    return _premultiplied(light, alpha)


def _premultiplied(rgba: Float, alpha: Float) -> Float:
    # One factor for each value: arithmetic on arrays of one shape is several times faster.
    return np.asarray(cv2.multiply(rgba, cv2.merge([alpha] * 3 + [np.ones_like(alpha)])))


def _over(upper: Float, alpha: Float, lower: Float) -> None:
    """Lay premultiplied pixels over others, in place (Porter and Duff 1984)."""
    lower *= cv2.merge([1.0 - alpha] * 4)
    lower += upper


def _solved(rgba: Float, shown: Float, below: Float) -> Float:
    """Premultiplied linear pixels (n, 4) that, over `below`, give the pixels shown.

    Args:
        rgba: float32 (n, 4), the layer's own, straight, sRGB.
        shown: float32 (n, 4), premultiplied sRGB, with the layer.
        below: float32 (n, 4), premultiplied linear, without it.
    """
    covered = np.maximum(shown[:, 3:], 1e-6)
    target = srgb_to_linear(shown[:, :3] / covered) * shown[:, 3:]
    step = srgb_to_linear(rgba[:, :3]) - below[:, :3]
    contrast = np.einsum("ij,ij->i", step, step)
    along = np.einsum("ij,ij->i", target - below[:, :3], step)
    share = np.clip(along / np.maximum(contrast, 1e-9), 0.0, 1.0)
    # Less coverage would let through more of the backdrop than there is to be seen.
    min_share = (1.0 - target / np.maximum(below[:, :3], 1e-6)).max(axis=1)
    share = np.maximum(share, np.clip(min_share, 0.0, 1.0))
    free = (below[:, 3] >= _OPAQUE) & (contrast > 1e-6)
    alpha = _rounded_up(np.where(free, share, rgba[:, 3]).astype(np.float32))[:, None]
    color = np.maximum(target - below[:, :3] * (1.0 - alpha), 0.0)
    return np.concatenate([color, alpha], axis=1).astype(np.float32)


def _rounded_up(alpha: Float) -> Float:
    """As a half float holds it, and no less: a rest of a bright backdrop would show in the dark."""
    half = alpha.astype(np.float16)
    low = half.astype(np.float32) < alpha
    half[low] = np.nextafter(half[low], np.float16(2.0))
    return np.minimum(half.astype(np.float32), np.float32(1.0))
