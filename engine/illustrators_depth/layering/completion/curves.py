"""The curves by which an outline goes on unseen: straight, round, or of little bending."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "arc_points",
    "bending",
    "corner_places",
    "cubic_points",
    "polyline_points",
    "ray_points",
    "turn_angles",
]

_GOLDEN = 0.5 * (np.sqrt(5.0) - 1.0)


def turn_angles(
    start: NDArray[np.float64],
    leaving: NDArray[np.float64],
    stop: NDArray[np.float64],
    arriving: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Chord length, and angles of both ways against the chord, radians; all arrays (..., 2)."""
    chord = stop - start
    length = np.hypot(chord[..., 0], chord[..., 1])

    def against(way: NDArray[np.float64]) -> NDArray[np.float64]:
        cross = chord[..., 0] * way[..., 1] - chord[..., 1] * way[..., 0]
        return np.arctan2(cross, (chord * way).sum(axis=-1))

    return length, against(leaving), against(arriving)


def bending(one: NDArray[np.float64], other: NDArray[np.float64]) -> NDArray[np.float64]:
    """Squared curvature along a cubic over a chord of length 1, from the angles at its ends.

    An arc turns to one side (`other == -one`) and bends a third as much as an S.
    """
    return np.asarray(4.0 * (one * one + one * other + other * other))


def cubic_points(
    start: NDArray[np.float64],
    leaving: NDArray[np.float64],
    stop: NDArray[np.float64],
    arriving: NDArray[np.float64],
    count: int,
    limit: NDArray[np.float64] | float = 1.2,
) -> NDArray[np.float64]:
    """Points (..., count, 2) of cubics that leave and arrive in the given unit ways.

    Handles are no longer than `limit`, a share of the chord.

    The handles are those of Hobby (1986, "Smooth, easy to compute interpolating splines"), which
    come near the least bending: a circle's arc where there is one.
    """
    length, one, other = turn_angles(start, leaving, stop, arriving)
    first = np.minimum(_handle(one, -other), limit) * length
    second = np.minimum(_handle(-other, one), limit) * length
    a, b = start + leaving * first[..., None], stop - arriving * second[..., None]
    t = np.linspace(0.0, 1.0, count)[:, None]
    s = 1.0 - t
    parts = (s**3, 3.0 * s * s * t, 3.0 * s * t * t, t**3)
    return np.asarray(
        sum(w * p[..., None, :] for w, p in zip(parts, (start, a, b, stop), strict=True))
    )


def _handle(theta: NDArray[np.float64], phi: NDArray[np.float64]) -> NDArray[np.float64]:
    """Hobby's velocity, as a share of the chord."""
    root = np.sqrt(2.0)
    over = 2.0 + root * (np.sin(theta) - np.sin(phi) / 16.0) * (
        np.sin(phi) - np.sin(theta) / 16.0
    ) * (np.cos(theta) - np.cos(phi))
    under = 3.0 * (1.0 + _GOLDEN * np.cos(theta) + (1.0 - _GOLDEN) * np.cos(phi))
    return np.maximum(over / np.maximum(under, 0.3), 0.0)


def corner_places(
    start: NDArray[np.float64],
    leaving: NDArray[np.float64],
    stop: NDArray[np.float64],
    arriving: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where straight lines that go on meet, (n, 2), and how far that is from the ends, (n, 2).

    The distances are negative where the lines part, and large where they hardly turn.
    """
    chord = stop - start
    cross = leaving[:, 0] * arriving[:, 1] - leaving[:, 1] * arriving[:, 0]
    cross = np.where(np.abs(cross) < 1e-6, 1e-6, cross)
    first = (chord[:, 0] * arriving[:, 1] - chord[:, 1] * arriving[:, 0]) / cross
    second = (leaving[:, 0] * chord[:, 1] - leaving[:, 1] * chord[:, 0]) / cross
    return start + first[:, None] * leaving, np.stack([first, second], axis=1)


def arc_points(
    start: NDArray[np.float64],
    leaving: NDArray[np.float64],
    stop: NDArray[np.float64],
    center: NDArray[np.float64],
    count: int,
) -> NDArray[np.float64]:
    """Points (count, 2) around a center, from one place to another, the way that `leaving` turns.

    The radius goes evenly from that of the one to that of the other.
    """
    one, other = start - center, stop - center
    turn = 1.0 if one[0] * leaving[1] - one[1] * leaving[0] > 0.0 else -1.0
    angles = np.arctan2([one[1], other[1]], [one[0], other[0]])
    sweep = (turn * (angles[1] - angles[0])) % (2.0 * np.pi)
    share = np.linspace(0.0, 1.0, count)
    radius = np.hypot(*one) + share * (np.hypot(*other) - np.hypot(*one))
    angle = angles[0] + turn * sweep * share
    return np.asarray(center + radius[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1))


def ray_points(
    start: NDArray[np.float64],
    way: NDArray[np.float64],
    center: NDArray[np.float64],
    steps: NDArray[np.float64],
) -> NDArray[np.float64]:
    """Points (n, k, 2) at the given lengths along straight lines, or circles around a center.

    A circle is followed for a quarter, then left in a straight line.
    """
    straight = start[:, None] + way[:, None] * steps[:, None]
    bent = ~np.isnan(center[:, 0])
    if not bent.any():
        return np.asarray(straight)
    out = start[bent] - center[bent]
    radius = np.linalg.norm(out, axis=1)
    turn = np.sign(out[:, 0] * way[bent][:, 1] - out[:, 1] * way[bent][:, 0])
    angle = np.minimum(steps / radius[:, None], 0.5 * np.pi)
    signed = turn[:, None] * angle
    cos, sin = np.cos(signed), np.sin(signed)
    x, y = out[:, :1] * cos - out[:, 1:] * sin, out[:, :1] * sin + out[:, 1:] * cos
    left = np.maximum(steps - 0.5 * np.pi * radius[:, None], 0.0)
    tangent = np.stack([-y, x], axis=2) * (turn / radius)[:, None, None]
    straight[bent] = center[bent][:, None] + np.stack([x, y], axis=2) + tangent * left[..., None]
    return np.asarray(straight)


def polyline_points(corners: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Evenly spaced points (count, 2) along a polyline, given its corners (n, 2)."""
    at = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(corners, axis=0).T))])
    places = np.linspace(0.0, at[-1], count)
    return np.stack([np.interp(places, at, corners[:, axis]) for axis in (0, 1)], axis=1)
