"""What is hidden where no outline tells the sides: it goes to the nearer one, and not far.

Paint under a stroke around it has no visible outline at all: it ends in the middle of the stroke.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ...raster.nearest import spread_known
from ...raster.window import mask_window
from .closings import widest_part

__all__ = ["nearest_is", "settle_unclear"]

# Around an unclear area the nearest visible pixels lie within so many pixels.
_NEAREST_MARGIN_PX = 4
# Angles of the line halfway between what is seen are rounded by this much; where it is farther than
# this from anything seen, by this share of how far that is.
_FINE_BLUR_PX, _WIDE_PX, _BLUR_SHARE = 1.5, 12.0, 0.35
# A stroke around a layer is known by the distances from the layer to where it meets the other side:
# so many of them are the same, within this share and so many pixels. The layer reaches no farther
# than that, and this much more.
_STROKE_SHARE, _SAME_SHARE, _SAME_PX = 0.35, 0.3, 1.0
_REACH_SHARE, _REACH_PX = 1.3, 1.5
# And in any case no farther than so many times the width of what is seen of it.
_MAX_WIDTHS = 1.0
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def settle_unclear(
    clear: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    visible: NDArray[np.bool_],
    above: NDArray[np.bool_],
) -> NDArray[np.bool_]:
    """The pixels of unclear cells that are the layer's.

    Args:
        clear: bool (h, w), what is the layer's for certain, what is seen of it among that.
        unclear: bool (h, w), hidden pixels in cells that both sides lay claim to.
        visible: bool (h, w), where the layer is seen.
        above: bool (h, w), where a higher layer is seen.
    """
    part = mask_window(unclear, _NEAREST_MARGIN_PX)
    unsure, hidden = unclear[part], above[part]
    near = nearest_is(visible[part], hidden)
    own = unsure & _rounded(near, hidden)
    own &= _within_reach(own, clear[part], unsure, _MAX_WIDTHS * widest_part(visible))
    whole = np.zeros(unclear.shape, bool)
    whole[part] = own
    return whole


def _within_reach(
    own: NDArray[np.bool_], clear: NDArray[np.bool_], unclear: NDArray[np.bool_], limit: float
) -> NDArray[np.bool_]:
    """Where a layer with a stroke around it, or a thin one, may be: close by, and in its bays.

    Args:
        own, clear, unclear: bool (h, w).
        limit: pixels that it reaches in any case at most.
    """
    far = cv2.distanceTransform((~clear).view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_5)
    other = (unclear & ~own).view(np.uint8)
    meeting = far[own & (cv2.dilate(other, _CROSS) > 0)]
    if len(meeting) == 0:
        return own
    middle = float(np.median(meeting))
    same = np.abs(meeting - middle) <= _SAME_SHARE * middle + _SAME_PX
    if same.mean() >= _STROKE_SHARE:
        limit = min(limit, _REACH_SHARE * middle)
    if limit + _REACH_PX >= meeting.max():
        return own
    within = (far <= limit + _REACH_PX) | _convex_hull(clear)
    # What is enclosed stays: a feature of the layer that hangs on to the stroke.
    rest = (own & ~within) | (~own & ~clear)
    count, cells = cv2.connectedComponents(rest.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    outside = np.bincount(cells[~own & ~clear], minlength=count) > 0
    return np.asarray(within | ~outside[cells])


def _convex_hull(mask: NDArray[np.bool_]) -> NDArray[np.bool_]:
    filled = np.zeros(mask.shape, np.uint8)
    points = cv2.findNonZero(mask.view(np.uint8))
    if points is not None:
        cv2.fillConvexPoly(filled, cv2.convexHull(points), 1)
    return filled.view(np.bool_)


def nearest_is(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the nearest pixel that is not hidden is one of `visible`."""
    if hidden.all():
        return np.zeros_like(hidden)
    return spread_known(visible, ~hidden)


def _rounded(mask: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """The mask without its angles, which are rounder the farther they are from what is seen."""
    far = cv2.distanceTransform(hidden.view(np.uint8), cv2.DIST_L2, cv2.DIST_MASK_3)
    reach = float(far.max())
    plain = mask.astype(np.float32)
    field = cv2.GaussianBlur(plain, (0, 0), _FINE_BLUR_PX)
    if reach > 2.0 * _WIDE_PX:
        step = max(1, int(reach * _BLUR_SHARE / _FINE_BLUR_PX))
        small = cv2.resize(
            plain,
            (max(1, mask.shape[1] // step), max(1, mask.shape[0] // step)),
            interpolation=cv2.INTER_AREA,
        )
        small = cv2.GaussianBlur(small, (0, 0), reach * _BLUR_SHARE / step)
        wide = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
        # Nothing changes near what is seen.
        places = np.flatnonzero(far > _WIDE_PX)
        weight = np.minimum(far.take(places) / _WIDE_PX - 1.0, 1.0)
        fine = field.take(places)
        field.ravel()[places] = fine + weight * (wide.take(places) - fine)
    return field > 0.5
