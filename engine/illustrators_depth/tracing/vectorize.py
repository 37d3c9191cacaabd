"""The verb stack -> layered SVG."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError, check_kind
from ..outlines import contour_rings, ring_areas
from ..product_settings import VectorizeSettings
from ..progress import Progress, no_progress
from ..types import LayerStack
from .areas import Area, Areas
from .curves import follow_rings, path_data
from .document import SvgDocument, SvgGroup, SvgPath
from .edge_field import edge_field
from .vtracer_outline import vtracer_outlines

__all__ = ["trace_stack", "vectorize"]

# Points of outline per pixel of an area, and in all, above which it counts as noise.
_CROWDED, _FEW = 0.15, 20_000
_BLUREST = 8.0
# Blurring that leaves less than this share of an area takes away strokes rather than noise.
_KEPT = 0.5


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
    check_kind(stack, LayerStack, "stack", "call decompose first")
    settings = VectorizeSettings.given(settings)
    report = progress or no_progress
    shown = stack.shown()
    if not shown:
        raise InputError(f"All layers of {stack.name!r} are hidden; show at least one to trace it.")
    labels = _shown_labels(stack)
    cut = Areas(stack, labels, settings)
    areas: list[tuple[int, Area]] = []
    for number, (index, _) in enumerate(shown):
        report("vectorize", 0.7 * number / len(shown))
        areas += [(index, area) for area in cut.of(index)]
    data = _outlines([area for _, area in areas], settings, labels.size)
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


def _outlines(areas: list[Area], settings: VectorizeSettings, frame_area: int) -> list[str]:
    """Path data of each area, in a picture of so many pixels."""
    if settings.tracer == "vtracer":
        traced = [vtracer_outlines(a.mask, a.top, a.left, settings) for a in areas]
    else:
        # The rings of all areas are followed in one go.
        # A picture of a pixel or two is no speck.
        least = min(settings.despeckle, 0.5 * frame_area)
        rings = [_rings(area, least) for area in areas]
        every = [ring for own in rings for ring in own]
        hidden = [_hidden(a, r) for a, own in zip(areas, rings, strict=True) for r in own]
        curves = iter(follow_rings(every, settings.tolerance, settings.corner_angle, hidden))
        traced = [[next(curves) for _ in own] for own in rings]
    return [path_data(own, settings.decimals, settings.tolerance) for own in traced]


def _hidden(area: Area, ring: NDArray[np.float64]) -> NDArray[np.bool_]:
    """Which points of an area's outline other layers cover, bool (n,)."""
    if area.seen is None:
        return np.zeros(len(ring), np.bool_)
    rows, cols = area.seen.shape
    x, y = ring[:, 0] - area.left, ring[:, 1] - area.top
    inside = np.clip(y.astype(np.intp), 0, rows - 1), np.clip(x.astype(np.intp), 0, cols - 1)
    # Along the border of the picture the outline is exact.
    return ~area.seen[inside] & (x > 0.0) & (y > 0.0) & (x < cols) & (y < rows)


def _rings(area: Area, despeckle: float) -> list[NDArray[np.float64]]:
    """Outlines of an area in the picture's pixels, y down, without specks."""
    rings = contour_rings(edge_field(area.field))
    # Noise has an outline through every other pixel: it is smoothed until following it makes sense,
    # which also bounds the time.
    # Strokes have as much outline and would be gone.
    sigma, least = 1.0, _KEPT * np.count_nonzero(area.field > 0.5)
    while (
        not area.drawn
        and sum(map(len, rings)) > max(_CROWDED * area.field.size, _FEW)
        and sigma <= _BLUREST
    ):
        blurred = cv2.GaussianBlur(area.field, (0, 0), sigma)
        if np.count_nonzero(blurred > 0.5) < least:
            break
        rings = contour_rings(blurred)
        sigma *= 2.0
    offset = np.array([area.left, area.top], np.float64)
    large = ring_areas(rings) >= despeckle
    return [ring + offset for ring, keep in zip(rings, large, strict=True) if keep]
