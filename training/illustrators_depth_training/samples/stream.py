"""An endless, numbered stream of training samples.

Sample number n is a pure function of (seed, n): whichever process or worker draws it, and whether
the run was interrupted, it is the same. That is what makes a resumed run exact without saving any
state of the loader.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Protocol

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.utils.data import IterableDataset, get_worker_info

from illustrators_depth.errors import InputError
from illustrators_depth.networks.compact import STRIDE

from ..data.layered import LayeredImage
from ..effects import EffectChances, apply_effects
from ..procedural import make_scene
from .frames import pad_to_stride, random_frame, random_window
from .region_tokens import region_tokens, segment
from .shard_source import TRIES, EpochSource
from .targets import make_targets

__all__ = ["Mixture", "ProceduralSource", "SampleSource", "SampleStream"]


class SampleSource(Protocol):
    """Gives one augmented drawing of S x S pixels, its layers numbered from 1."""

    def draw(self, rng: np.random.Generator, size: int) -> LayeredImage: ...


class ProceduralSource:
    """Drawings made from a seed, random occlusion scenes by default; nothing is read from disk."""

    def __init__(
        self,
        make: Callable[[np.random.Generator, int], LayeredImage] = make_scene,
        effects: EffectChances | None = None,
    ) -> None:
        self.make, self.effects = make, effects or EffectChances()

    def draw(self, rng: np.random.Generator, size: int) -> LayeredImage:
        while True:
            drawing = apply_effects(rng, self.make(rng, size), self.effects).renumbered()
            if drawing.index.max() > 1:
                return drawing


class Mixture:
    """Draws from one of several sources, each with its share."""

    def __init__(self, sources: Sequence[SampleSource], shares: Sequence[float]) -> None:
        self.sources = list(sources)
        self.shares = np.asarray(shares, np.float64) / float(np.sum(shares))

    def draw(self, rng: np.random.Generator, size: int) -> LayeredImage:
        return self.sources[int(rng.choice(len(self.sources), p=self.shares))].draw(rng, size)


class SampleStream(IterableDataset[dict[str, Tensor]]):
    """Batches of samples, numbered from `first_step`, for one rank of a (distributed) run.

    Each item is a whole batch: `rgb` uint8 (B, 3, S, S), `index` int32 (B, S, S), with `targets`
    the stacked fields of `Targets`, and with `tokens` > 0 the inputs of the region stage, padded to
    so many regions (`segmented` is the share of samples whose regions come from the picture alone,
    as they will at inference, rather than from the truth). With `aspect` > 1 half of the batches
    are wider or taller than square, up to so much, and padded to the network's stride as the
    predictor pads: there they have no region.
    """

    def __init__(
        self,
        source: SampleSource,
        size: int,
        batch: int,
        seed: int,
        targets: bool = True,
        tokens: int = 0,
        segmented: float = 0.3,
        aspect: float = 1.0,
    ) -> None:
        self.source, self.size, self.batch, self.seed = source, size, batch, seed
        self.aspect = aspect
        self.targets, self.tokens, self.segmented = targets, tokens, segmented
        self.first_step = 0
        self.rank, self.ranks = 0, 1

    def __iter__(self) -> Iterator[dict[str, Tensor]]:
        cv2.setNumThreads(1)
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        step = self.first_step + worker
        while True:
            yield self.batch_at(step)
            step += workers

    def batch_at(self, step: int) -> dict[str, Tensor]:
        """The batch that this rank sees at optimiser step `step`."""
        first = (step * self.ranks + self.rank) * self.batch
        # One frame for all, so that they stack; it depends on the first sample's number alone.
        shapes = np.random.default_rng([self.seed, first, 1])
        frame = random_frame(shapes, self.size, self.aspect)
        items = [self.sample(first + i, frame) for i in range(self.batch)]
        return {key: torch.from_numpy(np.stack([item[key] for item in items])) for key in items[0]}

    def sample(
        self, number: int, frame: tuple[int, int] | None = None
    ) -> dict[str, NDArray[np.generic]]:
        """Sample `number` of the run in a frame of (height, width), as arrays."""
        rng = np.random.default_rng([self.seed, number])
        inner = frame or (self.size, self.size)
        drawing = self._draw(number, rng, inner)
        rgb, index = pad_to_stride((drawing.rgb, drawing.index), STRIDE)
        out: dict[str, NDArray[np.generic]] = {
            "rgb": np.ascontiguousarray(rgb.transpose(2, 0, 1)),
            "index": np.ascontiguousarray(index, np.int32),
        }
        if self.targets:
            targets = make_targets(
                index.astype(np.int32), rng, hides=drawing.hides, invisible=drawing.invisible
            )
            out |= {
                "region": targets.region,
                "pixels": targets.pixels,
                "pixel_relation": targets.pixel_relation,
                "edges": targets.edges,
                "edge_weight": targets.edge_weight,
                "edge_relation": targets.edge_relation,
            }
        if self.tokens:
            # The predictor will segment the picture; the true regions are nearly the same and
            # cost a tenth of the time, so that a share of the former is enough.
            if rng.random() < self.segmented or not self.targets:
                labels = segment(rgb)
            else:
                labels = targets.region
            if labels.shape != inner:
                labels = labels.copy()
                labels[inner[0] :], labels[:, inner[1] :] = -1, -1
            out |= region_tokens(rgb, labels, self.tokens)
        return out

    def _draw(self, number: int, rng: np.random.Generator, frame: tuple[int, int]) -> LayeredImage:
        """A drawing of which the frame shows two layers at least."""
        if isinstance(self.source, EpochSource):
            drawing = self.source.draw_sample(number, rng, self.size)
        else:
            drawing = self.source.draw(rng, self.size)
        if frame == (self.size, self.size):
            return drawing
        for _ in range(TRIES):
            rgb, index = random_window(rng, (drawing.rgb, drawing.index), frame)
            if index.max() > index.min():
                return replace(drawing, rgb=rgb, index=index).renumbered()
            drawing = self.source.draw(rng, self.size)
        raise InputError(
            f"In {TRIES} tries no frame of {frame[1]}x{frame[0]} pixels showed two layers; give a "
            "greater size or a smaller aspect."
        )
