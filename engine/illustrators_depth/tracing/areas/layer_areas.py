"""The areas of a layer: where each of its paints lies, with an outline finer than the pixels."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ...layering.edges.coverage import seen_rim
from ...layering.edges.strokes import is_net, is_stroke
from ...outlines import smooth_field
from ...product_settings import VectorizeSettings
from ...raster.tiling import Box, nonzero_places, strips
from ...raster.window import mask_window
from ...regions import eight_bit_regions, flat_regions
from ...types import LayerStack
from ..coverage.detail import drawable
from ..paints.assign_paints import WORTH, nearest_region, share_paints
from ..paints.inks import ink_parts
from ..paints.missing_ink import missing_ink
from ..paints.paint import Flat, Paint, fit_paint
from ..paints.palette import flat_parts
from ..paints.posterize import split_tones
from .area import Area
from .canvas import Canvas
from .layer_window import MARGIN, SMOOTHING, SOLID, Window
from .opacity_parts import opacity_parts
from .opacity_steps import opacity_steps

__all__ = ["Area", "Areas"]

# One paint is enough for a layer when it leaves no more than this unexplained (sRGB, RMS).
_ONE_PAINT_RMS = 0.012
# Smallest area of its own inside a layer, in pixels of a 1024x1024 picture.
_MIN_AREA = 24.0
# The same for specks of a colour of their own (stars in a sky), in pixels of any picture.
_MIN_SPECK = 12.0
# A layer whose window is this many times smaller than the picture is segmented by itself.
_SMALL_WINDOW_RATIO = 6
_MAX_SAMPLES = 16384
# What strokes cannot show is looked for once more in what they leave out.
_MISSING_INK_ROUNDS = 2
_SQUARE = np.ones((3, 3), np.uint8)


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
        self._canvas = Canvas(stack)

    @property
    def picture(self) -> NDArray[np.float32]:
        """The shown layers flattened, premultiplied, float32 (H, W, 4)."""
        return self._canvas.picture

    def of(self, index: int) -> list[Area]:
        """Areas of layer `index`, bottom to top; together they cover its completed mask.

        To be asked for the shown layers in turn, bottom to top: each is seen against those before.
        """
        layer = self._stack.layers[index]
        if not layer.mask_crop.any():
            return []
        window = Window(layer, self._labels, index, self._settings.overlap, self._translucent)
        areas: list[Area] = []
        for part in opacity_parts(window):
            areas += self._painted(part)
        window.forget_pixels()
        for _ in range(_MISSING_INK_ROUNDS):
            mended = self._mend(window)
            if not mended:
                break
            areas += mended
        return areas

    def _painted(self, window: Window) -> list[Area]:
        """Areas of a layer's paints, bottom to top, laid on the canvas."""
        paints, parts, drawn = self._paints(window)
        if parts is None:
            parts = np.where(window.mask, 0, -1).astype(np.int32)
        areas: list[Area] = []
        for number, paint in enumerate(paints):
            area = self._area(window, parts, number, paint, drawn)
            if area is None:
                continue
            fades = len(paints) == 1 and not drawn
            for step in opacity_steps(area, window) if fades else [area]:
                areas.append(step)
                rows, cols = step.field.shape
                box = (slice(step.top, step.top + rows), slice(step.left, step.left + cols))
                self._canvas.lay(paint, step.opacity, box, step.field)
        return areas

    def _mend(self, window: Window) -> list[Area]:
        """Strokes of what the paints of a layer leave out."""
        box = self._box(window)
        near = cv2.dilate(window.visible.view(np.uint8), _SQUARE) > 0
        above = cv2.dilate((window.labels > window.index).view(np.uint8), _SQUARE) > 0
        own, canvas = near & ~above, self._canvas
        inks = missing_ink(
            canvas.picture[box], canvas.drawn[box], canvas.errors(box, own), own,
            (window.left, window.top), self._labels.size, self._settings.max_colors - 1,
        )  # fmt: skip
        areas = []
        for paint, own in inks:
            at = nonzero_places(own)
            field = np.zeros(own.shape, np.float32)
            field[at] = self._canvas.coverage(paint, 1.0, box, at, field[at])
            field = drawable(field)
            part = mask_window(own, margin=MARGIN)
            field = np.ascontiguousarray(field[part])
            rows, cols = (
                slice(b.start + p.start, b.start + p.stop) for b, p in zip(box, part, strict=True)
            )
            areas.append(
                Area(
                    field, field > 0.5, rows.start, cols.start, paint, 1.0, True, None,
                    self._contrast(paint, box, own),
                )
            )  # fmt: skip
            self._canvas.lay(paint, 1.0, (rows, cols), field)
        return areas

    def _area(
        self, window: Window, parts: NDArray[np.int32], number: int, paint: Paint, drawn: bool
    ) -> Area | None:
        """The area of one paint of a layer; None if nothing of it is left."""
        own = parts == number
        if not own.any():
            return None
        box = mask_window(own, margin=MARGIN)
        part, own, visible = parts[box], own[box], window.visible[box]
        mask = own
        if not drawn and (part > number).any():
            mask = own | (_reach(own) & (part > number))
        lower = (window.labels[box] < window.index) | (visible & (part < number) & (part >= 0))
        rim = seen_rim(own & visible, lower)
        # What goes on under others must not show through their half-covered edges.
        beyond = (cv2.dilate(lower.view(np.uint8), _SQUARE) > 0) & ~(own & visible)
        mask = mask & ~beyond
        if drawn:
            rim |= own & visible
        place = (
            slice(window.top + box[0].start, window.top + box[0].stop),
            slice(window.left + box[1].start, window.left + box[1].stop),
        )
        if window.opacity >= 1.0:  # a shadow that fades is drawn in steps instead
            # Blends beside what lies higher are its edge: that makes up for them.
            above = (window.labels[box] > window.index) | (visible & (part > number))
            beside = cv2.dilate(above.view(np.uint8), _SQUARE) > 0
            inner = own & visible & ~rim & ~beside
            for rows in strips(*inner.shape):
                at = nonzero_places(inner[rows])
                strip = slice(place[0].start + rows.start, place[0].start + rows.stop), place[1]
                blends = self._canvas.is_blend(paint, strip, at)
                rim[rows][at[0][blends], at[1][blends]] = True
        field = smooth_field(mask, SMOOTHING, known=rim)
        field[beyond & ~rim] = 0.0
        at = nonzero_places(rim)
        field[at] = self._canvas.coverage(paint, window.opacity, place, at, field[at])
        field = drawable(field)
        contrast = self._contrast(paint, place, own & visible)
        return Area(
            field, mask, place[0].start, place[1].start, paint, window.opacity, drawn,
            cv2.dilate(rim.view(np.uint8), _SQUARE) > 0, contrast,
        )  # fmt: skip

    def _contrast(self, paint: Paint, box: Box, own: NDArray[np.bool_]) -> float:
        """How unlike a paint is what lies below the pixels of an area: the median of some."""
        at = np.divmod(_sample(np.flatnonzero(own)), own.shape[1])
        contrast = self._canvas.contrast(paint, box, at)
        return float(np.median(contrast)) if len(contrast) else 0.0

    def _paints(self, window: Window) -> tuple[list[Paint], NDArray[np.int32] | None, bool]:
        """Paints of a layer, which of them each pixel of its mask has, and whether it is strokes.

        None for the pixels where all have the one paint.
        """
        known_count = np.count_nonzero(window.known)
        sample = _sample(np.flatnonzero(window.known))
        gradients = self._settings.gradients and not window.thin
        paint, rest = fit_paint(*window.at(sample), gradients)
        if rest <= _ONE_PAINT_RMS and not window.thin:
            return [paint], None, False
        if window.thin or is_stroke(window.visible) or self._is_net(window):
            inks = self._inks(window)
            return (*inks, True) if inks is not None else ([paint], None, window.thin)
        allowed = WORTH * self._labels.size
        if self._settings.max_colors == 1 or rest * rest * known_count <= allowed:
            return [paint], None, False
        scale = self._labels.size / (1024.0 * 1024.0)
        flat = flat_parts(window.rgba, window.known, window.mask, _MIN_SPECK)
        if flat is not None and len(flat[0]) <= self._settings.max_colors:
            colors: list[Paint] = [Flat((float(c[0]), float(c[1]), float(c[2]))) for c in flat[0]]
            return colors, (flat[1] if len(colors) > 1 else None), False
        regions = nearest_region(self._regions_of(window), window.visible, window.mask)
        if self._settings.max_colors > 2:
            regions = split_tones(regions, window.visible, window.rgba[..., :3], scale)
        paints, parts = share_paints(
            window.at, regions, window.visible, self._labels.size,
            self._settings.gradients, self._settings.max_colors,
        )  # fmt: skip
        return (paints, parts, False) if len(paints) > 1 else ([paint], None, False)

    def _inks(self, window: Window) -> tuple[list[Paint], NDArray[np.int32]] | None:
        """The paints of a layer that is nothing but thin strokes, and where each is."""
        box = self._box(window)
        inks = ink_parts(
            self._canvas.picture[box], self._canvas.drawn[box], window.visible,
            (window.left, window.top), self._settings.gradients, self._settings.max_colors,
        )  # fmt: skip
        if inks is None:
            return None
        return inks[0], nearest_region(inks[1], window.visible, window.mask)

    def _is_net(self, window: Window) -> bool:
        """Whether a layer is a net of strokes; a translucent picture's layers are left alone."""
        seen = self._canvas.picture[self._box(window)]
        return window.opacity == 1.0 and is_net(seen, window.visible)

    @staticmethod
    def _box(window: Window) -> tuple[slice, slice]:
        rows, cols = window.mask.shape
        return slice(window.top, window.top + rows), slice(window.left, window.left + cols)

    @cached_property
    def _translucent(self) -> NDArray[np.bool_] | None:
        """Where the shown layers let something through, bool (H, W); None if they nowhere do."""
        shown = [layer for _, layer in self._stack.shown()]
        ground = shown[0].rgba_crop[..., 3]
        if ground.shape == self._labels.shape and float(ground.min()) >= SOLID:
            return None
        rest = np.ones(self._labels.shape, np.float32)
        for layer in shown:
            rest[layer.box] *= 1.0 - layer.rgba_crop[..., 3]
        translucent = rest > 1.0 - SOLID
        return translucent if translucent.any() else None

    def _regions_of(self, window: Window) -> NDArray[np.int32]:
        """Regions of one colour in a layer's window; all layers' at once unless it is small."""
        rows, cols = window.mask.shape
        if self._regions is None and window.mask.size * _SMALL_WINDOW_RATIO < self._labels.size:
            own = np.where(window.visible[..., None], window.rgba, np.float32(0.0))
            own[..., 3] = window.visible
            return flat_regions(own, _MIN_AREA * self._labels.size / own[..., 3].size).labels
        if self._regions is None:
            window.forget_pixels()
            self._regions = self._find_regions()
        return self._regions[window.top : window.top + rows, window.left : window.left + cols]

    def _find_regions(self) -> NDArray[np.int32]:
        """Regions of one colour of what is seen, each layer's own up to its rim."""
        color = np.full((*self._labels.shape, 3), 255, np.uint8)  # white where nothing is seen
        for index, layer in self._stack.shown():
            top = layer.window[0]
            for rows in strips(*layer.pixels.shape[:2]):
                place = slice(top + rows.start, top + rows.stop), layer.box[1]
                own = (self._labels[place] == index).view(np.uint8)
                if own.any():
                    rgb = cv2.cvtColor(layer.rgba_rows(rows), cv2.COLOR_RGBA2RGB)
                    cv2.copyTo(cv2.convertScaleAbs(rgb, alpha=255.0), own, color[place])
        return eight_bit_regions(color, (self._labels >= 0).astype(np.float32), _MIN_AREA).labels


def _sample(pixels: NDArray[np.intp]) -> NDArray[np.intp]:
    """Some of many pixels, evenly."""
    return pixels[:: max(1, len(pixels) // _MAX_SAMPLES)].copy()


def _reach(own: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Where a part reaches under others: a hair everywhere, all the way under islands in it."""
    reach = cv2.dilate(own.view(np.uint8), _SQUARE, iterations=2)
    contours, _ = cv2.findContours(own.view(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    cv2.drawContours(reach, contours, -1, 1, cv2.FILLED)
    return reach > 0
