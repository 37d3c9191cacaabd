"""A canvas whose layers may be more than one flat colour: glass, tone, anything painted."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from ..data.layered import LayeredImage
from .layer_canvas import Color, LayerCanvas

__all__ = ["Fill", "PaintedCanvas", "Patch"]

Bytes = NDArray[np.uint8]


@dataclass(frozen=True)
class Patch:
    """A box of a canvas, at twice the picture's size, that a layer is painted into.

    Attributes:
        rows, columns: float32 (h, 1) and (1, w), 0..1 over the picture.
        beneath: gives the colours that are there, uint8 (h, w, 3).
    """

    rows: NDArray[np.float32]
    columns: NDArray[np.float32]
    beneath: Callable[[], Bytes]


Fill = Callable[[Patch], Bytes]
"""Colours uint8 (h, w, 3) of a layer in a patch."""


class PaintedCanvas(LayerCanvas):
    """Adds layers that are painted pixel by pixel, over what was there when they were painted."""

    def __init__(self, rng: np.random.Generator, size: int, page: Color | None = None) -> None:
        super().__init__(rng, size, page)
        self._painted = np.zeros((self.side, self.side, 3), np.uint8)
        self._is_painted: set[int] = set()

    def put_painted(self, outline: NDArray[np.float64], fill: Fill) -> int:
        """Paint one layer inside a closed outline with what `fill` makes of it; its number or 0."""
        corners = outline * self.side
        left, top = np.clip(np.floor(corners.min(axis=0)) - 1, 0, self.side).astype(int)
        right, bottom = np.clip(np.ceil(corners.max(axis=0)) + 2, 0, self.side).astype(int)
        box = np.s_[top:bottom, left:right]
        rows = (np.arange(top, bottom, dtype=np.float32) / self.side)[:, None]
        columns = (np.arange(left, right, dtype=np.float32) / self.side)[None]
        colors = fill(Patch(rows, columns, lambda: self._seen(box))) if rows.size else None
        layer = self.put_polygons([outline])
        if layer and colors is not None:
            inside = (self.labels[box] == layer).view(np.uint8)
            self.colors[layer] = np.array(cv2.mean(colors, inside)[:3])
            cv2.copyTo(colors, inside, self._painted[box])
            self._is_painted.add(layer)
        return layer

    def _seen(self, box: tuple[slice, slice]) -> Bytes:
        labels = self.labels[box]
        palette = np.clip(np.asarray(self.colors), 0, 255).round().astype(np.uint8)
        picture = palette[labels]
        if self._is_painted:
            painted = np.isin(np.arange(len(self.colors)), list(self._is_painted))[labels]
            cv2.copyTo(self._painted[box], painted.view(np.uint8), picture)
        return picture

    def finish(self) -> LayeredImage | None:
        """The picture at its size, layers numbered from 1; None when fewer than two show."""
        crisp = self.labels[1::2, 1::2].astype(np.int32)
        if crisp.min() == crisp.max():
            return None
        picture = self._seen(np.s_[:, :])
        rgb = cv2.resize(picture, (self.size, self.size), interpolation=cv2.INTER_AREA)
        hides = np.array(self.hides, np.int32).reshape(-1, 2) + 1
        return LayeredImage(np.asarray(rgb, np.uint8), crisp + 1, hides).renumbered()
