"""Moves fitted curves until they cover every pixel as far as the picture says.

Curves are fitted to outlines, which lie a little inside round shapes, and may stray from them. What
they really cover is compared with what was measured. What is missing along the normal at points of
the curves is how far these should move; the control points that do so best are found by least
squares, all curves at once (Gauss-Newton steps; conjugate gradients, Hestenes and Stiefel 1952).
Joints stay joints, smooth ones stay smooth, lines stay lines.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from .cell_coverage import CellCoverage, cell_coverage
from .curve_chains import Chains, curve_chains
from .drawing_target import Drawing, DrawingTarget
from .field_stack import FieldStack
from .match_coverage import CoverageTarget, missing_along

__all__ = ["refine_curves"]

Float = NDArray[np.float64]
Single = NDArray[np.float32]
Int = NDArray[np.intp]

_ROUNDS, _SOLVER_STEPS = 7, 12
# Points along a curve are so far apart, and at least so many.
_SPACING_PX, _MIN_POINTS = 1.0, 3
# Both sides of a stroke see the same coverage missing: each moves by less than all of it.
_STEP = 0.6
# Where nothing is known, curves are held where they are with this weight.
_UNKNOWN_WEIGHT = 0.25
# Parameters of a joint: its place (2), and what its two handles do.
_PARAMETERS = 6
# Those that move a curve which begins at the joint, and one that ends there.
_BEGIN, _END = np.array([0, 1, 2, 3]), np.array([0, 1, 3, 4, 5])
_DAMPING, _FIXED = 0.1, 1e6


def refine_curves(
    outlines: Sequence[Float],
    fields: Sequence[NDArray[np.float32]],
    seen: Sequence[NDArray[np.bool_] | None],
    corners: Sequence[tuple[int, int]],
    owner: Sequence[int],
    drawing: Drawing | None = None,
) -> list[Float]:
    """Outlines that cover each seen pixel as `fields` say, as nearly as their curves can.

    Args:
        outlines: each float64 (k, 4, 2), closed, in the picture's pixels, inside on the right.
        fields: float32 (h, w), coverage of the pixels of each area's window.
        seen: for each field bool (h, w), where it is known; None for everywhere.
        corners: left and top of each window.
        owner: for each outline the number of its field.
        drawing: all areas together; if given, it tells what is missing instead of the fields.

    Returns:
        float64 (k, 4, 2) for each outline, as many curves as before.
    """
    if not outlines or not sum(map(len, outlines)):
        return list(outlines)
    count = np.array([len(outline) for outline in outlines])
    whose = np.repeat(np.asarray(owner, np.int64), count)
    shift = np.asarray(corners, np.float64)[whose]
    curves = np.concatenate([o for o in outlines if len(o)]) - shift[:, None]
    chains = curve_chains(curves, count)
    target = FieldStack(fields, seen)
    fits = _Fit(chains, target.size, whose)
    if drawing is not None and drawing.begin(fits.cover(curves)):
        fits.aim(DrawingTarget(target, drawing))
    else:
        fits.aim(target)
    ring = np.repeat(np.arange(len(count)), count)
    before, moved = fits.missing(curves), curves
    first = before
    for _ in range(_ROUNDS):
        moved = fits.step(moved, before)
        before = fits.missing(moved)
    # A ring is moved only if that helps.
    worse = fits.error(before, ring, len(count)) >= fits.error(first, ring, len(count))
    moved = np.where(worse[ring][:, None, None], curves, moved) + shift[:, None]
    return np.split(moved, np.cumsum(count)[:-1])


class _Fit:
    """The least-squares problem of all curves; its matrix is made once."""

    def __init__(
        self,
        chains: Chains,
        size: NDArray[np.int64],
        picture: NDArray[np.int64],
    ) -> None:
        self._chains, self._size = chains, size
        chord = np.linalg.norm(np.diff(chains.curves, axis=1), axis=2).sum(axis=1)
        number = np.maximum(_MIN_POINTS, np.ceil(chord / _SPACING_PX)).astype(np.intp)
        number[chains.straight] = np.maximum(number[chains.straight], 1)
        self.owner = np.repeat(np.arange(len(number)), number)
        local = np.arange(len(self.owner)) - (np.cumsum(number) - number)[self.owner]
        self._begin = local / number[self.owner]
        self._shares = np.ascontiguousarray(_bernstein(self._begin).T)
        self._middle = (local + 0.5) / number[self.owner]
        self._last = local == number[self.owner] - 1
        self._picture = picture[self.owner]
        self._near = np.arange(len(self.owner))

    def aim(self, target: CoverageTarget) -> None:
        """Take what tells what is missing, and make the matrix."""
        self._target = target
        self._matrix()

    def cover(self, curves: Float) -> CellCoverage:
        """What curves cover, in the windows of their fields."""
        points, following = self._polygon(curves)
        return cell_coverage(np.maximum(points, 0.0), np.maximum(following, 0.0), self._picture)

    def _polygon(self, curves: Float) -> tuple[Float, Float]:
        """Where the straight pieces of curves begin and end."""
        points = np.zeros((len(self.owner), 2))
        for number, share in enumerate(self._shares):
            for axis in (0, 1):
                points[:, axis] += share * curves[:, number, axis].take(self.owner)
        following = np.empty_like(points)
        following[:-1], following[-1] = points[1:], points[0]
        ends = self.owner[self._last]
        following[self._last] = curves[ends, 3]
        return points, following

    def missing(self, curves: Float) -> Float:
        """How far each piece should move outwards, in pixels."""
        points, following = self._polygon(curves)
        missing, known = missing_along(points, following, self._picture, self._target, self._near)
        self._near = known  # where nothing is known, nothing will be
        return missing

    def error(self, missing: Float, ring: Int, rings: int) -> Float:
        return np.asarray(np.bincount(ring[self.owner], self._weight * missing**2, rings))

    def _matrix(self) -> None:
        chains, owner = self._chains, self.owner
        points, following = self._polygon(chains.curves)
        along = following - points
        length = np.hypot(along[:, 0], along[:, 1])
        normal = np.stack([along[:, 1], -along[:, 0]], axis=1) / np.maximum(length, 1e-9)[:, None]
        middle = 0.5 * (points + following)
        missing_at = self._target.missing(self.cover(chains.curves), self._picture)
        sure = ~np.isnan(missing_at(middle[:, 0], middle[:, 1]))
        self._weight = length * np.where(sure, 1.0, _UNKNOWN_WEIGHT)
        b = _bernstein(self._middle)
        straight = chains.straight[owner]
        b[straight, 0], b[straight, 3] = 1.0 - self._middle[straight], self._middle[straight]
        b[straight, 1:3] = 0.0
        basis = chains.basis
        leave, arrive = basis[owner], basis[chains.following[owner]]
        handles = [
            b[:, 1] * (normal * leave[:, 0]).sum(axis=1),
            b[:, 1] * (normal * leave[:, 1]).sum(axis=1),
            b[:, 2] * (normal * arrive[:, 2]).sum(axis=1),
            b[:, 2] * (normal * arrive[:, 3]).sum(axis=1),
            b[:, 2] * (normal * arrive[:, 4]).sum(axis=1),
        ]
        one, two = b[:, 0] + b[:, 1], b[:, 2] + b[:, 3]
        values = [
            normal[:, 0] * one, normal[:, 1] * one, handles[0], handles[1],
            normal[:, 0] * two, normal[:, 1] * two, handles[2], handles[3], handles[4],
        ]  # fmt: skip
        self._values = values
        self._first = np.searchsorted(owner, np.arange(len(chains.curves)))
        squares = np.empty((len(chains.curves), len(values), len(values)))
        for number, value in enumerate(values):
            weighted = self._weight * value
            for other in range(number, len(values)):
                square = self._sums(weighted * values[other])
                squares[:, number, other] = squares[:, other, number] = square
        self._blocks(squares)
        hold = np.full((len(chains.curves), _PARAMETERS), _DAMPING)
        # What lies on the picture's border stays there.
        joint = chains.curves[:, 0]
        joint_size = self._size[self._picture[np.flatnonzero(self._begin == 0.0)]]
        hold[:, :2] += _FIXED * ((joint <= 0.0) | (joint >= joint_size))
        self._own[:, range(_PARAMETERS), range(_PARAMETERS)] += hold
        self._rows = self._joint_rows()

    def _sums(self, rows: Float) -> Float:
        """Sums over the pieces of each curve."""
        return np.asarray(np.add.reduceat(rows, self._first))

    def _blocks(self, squares: Float) -> None:
        """The normal matrix by joints, from that of each curve, (n, 9, 9)."""
        count, after = len(squares), self._chains.following
        self._own = np.zeros((count, _PARAMETERS, _PARAMETERS))
        self._next = np.zeros_like(self._own)
        self._own[:, _BEGIN[:, None], _BEGIN] += squares[:, :4, :4]
        ends = np.zeros_like(self._own)
        ends[:, _END[:, None], _END] = squares[:, 4:, 4:]
        self._own[after] += ends
        self._next[:, _BEGIN[:, None], _END] = squares[:, :4, 4:]

    def _joint_rows(self) -> Single:
        """The rows of the normal matrix at each joint, for the joints before, here and after it.

        float32 (n, 6, 18): each of the solver's steps reads all of it.
        """
        own, following = self._own, self._next
        before = following[self._chains.before].transpose(0, 2, 1)
        return np.concatenate([before, own, following], axis=2, dtype=np.float32)

    def _times(self, x: Single) -> Single:
        """The normal matrix times parameters (n, 6)."""
        chains = self._chains
        around = np.concatenate([x[chains.before], x, x[chains.following]], axis=1)
        return np.asarray(np.einsum("nij,nj->ni", self._rows, around))

    def step(self, curves: Float, missing: Float) -> Float:
        """Curves moved by what is missing."""
        rows = _STEP * self._weight * missing
        sums = np.stack([self._sums(rows * value) for value in self._values], axis=1)
        right, ends = np.zeros((2, len(sums), _PARAMETERS))
        right[:, _BEGIN], ends[:, _END] = sums[:, :4], sums[:, 4:]
        right[self._chains.following] += ends
        scale = 1.0 / self._own[:, range(_PARAMETERS), range(_PARAMETERS)]
        moves = _solve(self._times, scale.astype(np.float32), right.astype(np.float32))
        chains, basis = self._chains, self._chains.basis
        place = moves[:, :2]
        leave = place + moves[:, 2:3] * basis[:, 0] + moves[:, 3:4] * basis[:, 1]
        arrive = place + moves[:, 3:4] * basis[:, 2]
        arrive += moves[:, 4:5] * basis[:, 3] + moves[:, 5:6] * basis[:, 4]
        after = chains.following
        moved = curves + np.stack([place, leave, arrive[after], place[after]], axis=1)
        thirds = np.array([1.0, 2.0])[None, :, None] / 3.0
        ends = moved[chains.straight][:, [0, 3]]
        moved[chains.straight, 1:3] = ends[:, :1] + thirds * (ends[:, 1:] - ends[:, :1])
        return moved


def _bernstein(t: Float) -> Float:
    s = 1.0 - t
    return np.stack([s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t], axis=1)


def _solve(times: Callable[[Single], Single], scale: Single, right: Single) -> Single:
    """Conjugate gradients, preconditioned by the diagonal; few steps, which hold noise down."""
    x, rest = np.zeros_like(right), right.copy()
    ahead = scale * rest
    way, power = ahead.copy(), float(np.vdot(rest, ahead))
    for _ in range(_SOLVER_STEPS):
        if power <= 1e-12:
            break
        along = times(way)
        share = power / float(np.vdot(way, along))
        x += share * way
        rest -= share * along
        ahead = scale * rest
        following = float(np.vdot(rest, ahead))
        way, power = ahead + following / power * way, following
    return x
