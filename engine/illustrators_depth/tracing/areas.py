"""The areas of a layer: where each of its paints shows, and its outline to a fraction of a pixel."""

from __future__ import annotations

from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from ..layering.coverage import seen_alpha, seen_rim
from ..nouns import Layer, LayerStack
from ..outlines import mask_window, smooth_field
from ..product_settings import VectorizeSettings
from ..regions import flat_regions
from .paint import Flat, Gradient, Paint, fit_paint

__all__ = ["Area", "layer_areas"]

# One paint is enough for a layer when it leaves no more than this unexplained (sRGB, RMS).
_ENOUGH = 0.02
# Areas of flat colours nearer than this (sRGB, L2) share a path.
_SAME = 0.03
# Smallest area of its own inside a layer, in pixels of a 1024x1024 picture.
_MIN_AREA = 24.0
_MARGIN = 4
# Hidden outlines are invented: a few sweeps of smoothing are enough for them.
_SMOOTHING = 0.5
_SOLID = 0.98
_SQUARE = np.ones((3, 3), np.uint8)


@dataclass(frozen=True)
class Area:
    """A part of a layer with one paint.

    Attributes:
        field: float32 (h, w), above 0.5 inside; its 0.5 level is the outline.
        mask: bool (h, w), field > 0.5.
        top, left: where the window lies in the picture.
        paint: in picture coordinates.
        opacity: 0..1.
    """

    field: NDArray[np.float32]
    mask: NDArray[np.bool_]
    top: int
    left: int
    paint: Paint
    opacity: float


def layer_areas(
    stack: LayerStack, labels: NDArray[np.int32], index: int, settings: VectorizeSettings
) -> list[Area]:
    """Areas of one layer, bottom to top; together they cover its completed mask.

    Args:
        stack: the layers.
        labels: int32 (H, W), index of the layer shown at each pixel, -1 where none is.
        index: the layer's.
    """
    layer = stack.layers[index]
    if not layer.mask_crop.any():
        return []
    window = _Window(layer, labels, index, settings.overlap)
    paints, parts = _split(window, stack, settings)
    outline = window.field()
    if len(paints) == 1:
        areas = [Area(outline, window.mask, window.top, window.left, paints[0], 1.0)]
    else:
        painted = np.zeros((*window.mask.shape, 3), np.float32)
        areas = [
            _inner_area(window, outline, painted, parts, number, paint)
            for number, paint in enumerate(paints)
        ]
    opacity = window.opacity()
    return [replace(area, opacity=opacity) for area in areas]


class _Window:
    """A layer's pixels with a margin around them, as far as the frame allows."""

    def __init__(
        self, layer: Layer, labels: NDArray[np.int32], index: int, overlap: int
    ) -> None:
        top, left, bottom, right = layer.window
        height, width = layer.frame
        margin = _MARGIN + overlap
        self.top, self.left = max(0, top - margin), max(0, left - margin)
        bottom, right = min(height, bottom + margin), min(width, right + margin)
        pad = (
            (top - self.top, bottom - layer.window[2]),
            (left - self.left, right - layer.window[3]),
        )
        self.labels = labels[self.top : bottom, self.left : right]
        self.visible = self.labels == index
        self.lower = self.labels < index
        self.rgba = np.pad(layer.rgba_crop, (*pad, (0, 0)))
        mask = np.pad(layer.mask_crop, pad)
        if overlap:
            grown = cv2.dilate(mask.astype(np.uint8), _SQUARE, iterations=overlap) > 0
            mask = mask | (grown & (self.labels > index))
        self.mask = mask
        self.rim = seen_rim(self.visible, self.lower)
        self.y, self.x = np.mgrid[self.top : bottom, self.left : right].astype(np.float32) + 0.5

    def known(self) -> NDArray[np.bool_]:
        """Pixels whose colour is the layer's own: seen ones, away from the rim where possible."""
        inner = cv2.erode(self.visible.astype(np.uint8), _SQUARE, borderValue=1) > 0
        for choice in (inner, self.visible):
            if choice.any():
                return choice
        return self.mask & (self.rgba[..., 3] > 0.0)

    def opacity(self) -> float:
        known = self.known()
        mean = float(self.rgba[..., 3][known].mean()) if known.any() else 1.0
        return 1.0 if mean >= _SOLID else mean

    def field(self) -> NDArray[np.float32]:
        """Anti-aliased coverage where the outline is seen, a smooth outline where it is hidden."""
        field = smooth_field(self.mask, _SMOOTHING)
        field[self.rim] = _on_its_side(self.rgba[..., 3][self.rim], self.mask[self.rim])
        return field


