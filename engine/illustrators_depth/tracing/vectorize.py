"""The verb stack -> layered SVG."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..nouns import LayerStack
from ..outlines import contour_polygons
from ..predictors.base import Progress, no_progress
from ..product_settings import VectorizeSettings
from .areas import Area, layer_areas
from .curves import follow_rings, path_data
from .document import SvgDocument, SvgGroup, SvgPath

__all__ = ["trace_stack", "vectorize"]


def vectorize(
    stack: LayerStack,
    settings: VectorizeSettings | None = None,
    progress: Progress | None = None,
) -> str:
    """Turn a stack into the text of a layered SVG.

    One named group per shown layer, bottom to top; inside it smooth paths of the layer's completed
    mask, one per colour or gradient. Layers reach under one another, so that no seam shows.

    Args:
        stack: the layers.
        settings: tracer, tolerances, gradients.
        progress: called with ("vectorize", fraction); may raise Cancelled.

    Returns:
        SVG 1.1; width, height and viewBox are the picture's size in pixels.

    Raises:
        InputError: no layer is shown.
    """
    return trace_stack(stack, settings, progress).to_svg()


def trace_stack(
    stack: LayerStack,
    settings: VectorizeSettings | None = None,
    progress: Progress | None = None,
) -> SvgDocument:
    """As `vectorize`, but return groups and paths to count, change or lay out otherwise."""
    settings = settings or VectorizeSettings()
    settings.check()
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise InputError(f"All layers of {stack.name!r} are hidden; show at least one to trace it.")
    labels = _shown_labels(stack)
    areas: list[tuple[int, Area]] = []
    for number, (index, _) in enumerate(shown):
        report("vectorize", 0.7 * number / len(shown))
        areas += [(index, area) for area in layer_areas(stack, labels, index, settings)]
    data = _outlines([area for _, area in areas], settings)
    report("vectorize", 0.95)
    paths: dict[int, list[SvgPath]] = {index: [] for index, _ in shown}
    for (index, area), text in zip(areas, data, strict=True):
        if text:
            paths[index].append(SvgPath(text, area.paint, area.opacity))
    groups = [SvgGroup(layer.name, index, tuple(paths[index])) for index, layer in shown]
    report("vectorize", 1.0)
    return SvgDocument(stack.width, stack.height, tuple(groups), stack.name)


def _shown_labels(stack: LayerStack) -> NDArray[np.int32]:
    """Index of the top shown layer at every pixel: hidden layers reveal what is below them."""
    if not any(layer.hidden for layer in stack):
        return stack.labels
    labels = np.full(stack.labels.shape, -1, np.int32)
    for index, layer in stack.shown():
        labels[layer.box][layer.mask_crop] = index
    return labels


def _outlines(areas: list[Area], settings: VectorizeSettings) -> list[str]:
    """Path data of each area; the rings of all areas are followed in one go."""
    rings: list[NDArray[np.float64]] = []
    counts = []
    for area in areas:
        own = _rings(area, settings.despeckle)
        rings += own
        counts.append(len(own))
    curves = follow_rings(rings, settings.tolerance, settings.corner_angle)
    data, at = [], 0
    for count in counts:
        data.append(path_data(curves[at : at + count], settings.decimals, settings.tolerance))
        at += count
    return data


def _rings(area: Area, despeckle: float) -> list[NDArray[np.float64]]:
    """Outlines of an area in the picture's pixels, y down, without specks."""
    height = area.field.shape[0]
    rings = []
    for polygon in contour_polygons(area.field, simplify=0.0):
        for ring in polygon.rings:
            x, y = ring[:, 0], ring[:, 1]
            if abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2.0 >= despeckle:
                rings.append(np.stack([x + area.left, area.top + height - y], axis=1))
            elif ring is polygon.outer:
                break  # a speck's holes go with it
    return rings
