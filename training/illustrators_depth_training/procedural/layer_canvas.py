"""A canvas on which made drawings paint layer on layer, and which keeps their truth."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage

__all__ = ["LayerCanvas"]

_SHIFT = 4  # cv2 takes points in sixteenths of a pixel
_MIN_HIDDEN_SHARE = 16 / 512**2  # of the picture, from which on a layer hides another
Color = NDArray[np.float64]


class LayerCanvas:
    """Layers painted bottom to top, at twice the size; coordinates run 0..1 over the picture."""

    def __init__(self, rng: np.random.Generator, size: int, page: Color | None = None) -> None:
        self.rng, self.size, self.side = rng, size, 2 * size
        self.labels = np.zeros((self.side, self.side), np.uint16)
        self.colors = [np.full(3, 255.0) if page is None else page]
        self.hides: list[tuple[int, int]] = []

    def fresh_color(self, least: float = 30.0) -> Color:
        """A colour at least so far (of 255, L2) from the last twenty in use, if one turns up."""
        used = np.asarray(self.colors[-20:])
        candidates = self.rng.uniform(0, 255, (6, 3))
        nearest = ((candidates[:, None] - used) ** 2).sum(axis=2).min(axis=1)
        return candidates[int((nearest > least**2).argmax())]

    def polygons(self, outlines: Sequence[NDArray[np.float64]]) -> NDArray[np.bool_]:
        """The mask inside closed outlines (N, 2), each x, y."""
        canvas = np.zeros((self.side, self.side), np.uint8)
        for outline in outlines:
            points = np.round(outline * self.side * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(canvas, [points], 1, shift=_SHIFT)
        return canvas.view(np.bool_)

    def lines(self, paths: Sequence[NDArray[np.float64]], width: float) -> NDArray[np.bool_]:
        """The mask of open lines (N, 2), `width` of the picture wide."""
        canvas = np.zeros((self.side, self.side), np.uint8)
        thick = max(1, round(width * self.side))
        for path in paths:
            points = np.round(path * self.side * (1 << _SHIFT)).astype(np.int32)
            cv2.polylines(canvas, [points], False, 1, thick, cv2.LINE_8, _SHIFT)
        return canvas.view(np.bool_)

    def put_polygons(
        self, outlines: Sequence[NDArray[np.float64]], color: Color | None = None
    ) -> int:
        """Paint a layer inside closed outlines, as `put` does; looks at their box alone."""
        corners = np.concatenate(outlines) * self.side
        left, top = np.clip(np.floor(corners.min(axis=0)) - 1, 0, self.side).astype(int)
        right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, self.side).astype(int)
        if right <= left or bottom <= top:
            return 0
        canvas = np.zeros((bottom - top, right - left), np.uint8)
        origin = np.array([left, top])
        for outline in outlines:
            points = np.round((outline * self.side - origin) * (1 << _SHIFT)).astype(np.int32)
            cv2.fillPoly(canvas, [points], 1, shift=_SHIFT)
        return self._paint(self.labels[top:bottom, left:right], canvas.view(np.bool_), color)

    def put(self, mask: NDArray[np.bool_], color: Color | None = None) -> int:
        """Paint a layer over what is there; its number. Nothing where the mask is empty."""
        return self._paint(self.labels, mask, color)

    def _paint(
        self, labels: NDArray[np.uint16], mask: NDArray[np.bool_], color: Color | None
    ) -> int:
        """Paint `mask` into a view of the labels."""
        if not mask.any():
            return 0
        layer = len(self.colors)
        self.colors.append(self.fresh_color() if color is None else color)
        covered = np.bincount(labels[mask])
        covered[0] = 0  # the page
        least = _MIN_HIDDEN_SHARE * self.labels.size
        self.hides += [(int(below), layer) for below in np.flatnonzero(covered > least)]
        labels[mask] = layer
        return layer

    def finish(self) -> LayeredImage | None:
        """The picture at its size, layers numbered from 1; None when fewer than two show."""
        crisp = self.labels[1::2, 1::2].astype(np.int32)
        if crisp.min() == crisp.max():
            return None
        palette = np.clip(np.asarray(self.colors), 0, 255).round().astype(np.uint8)
        picture = palette[self.labels]
        rgb = cv2.resize(picture, (self.size, self.size), interpolation=cv2.INTER_AREA)
        hides = np.array(self.hides, np.int32).reshape(-1, 2) + 1
        drawing = LayeredImage(np.asarray(rgb, np.uint8), crisp + 1, hides)
        return drawing.renumbered()
