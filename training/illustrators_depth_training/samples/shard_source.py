"""Training samples from a built data set: single drawings, and scenes composed of several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.errors import InputError

from ..checked_settings import limited
from ..data.layered import LayeredImage
from ..data.scenes.compose import compose_scene
from ..effects import EffectChances, apply_effects
from .augment import Augmentation, jitter_colors, place, soften
from .drawings import Drawings

__all__ = [
    "TRIES",
    "EpochSource",
    "KindShares",
    "PlainSource",
    "ShardSource",
    "compose_recolored",
    "sampling_weights",
]

# Before a data set is given up that shows nothing to order at the size that is asked for.
TRIES = 1000

Rng = np.random.Generator


@dataclass(frozen=True)
class KindShares:
    """Which share of the samples each kind of drawing gets; all zero: whatever there is.

    Kinds that a data set lacks leave their share to the others; a set that has none of the kinds
    with a share is taken as it is. other: drawings of no stated kind.
    """

    illustration: float = limited(0.0, 0)
    emoji: float = limited(0.0, 0)
    icons: float = limited(0.0, 0)
    themes: float = limited(0.0, 0)
    avatars: float = limited(0.0, 0)
    flags: float = limited(0.0, 0)
    other: float = limited(0.0, 0)


def sampling_weights(
    layers: NDArray[np.int64],
    sources: list[str],
    kinds: Sequence[str] = (),
    shares: KindShares | None = None,
) -> NDArray[np.float64]:
    """How often each drawing is drawn: deep stacks more, huge or shallow sources less.

    The weight is the square root of the layer count (2 to 30) over the cube root of the source's
    size; with `shares`, then scaled so that each kind has its own. It sums to one.
    """
    _names, number, size = np.unique(sources, return_inverse=True, return_counts=True)
    weight = np.sqrt(np.clip(layers, 2, 30)) / np.cbrt(size[number])
    share_of = asdict(shares) if shares else {}
    kind = np.array([k if k in share_of else "other" for k in kinds])
    if any(
        share_of.get(name, 0.0) for name in np.unique(kind)
    ):  # else: a set that says nothing of kinds
        for name in np.unique(kind):
            of_kind = kind == name
            weight[of_kind] *= share_of[name] / weight[of_kind].sum()
    return np.asarray(weight / weight.sum(), np.float64)


def compose_recolored(rng: Rng, drawings: Sequence[LayeredImage], size: int) -> LayeredImage:
    """A scene of size x size pixels of two or more drawings, half of them in other colours.

    The palettes of one set would give its drawings away.
    """
    other = Augmentation(invert=0.0)
    return compose_scene(
        rng,
        [
            replace(d, rgb=jitter_colors(rng, d.rgb, other)) if rng.random() < 0.5 else d
            for d in drawings
        ],
        size,
    )


class ShardSource:
    """Augmented drawings; a share of them are deep scenes composed of two to six drawings."""

    def __init__(
        self,
        drawings: Drawings,
        compose: float = 0.0,
        augmentation: Augmentation | None = None,
        shares: KindShares | None = None,
        effects: EffectChances | None = None,
    ) -> None:
        if drawings.layers.max() < 2:
            raise InputError(
                "No drawing of this data set has two layers; there is nothing to order."
            )
        self.drawings, self.compose = drawings, compose
        self.augmentation = augmentation or Augmentation()
        self.effects = effects or EffectChances()
        self._cumulative = np.cumsum(
            sampling_weights(drawings.layers, drawings.sources, drawings.kinds, shares)
        )

    def _pick(self, rng: Rng) -> LayeredImage:
        number = int(np.searchsorted(self._cumulative, rng.random() * self._cumulative[-1]))
        return self.drawings[min(number, len(self.drawings) - 1)].layered

    def draw(self, rng: Rng, size: int) -> LayeredImage:
        """One sample with at least two visible layers."""
        for _ in range(TRIES):
            if rng.random() < self.compose:
                drawing = self._scene(rng, size)
            else:
                drawing = _place_drawing(rng, self._pick(rng), size, self.augmentation)
            if drawing.index.max() > drawing.index.min():
                break
        else:
            raise InputError(
                f"In {TRIES} tries no drawing showed two layers at {size} pixels; give a greater "
                "size."
            )
        return self._recolor(rng, drawing)

    def _recolor(self, rng: Rng, drawing: LayeredImage) -> LayeredImage:
        rgb = jitter_colors(rng, drawing.rgb, self.augmentation)
        drawing = apply_effects(rng, replace(drawing, rgb=rgb), self.effects)
        softened = soften(rng, drawing.rgb, self.augmentation)
        return replace(drawing, rgb=softened).renumbered()

    def _scene(self, rng: Rng, size: int) -> LayeredImage:
        """Two to six drawings, freed of their page, over one another on a background."""
        picked = [self._pick(rng) for _ in range(int(rng.integers(2, 7)))]
        return compose_recolored(rng, picked, size)


class EpochSource(ShardSource):
    """Every drawing once in each pass over the data set; the order is another in every pass.

    Sample n of a run shows drawing n of the endless row of passes, so that processes which draw
    different samples of one pass see different drawings.
    """

    def __init__(
        self, drawings: Drawings, seed: int, augmentation: Augmentation | None = None
    ) -> None:
        super().__init__(drawings, augmentation=augmentation)
        self.seed = seed
        self._pass, self._order = -1, np.empty(0, np.int64)

    def number_of(self, sample: int) -> int:
        """Which drawing sample number `sample` of the run shows."""
        number, place = divmod(sample, len(self.drawings))
        if number != self._pass:
            rng = np.random.default_rng([self.seed, number, 2])
            self._pass, self._order = number, rng.permutation(len(self.drawings))
        return int(self._order[place])

    def draw_sample(self, sample: int, rng: Rng, size: int) -> LayeredImage:
        """Sample `sample`, augmented; any other drawing where it shows a single layer."""
        drawing = self.drawings[self.number_of(sample)].layered
        placed = _place_drawing(rng, drawing, size, self.augmentation)
        if placed.index.max() == placed.index.min():
            return self.draw(rng, size)
        return self._recolor(rng, placed)


class PlainSource:
    """Drawings resized but not augmented, shown whole: for validation."""

    def __init__(self, drawings: Drawings) -> None:
        self.drawings = drawings

    def draw(self, rng: Rng, size: int) -> LayeredImage:
        """The drawing that the generator picks."""
        drawing = self.drawings[int(rng.integers(len(self.drawings)))]
        whole = Augmentation(scale=(1.0, 1.0), turn=0.0, shift=0.0, flip=0.0)
        return _place_drawing(rng, drawing.layered, size, whole).renumbered()


def _place_drawing(
    rng: Rng, drawing: LayeredImage, size: int, augmentation: Augmentation
) -> LayeredImage:
    rgb, index = place(rng, drawing.rgb, drawing.index, size, augmentation)
    return replace(drawing, rgb=rgb, index=index)
