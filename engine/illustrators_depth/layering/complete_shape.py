"""Where each layer continues under the layers above it, and how far it covers at its outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outlines import COVERAGE_SMOOTHING, smooth_field
from ..raster.tiling import Box
from ..raster.window import mask_window
from ..settings import CompleteSettings
from .completion.contour import MAX_ENDS, complete_contour
from .completion.guesses import nearest_is
from .completion.hidden_ends import hidden_end_count
from .completion.pixel_grid import on_grid
from .compositing.quantize import in_eight_bits
from .downsampled_labels import enlarged
from .visibility import VisibilityIndex, grown

__all__ = ["complete_shape", "is_too_complex", "soft_alpha"]


def complete_shape(
    seen: VisibilityIndex, index: int, settings: CompleteSettings, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The pixels that layer `index` covers once all layers above it are lifted off.

    Under the layers above, layer `index` competes with everything below it: a hidden pixel is its
    own where the visible surroundings say so, and is left to the layers below otherwise. Where the
    picture is translucent nothing continues: it would shine through what is seen there.

    Args:
        seen: where each layer is seen.
        settings: `method` "contour" lets lines go on straight, circles round and all else with
            little bending; "smooth" lets the outline run on smoothly (harmonic-like interpolation),
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
        box, mask = (slice(0, frame[0]), slice(0, frame[1])), np.ones(frame, bool)
        if seen.glass is None:
            return box, mask
    elif settings.method == "nearest":
        box = slice(0, frame[0]), slice(0, frame[1])
        visible, hidden = seen.numbers == index + 1, seen.numbers > index + 1
        mask = visible | (hidden & nearest_is(visible, hidden))
    elif settings.method == "smooth":
        box, mask = _smoothly(seen, index, tight, margin)
    else:
        box, mask = _by_contour(seen, index, tight, margin)
    if seen.glass is not None:
        mask &= ~seen.glass[box] | (seen.numbers[box] == index + 1)
    inner = mask_window(mask, margin)
    rows, cols = (
        slice(outer.start + part.start, outer.start + part.stop)
        for outer, part in zip(box, inner, strict=True)
    )
    return (rows, cols), mask[inner].copy()


def _by_contour(
    seen: VisibilityIndex, index: int, tight: Box, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The mask with an outline that goes on as lines, arcs and curves of little bending."""
    if is_too_complex(seen, index):
        return _smoothly(seen, index, tight, margin)
    box, mask = complete_contour(
        seen.numbers, seen.chains, seen.covered, index + 1, tight, seen.highest
    )
    return (box, mask) if seen.grid is None else on_grid(mask, box, seen.grid)


def is_too_complex(seen: VisibilityIndex, index: int) -> bool:
    """Whether a layer's outlines are hidden in so many places that "contour" leaves it alone."""
    if not (seen.has_above(index) and seen.has_below(index)):
        return False
    return hidden_end_count(seen.chains, index + 1) > MAX_ENDS


def _smoothly(
    seen: VisibilityIndex, index: int, tight: Box, margin: int
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
    mask &= enlarged(share, cells.step, box) > 0.5
    mask |= seen.numbers[box] == index + 1
    return box, mask


def soft_alpha(
    mask: NDArray[np.bool_],
    feather: float,
    origin: tuple[int, int] = (0, 0),
    eight_bit: bool = False,
) -> NDArray[np.float32]:
    """Anti-aliased coverage of a mask, float32 (H, W), 0..1.

    `feather` is the width of the ramp in pixels; 0 gives a hard edge. `origin` is the place of the
    mask's first pixel in the picture. `eight_bit` gives values that 8 bits hold, for ramps of up to
    a pixel.
    """
    if feather <= 0.0:
        return mask.astype(np.float32)
    finish = _supersampled_in_eight_bits if eight_bit and feather <= 1.0 else _supersampled
    coverage = smooth_field(mask, COVERAGE_SMOOTHING, finish, origin=origin)
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


def _supersampled_in_eight_bits(field: NDArray[np.float32]) -> NDArray[np.float32]:
    return in_eight_bits(_supersampled(field))
