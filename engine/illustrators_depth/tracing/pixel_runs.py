"""Pixels as rectangles: the outline of what no curve can follow."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["pixel_runs"]


def pixel_runs(mask: NDArray[np.bool_], top: int = 0, left: int = 0) -> str:
    """The `d` attribute of a path along the sides of pixels; time and text linear in runs.

    Runs of each row are rectangles; those that repeat in the next rows are one.

    Args:
        mask: bool (h, w), the pixels.
        top, left: where the mask lies in the picture.
    """
    edges = np.diff(mask.view(np.int8), axis=1, prepend=np.int8(0), append=np.int8(0))
    rows, begins = np.nonzero(edges == 1)
    ends = np.nonzero(edges == -1)[1]
    if len(rows) == 0:
        return ""
    # Runs of the same columns follow one another: where the row goes on by one, so does the run.
    order = np.lexsort((rows, ends, begins))
    rows, begins, ends = rows[order], begins[order], ends[order]
    same = (np.diff(begins) == 0) & (np.diff(ends) == 0) & (np.diff(rows) == 1)
    first = np.flatnonzero(np.append(True, ~same))
    heights = np.diff(np.append(first, len(rows)))
    rows, begins, widths = rows[first], begins[first], (ends - begins)[first]
    order = np.lexsort((begins, rows))
    corners = zip(
        (begins[order] + left).tolist(), (rows[order] + top).tolist(),
        widths[order].tolist(), heights[order].tolist(), strict=True,
    )  # fmt: skip
    return "".join(f"M{x} {y}h{w}v{h}h-{w}z" for x, y, w, h in corners)
