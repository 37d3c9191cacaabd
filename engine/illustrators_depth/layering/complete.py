"""How each layer continues under the layers above it: its mask and its colour."""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outlines import mask_window, smooth_field
from ..settings import CompleteSettings
from ..strips import strips
from .cells import working_step
from .pyramid_fill import pyramid_fill
from .seen import Box, SeenLayers, grown

__all__ = ["complete_alpha", "complete_color", "complete_mask", "soft_alpha"]

# Pixels at a layer's rim hold a blend with its neighbour: they count, but hardly.
_RIM_WEIGHT = 1e-3
# Blends reach this many pixels into a layer.
_RIM = 1
# A layer varies less than this (sRGB standard deviation): its colour continues as one flat colour.
_FLAT = 0.02
# A layer that covers by this much over half of its area is paint, and solid where it is hidden.
_PAINT = 0.9
# Pixels that a typical colour is taken from, at most (four times as many).
_SAMPLE = 1 << 18


def complete_mask(
    seen: SeenLayers, index: int, settings: CompleteSettings, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The pixels that layer `index` covers once all layers above it are lifted off.

    Under the layers above, layer `index` competes with everything below it: a hidden pixel is its
    own where the visible surroundings say so, and is left to the layers below otherwise.

    Args:
        seen: where each layer is seen.
        settings: `method` "smooth" lets the outline run on smoothly (harmonic-like interpolation),
            "nearest" takes the nearest visible pixel's side, "none" keeps the visible mask.
        margin: pixels around the mask that the answer holds, too, as far as there are any.

    Returns:
        The mask's window in the picture, and bool (h, w) of its size, a superset of where the layer
        is seen.
    """
    frame = seen.numbers.shape
    tight = grown(seen.window(index), margin, frame)
    if settings.method == "none" or not seen.has_above(index):
        return tight, seen.numbers[tight] == index + 1
    if not seen.has_below(index):
        # Nothing lower shows anywhere: the layer is the ground that all others stand on.
        return (slice(0, frame[0]), slice(0, frame[1])), np.ones(frame, bool)
    if settings.method == "nearest":
        box = slice(0, frame[0]), slice(0, frame[1])
        visible, hidden = seen.numbers == index + 1, seen.numbers > index + 1
        mask = visible | (hidden & _nearest_is(visible, hidden))
    else:
        box, mask = _smoothly(seen, index, tight, margin)
    inner = mask_window(mask, margin)
    rows, cols = (
        slice(outer.start + part.start, outer.start + part.stop)
        for outer, part in zip(box, inner, strict=True)
    )
    return (rows, cols), mask[inner].copy()


def _smoothly(
    seen: SeenLayers, index: int, tight: Box, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The mask with an outline that runs on smoothly, in a box that holds it and its margin."""
    cells = seen.cells
    share = cells.membership(index)
    # Between two cells' centres no value is above both of theirs.
    near = cv2.dilate((share > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    box = tight
    reached = cells.window(near & cells.above(index))
    if reached is not None:
        more = grown(reached, margin, seen.numbers.shape)
        box = (
            slice(min(tight[0].start, more[0].start), max(tight[0].stop, more[0].stop)),
            slice(min(tight[1].start, more[1].start), max(tight[1].stop, more[1].stop)),
        )
    mask = seen.numbers[box] > index + 1
    mask &= cells.enlarged(share, box) > 0.5
    mask |= seen.numbers[box] == index + 1
    return box, mask


def _nearest_is(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the nearest pixel that is not hidden is one of `visible`."""
    _, nearest = cv2.distanceTransformWithLabels(
        hidden.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5, labelType=cv2.DIST_LABEL_PIXEL
    )
    side = np.zeros(int(nearest.max()) + 1, bool)
    side[nearest[visible]] = True
    return side[nearest]


def complete_color(
    pixels: NDArray[np.float32], visible: NDArray[np.bool_], wanted: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """The layer's own colour, running on smoothly where it is not seen.

    Args:
        pixels: float32 (H, W, 4), the picture (or a window of it that holds the whole layer).
        visible: bool (H, W), where the layer is seen; at least one pixel.
        wanted: uint8 (H, W), 1 where colour is asked for, at least where the layer is seen.

    Returns:
        float32 (H, W, 4): the picture where the layer is seen clear of its edges, black where no
        colour is wanted; what the last channel holds is nobody's concern.
    """
    core = _core(visible)
    sampled = core if core.any() else visible.view(np.uint8)
    _, spread = cv2.meanStdDev(pixels, mask=sampled)
    if float(spread[:3].max()) < _FLAT:
        color = _filled(wanted, _typical(pixels, sampled))
    else:
        # A thin stroke has no core; there its rim is all that is known, and it counts by itself.
        color = _run_on(pixels, visible, core)
        # Invented colour needs no more than 12 bits, and files of it pack far smaller.
        for rows in strips(*wanted.shape):
            part = color[rows]
            np.rint(np.multiply(part, 4095.0, out=part), out=part)
            np.divide(part, 4095.0, out=part)
            part.view(np.complex128)[wanted[rows] == 0] = 0.0  # whole pixels: several times faster
    cv2.copyTo(pixels, core, color)
    return color


def _typical(pixels: NDArray[np.float32], chosen: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Median colour (3,) of the chosen pixels, or of every so manieth where there are millions."""
    step = max(1, math.isqrt(cv2.countNonZero(chosen) // _SAMPLE))
    some = chosen[::step, ::step] > 0
    if not some.any():
        step, some = 1, chosen > 0
    return np.asarray(np.median(pixels[::step, ::step][some][:, :3], axis=0), np.float32)


def _filled(wanted: NDArray[np.uint8], color: NDArray[np.float32]) -> NDArray[np.float32]:
    """One colour where it is wanted, zeros elsewhere, float32 (H, W, 4)."""
    # A pixel is 16 bytes: as one number of that size it is written several times faster.
    whole = np.zeros(wanted.shape, np.complex128)
    np.copyto(whole, np.append(color, np.float32(0.0)).view(np.complex128), where=wanted > 0)
    return whole.view(np.float32).reshape(*wanted.shape, 4)


def _run_on(
    values: NDArray[np.float32], visible: NDArray[np.bool_], core: NDArray[np.uint8]
) -> NDArray[np.float32]:
    """`pyramid_fill`, on a large window at a reduced size: nothing invented is that sharp."""
    weights = _weights(visible, core)
    height, width = weights.shape
    step = working_step(height, width)
    if step == 1:
        return pyramid_fill(values, weights).copy()
    size = (max(1, width // step), max(1, height // step))
    less = cv2.resize(weights, size, interpolation=cv2.INTER_AREA)
    weighted = np.zeros(values.shape, np.float32)
    cv2.copyTo(values, core, weighted)
    rim = np.nonzero(visible & (core == 0))
    weighted[rim] = values[rim] * np.float32(_RIM_WEIGHT)
    mean = cv2.resize(weighted, size, interpolation=cv2.INTER_AREA)
    mean /= np.maximum(less, 1e-9)[..., None]
    # One well-known pixel is enough to know the mean of its cell.
    less[less > 0.5 / (step * step)] = 1.0
    filled = pyramid_fill(mean, less)
    return np.asarray(cv2.resize(filled, (width, height), interpolation=cv2.INTER_LINEAR))


def _core(visible: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """1 for pixels clear of the layer's rim; the picture's border is no rim."""
    square = np.ones((3, 3), np.uint8)
    return np.asarray(
        cv2.erode(visible.view(np.uint8), square, iterations=_RIM, borderValue=1), np.uint8
    )


def _weights(visible: NDArray[np.bool_], core: NDArray[np.uint8]) -> NDArray[np.float32]:
    """How much each pixel is known: rim pixels count only where there is nothing else."""
    known = core.astype(np.float32)
    known[visible & (core == 0)] = _RIM_WEIGHT
    return known


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
        np.minimum(coverage, 1.0, out=coverage)  # sums of weights may round up
    return coverage


def _supersampled(field: NDArray[np.float32]) -> NDArray[np.float32]:
    """Twice the resolution, cut hard, averaged: a ramp centred on the sub-pixel outline."""
    height, width = field.shape
    fine = cv2.resize(field, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    _, fine = cv2.threshold(fine, 0.5, 1.0, cv2.THRESH_BINARY)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)
