"""Whole batches of training samples, made on the device that trains on them.

The same functions as `samples.stream.SampleStream`, as tensor code over many samples at once. It
never waits for the device, so that samples are made while the network still trains on the last
ones.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import torch
from torch import Tensor

from ..effects import EffectChances
from ..samples.augment import Augmentation
from .composition import Composed, join
from .corpus import CorpusTensors
from .drawings import NO_LABEL, place_drawings
from .effects.backdrop import put_on_backdrop
from .effects.files import compress, soften
from .effects.layers import grain_layers, shade_layers
from .effects.surfaces import surface
from .region_inputs import region_tokens
from .scenes import make_scenes
from .targets import REGIONS, make_targets
from .tensors.color import apply_color_maps, color_maps, quantize
from .tensors.components import connected_components
from .tensors.dice import Dice

__all__ = ["BatchMaker", "SampleRecipe"]


@dataclass(frozen=True)
class SampleRecipe:
    """What samples are like.

    Attributes:
        size: side in pixels, a multiple of 32.
        tokens: regions a picture that the region stage sees.
        compose: share of scenes of several drawings.
        segmented: share of samples whose regions are those that were found in the drawing, as at
            inference; the others' are the true ones.
        effects: chances; ink and shadow, which add layers, are made by the reference only.
        augmentation: of single drawings, and of all colours.
    """

    size: int = 192
    tokens: int = 64
    compose: float = 0.2
    segmented: float = 0.6
    effects: EffectChances = field(default_factory=EffectChances)
    augmentation: Augmentation = field(default_factory=Augmentation)


class BatchMaker:
    """Numbered batches: number n is a pure function of the seed, n, and the kind of device."""

    def __init__(self, corpus: CorpusTensors, recipe: SampleRecipe, seed: int = 0) -> None:
        self.corpus, self.recipe, self.seed = corpus, recipe, seed

    def batch(self, number: int, count: int) -> dict[str, Tensor]:
        """Batch `number` of `count` samples, as `SampleStream` makes them.

        `rgb` uint8 (B, 3, S, S), `index` int32 (B, S, S), the fields of `Targets`, and `cover`,
        `features`, `pairs`, `real`, `token` of the region stage.
        """
        return self.batch_from(Dice.seeded(self.corpus.device, self.seed, number), count)

    @torch.no_grad()
    def batch_from(self, dice: Dice, count: int) -> dict[str, Tensor]:
        """A batch from dice."""
        recipe = self.recipe
        composed = self._compose(dice, count)
        rgb = self._finish(dice, composed).to(torch.uint8)
        index = composed.index
        targets = make_targets(dice, index, composed.relations, rgb)
        labels = targets["region"].long()
        segmented = dice.rows(count, recipe.segmented)
        if len(segmented):
            labels_of_regions = composed.label[segmented]
            components = connected_components(labels_of_regions, REGIONS)
            components.masked_fill_(labels_of_regions == NO_LABEL, REGIONS - 1)
            labels.index_copy_(0, segmented, components)
        return {
            "rgb": rgb,
            "index": index.to(torch.int32),
            **targets,
            **region_tokens(rgb, labels, REGIONS, recipe.tokens),
        }

    def _compose(self, dice: Dice, count: int) -> Composed:
        recipe, corpus = self.recipe, self.corpus
        scenes = sum(dice.host.random() < recipe.compose for _ in range(count))
        parts = []
        if scenes < count:
            parts.append(
                place_drawings(
                    dice, corpus, count - scenes, recipe.size, recipe.augmentation,
                    recipe.effects.wobble,
                )
            )  # fmt: skip
        if scenes:
            parts.append(make_scenes(dice, corpus, scenes, recipe.size))
        return join(parts)

    def _finish(self, dice: Dice, composed: Composed) -> Tensor:
        """Pictures after colour, effects and files: whole numbers, float32 (B, 3, S, S)."""
        chances, count = self.recipe.effects, len(composed.rgb)
        index = composed.index
        augmentation = self.recipe.augmentation
        rgb = apply_color_maps(composed.rgb, *color_maps(dice, count, augmentation))
        for chance, apply in (
            (chances.backdrop, put_on_backdrop),
            (chances.shade, shade_layers),
            (chances.grain, grain_layers),
        ):
            rows = dice.rows(count, chance)
            if len(rows):
                rgb.index_copy_(0, rows, apply(dice, rgb[rows], index[rows]))
        for chance, over in ((chances.surface, surface), (chances.files, compress)):
            rows = dice.rows(count, chance)
            if len(rows):
                rgb.index_copy_(0, rows, over(dice, rgb[rows]))
        return quantize(soften(dice, rgb, augmentation.blur))
