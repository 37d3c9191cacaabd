"""What is hidden where no outline tells the sides: it goes to the nearer one, and not far.

Paint under a stroke around it has no visible outline at all: it ends in the middle of the stroke.
"""

from __future__ import annotations

import math

import cv2
import numpy as np
from numpy.typing import NDArray

from ....raster.nearest import spread_known
from ....raster.tiling import Box
from ....raster.window import cut_off, mask_window
from .convex_bodies import convex_hull

__all__ = ["nearest_is", "settle_unclear", "unclear_reach"]

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
# With more parts than this it is noise, whose parts have no shape.
_MAX_PARTS = 16
_CROSS = cv2.getStructuringElement(cv2.MORPH_CROSS, (3, 3))


def unclear_reach(width: float) -> int:
    """How far, in pixels, from what is clear of a layer anything unclear can be its own, and what
    has to be seen to tell; the widest part of it is `width` pixels wide."""
    return math.ceil(_MAX_WIDTHS * width + _REACH_PX) + _NEAREST_MARGIN_PX


def settle_unclear(
    clear: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    visible: NDArray[np.bool_],
    above: NDArray[np.bool_],
    width: float,
) -> NDArray[np.bool_]:
    """The pixels of unclear cells that are the layer's.

    Args:
        clear: bool (h, w), what is the layer's for certain, what is seen of it among that.
        unclear: bool (h, w), hidden pixels in cells that both sides lay claim to.
        visible: bool (h, w), where the layer is seen.
        above: bool (h, w), where a higher layer is seen.
        width: in pixels, of the widest part of what is seen.
    """
    whole = np.zeros(unclear.shape, bool)
    everywhere = mask_window(unclear, _NEAREST_MARGIN_PX)
    near = _overlap(everywhere, mask_window(clear, unclear_reach(width)))
    for part in (near, everywhere):
        known, own, hidden, unsure = clear[part], visible[part], above[part], unclear[part]
        if not own.any():
            break
        to_own, to_other = _distance(own), _distance(~(own | hidden))
        nearer = _rounded(to_own <= to_other, np.minimum(to_own, to_other), unsure)
        far = to_own if np.array_equal(known, own) else _distance(known)
        settled = _within_reach(nearer, known, unsure, far, _MAX_WIDTHS * width)
        if part == everywhere or not (settled & cut_off(part, unclear.shape)).any():
            whole[part] = settled
            break
    return whole


def _overlap(one: Box, other: Box) -> Box:
    """What two boxes share; without pixels if nothing."""
    starts = [max(a.start, b.start) for a, b in zip(one, other, strict=True)]
    stops = [min(a.stop, b.stop) for a, b in zip(one, other, strict=True)]
    rows, cols = (slice(a, max(a, b)) for a, b in zip(starts, stops, strict=True))
    return rows, cols


def _distance(mask: NDArray[np.bool_]) -> NDArray[np.float32]:
    """How far each pixel is from the nearest of a mask."""
    outside = cv2.bitwise_xor(mask.view(np.uint8), 1)
    return np.asarray(cv2.distanceTransform(outside, cv2.DIST_L2, cv2.DIST_MASK_5), np.float32)


def _within_reach(
    own: NDArray[np.bool_],
    clear: NDArray[np.bool_],
    unclear: NDArray[np.bool_],
    far: NDArray[np.float32],
    limit: float,
) -> NDArray[np.bool_]:
    """What is the layer's of `own`: a layer with a stroke around it, or a thin one, is close by,
    and in its bays.

    Args:
        own, clear, unclear: bool (h, w).
        far: float32 (h, w), how far each pixel is from what is clear.
        limit: pixels that it reaches in any case at most.
    """
    other = (unclear & ~own).view(np.uint8)
    meeting = far[own & (cv2.dilate(other, _CROSS) > 0)]
    if len(meeting) == 0:
        return own
    middle = float(np.median(meeting))
    same = np.abs(meeting - middle) <= _SAME_SHARE * middle + _SAME_PX
    if same.mean() >= _STROKE_SHARE:
        limit = min(limit, _REACH_SHARE * middle)
        # Where a still higher layer hides both, the stroke is as wide as where it is seen.
        clear = clear | (own & (far <= middle))
    if limit + _REACH_PX >= meeting.max():
        return own
    beyond = own & (far > limit + _REACH_PX)
    beyond &= ~(convex_hull(clear) | _part_hulls(own, clear, beyond))
    # What is enclosed stays: a feature of the layer that hangs on to the stroke.
    count, cells = cv2.connectedComponents(beyond.view(np.uint8), connectivity=4, ltype=cv2.CV_32S)
    outside = np.zeros(count, bool)
    outside[cells[beyond & (cv2.dilate((~(own | clear)).view(np.uint8), _CROSS) > 0)]] = True
    return np.asarray(own & ~outside.take(cells))


def _part_hulls(
    own: NDArray[np.bool_], clear: NDArray[np.bool_], beyond: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The convex hulls of parts, with what is theirs close by: a head is round under any hairline.

    Args:
        own, clear: bool (h, w).
        beyond: bool (h, w), what of `own` is too far away.
    """
    near = (clear | (own & ~beyond)).view(np.uint8)
    _, parts = cv2.connectedComponents(near, connectivity=8, ltype=cv2.CV_32S)
    numbers = np.unique(parts[cv2.dilate(beyond.view(np.uint8), _CROSS) > 0])
    hulls = np.zeros(own.shape, bool)
    for number in numbers[numbers > 0] if len(numbers) <= _MAX_PARTS else ():
        part = parts == number
        box = mask_window(part, 0)
        hulls[box] |= convex_hull(part[box])
    return hulls


def nearest_is(visible: NDArray[np.bool_], hidden: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Whether the nearest pixel that is not hidden is one of `visible`."""
    if hidden.all():
        return np.zeros_like(hidden)
    return spread_known(visible, ~hidden)


def _rounded(
    mask: NDArray[np.bool_], far: NDArray[np.float32], wanted: NDArray[np.bool_]
) -> NDArray[np.bool_]:
    """The wanted pixels of a mask without its angles, which are rounder the farther they are from
    what is seen.

    Args:
        mask: bool (h, w).
        far: float32 (h, w), how far each pixel is from anything seen.
        wanted: bool (h, w).
    """
    plain = mask.view(np.uint8) * np.uint8(255)
    own: NDArray[np.bool_] = cv2.GaussianBlur(plain, (0, 0), _FINE_BLUR_PX) > 127
    own &= wanted
    reach = float(far.max())
    if reach <= 2.0 * _WIDE_PX:
        return own
    step = max(1, int(reach * _BLUR_SHARE / _FINE_BLUR_PX))
    size = (max(1, mask.shape[1] // step), max(1, mask.shape[0] // step))
    small = cv2.resize(plain, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255.0
    small = cv2.GaussianBlur(small, (0, 0), reach * _BLUR_SHARE / step)
    wide = cv2.resize(small, mask.shape[::-1], interpolation=cv2.INTER_LINEAR)
    # Nothing changes near what is seen.
    places = np.flatnonzero((far > _WIDE_PX) & wanted)
    weight = np.minimum(far.take(places) / _WIDE_PX - 1.0, 1.0)
    fine = own.take(places)
    own.ravel()[places] = fine + weight * (wide.take(places) - fine) > 0.5
    return own
