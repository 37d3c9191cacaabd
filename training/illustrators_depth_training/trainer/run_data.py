"""Where a run's samples come from: the numbered training stream and fixed validation pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightning as L
import torch
from torch.utils.data import DataLoader

from illustrators_depth.errors import InputError

from ..packed import open_drawings
from ..procedural import make_chart, make_crowd, make_lines, make_materials, make_scene
from ..samples.shard_source import EpochSource, PlainSource, ShardSource
from ..samples.stream import Mixture, ProceduralSource, SampleSource, SampleStream
from .config import SourceConfig, TrainConfig
from .signals import leave_signals_to_parent

__all__ = ["RunData", "make_source", "validation_share"]

_VALIDATION_SEED = 12345
_BATCHES_AHEAD = 4
"""Batches that each worker of the loader makes before they are asked for."""


def make_source(config: SourceConfig, split: str, seed: int = 0) -> SampleSource:
    """The sample source that a config names, on the given split ("train" or "val").

    `seed` decides the order of drawings that are sampled by epochs.
    """
    makers = {
        "procedural": make_scene, "lines": make_lines, "crowd": make_crowd, "charts": make_chart,
        "materials": make_materials,
    }  # fmt: skip
    if config.kind in makers:
        return ProceduralSource(makers[config.kind], config.effects)
    if config.kind == "shards":
        if not config.path or "$" in config.path:
            raise InputError("This config trains on a built data set; name it with --data DIR.")
        drawings = open_drawings(Path(config.path), split, config.exclude)
        if split == "val":
            return PlainSource(drawings)
        if config.sampling == "epochs":
            return EpochSource(drawings, seed, config.augmentation)
        return ShardSource(
            drawings, config.compose, config.augmentation, config.kinds, config.effects
        )
    raise InputError(
        f"A source's kind must be shards or one of {', '.join(makers)}, not {config.kind!r}."
    )


class RunData(L.LightningDataModule):
    """The numbered training stream and a fixed set of validation pictures."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        self.config = config
        sources = [make_source(s, "train", config.seed) for s in config.sources]
        by_epochs = config.sources[0].sampling == "epochs"
        self.stream = SampleStream(
            sources[0] if by_epochs else Mixture(sources, [s.share for s in config.sources]),
            config.size,
            config.batch,
            config.seed,
            tokens=config.tokens,
            segmented=config.segmented,
            aspect=config.aspect,
        )

    def train_dataloader(self) -> DataLoader[Any]:
        trainer = self.trainer
        assert trainer is not None
        self.stream.first_step = trainer.global_step * self.config.accumulate
        self.stream.rank, self.stream.ranks = trainer.global_rank, trainer.world_size
        workers = self.config.workers
        return DataLoader(
            self.stream,
            batch_size=None,
            num_workers=workers,
            prefetch_factor=_BATCHES_AHEAD if workers else None,
            worker_init_fn=leave_signals_to_parent,
            persistent_workers=False,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        config, trainer = self.config, self.trainer
        assert trainer is not None
        source = make_source(config.validation, "val")
        fixed = SampleStream(
            source, config.size, config.batch, _VALIDATION_SEED, targets=False, tokens=config.tokens
        )
        count = max(1, config.validation_pictures // config.batch)
        own = validation_share(count, trainer.global_rank, trainer.world_size)
        batches = [
            {
                **fixed.batch_at(number % count),
                "number": torch.tensor(number if number < count else -1),
            }
            for number in own
        ]
        return DataLoader(batches, batch_size=None)  # type: ignore[arg-type]


def validation_share(count: int, rank: int, ranks: int) -> range:
    """Which of `count` batches a rank validates on: each rank as many, numbers from `count` on for
    those that only fill up, since ranks must take part in the same number of steps."""
    each = -(-count // ranks)
    return range(rank, each * ranks, ranks)
