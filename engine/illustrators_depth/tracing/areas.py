"""The areas of a layer: where each of its paints lies, with an outline finer than the pixels."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ..layering.composite import lay_over
from ..layering.coverage import estimate_alpha, seen_rim
from ..layering.strokes import is_net, is_stroke
from ..outlines import mask_window, smooth_field
from ..product_settings import VectorizeSettings
from ..regions import flat_regions
from ..tiling import nonzero_places
from ..types import LayerStack
from .assign_paints import WORTH, nearest_region, share_paints
from .layer_window import MARGIN, SMOOTHING, SOLID, Window, on_its_side
from .paint import Flat, Paint, fit_paint
from .palette import flat_parts
from .posterize import split_tones
from .strokes import stroke_paint

__all__ = ["Area", "Areas"]

# One paint is enough for a layer when it leaves no more than this unexplained (sRGB, RMS).
_ENOUGH = 0.012
# Smallest area of its own inside a layer, in pixels of a 1024x1024 picture.
_MIN_AREA = 24.0
# The same for specks of a colour of their own (stars in a sky), in pixels of any picture.
_MIN_SPECK = 12.0
# A layer whose window is this many times smaller than the picture is segmented by itself.
_SMALL_WINDOW = 6
_SAMPLES = 16384
# A translucent layer whose alpha varies by more than this is drawn in steps of it, to the most.
_VEIL, _MOST_VEILS = 0.08, 6
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
        drawn: strokes, which have as much outline as noise has.
        seen: bool (h, w), where the outline is one that the picture shows; None for everywhere.
    """

    field: NDArray[np.float32]
    mask: NDArray[np.bool_]
    top: int
    left: int
    paint: Paint
    opacity: float
    drawn: bool = False
    seen: NDArray[np.bool_] | None = None


