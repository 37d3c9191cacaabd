"""What the shape elements of SVG draw, as subpaths in their own units."""

from __future__ import annotations

import math
import xml.etree.ElementTree as ElementTree

import numpy as np

from ..syntax import numbers_in
from .lengths import length_px
from .path_data import Subpath, arc_cubics, line_cubics, read_path
from .refusal import NoOutlineError

__all__ = ["DRAWN", "length", "subpaths_of"]

DRAWN = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})


def length(text: str | None, default: float = 0.0) -> float:
    """A length in user units. Raises NoOutlineError for units that depend on something else."""
    value = length_px(text, default)
    if math.isnan(value):
        raise NoOutlineError(f"the length {(text or '')[:20]!r}")
    return value


def subpaths_of(element: ElementTree.Element, kind: str) -> list[Subpath]:
    """The lines that an element of a kind in `DRAWN` draws. Raises NoOutlineError."""
    if kind == "path":
        return read_path(element.get("d", ""))
    if kind == "rect":
        return _rectangle(element)
    if kind in ("circle", "ellipse"):
        center = length(element.get("cx")), length(element.get("cy"))
        if kind == "circle":
            across = down = length(element.get("r"))
        else:
            across, down = _radii(element)
        if across <= 0.0 or down <= 0.0:
            return []
        cubics = arc_cubics(center, (across, down), 0.0, 0.0, 2 * math.pi)
        return [Subpath(cubics, (center[0] + across, center[1]), True)]
    if kind == "line":
        one, other = ((length(element.get(f"x{n}")), length(element.get(f"y{n}"))) for n in (1, 2))
        return [Subpath(line_cubics([one, other]), one, False)]
    numbers = numbers_in(element.get("points", ""))
    points = list(zip(numbers[::2], numbers[1::2], strict=False))
    if len(points) < 2:
        return []
    closed = kind == "polygon"
    return [Subpath(line_cubics([*points, points[0]] if closed else points), points[0], closed)]


def _radii(element: ElementTree.Element) -> tuple[float, float]:
    """Of an ellipse or a rectangle's corners: one that is missing is as the other."""
    texts = [element.get(name) for name in ("rx", "ry")]
    texts = [None if text is None or text.strip() == "auto" else text for text in texts]
    across, down = (None if text is None else length(text) for text in texts)
    across = None if across is not None and across < 0.0 else across
    down = None if down is not None and down < 0.0 else down
    across, down = (down if across is None else across), (across if down is None else down)
    return across or 0.0, down or 0.0


def _rectangle(element: ElementTree.Element) -> list[Subpath]:
    x, y = length(element.get("x")), length(element.get("y"))
    width, height = length(element.get("width")), length(element.get("height"))
    if width <= 0.0 or height <= 0.0:
        return []
    rx, ry = _radii(element)
    rx, ry = min(rx, width / 2), min(ry, height / 2)
    if not rx or not ry:
        corners = [(x, y), (x + width, y), (x + width, y + height), (x, y + height), (x, y)]
        return [Subpath(line_cubics(corners), (x, y), True)]
    pieces = []
    quarter = math.pi / 2
    places = ((x + width - rx, y + ry), (x + width - rx, y + height - ry),
              (x + rx, y + height - ry), (x + rx, y + ry))  # fmt: skip
    arcs = [arc_cubics(c, (rx, ry), 0.0, (n - 1) * quarter, quarter) for n, c in enumerate(places)]
    before = arcs[-1][-1, 3]
    for arc in arcs:
        start, end = tuple(before.tolist()), tuple(arc[0, 0].tolist())
        if start != end:
            pieces.append(line_cubics([start, end]))
        pieces.append(arc)
        before = arc[-1, 3]
    cubics = np.concatenate(pieces)
    return [Subpath(cubics, (float(cubics[0, 0, 0]), float(cubics[0, 0, 1])), True)]
