"""Upright or level axes of which an outline, as far as it is seen, is its own mirror image.

What is hidden on the one side is then known from the other. The axis is voted for by points that
lie opposite to one another (a Hough transform of their middles), then checked at every point.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .hidden_ends import HiddenEnds
from .outline_chains import OutlineChains

__all__ = ["MirrorAxis", "mirror_axis", "mirrored_side"]

# Points of an outline that are compared, at least and at most, and over how many points to either
# side of each its normal is measured.
_MIN_POINTS, _MAX_POINTS, _TANGENT_POINTS = 40, 800, 4
# Shares of all votes and of all points that an axis needs, and that may lack their image.
_MIN_VOTES, _MIN_MATCHED, _MAX_MISSED = 0.45, 0.6, 0.03
# Fewest points whose image is hidden: with fewer the axis would complete nothing.
_MIN_UNKNOWN = 6
# A place counts as hidden if those this many pixels around it are hidden, too.
_HIDDEN_MARGIN_PX = 2
# Votes for one axis lie within this of each other, in half pixels, to both sides.
_VOTE_TOLERANCE = 1.5
# Points on a line across the axis that are compared.
_MAX_NEIGHBOURS = 3


@dataclass(frozen=True)
class MirrorAxis:
    """An axis at `twice / 2` pixels from the picture's left (`across` 0) or top (1)."""

    across: int
    twice: int


def mirror_axis(
    chains: OutlineChains,
    ends: HiddenEnds,
    numbers: NDArray[np.integer],
    number: int,
) -> MirrorAxis | None:
    """The axis of a layer's outline, if there is one that says something of what is hidden.

    Args:
        chains: of the whole picture.
        ends: of the layer.
        numbers: unsigned (H, W), 0 = nothing, 1..N = layers.
        number: of the layer.
    """
    points, normals = _points(chains, np.unique(ends.chain))
    if len(points) < _MIN_POINTS:
        return None
    best: tuple[float, MirrorAxis] | None = None
    for across in (0, 1):
        twice, share = _axis_with_most_votes(points, normals, across)
        if share < _MIN_VOTES:
            continue
        axis = MirrorAxis(across, twice)
        matched = _matched_share(points, normals, axis, numbers, number)
        if matched >= _MIN_MATCHED and (best is None or matched > best[0]):
            best = matched, axis
    return None if best is None else best[1]


def _points(
    chains: OutlineChains, own: NDArray[np.intp]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Points of chains and unit normals there, both (n, 2); not those right at the ends."""
    total = sum(int(chains.starts[chain + 1] - chains.starts[chain]) for chain in own)
    step = max(1, total // _MAX_POINTS)
    points, normals = [], []
    for chain in own:
        line = chains.points[chains.starts[chain] : chains.starts[chain + 1]].astype(np.float64)
        if len(line) <= 2 * _TANGENT_POINTS:
            continue
        way = line[2 * _TANGENT_POINTS :] - line[: -2 * _TANGENT_POINTS]
        length = np.maximum(np.hypot(way[:, 0], way[:, 1]), 1e-9)[:, None]
        points.append(line[_TANGENT_POINTS:-_TANGENT_POINTS][::step])
        normals.append((np.stack([way[:, 1], -way[:, 0]], axis=1) / length)[::step])
    if not points:
        return np.zeros((0, 2)), np.zeros((0, 2))
    return np.concatenate(points), np.concatenate(normals)


def _axis_with_most_votes(
    points: NDArray[np.float64], normals: NDArray[np.float64], across: int
) -> tuple[int, float]:
    """Twice the place of the axis with most votes, and their share of all that could vote."""
    order = np.lexsort((points[:, across], np.floor(points[:, 1 - across])))
    place, line = points[order, across], np.floor(points[order, 1 - across])
    normal = normals[order]
    votes, weights = [], []
    for apart in range(1, _MAX_NEIGHBOURS + 1):
        one, other = slice(None, -apart), slice(apart, None)
        same = (line[one] == line[other]) & (normal[one, across] * normal[other, across] < 0.0)
        alike = np.abs(normal[one, across] + normal[other, across]) < 0.3
        alike &= np.abs(normal[one, 1 - across] - normal[other, 1 - across]) < 0.3
        votes.append((place[one] + place[other])[same & alike])
        weights.append(np.abs(normal[one, across])[same & alike])
    vote, weight = np.concatenate(votes), np.concatenate(weights)
    if len(vote) == 0:
        return 0, 0.0
    low = float(np.floor(vote.min())) - 1.0
    count = np.bincount(np.floor(vote - low).astype(np.intp), weight)
    best = low + float(np.argmax(np.convolve(count, [1.0, 1.0, 1.0], mode="same"))) + 0.5
    near = np.abs(vote - best) <= _VOTE_TOLERANCE
    # Every point votes in a pair.
    share = float(2.0 * weight[near].sum() / np.abs(normals[:, across]).sum())
    return round(float(np.median(vote[near]))), share


def _matched_share(
    points: NDArray[np.float64],
    normals: NDArray[np.float64],
    axis: MirrorAxis,
    numbers: NDArray[np.integer],
    number: int,
) -> float:
    """Share of the outline whose mirror image is in view; 0 where some of it should be and is not.

    Points that run along the axis count by how much they cross it: a level edge is mirrored onto
    itself by any upright axis.
    """
    weight = np.abs(normals[:, axis.across])
    image = points.copy()
    image[:, axis.across] = axis.twice - image[:, axis.across]
    col, row = np.floor(image).astype(np.intp).T
    height, width = numbers.shape

    def around(down: int, right: int) -> NDArray[np.integer]:
        inside = np.clip(row + down, 0, height - 1), np.clip(col + right, 0, width - 1)
        return np.asarray(numbers[inside])

    outside = (col < 0) | (row < 0) | (col >= width) | (row >= height)
    steps = [(down, right) for down in (-1, 0, 1) for right in (-1, 0, 1)]
    deep = [
        around(_HIDDEN_MARGIN_PX * down, _HIDDEN_MARGIN_PX * right) > number
        for down, right in steps
    ]
    hidden = np.logical_and.reduce(deep)
    unknown = hidden | outside
    # The image lies on the outline if the layer and a lower one are both within a pixel and a half.
    near = [around(down, right) for down, right in steps]
    on_outline = np.logical_or.reduce([one == number for one in near])
    on_outline &= np.logical_or.reduce([one < number for one in near])
    known = ~unknown
    total = weight.sum()
    missed = weight[known & ~on_outline].sum()
    matched = weight[known & on_outline].sum()
    if np.count_nonzero(hidden & ~outside) < _MIN_UNKNOWN:
        return 0.0
    if total <= 0.0 or missed > _MAX_MISSED * max(matched, 1e-9):
        return 0.0
    return float(matched / total)


def mirrored_side(
    axis: MirrorAxis, numbers: NDArray[np.integer], number: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Hidden pixels whose mirror image is in view, and those of them that are the layer's.

    Args:
        numbers: unsigned (H, W), the whole picture.

    Returns:
        bool (H, W) each.
    """
    turned = numbers if axis.across == 0 else numbers.T
    width = turned.shape[1]
    image = axis.twice - 1 - np.arange(width)
    inside = (image >= 0) & (image < width)
    opposite = turned[:, np.clip(image, 0, width - 1)]
    known = (turned > number) & (opposite <= number) & inside
    own = known & (opposite == number)
    return (known, own) if axis.across == 0 else (known.T, own.T)
