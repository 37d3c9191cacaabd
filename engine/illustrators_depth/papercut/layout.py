"""Where sheets lie when several share one drawing, and their curves as straight pieces."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from .sheets import Curves, Sheet

__all__ = ["flat_lines", "place_sheets"]

GAP_MM = 10.0


def place_sheets(
    sheets: Sequence[Sheet],
) -> tuple[list[tuple[float, float]], tuple[float, float]]:
    """Shift of each sheet in a common drawing, rows of about as many as there are rows; its size.

    Shifts are (x, y) in mm, y down; the drawing starts at 0.
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
    """Closed polylines (n, 2), not repeated at the end, within a tolerance of the cubics, mm.

    A cubic strays from n chords of equal parameter by at most 3/4 of its largest second difference
    over n squared (Wang, "On computing the intersection of Bezier curves", 1984).
    """
    lines = []
    for curves in outlines:
        points = []
        for cubic in curves:
            bend = np.abs(cubic[:-2] - 2.0 * cubic[1:-1] + cubic[2:])
            reach = float(np.linalg.norm(bend.max(axis=0)))
            count = max(1, math.ceil(math.sqrt(0.75 * reach / tolerance_mm)))
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
