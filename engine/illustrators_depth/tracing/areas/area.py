"""An area: a part of a layer with one paint, and its outlines."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ...outlines import ring_areas, short_contour_rings
from ..coverage.detail import is_detail
from ..coverage.edge_field import edge_field
from ..coverage.hairs import hairs
from ..curves.follow_rings import HIDDEN_WEIGHT
from ..paints.paint import Paint

__all__ = ["Area"]

Float = NDArray[np.float64]

# Points of outline per pixel of an area, and in all, above which it counts as noise.
_NOISE_DENSITY, _NOISE_POINTS = 0.3, 20_000
# Nets of strokes have more outline than other drawings, and less than noise.
_NET_DENSITY = 0.8
_MAX_BLUR_PX = 8.0
# What blurring would take away is drawn as its pixels if it has more points of outline than this,
# or if hardly any pixels, by their share of the points, are covered in part: pixels are its shape.
_MAX_CURVE_POINTS, _MAX_PARTIAL_SHARE = 500_000, 0.02
_MIN_PARTIAL, _MAX_PARTIAL = 0.2, 0.8
# Blurring that leaves less than this share of an area takes away strokes rather than noise.
_KEPT_SHARE = 0.5
_AROUND = np.ones((3, 3), np.uint8)
# Larger windows are not looked at any finer than their pixels (bytes of memory).
_MAX_FINE_PIXELS = 1 << 22
# A line's width is the distance of its two sides: each is followed the more closely.
_THIN_WEIGHT = 2.0
# Specks of this contrast (premultiplied RGBA, L2) are kept down to the size that is told; fainter
# ones have to be larger, up to so many times.
_CLEAR_CONTRAST, _MAX_FAINT = 1.5, 20.0


@dataclass(frozen=True)
class Area:
    """A part of a layer with one paint.

    Attributes:
        field: float32 (h, w), how far it covers each pixel, 0..1.
        mask: bool (h, w), its pixels.
        top, left: where the window lies in the picture.
        paint: in picture coordinates.
        opacity: 0..1.
        drawn: strokes, which have as much outline as noise has.
        seen: bool (h, w), where the outline is one that the picture shows; None for everywhere.
        contrast: how unlike the paint is what lies below it, L2 of premultiplied RGBA.
    """

    field: NDArray[np.float32]
    mask: NDArray[np.bool_]
    top: int
    left: int
    paint: Paint
    opacity: float
    drawn: bool = False
    seen: NDArray[np.bool_] | None = None
    contrast: float = 0.0

    def rings(self) -> tuple[list[Float], bool] | None:
        """Outlines in the window's pixels, y down, and whether coverage tells where they lie.

        Noise is smoothed, and its coverage tells nothing. None for noise that no curve can follow:
        it is drawn as its pixels.
        """
        field = edge_field(self.field)
        places, values = self._hairs
        chosen = self.fine.reshape(-1)[places]
        np.copyto(field, self.field, where=self.fine)
        field.reshape(-1)[places[chosen]] = values[chosen]
        density = _NET_DENSITY if self.drawn else _NOISE_DENSITY
        rings = short_contour_rings(field, self._noise(density))
        if rings is not None:
            return rings, True
        rings = self._smooth_rings()
        return None if rings is None else (rings, False)

    def keep(self, rings: list[Float], despeckle: float) -> list[Float]:
        """Outlines in the picture's pixels, without specks of fewer square pixels."""
        faint = (_CLEAR_CONTRAST / max(self.contrast, 1e-3)) ** 2
        least = despeckle * min(max(faint, 1.0), _MAX_FAINT)
        offset = np.array([self.left, self.top], np.float64)
        large = ring_areas(rings) >= least
        return [ring + offset for ring, keep in zip(rings, large, strict=True) if keep]

    def weights(self, rings: list[Float]) -> list[Float]:
        """How closely each point of its outlines is to be followed, float64 (n,) each."""
        if not rings:
            return []
        rows, cols = self.mask.shape
        points = np.concatenate(rings)
        x, y = points[:, 0] - self.left, points[:, 1] - self.top
        place = (
            np.clip(y.astype(np.intp), 0, rows - 1), np.clip(x.astype(np.intp), 0, cols - 1)
        )  # fmt: skip
        weight = np.where(self.fine[place], _THIN_WEIGHT, 1.0)
        if self.seen is not None:
            # Along the border of the picture the outline is exact.
            inner = (x > 0.0) & (y > 0.0) & (x < cols) & (y < rows)
            weight[~self.seen[place] & inner] = HIDDEN_WEIGHT
        return np.split(weight, np.cumsum([len(ring) for ring in rings])[:-1])

    @cached_property
    def fine(self) -> NDArray[np.bool_]:
        """Where the outline is finer than an even edge and shown by the picture, bool (h, w)."""
        if self.field.size > _MAX_FINE_PIXELS:
            return np.zeros(self.field.shape, np.bool_)
        thin = np.zeros(self.field.shape, np.uint8)
        thin.reshape(-1)[self._hairs[0]] = 1
        detail = is_detail(self.field) | (cv2.dilate(thin, _AROUND) > 0)
        return detail if self.seen is None else detail & self.seen

    @cached_property
    def _hairs(self) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        return hairs(self.field)

    def _noise(self, density: float) -> float:
        """Points of outline above which an area is noise."""
        return max(density * self.field.size, _NOISE_POINTS)

    def _smooth_rings(self) -> list[Float] | None:
        """Outlines of noise, smoothed until following it makes sense; None where none does."""
        field, sigma = edge_field(self.field), 1.0
        least = _KEPT_SHARE * np.count_nonzero(self.field > 0.5)
        # Noise has an outline through every other pixel, of which this also bounds the time.
        while (rings := short_contour_rings(field, self._noise(_NOISE_DENSITY))) is None:
            blurred = cv2.GaussianBlur(self.field, (0, 0), sigma)
            if sigma > _MAX_BLUR_PX or np.count_nonzero(blurred > 0.5) < least:
                break
            field = blurred
            sigma *= 2.0
        if rings is not None:
            return rings
        partial = np.count_nonzero((self.field > _MIN_PARTIAL) & (self.field < _MAX_PARTIAL))
        if partial <= _MAX_PARTIAL_SHARE * self._noise(_NOISE_DENSITY):
            return None
        return short_contour_rings(field, _MAX_CURVE_POINTS)
