"""One layer's pixels as they are traced: what is seen of it, how far it covers, its outline."""

from __future__ import annotations

from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from ...types import Layer

__all__ = ["MARGIN", "SMOOTHING", "SOLID", "Window"]

# Pixels around a layer that are looked at with it.
MARGIN = 4
# Hidden outlines are invented: a few sweeps of smoothing are enough for them.
SMOOTHING = 0.25
# A layer that covers so much is opaque.
SOLID = 0.98
_SQUARE = np.ones((3, 3), np.uint8)


class Window:
    """A layer's pixels with a margin around them, as far as the frame allows."""

    def __init__(
        self,
        layer: Layer,
        labels: NDArray[np.int32],
        index: int,
        overlap: int,
        translucent: NDArray[np.bool_] | None = None,
    ) -> None:
        self.index = index
        top, left, bottom, right = layer.window
        height, width = layer.frame
        margin = MARGIN + overlap
        self.top, self.left = max(0, top - margin), max(0, left - margin)
        pads = (
            top - self.top,
            min(height, bottom + margin) - bottom,
            left - self.left,
            min(width, right + margin) - right,
        )
        self.labels = labels[
            self.top : bottom + pads[1],
            self.left : right + pads[3],
        ]
        self.visible = self.labels == index
        self._layer, self._pads = layer, pads
        mask = layer.mask_crop.astype(np.uint8)
        if any(pads):
            mask = cv2.copyMakeBorder(mask, *pads, cv2.BORDER_CONSTANT, value=0)
        if overlap:
            # Where completion has the layer go on under its neighbour, no seam can show; more would
            # put steps into edges that go on straight.
            goes_on = cv2.dilate(mask & ~self.visible.view(np.uint8), _SQUARE)
            ends = (self.visible & (goes_on == 0)).view(np.uint8)
            grown = cv2.dilate(ends, _SQUARE, iterations=overlap)
            above = self.labels > index
            if translucent is not None:  # what lies under it would shine through
                above &= ~translucent[self.top : bottom + pads[1], self.left : right + pads[3]]
            mask |= grown & above.astype(np.uint8)
        self.mask: NDArray[np.bool_] = mask > 0
        self._look()

    @cached_property
    def rgba(self) -> NDArray[np.float32]:
        """The layer's pixels, float32 (h, w, 4), clear around it."""
        return self._layer.rgba_around(self._pads)

    def forget_pixels(self) -> None:
        """Free the pixels, which are most of a window, until they are asked for again."""
        self.__dict__.pop("rgba", None)

    def cut(self, labels: NDArray[np.int32], mask: NDArray[np.bool_]) -> None:
        """Become the window of a part: its mask, and labels in which only it is the layer."""
        self.labels, self.mask = labels, mask
        self.visible = labels == self.index
        self.__dict__.pop("opacity", None)
        self._look()

    def _look(self) -> None:
        inner = cv2.erode(self.visible.astype(np.uint8), _SQUARE, borderValue=1) > 0
        self.thin = not inner.any()
        self.known = self._known(inner)

    def at(
        self, pixels: NDArray[np.intp]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float32]]:
        """x, y of pixel centres in the picture, and colours (n, 3), of flat indices."""
        rows, cols = np.divmod(pixels, self.mask.shape[1])
        colors = self.rgba.reshape(-1, 4).take(pixels, axis=0)[:, :3]
        return cols + (self.left + 0.5), rows + (self.top + 0.5), colors

    def _known(self, inner: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Pixels whose colour is the layer's own: seen ones, away from the rim where possible."""
        if inner.any():
            return inner
        if self.visible.any():
            return self.visible
        covered = self.mask & (self.rgba[..., 3] > 0.0)
        return covered if covered.any() else self.mask

    @cached_property
    def opacity(self) -> float:
        """The layer's alpha away from its rim; 1 where it is nearly that."""
        if self.thin:  # where it covers a pixel most, it does so wholly
            mean = float(self.rgba[..., 3][self.known].max())
        else:
            mean = float(cv2.mean(self.rgba, self.known.astype(np.uint8))[3])
        return 1.0 if mean >= SOLID else mean
