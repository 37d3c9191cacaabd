"""Where sheets lie when several share one drawing, and their curves as straight pieces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .sheets import Curves, Sheet

__all__ = ["flat_lines", "place_sheets"]

GAP_MM = 10.0
"""Between neighbouring sheets."""


def place_sheets(
    sheets: Sequence[Sheet],
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Lay sheets out in a common drawing: a grid of about as many rows as columns.

    Returns each sheet's shift (x, y), and the drawing's (width, height), all mm, y down. The
    drawing starts at 0, 0.
    """
    columns = math.ceil(math.sqrt(len(sheets)))
    width = max(sheet.page[2] for sheet in sheets) + GAP_MM
    height = max(sheet.page[3] for sheet in sheets) + GAP_MM
    places = []
    for number, sheet in enumerate(sheets):
        row, column = divmod(number, columns)
        places.append((column * width - sheet.page[0], row * height - sheet.page[1]))
    rows = math.ceil(len(sheets) / columns)
    return places, (min(columns, len(sheets)) * width - GAP_MM, rows * height - GAP_MM)


def flat_lines(outlines: Iterable[Curves], tolerance_mm: float) -> list[NDArray[np.float64]]:
    """Closed polylines within a tolerance of cubics, mm.

    Each is float64 (n, 2), and its first point is not repeated at the end.

    A cubic strays from n chords of equal parameter by at most 3/4 of its largest second difference
    over n squared (Wang, "On computing the intersection of Bezier curves", 1984).
    """
    lines = []
    for curves in outlines:
        points = []
        for cubic in curves:
            second_differences = np.abs(cubic[:-2] - 2.0 * cubic[1:-1] + cubic[2:])
            largest_difference = float(np.linalg.norm(second_differences.max(axis=0)))
            count = max(1, math.ceil(math.sqrt(0.75 * largest_difference / tolerance_mm)))
            t = np.arange(count)[:, None] / count
            points.append(
                (1 - t) ** 3 * cubic[0]
                + 3 * (1 - t) ** 2 * t * cubic[1]
                + 3 * (1 - t) * t**2 * cubic[2]
                + t**3 * cubic[3]
            )
        if points:
            lines.append(np.concatenate(points))
    return lines
