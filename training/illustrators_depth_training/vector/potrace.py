"""The paper's raster-order baseline: VTracer's colour clusters, area order, Potrace's outlines.

VTracer finds the colours, the largest is laid lowest, neighbours in that order of one colour merge,
what lies under others is filled from the nearest pixel, and Potrace (Selinger 2003, in its Python
port) follows each layer. Only the order differs from the paper's own drawings.
"""

from __future__ import annotations

import time
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import UnavailableError
from illustrators_depth.raster.nearest import spread_known
from illustrators_depth.raster.window import mask_window
from illustrators_depth.types import Image

from ..evaluation.baselines import vtracer_areas

__all__ = ["potrace_svg", "potrace_trouble"]

# The paper's: layers that follow each other in the order and whose colours lie nearer than this
# (sRGB 0..1, L2) become one.
_MERGE_COLOR_DISTANCE = 0.05
# Specks that Potrace leaves out, in pixels; and outlines longer than this are smoothed first, since
# the port takes minutes for noise.
_SPECKLE_PX, _MAX_OUTLINE_PX = 8, 30_000
# Processor seconds for a picture; one that takes longer counts as not drawn.
_MAX_CPU_SECONDS = 60.0


def potrace_trouble() -> str | None:
    """Why the row cannot be made here, or None."""
    try:
        _library()
    except UnavailableError as error:
        return str(error)
    return None


def _library() -> Any:
    """The module of Potrace's Python port; UnavailableError when it is not installed."""
    try:
        import potrace
    except ImportError as error:
        raise UnavailableError("needs the potracer package") from error
    return potrace


def potrace_svg(image: Image) -> bytes | None:
    """Draw a picture as an SVG of its size: a group with one path per layer, lowest first.

    None when that takes more than `_MAX_CPU_SECONDS` of processor time.

    Raises UnavailableError when vtracer or potracer is not installed.
    """
    library = _library()
    began = time.process_time()
    labels, colors = _layers(*vtracer_areas(image, "none"))
    paths = []
    for number, color in enumerate(colors):
        if time.process_time() - began > _MAX_CPU_SECONDS:
            return None
        mask = _filled(labels, number)
        box = mask_window(mask, margin=2)
        data = _outlines(library, mask[box], box[0].start, box[1].start)
        if data:
            fill = "#" + "".join(f"{v:02x}" for v in color)
            paths.append(f'<g><path fill="{fill}" fill-rule="evenodd" d="{data}"/></g>')
    size = f'width="{image.width}" height="{image.height}"'
    view = f'viewBox="0 0 {image.width} {image.height}"'
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" {size} {view}>{"".join(paths)}</svg>'
    return svg.encode()


def _layers(
    areas: NDArray[np.int32], colors: NDArray[np.uint8]
) -> tuple[NDArray[np.int32], list[tuple[int, int, int]]]:
    """Colours as layers, that of the largest area lowest; alike ones that follow are merged.

    Args:
        areas: int32 (H, W), row of `colors`. colors: uint8 (n, 3), from `vtracer_areas`.

    Returns:
        The layer of each pixel, int32 (H, W), and the layers' colours, from the bottom up.
    """
    distinct, number = np.unique(colors, axis=0, return_inverse=True)
    cluster = number.ravel()[areas].astype(np.int32)
    sizes = np.bincount(cluster.ravel(), minlength=len(distinct))
    order = [int(i) for i in np.argsort(-sizes, kind="stable") if sizes[i]]
    layer_of_color = np.zeros(len(distinct), np.int32)
    layer_colors: list[tuple[int, int, int]] = []
    for i in order:
        red, green, blue = (int(v) for v in distinct[i])
        if (
            not layer_colors
            or np.linalg.norm(np.subtract((red, green, blue), layer_colors[-1]))
            >= 255 * _MERGE_COLOR_DISTANCE
        ):
            layer_colors.append((red, green, blue))
        layer_of_color[i] = len(layer_colors) - 1
    return layer_of_color[cluster], layer_colors


def _filled(labels: NDArray[np.int32], number: int) -> NDArray[np.bool_]:
    """A layer with what it is taken to have below higher ones, bool (H, W).

    A pixel under a higher layer is taken to be of whatever lies nearest that is no higher layer.
    """
    visible, hidden = labels == number, labels > number
    if not hidden.any() or not visible.any():
        return visible
    return np.asarray(visible | (hidden & spread_known(visible, ~hidden)), bool)


def _outlines(library: Any, mask: NDArray[np.bool_], top: int, left: int) -> str:
    """Path data of a mask whose corner is at (left, top) of the picture, in its pixels."""
    edges = np.count_nonzero(mask[1:] != mask[:-1]) + np.count_nonzero(mask[:, 1:] != mask[:, :-1])
    if edges > _MAX_OUTLINE_PX:
        mask = cv2.medianBlur(mask.astype(np.uint8), 5) > 0
    parts = []
    # The port follows what is False.
    for curve in library.Bitmap(~mask).trace(turdsize=_SPECKLE_PX):
        parts.append(f"M{_point(curve.start_point, top, left)}")
        for segment in curve.segments:
            if segment.is_corner:
                corner, end = (_point(p, top, left) for p in (segment.c, segment.end_point))
                parts.append(f"L{corner}L{end}")
            else:
                points = (segment.c1, segment.c2, segment.end_point)
                parts.append("C" + " ".join(_point(p, top, left) for p in points))
        parts.append("Z")
    return "".join(parts)


def _point(point: Any, top: int, left: int) -> str:
    return f"{point.x + left:.2f},{point.y + top:.2f}"
