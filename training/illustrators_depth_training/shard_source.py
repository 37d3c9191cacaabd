"""Training samples from a built data set: single drawings, and scenes composed of several."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .augment import Augmentation, jitter_colors, place, renumber, soften
from .drawings import DrawingSet
from .procedural import make_scene

__all__ = ["PlainSource", "ShardSource", "sampling_weights"]

Rng = np.random.Generator
Pair = tuple[NDArray[np.uint8], NDArray[np.int32]]


def sampling_weights(layers: NDArray[np.int64], sources: list[str]) -> NDArray[np.float64]:
    """How often each drawing is drawn: deep stacks more, huge or shallow sources less.

    The weight is the square root of the layer count (2 to 30) over the cube root of the source's
    size; it sums to one.
    """
    _names, number, size = np.unique(sources, return_inverse=True, return_counts=True)
    weight = np.sqrt(np.clip(layers, 2, 30)) / np.cbrt(size[number])
    return np.asarray(weight / weight.sum(), np.float64)


class ShardSource:
    """Augmented drawings; a share of them are deep scenes composed of two to six drawings."""

    def __init__(
        self,
        drawings: DrawingSet,
        compose: float = 0.0,
        augmentation: Augmentation | None = None,
    ) -> None:
        self.drawings, self.compose = drawings, compose
        self.augmentation = augmentation or Augmentation()
        self._cumulative = np.cumsum(sampling_weights(drawings.layers, drawings.sources))

    def _pick(self, rng: Rng) -> Pair:
        number = int(np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1]))
        drawing = self.drawings[min(number, len(self.drawings) - 1)]
        return drawing.rgb, drawing.index

    def draw(self, rng: Rng, size: int) -> Pair:
        """One sample with at least two visible layers."""
        while True:
            if rng.random() < self.compose:
                rgb, index = self._scene(rng, size)
            else:
                rgb, index = place(rng, *self._pick(rng), size, self.augmentation)
            if index.max() > index.min():
                break
        rgb = soften(rng, jitter_colors(rng, rgb, self.augmentation), self.augmentation)
        return rgb, renumber(index)

    def _scene(self, rng: Rng, size: int) -> Pair:
        """Drawings pasted over one another on a page, a colour, or a procedural landscape."""
        kind = rng.random()
        if kind < 0.4:
            tone = 255 if rng.random() < 0.4 else rng.integers(0, 256, 3)
            rgb = np.full((size, size, 3), tone, np.uint8)
            index = np.ones((size, size), np.int32)
        elif kind < 0.6:
            scene = make_scene(rng, size)
            rgb, index = scene.rgb, scene.index
        else:
            rgb, index = place(rng, *self._pick(rng), size, Augmentation(scale=(1.0, 1.8), turn=0))
        count = int(rng.integers(2, 7))
        largest = 1.1 / np.sqrt(count)
        for _ in range(count):
            spread = Augmentation(scale=(0.4 * largest, 1.3 * largest), turn=20.0, shift=0.38)
            top, over = place(rng, *self._pick(rng), size, spread)
            if rng.random() < 0.5:
                top = jitter_colors(rng, top, Augmentation(invert=0.0))
            mask = over > 1
            rgb = np.where(mask[..., None], top, rgb)
            index = np.where(mask, over + index.max(), index)
        return rgb, index


class PlainSource:
    """Drawings resized but not augmented, shown whole: for validation."""

    def __init__(self, drawings: DrawingSet) -> None:
        self.drawings = drawings

    def draw(self, rng: Rng, size: int) -> Pair:
        """The drawing that the generator picks."""
        drawing = self.drawings[int(rng.integers(len(self.drawings)))]
        whole = Augmentation(scale=(1.0, 1.0), turn=0.0, shift=0.0, flip=0.0)
        rgb, index = place(rng, drawing.rgb, drawing.index, size, whole)
        return rgb, renumber(index)
