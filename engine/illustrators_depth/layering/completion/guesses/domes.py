"""Domes over what is seen of a part: how a head goes on under any hairline.

Ears and hair turn an outline away right where it goes under, so that a curve along its directions
would cut through the face. What is seen beyond the curve proves it wrong; the simplest convex shape
over all that is seen takes its place.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["dome_over"]

# A curve of which more than this share lies on what is seen of its own layer is wrong.
_MAX_CROSSING_SHARE = 0.1
# This share of what is seen around the base lies below it: the dome sits on a body.
_MIN_BODY_SHARE = 0.6
# Bases shorter than this, in pixels, are crumbs.
_MIN_BASE_PX = 4.0
# A dome is half as high as its base is long, a half circle, but no more than so many times as high
# as what is seen above its base, and rises above that by no more than these shares of the base and
# of the part's width, and so many pixels.
_ROUND_SHARE, _MAX_SEEN_HEIGHTS = 0.5, 2.0
_MAX_RISE_SHARE, _MAX_RISE_WIDTHS, _SPARE_PX = 0.5, 1.2, 2.0
# Places this near to either end of the base, as a share of half of it, say nothing of the height.
_INNER_SHARE = 0.9
# A dome is lowered by these steps until no more than this share of its outline lies in the open.
_LOWERED, _MAX_OPEN_SHARE = (1.0, 0.85, 0.7, 0.5, 0.3, 0.1), 0.07
_OUTLINE_POINTS = 65
# Points this near to the base, in pixels, are taken for points of it.
_MIN_ABOVE_PX = 1e-3


def dome_over(
    curve: NDArray[np.float64],
    border: NDArray[np.float64],
    width: float,
    numbers: NDArray[np.integer],
    number: int,
) -> NDArray[np.float64] | None:
    """The dome that takes the place of a curve which cuts through what is seen of its layer.

    Args:
        curve: float64 (n, 2), x and y, the layer on its left.
        border: float64 (m, 2), where the part is cut off, from the curve's begin to its end.
        width: of the part, in pixels.
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        number: of the layer.

    Returns:
        float64 (k, 2), a convex outline from the curve's begin to its end; None where the curve is
        as good, or no dome would stay hidden.
    """
    base = float(np.hypot(*(curve[-1] - curve[0])))
    places = np.concatenate([curve, border])
    left, top = np.maximum(np.floor(places.min(axis=0) - base), 0.0).astype(np.intp)
    right, bottom = np.maximum(np.ceil(places.max(axis=0) + base), 0.0).astype(np.intp)
    near = numbers[top:bottom, left:right]
    dome = _dome(curve - (left, top), border - (left, top), width, near == number, near < number)
    return None if dome is None else dome + np.array([left, top])


def _dome(
    curve: NDArray[np.float64],
    border: NDArray[np.float64],
    width: float,
    own: NDArray[np.bool_],
    lower: NDArray[np.bool_],
) -> NDArray[np.float64] | None:
    """`dome_over`, with pixels of the layer and of lower ones instead of their numbers."""
    start, stop = curve[0], curve[-1]
    base = float(np.hypot(*(stop - start)))
    if base < _MIN_BASE_PX or _share_on(own, curve[1:-1]) <= _MAX_CROSSING_SHARE:
        return None
    if _body_share(start, stop, own) <= _MIN_BODY_SHARE:
        return None
    along = (stop - start) / base
    up = np.array([-along[1], along[0]])
    middle = 0.5 * (start + stop)
    across, height = (border - middle) @ along / (0.5 * base), (border - middle) @ up
    seen = float(height.max(initial=0.0))
    if seen <= 0.0:
        return None
    inner = np.abs(across) < _INNER_SHARE
    holding = (height[inner] / np.sqrt(1.0 - across[inner] ** 2)).max(initial=0.0)
    rise = min(_MAX_RISE_SHARE * base, _MAX_RISE_WIDTHS * width + _SPARE_PX)
    round_height = min(_ROUND_SHARE * base, _MAX_SEEN_HEIGHTS * seen)
    top = min(max(float(holding), round_height), seen + rise)
    angle = np.linspace(np.pi, 0.0, _OUTLINE_POINTS)[:, None]
    for share in _LOWERED:
        high = min(seen, top) + share * max(top - seen, 0.0)
        arc = middle + 0.5 * base * np.cos(angle) * along + high * np.sin(angle) * up
        dome = _hull_between(start, stop, np.concatenate([arc, border]), up)
        if _share_on(lower, dome) <= _MAX_OPEN_SHARE:
            return dome
    return None


def _share_on(mask: NDArray[np.bool_], curve: NDArray[np.float64]) -> float:
    """Share of a curve that lies on a mask; outside of it nothing does."""
    length = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(curve, axis=0).T))])
    place = np.linspace(0.0, length[-1], _OUTLINE_POINTS)
    col, row = (np.floor(np.interp(place, length, curve[:, i])).astype(np.intp) for i in (0, 1))
    inside = (col >= 0) & (row >= 0) & (col < mask.shape[1]) & (row < mask.shape[0])
    return float(np.count_nonzero(mask[row[inside], col[inside]])) / _OUTLINE_POINTS


def _body_share(
    start: NDArray[np.float64], stop: NDArray[np.float64], own: NDArray[np.bool_]
) -> float:
    """Share of what is seen, no farther than the base is long, that lies below the base."""
    base, middle = stop - start, 0.5 * (start + stop)
    reach = float(np.hypot(*base))
    left, top = np.maximum(np.floor(middle - reach), 0.0).astype(np.intp)
    right, bottom = np.maximum(np.ceil(middle + reach), 0.0).astype(np.intp)
    rows, cols = np.nonzero(own[top:bottom, left:right])
    off_x, off_y = cols + (left + 0.5 - middle[0]), rows + (top + 0.5 - middle[1])
    return float((off_y * base[0] - off_x * base[1] < 0.0).mean()) if len(rows) else 0.0


def _hull_between(
    start: NDArray[np.float64],
    stop: NDArray[np.float64],
    points: NDArray[np.float64],
    up: NDArray[np.float64],
) -> NDArray[np.float64]:
    """The upper part of the convex hull of points and a base, from one end of it to the other."""
    above = points[(points - start) @ up > _MIN_ABOVE_PX]
    corners = np.concatenate([[start, stop], above]).astype(np.float32)
    order = cv2.convexHull(corners[:, None], returnPoints=False).ravel()
    # Both ends of the base are corners of the hull: nothing lies below it.
    order = np.roll(order, -int(np.argmax(order == 0)))
    hull = corners[order].astype(np.float64)
    return hull if order[-1] == 1 else np.concatenate([hull[:1], hull[:0:-1]])