def _split(
    window: _Window, stack: LayerStack, settings: VectorizeSettings
) -> tuple[list[Paint], NDArray[np.int32]]:
    """Paints of a layer, bottom first, and which of them each pixel of its mask shows."""
    known = window.known()
    rgb = window.rgba[..., :3]
    paint, rest = fit_paint(window.x[known], window.y[known], rgb[known], settings.gradients)
    parts = np.where(window.mask, 0, -1).astype(np.int32)
    if rest <= _ENOUGH or settings.max_colors == 1 or not known.any():
        return [paint], parts
    least = _MIN_AREA * stack.width * stack.height / window.mask.size
    inside = window.mask & (window.rgba[..., 3] > 0.0)
    regions = flat_regions(
        np.dstack([rgb, inside.astype(np.float32)]).astype(np.float32), least
    )
    if regions.count <= 1:
        return [paint], parts
    return _share_paints(window, regions.labels, regions.areas, settings)


def _share_paints(
    window: _Window,
    labels: NDArray[np.int32],
    sizes: NDArray[np.int64],
    settings: VectorizeSettings,
) -> tuple[list[Paint], NDArray[np.int32]]:
    """Give every region a paint, regions of one flat colour the same one; largest region first."""
    paints: list[Paint] = []
    table = np.full(len(sizes) + 1, -1, np.int32)
    order = np.argsort(-sizes, kind="stable")
    flat = labels.ravel()
    by_region = np.argsort(flat, kind="stable")
    begin = np.searchsorted(flat[by_region], np.arange(len(sizes) + 1))
    x, y, rgb = window.x.ravel(), window.y.ravel(), window.rgba[..., :3].reshape(-1, 3)
    core = _core(labels).ravel()
    for region in order:
        pixels = by_region[begin[region] : begin[region + 1]]
        inner = pixels[core[pixels]]
        pixels = inner if len(inner) else pixels
        paint, _ = fit_paint(x[pixels], y[pixels], rgb[pixels], settings.gradients)
        table[region] = _match(paint, paints, settings.max_colors)
        if table[region] == len(paints):
            paints.append(paint)
    return paints, table[labels]


def _core(labels: NDArray[np.int32]) -> NDArray[np.bool_]:
    """Pixels all of whose neighbours are of the same region."""
    values = labels.astype(np.float32)
    return (cv2.dilate(values, _SQUARE) == values) & (cv2.erode(values, _SQUARE) == values)


def _match(paint: Paint, paints: list[Paint], most: int) -> int:
    """Index of the paint to use: an equal one, a new one, or, when there are too many, the nearest."""
    flats = [(i, p.color) for i, p in enumerate(paints) if isinstance(p, Flat)]
    full = len(paints) >= most
    if isinstance(paint, Gradient) or not flats:
        if not full:
            return len(paints)
        if not flats:
            return 0
    color = paint.color if isinstance(paint, Flat) else paint.stops[len(paint.stops) // 2][1]
    distances = [float(np.linalg.norm(np.subtract(color, other))) for _, other in flats]
    nearest = int(np.argmin(distances))
    if full or distances[nearest] < _SAME:
        return flats[nearest][0]
    return len(paints)


def _inner_area(
    window: _Window,
    outline: NDArray[np.float32],
    painted: NDArray[np.float32],
    parts: NDArray[np.int32],
    number: int,
    paint: Paint,
) -> Area:
    """The area of one paint inside a layer; lays it over `painted`, the layer so far, in place."""
    box = mask_window(parts == number, margin=_MARGIN)
    part = parts[box]
    own = part == number
    # Under the areas above: a hair everywhere, all the way where they are islands in this one.
    reach = cv2.dilate(own.astype(np.uint8), _SQUARE, iterations=2)
    contours, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(reach, contours, -1, 1, cv2.FILLED)
    mask = own | ((reach > 0) & (part > number))
    field = smooth_field(mask, _SMOOTHING)
    edge = window.rim[box]
    field[edge] = _on_its_side(outline[box][edge], mask[edge])
    inner = np.nonzero(seen_rim(own, (part < number) & (part >= 0)) & ~edge)
    x, y = window.x[box], window.y[box]
    opaque = np.ones((len(inner[0]), 1), np.float32)
    seen = np.concatenate([window.rgba[box][inner][:, :3], opaque], axis=1)
    under = np.concatenate([painted[box][inner], opaque], axis=1)
    color = paint.at(x[inner], y[inner])
    field[inner] = seen_alpha(seen, under, color, mask[inner], field[inner])
    target = painted[box]
    share = field[inner][:, None]
    blended = color * share + target[inner] * (1.0 - share)
    target[mask] = paint.at(x[mask], y[mask])
    target[inner] = blended
    return Area(field, mask, window.top + box[0].start, window.left + box[1].start, paint, 1.0)


def _on_its_side(
    alpha: NDArray[np.float32], inside: NDArray[np.bool_]
) -> NDArray[np.float32]:
    """Coverage kept above 0.5 inside a mask and below it outside."""
    return np.where(inside, np.maximum(alpha, 0.501), np.minimum(alpha, 0.499))
