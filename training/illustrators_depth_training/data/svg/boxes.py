"""Where an operation can paint at most: a box in pixels from its outline's points."""

from __future__ import annotations

import math
import re

from .operations import Operation, Window, path_matrix

__all__ = ["PixelBox", "operation_box"]

PixelBox = tuple[int, int, int, int]  # left, top, right, bottom; right and bottom excluded
_NUMBER = re.compile(r"[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?")
# usvg writes absolute outlines of these commands alone, so that all numbers are points.
_OTHER_COMMAND = re.compile(r"[^MLCQZ0-9eE.,+\-\s]")
_MARGIN_PX = 2


def operation_box(operation: Operation, window: Window, width: int, height: int) -> PixelBox:
    """Return the pixels outside of which an operation paints nothing, clipped to the picture.

    width, height: pixels into which `window` is fitted and centred. A stroke reaches half its
    width beyond its points, and at a sharp corner as far as its miter limit lets it.
    """
    whole = (0, 0, width, height)
    outline = operation.element.get("d", "")
    if _OTHER_COMMAND.search(outline):
        return whole
    numbers = [float(n) for n in _NUMBER.findall(outline)]
    if len(numbers) < 2 or len(numbers) % 2:
        return whole
    a, b, c, d, e, f = path_matrix(operation)
    xs = [a * x + c * y + e for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    ys = [b * x + d * y + f for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
    scale = window.scale(width, height)
    left_px = (width - window.width * scale) / 2 - window.x * scale
    top_px = (height - window.height * scale) / 2 - window.y * scale
    reach_px = _MARGIN_PX + _stroke_reach(operation, (a, b, c, d)) * scale
    edges = (
        min(xs) * scale + left_px - reach_px,
        min(ys) * scale + top_px - reach_px,
        max(xs) * scale + left_px + reach_px,
        max(ys) * scale + top_px + reach_px,
    )
    if not all(math.isfinite(edge) for edge in edges):
        return whole
    left, top = max(math.floor(edges[0]), 0), max(math.floor(edges[1]), 0)
    right, bottom = min(math.ceil(edges[2]), width), min(math.ceil(edges[3]), height)
    return left, top, max(right, left), max(bottom, top)


def _stroke_reach(operation: Operation, linear: tuple[float, float, float, float]) -> float:
    """Return how far a stroke lies beyond its points at most, in user units of the window."""
    if operation.part != "stroke":
        return 0.0
    element = operation.element
    stretch = max(math.hypot(linear[0], linear[1]), math.hypot(linear[2], linear[3])) * math.sqrt(2)
    half = float(element.get("stroke-width", "1")) / 2 * stretch
    joined = element.get("stroke-linejoin", "miter")
    limit = float(element.get("stroke-miterlimit", "4")) if joined.startswith("miter") else 1.0
    return half * max(limit, math.sqrt(2))
