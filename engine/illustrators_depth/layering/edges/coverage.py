"""How much of a pixel each layer covers, read from the picture's own anti-aliased edges.

At the rim of a layer a pixel shows a blend of the layer and of what lies below it. Both colours are
known from nearby, so the blend gives the layer's coverage there (the "compositing equation", Porter
and Duff 1984, solved for alpha), and with it the outline to a fraction of a pixel.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.tiling import strips
from ..compositing.quantize import EIGHT_BITS, in_eight_bits

__all__ = ["RIGHT_DISTANCE", "WRONG_DISTANCE", "estimate_alpha", "seen_color", "seen_rim"]

# Two colours nearer than this (premultiplied RGBA, L2) tell nothing about coverage.
_MIN_CONTRAST = 0.06
# Where paint and background give another colour than the pixel's by the second of these
# (premultiplied RGB, L2), the paint becomes what gives the pixel's; by the first, it stays.
RIGHT_DISTANCE, WRONG_DISTANCE = 0.02, 0.06
# A pixel of the mask keeps at least this coverage, one outside at most one minus it.
_HALF = np.float32(128.0) / EIGHT_BITS
_SQUARE = np.ones((3, 3), np.uint8)


def seen_rim(visible: NDArray[np.bool_], lower: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels on either side of the border between a layer and what is seen of the layers below it.

    Args:
        visible: bool (H, W), where the layer is seen.
        lower: bool (H, W), where a lower layer, or none, is seen.
    """
    height, width = visible.shape
    rim = np.empty(visible.shape, np.bool_)
    for rows in strips(height, width):
        # One row more on either side, where there is one: what a pixel at the strip's edge touches.
        first, last = max(0, rows.start - 1), min(height, rows.stop + 1)
        inner = slice(rows.start - first, rows.stop - first)
        own, other = visible[first:last].view(np.uint8), lower[first:last].view(np.uint8)
        near = cv2.dilate(own, _SQUARE)[inner] & other[inner]
        near |= cv2.dilate(other, _SQUARE)[inner] & own[inner]
        rim[rows] = near.view(np.bool_)
    return rim


def estimate_alpha(
    pixels: NDArray[np.float32],
    below: NDArray[np.float32],
    own: NDArray[np.float32],
    inside: NDArray[np.bool_],
    otherwise: NDArray[np.float32],
) -> NDArray[np.float32]:
    """Coverage of a layer at rim pixels.

    Args:
        pixels: float32 (n, 4), the picture, premultiplied sRGB and alpha.
        below: float32 (n, 4), what lies under the layer, premultiplied.
        own: float32 (n, 3), the layer's own colour there.
        inside: bool (n,), pixels of the layer's mask: their coverage is at least one half (or the
            picture's own), that of others less.
        otherwise: float32 (n,), the answer where layer and background are of one colour.

    Returns:
        float32 (n,), 0..1, multiples of 1/255.
    """
    full = np.concatenate([own, np.ones((len(own), 1), np.float32)], axis=1)
    step = full - below
    contrast = np.einsum("ij,ij->i", step, step)
    along = np.einsum("ij,ij->i", pixels - below, step)
    alpha = np.where(
        contrast > _MIN_CONTRAST * _MIN_CONTRAST, along / np.maximum(contrast, 1e-9), otherwise
    )
    # In a translucent picture no layer is more opaque than the picture itself.
    low = np.where(inside, np.minimum(_HALF, pixels[:, 3]), np.float32(0.0))
    high = np.where(inside, np.float32(1.0), 1.0 - _HALF)
    return in_eight_bits(np.clip(alpha, low, high))


def seen_color(
    pixels: NDArray[np.float32],
    below: NDArray[np.float32],
    own: NDArray[np.float32],
    alpha: NDArray[np.float32],
    inside: NDArray[np.bool_],
    steps: np.float32,
) -> NDArray[np.float32]:
    """Colour of a layer at its rim, such that the picture is what one sees there.

    At most rims that is the layer's own colour: its coverage was found from it. A stroke thinner
    than a pixel is nowhere as dark as its paint, though, and where three layers meet, or a file was
    compressed, no coverage gives the pixel's colour. There another colour does, or nearly.

    Args:
        pixels, below, own, inside: as for `estimate_alpha`.
        alpha: float32 (n,), what `estimate_alpha` found.
        steps: colours are kept in so many.

    Returns:
        float32 (n, 3), 0..1.
    """
    share = alpha[:, None]
    missing = pixels[:, :3] - own * share - below[:, :3] * (1.0 - share)
    far = np.sqrt(np.einsum("ij,ij->i", missing, missing))
    wrong = inside & (far > RIGHT_DISTANCE)
    # Little by little, so that a rounded picture gives nearly the same.
    some = np.minimum((far[wrong] - RIGHT_DISTANCE) / (WRONG_DISTANCE - RIGHT_DISTANCE), 1.0)
    some /= np.maximum(alpha[wrong], 1.0 / EIGHT_BITS)
    color = own.copy()
    color[wrong] += missing[wrong] * some[:, None]
    color[wrong] = np.rint(np.clip(color[wrong], 0.0, 1.0) * steps) / steps
    return color
