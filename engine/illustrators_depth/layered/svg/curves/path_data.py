"""The `d` attribute of an SVG path as cubic curves (SVG 1.1, chapter 8, and its notes on arcs)."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..syntax import NUMBER, numbers_in

__all__ = ["Subpath", "arc_cubics", "line_cubics", "read_path"]

Point = tuple[float, float]

_COMMAND = re.compile(r"([MmZzLlHhVvCcSsQqTtAa])([^MmZzLlHhVvCcSsQqTtAa]*)")
# The two flags of an arc may stand without anything between them.
_ARC = re.compile(
    r"\s*,?\s*".join(
        (*[f"({NUMBER.pattern})"] * 3, "([01])", "([01])", *[f"({NUMBER.pattern})"] * 2)
    )
)
_COUNTS = {"M": 2, "L": 2, "H": 1, "V": 1, "C": 6, "S": 4, "Q": 4, "T": 2, "A": 7}
_ARC_STEP = math.pi / 4.0  # a cubic strays from such an arc by four millionths of its radius


@dataclass(frozen=True)
class Subpath:
    """One line of a path.

    Attributes:
        cubics: float64 (k, 4, 2), each beginning where the one before ends; none for a point.
        start: where it begins.
        closed: whether its end is joined to its start.
    """

    cubics: NDArray[np.float64]
    start: Point
    closed: bool


def read_path(data: str) -> list[Subpath]:
    """The lines of a path; what follows the first mistake is left out, as renderers do."""
    pen = _Pen()
    for letter, text in _COMMAND.findall(data):
        kind = letter.upper()
        if kind == "Z":
            pen.close()
            continue
        count = _COUNTS[kind]
        if kind == "A":
            values = [float(v) for match in _ARC.findall(text) for v in match]
        else:
            values = numbers_in(text)
        whole = len(values) // count * count
        for at in range(0, whole, count):
            # More points after a "move to" are lines.
            shown = "L" if kind == "M" and at else kind
            pen.draw(shown, values[at : at + count], letter != kind)
        if whole != len(values) or not whole:
            break
    return pen.finished()


def line_cubics(points: list[Point]) -> NDArray[np.float64]:
    """Straight lines from point to point as cubics, float64 (n - 1, 4, 2)."""
    ends = np.asarray(points, np.float64).reshape(-1, 2)
    first, last = ends[:-1], ends[1:]
    step = (last - first) / 3.0
    return np.stack([first, first + step, last - step, last], axis=1)


def arc_cubics(
    center: Point, radii: Point, turn: float, start: float, sweep: float
) -> NDArray[np.float64]:
    """An arc of an ellipse as cubics; angles in radians, `turn` that of its first axis."""
    count = max(1, math.ceil(abs(sweep) / _ARC_STEP - 1e-9))
    angles = start + sweep * np.arange(count + 1) / count
    reach = 4.0 / 3.0 * math.tan(sweep / count / 4.0)
    cos, sin = np.cos(angles), np.sin(angles)
    places = np.stack([cos, sin], axis=1)
    slopes = np.stack([-sin, cos], axis=1) * reach
    unit = np.stack(
        [places[:-1], places[:-1] + slopes[:-1], places[1:] - slopes[1:], places[1:]], axis=1
    )
    c, s = math.cos(turn), math.sin(turn)
    axes = np.array([[c * radii[0], s * radii[0]], [-s * radii[1], c * radii[1]]])
    return np.asarray(unit @ axes + np.asarray(center))


class _Pen:
    """Follows the commands of a path."""

    def __init__(self) -> None:
        self._at: Point = (0.0, 0.0)
        self._start: Point = (0.0, 0.0)
        self._handle: tuple[str, Point] | None = None  # of the curve before, for smooth ones
        self._pieces: list[NDArray[np.float64]] = []
        self._lines: list[Point] = []  # straight lines not yet made cubics, from a point on
        self._open = False
        self._subpaths: list[Subpath] = []

    def draw(self, kind: str, values: list[float], relative: bool) -> None:
        x0, y0 = self._at
        if relative and kind == "H":
            values = [values[0] + x0]
        elif relative and kind == "V":
            values = [values[0] + y0]
        elif relative and kind == "A":
            values = [*values[:5], values[5] + x0, values[6] + y0]
        elif relative:
            values = [v + (y0 if i % 2 else x0) for i, v in enumerate(values)]
        if kind == "M":
            self._end(closed=False)
            self._at = self._start = values[0], values[1]
            self._open, self._handle = True, None
            return
        self._open = True
        handle = None
        if kind in "LHV":
            x, y = values[0], values[-1]
            to = (x0, y) if kind == "V" else (x, y0) if kind == "H" else (x, y)
            self._line(to)
        elif kind in "CS":
            if kind == "S":
                values = [*self._mirrored("C"), *values]
            self._cubic((values[0], values[1]), (values[2], values[3]), (values[4], values[5]))
            handle = "C", (values[2], values[3])
        elif kind in "QT":
            if kind == "T":
                values = [*self._mirrored("Q"), *values]
            (cx, cy), (x, y) = values[:2], values[2:]
            one = x0 + (cx - x0) * 2 / 3, y0 + (cy - y0) * 2 / 3
            other = x + (cx - x) * 2 / 3, y + (cy - y) * 2 / 3
            self._cubic(one, other, (x, y))
            handle = "Q", (cx, cy)
        else:
            self._arc(values)
        self._handle = handle

    def close(self) -> None:
        if not self._open:
            return
        if self._at != self._start:
            self._line(self._start)
        self._end(closed=True)
        self._at, self._handle, self._open = self._start, None, False

    def finished(self) -> list[Subpath]:
        self._end(closed=False)
        return self._subpaths

    def _mirrored(self, kind: str) -> Point:
        if self._handle is None or self._handle[0] != kind:
            return self._at
        return 2 * self._at[0] - self._handle[1][0], 2 * self._at[1] - self._handle[1][1]

    def _line(self, to: Point) -> None:
        if not self._lines:
            self._lines = [self._at]
        self._lines.append(to)
        self._at = to

    def _flush(self) -> None:
        if self._lines:
            self._pieces.append(line_cubics(self._lines))
            self._lines = []

    def _cubic(self, one: Point, other: Point, to: Point) -> None:
        self._flush()
        self._pieces.append(np.array([[self._at, one, other, to]]))
        self._at = to

    def _arc(self, values: list[float]) -> None:
        """From end points to a centre, after the specification's appendix F.6."""
        rx, ry, degrees, large, swept, x, y = values
        rx, ry, turn = abs(rx), abs(ry), math.radians(degrees % 360.0)
        if not rx or not ry:
            self._line((x, y))
            return
        if (x, y) == self._at:
            return
        c, s = math.cos(turn), math.sin(turn)
        dx, dy = (self._at[0] - x) / 2, (self._at[1] - y) / 2
        px, py = c * dx + s * dy, c * dy - s * dx
        spread = (px / rx) ** 2 + (py / ry) ** 2
        if spread > 1.0:
            rx, ry = rx * math.sqrt(spread), ry * math.sqrt(spread)
        rest = (rx * py) ** 2 + (ry * px) ** 2
        scale = math.sqrt(max(0.0, (rx * ry) ** 2 / rest - 1.0)) if rest else 0.0
        scale = -scale if bool(large) == bool(swept) else scale
        mx, my = scale * rx * py / ry, -scale * ry * px / rx
        first = math.atan2((py - my) / ry, (px - mx) / rx)
        last = math.atan2((-py - my) / ry, (-px - mx) / rx)
        sweep = (last - first) % (2 * math.pi)
        sweep = sweep if swept else sweep - 2 * math.pi
        center = c * mx - s * my + (self._at[0] + x) / 2, s * mx + c * my + (self._at[1] + y) / 2
        cubics = arc_cubics(center, (rx, ry), turn, first, sweep)
        cubics[0, 0], cubics[-1, 3] = self._at, (x, y)
        self._flush()
        self._pieces.append(cubics)
        self._at = x, y

    def _end(self, closed: bool) -> None:
        self._flush()
        if self._open and (self._pieces or closed):
            cubics = np.concatenate(self._pieces) if self._pieces else np.zeros((0, 4, 2))
            self._subpaths.append(Subpath(cubics, self._start, closed))
        self._pieces = []
