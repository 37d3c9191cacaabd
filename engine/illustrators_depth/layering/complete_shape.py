"""The shape of a layer continued under the layers above it, and its coverage at the outline."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..outlines import COVERAGE_SMOOTHING, smooth_field
from ..raster.cells import enlarged
from ..raster.tiling import Box
from ..raster.window import mask_window
from ..settings import CompleteSettings
from .completion.contour import MAX_ENDS, complete_contour
from .completion.guesses import nearest_is
from .completion.hidden_ends import hidden_end_count
from .completion.pixel_grid import on_grid
from .compositing.quantize import in_eight_bits
from .visibility import VisibilityIndex, grown_box

__all__ = ["complete_shape", "is_too_complex", "soft_alpha"]


def complete_shape(
    visibility: VisibilityIndex, index: int, settings: CompleteSettings, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The pixels that layer `index` covers once all layers above it are lifted off.

    A pixel hidden by higher layers belongs to layer `index` or to the layers below it; the visible
    surroundings decide. Where the picture is translucent nothing continues: it would shine through
    what is seen there.

    Args:
        visibility: where each layer is seen.
        index: of the layer, 0 = bottom.
        settings: `method` "contour" continues lines straight, circles round and all else with
            little bending; "smooth" continues the outline smoothly (harmonic-like interpolation);
            "nearest" gives the layer those hidden pixels whose nearest uncovered one is its own;
            "none" keeps the visible mask.
        margin: pixels around the mask that its window includes, within the picture.

    Returns:
        The mask's window in the picture, and bool (h, w) of its size, a superset of where the layer
        is seen.
    """
    frame = visibility.numbers.shape
    visible_box = grown_box(visibility.window(index), margin, frame)
    if settings.method == "none" or not visibility.has_above(index):
        return visible_box, visibility.numbers[visible_box] == index + 1
    if not visibility.has_below(index):
        # Nothing lower is seen anywhere: the layer is the background of all others.
        box, mask = (slice(0, frame[0]), slice(0, frame[1])), np.ones(frame, bool)
        if visibility.translucent is None:
            return box, mask
    elif settings.method == "nearest":
        box = slice(0, frame[0]), slice(0, frame[1])
        visible, hidden = visibility.numbers == index + 1, visibility.numbers > index + 1
        mask = visible | (hidden & nearest_is(visible, hidden))
    elif settings.method == "smooth":
        box, mask = _smoothly(visibility, index, visible_box, margin)
    else:
        box, mask = _by_contour(visibility, index, visible_box, margin)
    if visibility.translucent is not None:
        mask &= ~visibility.translucent[box] | (visibility.numbers[box] == index + 1)
    mask_box = mask_window(mask, margin)
    rows, cols = (
        slice(outer.start + part.start, outer.start + part.stop)
        for outer, part in zip(box, mask_box, strict=True)
    )
    return (rows, cols), mask[mask_box].copy()


def _by_contour(
    visibility: VisibilityIndex, index: int, visible_box: Box, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The completed mask, its outline continued by lines, arcs and curves of little bending."""
    if is_too_complex(visibility, index):
        return _smoothly(visibility, index, visible_box, margin)
    box, mask = complete_contour(
        visibility.numbers,
        visibility.chains,
        visibility.covered,
        index + 1,
        visible_box,
        visibility.highest,
    )
    return (box, mask) if visibility.grid is None else on_grid(mask, box, visibility.grid)


def is_too_complex(visibility: VisibilityIndex, index: int) -> bool:
    """Whether a layer's outlines are hidden in so many places that "contour" would take too long.

    Such layers are completed by "smooth".
    """
    if not (visibility.has_above(index) and visibility.has_below(index)):
        return False
    return hidden_end_count(visibility.chains, index + 1) > MAX_ENDS


def _smoothly(
    visibility: VisibilityIndex, index: int, visible_box: Box, margin: int
) -> tuple[Box, NDArray[np.bool_]]:
    """The completed mask, its outline continued smoothly, in a box with the margin around it."""
    cells = visibility.cells
    share = cells.membership(index)
    # Interpolated values exceed one half only beside a cell that does.
    may_belong = cv2.dilate((share > 0.5).astype(np.uint8), np.ones((3, 3), np.uint8)) > 0
    box = visible_box
    hidden_box = cells.window(may_belong & cells.above(index))
    if hidden_box is not None:
        reached_box = grown_box(hidden_box, margin, visibility.numbers.shape)
        box = (
            slice(
                min(visible_box[0].start, reached_box[0].start),
                max(visible_box[0].stop, reached_box[0].stop),
            ),
            slice(
                min(visible_box[1].start, reached_box[1].start),
                max(visible_box[1].stop, reached_box[1].stop),
            ),
        )
    mask = visibility.numbers[box] > index + 1
    mask &= enlarged(share, cells.step, box) > 0.5
    mask |= visibility.numbers[box] == index + 1
    return box, mask


def soft_alpha(
    mask: NDArray[np.bool_],
    feather: float,
    origin: tuple[int, int] = (0, 0),
    eight_bit: bool = False,
) -> NDArray[np.float32]:
    """Anti-aliased coverage of a mask, float32 (H, W), 0..1.

    Args:
        mask: bool (H, W).
        feather: width of the ramp from 0 to 1, pixels; 0 gives a hard edge.
        origin: row and column of the mask's first pixel in the picture.
        eight_bit: give values that 8 bits hold; for a `feather` of up to one pixel only.
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
    """Coverage from a smooth field: thresholded at twice the resolution, then averaged.

    That gives a ramp centred on the outline to a fraction of a pixel.
    """
    height, width = field.shape
    fine = cv2.resize(field, (2 * width, 2 * height), interpolation=cv2.INTER_LINEAR)
    _, fine = cv2.threshold(fine, 0.5, 1.0, cv2.THRESH_BINARY)
    return cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA)


def _supersampled_in_eight_bits(field: NDArray[np.float32]) -> NDArray[np.float32]:
    return in_eight_bits(_supersampled(field))
