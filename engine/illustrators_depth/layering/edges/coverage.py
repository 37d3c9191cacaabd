"""How much of a pixel each layer covers, read from the picture's own anti-aliased edges.

At its rim, on either side of its edge, a pixel shows a blend of a layer and of what lies below it.
Both colours are known from nearby, so the blend gives the layer's coverage there (the "compositing
equation", Porter and Duff 1984, solved for alpha), and with it the outline to a fraction of a
pixel.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import strips
from ..compositing.quantize import EIGHT_BITS, in_eight_bits

__all__ = ["RIGHT_DISTANCE", "WRONG_DISTANCE", "estimate_alpha", "seen_color", "seen_rim"]

# Where layer and background differ by less (premultiplied RGBA, L2), coverage cannot be told.
_MIN_CONTRAST = 0.06
RIGHT_DISTANCE, WRONG_DISTANCE = 0.02, 0.06
"""How far the blend of layer and background may be from the pixel's colour (premultiplied RGB, L2).

Up to the first the layer keeps its colour; from the second on it takes the colour that gives the
pixel's, and in between it is mixed of both.
"""
# A pixel inside the mask is covered by at least this much, one outside by at most one minus it.
_HALF = np.float32(128.0) / EIGHT_BITS
_SQUARE = np.ones((3, 3), np.uint8)


def seen_rim(visible: NDArray[np.bool_], lower: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels on either side of the border between a layer and what is seen of the layers below it.

    Args:
        visible: bool (H, W), where the layer is seen.
        lower: bool (H, W), where a lower layer, or none, is seen.

    Returns bool (H, W).
    """
    height, width = visible.shape
    rim = np.empty(visible.shape, np.bool_)
    for rows in strips(height, width):
        # One row more on either side, where there is one: what a pixel at the strip's edge touches.
        first, last = max(0, rows.start - 1), min(height, rows.stop + 1)
        inner = slice(rows.start - first, rows.stop - first)
        visible_strip, lower_strip = (
            visible[first:last].view(np.uint8),
            lower[first:last].view(np.uint8),
        )
        rim_strip = cv2.dilate(visible_strip, _SQUARE)[inner] & lower_strip[inner]
        rim_strip |= cv2.dilate(lower_strip, _SQUARE)[inner] & visible_strip[inner]
        rim[rows] = rim_strip.view(np.bool_)
    return rim


def estimate_alpha(
    pixels: NDArray[np.float32],
    below: NDArray[np.float32],
    color: NDArray[np.float32],
    inside: NDArray[np.bool_],
    fallback: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Coverage of a layer at rim pixels.

    Args:
        pixels: float32 (n, 4), the picture, premultiplied sRGB and alpha.
        below: float32 (n, 4), what lies under the layer, premultiplied.
        color: float32 (n, 3), the layer's own colour there.
        inside: bool (n,), pixels of the layer's mask: their coverage is at least one half (or the
            picture's own alpha, if that is less), that of others less than one half.
        fallback: float32 (n,), the coverage where layer and background are of one colour.

    Returns:
        float32 (n,), 0..1, multiples of 1/255.
    """
    paint = np.concatenate([color, np.ones((len(color), 1), np.float32)], axis=1)
    difference = paint - below
    contrast = np.einsum("ij,ij->i", difference, difference)
    projection = np.einsum("ij,ij->i", pixels - below, difference)
    alpha = np.where(
        contrast > _MIN_CONTRAST * _MIN_CONTRAST, projection / np.maximum(contrast, 1e-9), fallback
    )
    # In a translucent picture no layer is more opaque than the picture itself.
    low = np.where(inside, np.minimum(_HALF, pixels[:, 3]), np.float32(0.0))
    high = np.where(inside, np.float32(1.0), 1.0 - _HALF)
    return in_eight_bits(np.clip(alpha, low, high))


def seen_color(
    pixels: NDArray[np.float32],
    below: NDArray[np.float32],
    color: NDArray[np.float32],
    alpha: NDArray[np.float32],
    inside: NDArray[np.bool_],
    steps: np.float32,
) -> NDArray[np.float32]:
    """Colour of a layer at its rim with which the layers show the picture there.

    At most rims that is the layer's own colour, from which its coverage was estimated. But a stroke
    thinner than a pixel is nowhere as dark as its paint, and where three layers meet, or a file was
    compressed, no coverage gives the pixel's colour. There the layer takes another colour that
    does, or nearly.

    Args:
        pixels, below, color, inside: as for `estimate_alpha`.
        alpha: float32 (n,), from `estimate_alpha`.
        steps: from 0 to 1, to which colours are rounded.

    Returns:
        float32 (n, 3), 0..1.
    """
    coverage = alpha[:, None]
    missing = pixels[:, :3] - color * coverage - below[:, :3] * (1.0 - coverage)
    distance = np.sqrt(np.einsum("ij,ij->i", missing, missing))
    is_wrong = inside & (distance > RIGHT_DISTANCE)
    # Gradually, so that a picture rounded to 8 bits gives nearly the same.
    strength = np.minimum(
        (distance[is_wrong] - RIGHT_DISTANCE) / (WRONG_DISTANCE - RIGHT_DISTANCE), 1.0
    )
    strength /= np.maximum(alpha[is_wrong], 1.0 / EIGHT_BITS)
    result = color.copy()
    result[is_wrong] += missing[is_wrong] * strength[:, None]
    result[is_wrong] = np.rint(np.clip(result[is_wrong], 0.0, 1.0) * steps) / steps
    return result
