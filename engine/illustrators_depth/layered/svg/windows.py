"""Where on its page a drawing paints anything, found by a quick look at it with thick pens.

Drawn small as it is, hair lines and dots would vanish; with every shape filled and outlined by
some pixels, none does.
"""

from __future__ import annotations

import copy
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from ..xml_names import local_name
from .curves.lengths import length_px
from .page import view_box
from .syntax import numbers_in, style_of

__all__ = ["painted_windows"]

Window = tuple[int, int, int, int]  # top, left, bottom, right

# Longest side of the quick look; a pixel of it is a cell of the page.
_COARSE_PX = 128
# Shapes are outlined by so many cells there, so that none is lost between them.
_PEN_CELLS = 2.0
# Windows of more than this share of the page save nothing.
_MAX_WINDOW_SHARE = 0.8
_SHAPES = frozenset({"path", "rect", "circle", "ellipse", "line", "polyline", "polygon"})
_PLAIN_ELEMENTS = frozenset(
    {"svg", "g", "defs", "linearGradient", "radialGradient", "stop", "clipPath"}
)
_HIDING_ATTRIBUTES = (
    "opacity",
    "fill-opacity",
    "stroke-opacity",
    "clip-path",
    "mask",
    "stroke-dasharray",
)
_TRANSFORM = re.compile(r"(\w+)\s*\(([^)]*)\)")


def painted_windows(
    root: ElementTree.Element,
    frame: tuple[int, int],
    draw: Callable[[ElementTree.Element, tuple[int, int]], NDArray[np.uint8]],
) -> list[Window] | None:
    """Windows of the page that hold all that a drawing paints, none of which cuts a shape.

    Args:
        root: the drawing, with a viewBox. frame: (H, W) of the page in pixels.
        draw: draws a drawing at a size, uint8 (H, W, 4).

    Returns:
        The windows, disjoint; None where the whole page is drawn as quickly, or where the drawing
        holds what a window of it would change (filters, patterns, text, shares of the page).
    """
    if not all(_is_plain(element) for element in root.iter()):
        return None
    cell = math.ceil(max(frame) / _COARSE_PX)
    size = max(1, math.ceil(frame[0] / cell)), max(1, math.ceil(frame[1] / cell))
    thick = copy.deepcopy(root)
    # The small page reaches as far as whole cells do, so that a cell is `cell` pixels on either.
    left, top, across, down = view_box(root)
    scale = min(frame[1] / across, frame[0] / down)
    shift_x, shift_y = (frame[1] - across * scale) / 2, (frame[0] - down * scale) / 2
    box = left - shift_x / scale, top - shift_y / scale
    reach = size[1] * cell / scale, size[0] * cell / scale
    thick.set("viewBox", f"{box[0]:.9g} {box[1]:.9g} {reach[0]:.9g} {reach[1]:.9g}")
    _thicken(thick, _PEN_CELLS * cell / scale)
    painted = (draw(thick, size)[..., 3] > 0).astype(np.uint8)
    count, _, boxes, _ = cv2.connectedComponentsWithStats(painted, connectivity=8)
    windows = [_window_of(boxes[i], cell, frame) for i in range(1, count)]
    windows = _disjoint(windows)
    area = sum((b - t) * (r - left_) for t, left_, b, r in windows)
    return windows if area < _MAX_WINDOW_SHARE * frame[0] * frame[1] else None


def _is_plain(element: ElementTree.Element) -> bool:
    local = local_name(element)
    if local not in _SHAPES and local not in _PLAIN_ELEMENTS:
        return False
    names = (element.get("style", ""), *(k for k in element.attrib))
    if any("filter" in name or "marker" in name or "font" in name for name in names):
        return False
    if "preserveAspectRatio" in element.attrib and local == "svg":
        return False
    in_gradient = local in ("linearGradient", "radialGradient", "stop")
    if in_gradient and element.get("gradientUnits") != "userSpaceOnUse":
        return True
    return not any("%" in value for value in element.attrib.values())


def _thicken(element: ElementTree.Element, pen: float) -> None:
    """Fill and outline every shape with a pen of at least so many user units, in place."""
    local = local_name(element)
    if local in ("defs", "clipPath"):
        return
    pen /= max(_least_scale(element.get("transform", "")), 1e-6)
    style = style_of(element)
    width = style.get("stroke-width") or element.get("stroke-width")
    for name in _HIDING_ATTRIBUTES:
        style.pop(name, None)
        element.attrib.pop(name, None)
    if local in _SHAPES:
        # A pen of its own may be the wider one, and may reach on at corners.
        own = length_px(width, 1.0)
        thicker = pen + (4.0 * abs(own) if math.isfinite(own) else 4.0)
        style |= {"fill": "#000", "stroke": "#000", "stroke-width": f"{thicker:.6g}"}
    if style:
        element.set("style", ";".join(f"{name}:{value}" for name, value in style.items()))
    for child in element:
        _thicken(child, pen)


def _least_scale(transform: str) -> float:
    """How much a transform scales lengths at least, along the direction in which that is least."""
    matrix = np.eye(2)
    for name, text in _TRANSFORM.findall(transform):
        values = numbers_in(text)
        if name == "matrix" and len(values) == 6:
            matrix = matrix @ np.array([[values[0], values[2]], [values[1], values[3]]])
        elif name == "scale" and values:
            matrix = matrix @ np.diag([values[0], values[-1]])
        elif name in ("skewX", "skewY") and values:
            lean = math.tan(math.radians(values[0]))
            leaning = [[1, lean], [0, 1]] if name == "skewX" else [[1, 0], [lean, 1]]
            matrix = matrix @ np.array(leaning)
    if not np.isfinite(matrix).all():
        return 1.0
    return float(np.linalg.svd(matrix, compute_uv=False)[1])


def _window_of(box: NDArray[np.int32], cell: int, frame: tuple[int, int]) -> Window:
    left, top, width, height = (int(value) for value in box[:4])
    return (
        top * cell,
        left * cell,
        min(frame[0], (top + height) * cell),
        min(frame[1], (left + width) * cell),
    )


def _disjoint(windows: list[Window]) -> list[Window]:
    """Windows that overlap become one, until none do."""
    result: list[Window] = []
    for window in windows:
        while True:
            neighbor = next((w for w in result if _overlap(w, window)), None)
            if neighbor is None:
                break
            result.remove(neighbor)
            window = (
                min(neighbor[0], window[0]),
                min(neighbor[1], window[1]),
                max(neighbor[2], window[2]),
                max(neighbor[3], window[3]),
            )
        result.append(window)
    return result


def _overlap(one: Window, other: Window) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
