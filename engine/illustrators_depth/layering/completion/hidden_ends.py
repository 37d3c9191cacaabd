"""Tangent and curvature of an outline where it goes under a higher layer.

The outline that is seen is fitted by a straight line and by a circle, each over as much of it as it
explains; whichever explains clearly more is how the outline goes on.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .outline_chains import HIDDEN_END, OutlineChains

__all__ = ["HiddenEnds", "fitted_ends", "hidden_end_count", "hidden_ends"]

# Points of a chain that are fitted at most, and the lengths that are tried, in points.
_MAX_FIT_POINTS = 256
_FIT_LENGTHS = np.array([5, 7, 10, 14, 20, 28, 40, 56, 80, 112, 160, 224, 256])
# Points next to the end that are left out, one of so many at most: pixels that blend three colours
# are often given to the wrong layer.
_MAX_SKIPPED_POINTS = 2
_POINTS_PER_SKIPPED = 10
# Chains of fewer points are fragments of an anti-aliased edge.
_MIN_CHAIN_POINTS = 5
# Root mean square distance in pixels from a curve that still explains an outline of whole pixels.
_MAX_FIT_RMS_PX = 0.42
# A circle is preferred to a line where it fits so many times the length, or where its root mean
# square distance is this share of the line's and it rises above its chord by so many pixels.
_CIRCLE_LENGTH_RATIO, _CIRCLE_RMS_RATIO, _MIN_SAGITTA_PX = 1.9, 0.75, 1.0
# A circle of a smaller radius fits the steps of pixels rather than the outline.
_MIN_RADIUS_PX = 3.0


@dataclass(frozen=True)
class HiddenEnds:
    """The n hidden ends of one layer's chains.

    Attributes:
        corner: float64 (n, 2), x and y of the vertex between pixels where the chain ends.
        anchor: float64 (n, 2), the place nearest to it on the fitted line or circle.
        tangent: float64 (n, 2), unit vector along the outline, towards what is hidden.
        center: float64 (n, 2), of the fitted circle; NaN where the end is straight.
        seen: float64 (n, 3, 2), places on the outline that was fitted, from near to far.
        support: float64 (n,), length in pixels of the outline that the fit explains.
        chain: int (n,), number of the chain.
        is_head: bool (n,), whether the outline, with the layer on its left, leads into what is
            hidden here, rather than out of it.
    """

    corner: NDArray[np.float64]
    anchor: NDArray[np.float64]
    tangent: NDArray[np.float64]
    center: NDArray[np.float64]
    seen: NDArray[np.float64]
    support: NDArray[np.float64]
    chain: NDArray[np.intp]
    is_head: NDArray[np.bool_]

    @property
    def straight(self) -> NDArray[np.bool_]:
        return np.isnan(self.center[:, 0])


def hidden_ends(chains: OutlineChains, number: int, stride: int) -> HiddenEnds:
    """The hidden ends of layer number `number`, all fitted at once.

    Args:
        chains: of the whole picture.
        number: layer index + 1.
        stride: every so many points are fitted, which is enough in very large pictures.
    """
    own = _chains_of(chains, number)
    chain, side = np.nonzero(chains.kinds[own] == HIDDEN_END)
    chain = own[chain]
    is_head = side == 1
    return fitted_ends(chains, chain, is_head, stride)


def fitted_ends(
    chains: OutlineChains,
    chain: NDArray[np.intp],
    is_head: NDArray[np.bool_],
    stride: int,
    reach: int = _MAX_FIT_POINTS,
) -> HiddenEnds:
    """The given ends of the given chains, fitted to no more than `reach` points of each."""
    side = is_head.astype(np.intp)
    first, last = chains.starts[chain], chains.starts[chain + 1] - 1
    count = (last - first) // stride + 1
    reach = min(reach, int(count.max(initial=0)))
    along = stride * np.minimum(np.arange(reach), count[:, None] - 1)
    index = np.where(is_head[:, None], last[:, None] - along, first[:, None] + along)
    corner = chains.corners[chain, side].astype(np.float64)
    points = chains.points[index].astype(np.float64)
    offset = points - corner[:, None]
    anchor, tangent, center, support = _fits(offset, np.minimum(count, reach))
    rows = np.arange(len(corner))[:, None]
    skip = np.minimum(_MAX_SKIPPED_POINTS, count // _POINTS_PER_SKIPPED)[:, None]
    sampled = skip + np.rint(support[:, None] * (0.15, 0.55, 0.95)).astype(np.intp)
    seen = points[rows, np.minimum(sampled, count[:, None] - 1)]
    return HiddenEnds(
        corner=corner,
        anchor=corner + anchor,
        tangent=tangent,
        center=corner + center,
        seen=seen,
        support=support * stride,
        chain=chain,
        is_head=is_head,
    )


def hidden_end_count(chains: OutlineChains, number: int) -> int:
    """How many ends `hidden_ends` would give."""
    return int(np.count_nonzero(chains.kinds[_chains_of(chains, number)] == HIDDEN_END))


def _chains_of(chains: OutlineChains, number: int) -> NDArray[np.intp]:
    own = np.flatnonzero(chains.number == number)
    length = chains.starts[own + 1] - chains.starts[own]
    return own[length >= _MIN_CHAIN_POINTS]


def _fits(
    offset: NDArray[np.float64], count: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Anchor, tangent and center from the corner, and the length that was fitted, in points.

    Args:
        offset: float64 (n, K, 2), outlines from their ends on, from the corner.
        count: int (n,), points of each.
    """
    ends, reach = offset.shape[:2]
    if ends == 0:
        nothing = np.zeros((0, 2))
        return nothing, nothing, nothing, np.zeros(0)
    skip = np.minimum(_MAX_SKIPPED_POINTS, count // _POINTS_PER_SKIPPED)
    lengths = _FIT_LENGTHS[: np.searchsorted(_FIT_LENGTHS, reach) + 1]
    stops = np.clip(skip[:, None] + lengths, 0, count[:, None])
    size = stops - skip[:, None]
    moments = _moments(offset, skip, stops)
    line_rms, direction = _lines(moments)
    circle_rms, center, radius = _circles(moments)
    rows = np.arange(ends)
    line, circle = _longest(line_rms, size), _longest(circle_rms, size)
    longer = size[rows, circle] >= _CIRCLE_LENGTH_RATIO * size[rows, line]
    both = np.maximum(line, circle)
    sagitta = size[rows, both] ** 2 / (8.0 * np.maximum(radius[rows, both], 1e-9))
    better = circle_rms[rows, both] < _CIRCLE_RMS_RATIO * line_rms[rows, both]
    bent = (longer | (better & (sagitta > _MIN_SAGITTA_PX))) & (
        radius[rows, circle] > _MIN_RADIUS_PX
    )
    chosen = np.where(bent, circle, line)
    middle = moments[rows, chosen, :2]
    tangent = direction[rows, line]
    # From the middle of what is seen towards the end.
    tangent *= np.where((tangent * middle).sum(axis=1) > 0.0, -1.0, 1.0)[:, None]
    anchor = middle - (middle * tangent).sum(axis=1)[:, None] * tangent
    out = center[rows, circle]
    distance = np.linalg.norm(out, axis=1)[:, None]
    on_circle = out * (1.0 - radius[rows, circle][:, None] / np.maximum(distance, 1e-9))
    normal = (out - on_circle) / np.maximum(radius[rows, circle], 1e-9)[:, None]
    along = np.stack([-normal[:, 1], normal[:, 0]], axis=1)
    along *= np.where((along * tangent).sum(axis=1) < 0.0, -1.0, 1.0)[:, None]
    is_bent = bent[:, None]
    return (
        np.where(is_bent, on_circle, anchor),
        np.where(is_bent, along, tangent),
        np.where(is_bent, out, np.nan),
        size[rows, chosen].astype(np.float64),
    )


def _longest(rms: NDArray[np.float64], size: NDArray[np.intp]) -> NDArray[np.intp]:
    """The longest of the lengths, (n, L), that is fitted well enough; the shortest if none is."""
    return np.argmax(np.where(rms <= _MAX_FIT_RMS_PX, size, 0), axis=1)


def _moments(
    offset: NDArray[np.float64], skip: NDArray[np.intp], stops: NDArray[np.intp]
) -> NDArray[np.float64]:
    """Means of x, y, xx, xy, yy, xz, yz, z, zz (z = xx + yy) of each length, (n, L, 9)."""
    x, y = offset[..., 0].astype(np.float64), offset[..., 1].astype(np.float64)
    z = x * x + y * y
    terms = np.stack([x, y, x * x, x * y, y * y, x * z, y * z, z, z * z], axis=2)
    sums = np.concatenate([np.zeros((len(x), 1, 9)), np.cumsum(terms, axis=1)], axis=1)
    rows = np.arange(len(x))
    total = sums[rows[:, None], stops] - sums[rows, skip][:, None]
    return np.asarray(total / np.maximum(stops - skip[:, None], 1)[..., None])


def _lines(moments: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Distance (root mean square) from the line of least squares, and its direction."""
    mx, my, xx, xy, yy = (moments[..., i] for i in range(5))
    a, b, c = xx - mx * mx, xy - mx * my, yy - my * my
    middle, half = 0.5 * (a + c), np.hypot(0.5 * (a - c), b)
    angle = 0.5 * np.arctan2(2.0 * b, a - c)
    return (
        np.sqrt(np.maximum(middle - half, 0.0)),
        np.stack([np.cos(angle), np.sin(angle)], axis=-1),
    )


def _circles(
    moments: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Distance from the circle of least squares (Kasa 1976), its center and radius."""
    mx, my, xx, xy, yy, xz, yz, mz, zz = (moments[..., i] for i in range(9))
    a, b, c = xx - mx * mx, xy - mx * my, yy - my * my
    p, q = xz - mx * mz, yz - my * mz
    scale = a + c
    determinant = np.maximum(a * c - b * b, 1e-9 * scale * scale + 1e-12)
    cx, cy = 0.5 * (c * p - b * q) / determinant, 0.5 * (a * q - b * p) / determinant
    square = mz - 2.0 * (cx * mx + cy * my) + cx * cx + cy * cy
    radius = np.sqrt(np.maximum(square, 1e-9))
    rest = zz - mz * mz - 2.0 * (cx * p + cy * q)
    return (
        np.sqrt(np.maximum(rest, 0.0)) / (2.0 * radius),
        np.stack([cx, cy], axis=-1),
        radius,
    )
