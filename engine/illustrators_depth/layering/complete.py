"""How each layer continues under the layers above it: its mask and its colour."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outlines import smooth_field
from ..settings import CompleteSettings
from .pyramid_fill import pyramid_fill

__all__ = ["complete_alpha", "complete_color", "complete_mask", "soft_alpha"]

# Longest side at which hidden outlines are worked out.
_WORKING_SIZE = 384
# Pixels at a layer's rim hold a blend with its neighbour: they count, but hardly.
_RIM_WEIGHT = 1e-3
# Blends reach this many pixels into a layer.
_RIM = 1
# A layer varies less than this (sRGB standard deviation): its colour continues as one flat colour.
_FLAT = 0.02
# A layer that covers by this much over half of its area is paint, and solid where it is hidden.
_PAINT = 0.9


def complete_mask(
    labels: NDArray[np.signedinteger], index: int, settings: CompleteSettings
) -> NDArray[np.bool_]:
    """The pixels that layer `index` covers once all layers above it are lifted off.

    Under the layers above, layer `index` competes with everything below it: a hidden pixel is its
    own where the visible surroundings say so, and is left to the layers below otherwise.

    Args:
        labels: signed integers (H, W), visible layer of every pixel, -1 = nothing.
        settings: `method` "smooth" lets the outline run on smoothly (harmonic-like interpolation),
            "nearest" takes the nearest visible pixel's side, "none" keeps the visible mask.

    Returns:
        bool (H, W), a superset of `labels == index`.
    """
    visible = labels == index
    hidden = labels > index
    if settings.method == "none" or not hidden.any() or not visible.any():
        return visible
    below = ~visible & ~hidden
    if not below.any():
        # Nothing lower shows anywhere: the layer is the ground that all others stand on.
        return np.ones_like(visible)
    if settings.method == "nearest":
        return visible | (hidden & _nearest_is(visible, hidden))
    return visible | (hidden & (_membership(visible, hidden) > 0.5))


def _working_step(height: int, width: int) -> int:
    """By how much pictures are reduced before what nobody sees is worked out."""
    return max(1, max(height, width) // _WORKING_SIZE)


def _membership(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Share of "this layer" at hidden pixels, interpolated from those that are not hidden.

    Nothing behind a cover needs full resolution, so large pictures are worked on reduced.
    """
    height, width = visible.shape
    step = _working_step(height, width)
    known = (~hidden).astype(np.float32)
    share = visible.astype(np.float32)
    if step == 1:
        return pyramid_fill(share, known)
    size = (max(1, width // step), max(1, height // step))
    known = cv2.resize(known, size, interpolation=cv2.INTER_AREA)
    share = cv2.resize(share, size, interpolation=cv2.INTER_AREA)
    share = np.where(known > 0.0, share / np.maximum(known, 1e-6), 0.0).astype(np.float32)
    filled = pyramid_fill(share, (known > 0.0).astype(np.float32))
    return cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR)


def _nearest_is(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the nearest pixel that is not hidden is one of `visible`."""
    _, nearest = cv2.distanceTransformWithLabels(
        hidden.astype(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    side = np.zeros(int(nearest.max()) + 1, bool)
    side[nearest[visible]] = True
    return side[nearest]


def complete_color(rgb: NDArray[np.float32], visible: NDArray[np.bool_]) -> NDArray[np.float32]:
    """The layer's own colour, running on smoothly where it is not seen.

    Args:
        rgb: float32 (H, W, 3), the picture (or a window of it that holds the whole layer).
        visible: bool (H, W), where the layer is seen; at least one pixel.

    Returns:
        float32 (H, W, 3): the picture where the layer is seen clear of its edges.
    """
    core = _core(visible)
    inside = core.astype(np.uint8)
    sample = rgb[core] if core.any() else rgb[visible]
    _, spread = cv2.meanStdDev(sample[:, None])
    if float(spread.max()) < _FLAT:
        color = np.empty(rgb.shape, np.float32)
        color[:] = np.median(sample, axis=0)
    else:
        # A thin stroke has no core; there its rim is all that is known, and it counts by itself.
        color = _run_on(rgb, _weights(visible, core))
        # Invented colour needs no more than 12 bits, and files of it pack far smaller.
        np.rint(np.multiply(color, 4095.0, out=color), out=color)
        np.divide(color, 4095.0, out=color)
    cv2.copyTo(rgb, inside, color)
    return color


def _run_on(values: NDArray[np.float32], weights: NDArray[np.float32]) -> NDArray[np.float32]:
    """`pyramid_fill`, on a large window at a reduced size: nothing invented is that sharp."""
    height, width = weights.shape
    step = _working_step(height, width)
    if step == 1:
        return pyramid_fill(values, weights).copy()
    size = (max(1, width // step), max(1, height // step))
    less = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    mean = cv2.resize(values * weights[..., None], size, interpolation=cv2.INTER_AREA)
    mean /= np.maximum(less, 1e-9)[..., None]
    # One well-known pixel is enough to know the mean of its cell.
    less[less > 0.5 / (step * step)] = 1.0
    filled = pyramid_fill(mean, less)
    return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR))


def _core(visible: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels clear of the layer's rim; the picture's border is no rim."""
    pixels = visible.astype(np.uint8)
    return cv2.erode(pixels, np.ones((3, 3), np.uint8), iterations=_RIM, borderValue=1) > 0


def _weights(visible: NDArray[np.bool_], core: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How much each pixel is known: rim pixels count only where there is nothing else."""
    return np.where(core, 1.0, np.where(visible, _RIM_WEIGHT, 0.0)).astype(np.float32)


def complete_alpha(alpha: NDArray[np.float32], visible: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How far the layer lets light through, running on smoothly where it is not seen.

    Args:
        alpha: float32 (H, W), the picture's.
        visible: bool (H, W), where the layer is seen; at least one pixel.

    Returns:
        float32 (H, W): the picture's alpha where the layer is seen; elsewhere 1 for paint, and for
        a shadow or a glaze (half of it lets more than a tenth through) what its surroundings say.
    """
    if float(alpha.min()) >= 1.0:
        return np.ones_like(alpha)
    if float(np.median(alpha[visible])) >= _PAINT:
        return np.where(visible, alpha, np.float32(1.0))
    filled = pyramid_fill(alpha, _weights(visible, _core(visible)))
    return np.where(visible, alpha, filled)


def soft_alpha(mask: NDArray[np.bool_], feather: float) -> NDArray[np.float32]:
    """Anti-aliased coverage of a mask, float32 (H, W), 0..1.

    `feather` is the width of the ramp in pixels; 0 gives a hard edge.
    """
    if feather <= 0.0:
        return mask.astype(np.float32)
    coverage = smooth_field(mask, 0.5, _supersampled)
    if feather > 1.0:
        coverage = cv2.GaussianBlur(
            coverage, (0, 0), feather / 3.0, borderType=cv2.BORDER_REPLICATE
        )
    return coverage


def _supersampled(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Twice the resolution, cut hard, averaged: a ramp centred on the sub-pixel outline."""
    height, width = field.shape
    fine = cv2.resize(field, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    _, fine = cv2.threshold(fine, 0.5, 1.0, cv2.THRESH_BINARY)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
