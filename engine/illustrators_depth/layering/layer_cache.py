"""A cache of layers' pixels: a change of one border leaves all other layers as they were."""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock

import cv2
import numpy as np
from numpy.typing import NDArray

from ..settings import CompleteSettings
from ..types import Image
from .edges.patches import PatchedArrays
from .layer_pixels import LayerPixels

__all__ = ["LayerCache", "translucency"]

# Bytes of pixels that a cache keeps.
_MAX_BYTES = 1 << 29


class LayerCache:
    """Pixels of the layers of one picture and depth, by what they are computed from.

    That is where the layer is seen and where layers above it are (`VisibilityIndex.digest`), and
    the settings of completion. The least recently used are dropped beyond _MAX_BYTES.

    Attributes:
        settled: patched pixels of layers, see `settle_edges`.
    """

    def __init__(self) -> None:
        self.settled = PatchedArrays()
        self._pixels: OrderedDict[tuple[str, CompleteSettings], LayerPixels] = OrderedDict()
        self._bytes = 0
        self._lock = Lock()
        self._alpha_is_known = False
        self._alpha: NDArray[np.float32] | None = None

    def translucency(self, picture: Image) -> NDArray[np.float32] | None:
        """`translucency` of the picture that this cache is of."""
        if not self._alpha_is_known:
            self._alpha, self._alpha_is_known = translucency(picture), True
        return self._alpha

    def get(self, digest: str, complete: CompleteSettings) -> LayerPixels | None:
        """The pixels kept for these, or None."""
        key = (digest, complete)
        with self._lock:
            if key in self._pixels:
                self._pixels.move_to_end(key)  # the last one used is the last one dropped
            return self._pixels.get(key)

    def put(self, digest: str, complete: CompleteSettings, pixels: LayerPixels) -> None:
        """Keep a layer's pixels, in the place of those kept before."""
        with self._lock:
            replaced = self._pixels.pop((digest, complete), None)
            self._bytes += pixels.rgba.nbytes - (0 if replaced is None else replaced.rgba.nbytes)
            self._pixels[digest, complete] = pixels
            while self._bytes > _MAX_BYTES and len(self._pixels) > 1:
                self._bytes -= self._pixels.popitem(last=False)[1].rgba.nbytes


def translucency(picture: Image) -> NDArray[np.float32] | None:
    """The picture's alpha, float32 (H, W); None if it lets nothing through."""
    alpha = cv2.extractChannel(picture.rgba, 3)
    return alpha if float(alpha.min()) < 1.0 else None