class Areas:
    """Cuts the layers of one stack into areas; what layers share is worked out once.

    Args:
        stack: the layers.
        labels: int32 (H, W), index of the layer shown at each pixel, -1 where none is.
        settings: overlap, gradients, number of colours.
    """

    def __init__(
        self, stack: LayerStack, labels: NDArray[np.int32], settings: VectorizeSettings
    ) -> None:
        self._stack = stack
        self._labels = labels
        self._settings = settings
        self._regions: NDArray[np.int32] | None = None

    def of(self, index: int) -> list[Area]:
        """Areas of layer `index`, bottom to top; together they cover its completed mask."""
        layer = self._stack.layers[index]
        if not layer.mask_crop.any():
            return []
        window = Window(layer, self._labels, index, self._settings.overlap, self._glass)
        paints, parts = self._paints(window)
        outline = window.field()
        if parts is None:
            whole = Area(
                outline, outline > 0.5, window.top, window.left, paints[0], window.opacity,
                drawn=window.stroke is not None, seen=_beside(window.rim),
            )  # fmt: skip
            return _veils(whole, window)
        painted = np.zeros((*window.mask.shape, 3), np.float32)
        # What an area is seen against matters along the borders of areas only.
        numbers = parts.astype(np.float32)
        border = cv2.morphologyEx(numbers, cv2.MORPH_GRADIENT, _SQUARE) > 0
        areas = [
            _inner_area(window, outline, painted, border, parts, number, paint)
            for number, paint in enumerate(paints)
        ]
        return [replace(area, opacity=window.opacity) for area in areas]

    def _paints(self, window: Window) -> tuple[list[Paint], NDArray[np.int32] | None]:
        """Paints of a layer, and which of them each pixel of its mask has; None for all the one."""
        pixels = np.flatnonzero(window.known)
        sample = pixels[:: max(1, len(pixels) // _SAMPLES)]
        gradients = self._settings.gradients and not window.thin
        paint, rest = fit_paint(*window.at(sample), gradients)
        if rest <= _ENOUGH and not window.thin:
            return [paint], None
        if window.thin or is_stroke(window.visible) or self._is_net(window):
            return [self._stroke(window) or paint], None
        allowed = WORTH * self._labels.size
        if self._settings.max_colors == 1 or rest * rest * len(pixels) <= allowed:
            return [paint], None
        scale = self._labels.size / (1024.0 * 1024.0)
        flat = flat_parts(window.rgba, window.known, window.mask, _MIN_SPECK)
        if flat is not None and len(flat[0]) <= self._settings.max_colors:
            colors: list[Paint] = [Flat((float(c[0]), float(c[1]), float(c[2]))) for c in flat[0]]
            return (colors, flat[1]) if len(colors) > 1 else (colors, None)
        regions = nearest_region(self._regions_of(window), window.visible, window.mask)
        if self._settings.max_colors > 2:
            regions = split_tones(regions, window.visible, window.rgba[..., :3], scale)
        paints, parts = share_paints(
            window.at, regions, window.visible, self._labels.size,
            self._settings.gradients, self._settings.max_colors,
        )  # fmt: skip
        return (paints, parts) if len(paints) > 1 else ([paint], None)

    def _stroke(self, window: Window) -> Paint | None:
        """The paint of a layer that is nothing but thin strokes; the window learns its coverage."""
        found = stroke_paint(
            self._picture[self._box(window)],
            window.visible,
            (window.left, window.top),
            self._settings.gradients,
        )
        if found is None:
            return None
        window.stroke = found[1]
        return found[0]

    def _is_net(self, window: Window) -> bool:
        """Whether a layer is a net of strokes; a translucent picture's layers are left alone."""
        return window.opacity == 1.0 and is_net(self._picture[self._box(window)], window.visible)

    @staticmethod
    def _box(window: Window) -> tuple[slice, slice]:
        rows, cols = window.mask.shape
        return slice(window.top, window.top + rows), slice(window.left, window.left + cols)

    @cached_property
    def _glass(self) -> NDArray[np.bool_] | None:
        """Where the shown layers let something through, bool (H, W); None if they nowhere do."""
        shown = [layer for _, layer in self._stack.shown()]
        ground = shown[0].rgba_crop[..., 3]
        if ground.shape == self._labels.shape and float(ground.min()) >= SOLID:
            return None
        rest = np.ones(self._labels.shape, np.float32)
        for layer in shown:
            rest[layer.box] *= 1.0 - layer.rgba_crop[..., 3]
        glass = rest > 1.0 - SOLID
        return glass if glass.any() else None

    @cached_property
    def _picture(self) -> NDArray[np.float32]:
        """What the shown layers look like, over white; float32 (H, W, 3)."""
        canvas = np.zeros((*self._labels.shape, 4), np.float32)
        for _, layer in self._stack.shown():
            lay_over(canvas, layer)
        return np.asarray(canvas[..., :3] + (1.0 - canvas[..., 3:]), np.float32)

    def _regions_of(self, window: Window) -> NDArray[np.int32]:
        """Regions of one colour in a layer's window; all layers' at once unless it is small."""
        rows, cols = window.mask.shape
        if self._regions is None and window.mask.size * _SMALL_WINDOW < self._labels.size:
            own = np.where(window.visible[..., None], window.rgba, np.float32(0.0))
            own[..., 3] = window.visible
            return flat_regions(own, _MIN_AREA * self._labels.size / own[..., 3].size).labels
        if self._regions is None:
            self._regions = self._find_regions()
        return self._regions[window.top : window.top + rows, window.left : window.left + cols]

    def _find_regions(self) -> NDArray[np.int32]:
        """Regions of one colour of what is seen, each layer's own up to its rim."""
        seen = np.zeros((*self._labels.shape, 4), np.float32)
        for index, layer in self._stack.shown():
            own = (self._labels[layer.box] == index).view(np.uint8)
            cv2.copyTo(layer.rgba_crop, own, seen[layer.box])
        seen[..., 3] = self._labels >= 0
        return flat_regions(seen, _MIN_AREA).labels


def _veils(whole: Area, window: Window) -> list[Area]:
    """One area of a layer as several on top of one another, if it is a shadow that fades."""
    if window.opacity == 1.0 or window.thin or window.stroke is not None:
        return [whole]
    alpha = window.rgba[..., 3]
    seen = alpha[window.known]
    low, high = float(seen.min()), min(float(seen.max()), SOLID)
    count = min(_MOST_VEILS, math.ceil((high - low) / _VEIL))
    if count < 2:
        return [whole]
    step = (high - low) / count
    veils = []
    for number in range(count):
        # Each adds what the ones below it leave to cover.
        reached, before = low + (number + 0.5) * step, low + (number - 0.5) * step
        opacity = 1.0 - (1.0 - reached) / (1.0 - before) if number else reached
        field = whole.field
        if number:
            over = (alpha - np.float32(low + number * step)) / np.float32(_VEIL)
            field = np.where(whole.mask, np.clip(0.5 + over, 0.0, 1.0), np.float32(0.0))
        mask = field > 0.5
        if mask.any():
            veils.append(replace(whole, field=field, mask=mask, opacity=opacity))
    return veils


def _inner_area(
    window: Window,
    outline: NDArray[np.float32],
    painted: NDArray[np.float32],
    border: NDArray[np.bool_],
    parts: NDArray[np.int32],
    number: int,
    paint: Paint,
) -> Area:
    """The area of one paint inside a layer; lays it over `painted`, the layer so far, in place.

    `painted` is kept up to date only at `border`, the pixels beside those of another area.
    """
    box = mask_window(parts == number, margin=MARGIN)
    part = parts[box]
    own = part == number
    # Under the areas above: a hair everywhere, all the way where they are islands in this one.
    reach = cv2.dilate(own.astype(np.uint8), _SQUARE, iterations=2)
    contours, _ = cv2.findContours(own.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(reach, contours, -1, 1, cv2.FILLED)
    mask = own | ((reach > 0) & (part > number))
    field = smooth_field(mask, SMOOTHING)
    edge = window.rim[box]
    field[edge] = on_its_side(outline[box][edge], mask[edge])
    rim = seen_rim(own, (part < number) & (part >= 0)) & ~edge
    inner = nonzero_places(rim)
    opaque = np.ones((len(inner[0]), 1), np.float32)
    seen = np.concatenate([window.rgba[box][inner][:, :3], opaque], axis=1)
    under = np.concatenate([painted[box][inner], opaque], axis=1)
    color = _painted(paint, inner, window, box)
    field[inner] = estimate_alpha(seen, under, color, mask[inner], field[inner])
    target = painted[box]
    share = field[inner][:, None]
    blended = color * share + target[inner] * (1.0 - share)
    filled = nonzero_places(mask & border[box])
    target[filled] = _painted(paint, filled, window, box)
    target[inner] = blended
    return Area(
        field, mask, window.top + box[0].start, window.left + box[1].start, paint, 1.0,
        seen=_beside(rim | edge),
    )  # fmt: skip


def _beside(rim: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels that touch a rim, and those of it."""
    return cv2.dilate(rim.view(np.uint8), _SQUARE) > 0


def _painted(
    paint: Paint,
    pixels: tuple[NDArray[np.intp], ...],
    window: Window,
    box: tuple[slice, slice],
) -> NDArray[np.float32]:
    """Colour of a paint at pixels (rows, columns) of a box in a window, float32 (n, 3)."""
    rows, cols = pixels
    top, left = window.top + box[0].start + 0.5, window.left + box[1].start + 0.5
    return paint.at(cols + left, rows + top)
