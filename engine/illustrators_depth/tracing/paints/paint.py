"""What an area is filled with: one colour, or a linear or radial gradient fitted to its pixels."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Flat", "Gradient", "Paint", "fit_paint", "hex_color"]

Float = NDArray[np.float64]
Stop = tuple[float, tuple[float, float, float]]

# Pixels looked at, spread evenly; more change nothing.
_MAX_SAMPLES = 4096
# Areas that vary less than this (sRGB, RMS) are of one colour to the eye.
_FLAT_DISTANCE = 0.012
# So are areas of which this share lies that near to the median colour.
_FLAT_SHARE = 0.9
# A gradient must explain this share of the variance to be believed; of an area so large that edges
# are nothing beside it (in pixels), less is worth having.
_MIN_EXPLAINED_SHARE, _MIN_LARGE_SHARE = 0.75, 0.6
_LARGE_PIXELS = 4096
_MAX_STOPS = 16
# A stop nearer than this to the line between its neighbours is left out.
_STRAIGHT_DISTANCE = 0.006
_MIN_GRADIENT_PIXELS = 64
# Steps of the table from which the colours of many points are taken.
_TABLE_STEPS = 4096


@dataclass(frozen=True)
class Flat:
    """One colour, sRGB 0..1."""

    color: tuple[float, float, float]

    def at(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float32]:
        """Colour at points, float32 (n, 3)."""
        del y  # the same everywhere
        return np.broadcast_to(np.asarray(self.color, np.float32), (len(x), 3))


@dataclass(frozen=True)
class Gradient:
    """A colour that changes along a line or with the distance from a point.

    Attributes:
        kind: "linear" or "radial".
        start, end: points in pixels; for "radial" the centre, and a point at the full radius.
        stops: (position 0..1, sRGB 0..1), positions rising.
    """

    kind: str
    start: tuple[float, float]
    end: tuple[float, float]
    stops: tuple[Stop, ...]

    def at(self, x: NDArray[np.floating], y: NDArray[np.floating]) -> NDArray[np.float32]:
        """Colour at points, float32 (n, 3)."""
        dx, dy = self.end[0] - self.start[0], self.end[1] - self.start[1]
        if self.kind == "linear":
            t = ((x - self.start[0]) * dx + (y - self.start[1]) * dy) / max(dx * dx + dy * dy, 1e-9)
        else:
            t = np.hypot(x - self.start[0], y - self.start[1]) / max(np.hypot(dx, dy), 1e-9)
        if len(t) <= _TABLE_STEPS:
            return self._colors(t)
        # Many points: to the nearest of so many steps, which is finer than 8 bits.
        table = self._colors(np.linspace(0.0, 1.0, _TABLE_STEPS))
        place = np.rint(np.clip(t, 0.0, 1.0) * (_TABLE_STEPS - 1)).astype(np.intp)
        return table.take(place, axis=0)

    def _colors(self, t: NDArray[np.floating]) -> NDArray[np.float32]:
        positions = [stop[0] for stop in self.stops]
        columns = [np.interp(t, positions, [stop[1][c] for stop in self.stops]) for c in range(3)]
        return np.stack(columns, axis=1).astype(np.float32)


Paint = Flat | Gradient


def hex_color(color: tuple[float, float, float]) -> str:
    """`#rrggbb` of sRGB 0..1."""
    return "#" + "".join(f"{round(255 * min(max(c, 0.0), 1.0)):02x}" for c in color)


def fit_paint(
    x: NDArray[np.floating], y: NDArray[np.floating], color: NDArray[np.float32], gradients: bool
) -> tuple[Paint, float]:
    """The simplest paint that explains the pixels of an area.

    Args:
        x, y: (n,), pixel centres, n >= 1.
        color: float32 (n, 3), sRGB 0..1.
        gradients: whether gradients may be used at all.

    Returns:
        the paint, and what it leaves unexplained (RMS over pixels and channels).
    """
    step = max(1, len(x) // _MAX_SAMPLES)
    px, py = x[::step].astype(np.float64), y[::step].astype(np.float64)
    values = color[::step].astype(np.float64)
    mean = color.mean(axis=0, dtype=np.float64)
    spread = float(np.sqrt(((values - mean) ** 2).mean()))
    flat = Flat((float(mean[0]), float(mean[1]), float(mean[2])))
    if spread <= _FLAT_DISTANCE:
        return flat, spread
    middle = np.median(values, axis=0)
    if float((np.abs(values - middle).max(axis=1) < _FLAT_DISTANCE).mean()) >= _FLAT_SHARE:
        # A flat area with a few strays among its pixels: no gradient, nor a tinted mean.
        return Flat((float(middle[0]), float(middle[1]), float(middle[2]))), spread
    if not gradients or len(px) < _MIN_GRADIENT_PIXELS:
        return flat, spread
    best, rest = None, spread
    for t, start, end, kind in (_linear(px, py, values), _radial(px, py, values)):
        stops, left = _fit_stops(t, values)
        # A radial gradient has to be clearly better: a linear one is easier to work with.
        if left < rest * (0.8 if best is not None else 1.0):
            best, rest = Gradient(kind, start, end, stops), left
    share = _MIN_LARGE_SHARE if len(x) >= _LARGE_PIXELS else _MIN_EXPLAINED_SHARE
    if best is None or rest * rest > (1.0 - share) * spread * spread:
        return flat, spread
    return best, rest


_Axis = tuple[Float, tuple[float, float], tuple[float, float], str]


def _linear(x: Float, y: Float, values: Float) -> _Axis:
    """Position along the direction in which a least-squares plane through the colours changes."""
    design = np.stack([x - x.mean(), y - y.mean(), np.ones_like(x)], axis=1)
    plane = _least_squares(design, values)
    direction = np.linalg.svd(plane[:2])[0][:, 0]
    along = x * direction[0] + y * direction[1]
    low, high = float(along.min()), float(along.max())
    across = x.mean() * -direction[1] + y.mean() * direction[0]
    # Both ends on the line through the middle of the area.
    foot = np.array([-direction[1], direction[0]]) * across
    start, end = foot + direction * low, foot + direction * high
    t = (along - low) / max(high - low, 1e-9)
    return t, (float(start[0]), float(start[1])), (float(end[0]), float(end[1])), "linear"


def _least_squares(design: Float, values: Float) -> Float:
    """By normal equations: columns are few and centred, and a tenth of the time of an SVD."""
    normal = design.T @ design
    # A touch of ridge decides what the pixels of a single row or column leave open.
    normal += np.eye(len(normal)) * (1e-9 * np.trace(normal))
    return np.asarray(np.linalg.solve(normal, design.T @ values), np.float64)


def _radial(x: Float, y: Float, values: Float) -> _Axis:
    """Distance from the vertex of a least-squares paraboloid through the main colour change."""
    centred = values - values.mean(axis=0)
    main = np.linalg.svd(centred.T @ centred)[0][:, 0]
    mx, my = x.mean(), y.mean()
    scale = max(float(x.std() + y.std()), 1e-9)
    u, v = (x - mx) / scale, (y - my) / scale
    design = np.stack([u * u + v * v, u, v, np.ones_like(u)], axis=1)
    a, b, c, _ = _least_squares(design, centred @ main)
    if abs(a) < 1e-9:
        a = 1e-9
    # A vertex far outside is a linear gradient in disguise.
    cx = mx + scale * float(np.clip(-b / (2 * a), -8, 8))
    cy = my + scale * float(np.clip(-c / (2 * a), -8, 8))
    distance = np.hypot(x - cx, y - cy)
    radius = max(float(distance.max()), 1e-9)
    return distance / radius, (float(cx), float(cy)), (float(cx + radius), float(cy)), "radial"


def _fit_stops(t: Float, values: Float) -> tuple[tuple[Stop, ...], float]:
    """Colours at even positions so that the lines between them fit best; needless ones dropped."""
    low = float(t.min())
    span = max(1.0 - low, 1e-9)
    position = (t - low) / span * (_MAX_STOPS - 1)
    left = np.clip(position.astype(np.intp), 0, _MAX_STOPS - 2)
    share = position - left
    hats = np.zeros((len(t), _MAX_STOPS))
    rows = np.arange(len(t))
    hats[rows, left] = 1.0 - share
    hats[rows, left + 1] = share
    # A touch of smoothness decides stops that no pixel lies near.
    bends = np.zeros((_MAX_STOPS - 2, _MAX_STOPS))
    for i in range(_MAX_STOPS - 2):
        bends[i, i : i + 3] = (1.0, -2.0, 1.0)
    normal = hats.T @ hats + 1e-3 * len(t) * (bends.T @ bends) + 1e-9 * np.eye(_MAX_STOPS)
    colors = np.linalg.solve(normal, hats.T @ values)
    rest = float(np.sqrt(((hats @ colors - values) ** 2).mean()))
    colors = np.clip(colors, 0.0, 1.0)
    places = low + span * np.arange(_MAX_STOPS) / (_MAX_STOPS - 1)
    keep = [0]
    for i in range(1, _MAX_STOPS - 1):
        # From the last kept stop straight to the next: is stop i on the way?
        f = (places[i] - places[keep[-1]]) / (places[i + 1] - places[keep[-1]])
        between = colors[keep[-1]] * (1 - f) + colors[i + 1] * f
        if np.abs(colors[i] - between).max() > _STRAIGHT_DISTANCE:
            keep.append(i)
    keep.append(_MAX_STOPS - 1)
    stops = tuple(
        (float(places[i]), (float(colors[i][0]), float(colors[i][1]), float(colors[i][2])))
        for i in keep
    )
    return stops, rest
