"""What is to be reproduced, and with what: checked before anything is built."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.networks.checkpoint import fit_state
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth.networks.depth_pro_keys import read_public_tensors

from ..packed import open_drawings
from ..trainer.config import TrainConfig, load_config

__all__ = ["ABLATIONS", "EFFECTIVE_BATCH", "EPOCHS", "Reproduction", "svg_tables"]

EPOCHS, EFFECTIVE_BATCH = 40, 8
# Name of the run -> config; each differs from the first in one thing.
ABLATIONS = {
    "full": "paper",
    "no_prior": "paper_no_prior",
    "no_cleaning": "paper_no_cleaning",
    "disparity": "paper_disparity",
}


@dataclass(frozen=True)
class Reproduction:
    """One call of `reproduce`.

    Attributes:
        mmsvg: folder with MMSVG-Illustration's Parquet files, or a packed corpus of it.
        weights: Depth Pro's public checkpoint.
        out: where everything goes.
        svgx: folder with the Parquet files of the second test, if any.
        devices, hosts: GPUs of a host, and hosts.
        size: pixels a side of the drawings that are built.
        workers: processes that render drawings; None for all cores.
        overrides: of every training's settings.
    """

    mmsvg: Path
    weights: Path
    out: Path
    svgx: Path | None = None
    devices: int = 8
    hosts: int = 1
    size: int = 1536
    workers: int | None = None
    overrides: Mapping[str, Any] = field(default_factory=dict)

    @property
    def packed(self) -> bool:
        """Whether MMSVG comes as a packed corpus, which has the paper's cleaning already."""
        return self.mmsvg.is_file()

    @property
    def runs(self) -> tuple[str, ...]:
        """The trainings that can be done: a packed corpus has no uncleaned drawings."""
        return tuple(name for name in ABLATIONS if name != "no_cleaning" or not self.packed)

    @property
    def on_cpu(self) -> bool:
        """Whether the trainings are told to stay on the processor."""
        return self.overrides.get("accelerator") == "cpu"

    @property
    def data(self) -> Path:
        """The cleaned drawings: a folder of shards, or the packed corpus."""
        return self.mmsvg if self.packed else self.out / "data"

    @property
    def fixed(self) -> dict[str, Any]:
        """Settings that a reproduction that goes on must share with how it began."""
        values = asdict(self)
        names = ("mmsvg", "weights", "svgx", "size", "overrides")
        return {
            name: str(values[name]) if isinstance(values[name], Path) else values[name]
            for name in names
        }

    def training(self, name: str, drawings: int) -> TrainConfig:
        """Settings of a run, with as many steps as 40 epochs of so many drawings have."""
        os.environ["DATA"] = str(self.data.resolve())
        os.environ["DATA_UNCLEANED"] = str((self.out / "data-uncleaned").resolve())
        os.environ["DEPTH_PRO"] = str(self.weights.resolve())
        processes = self.devices * self.hosts
        laid = {
            "steps": max(1, round(EPOCHS * drawings / EFFECTIVE_BATCH)),
            "accumulate": EFFECTIVE_BATCH // processes,
            "devices": self.devices,
            "nodes": self.hosts,
            "strategy": "ddp" if processes > 1 else "auto",
        }
        return load_config(Path(ABLATIONS[name]), {**laid, **self.overrides})

    def check(self, launched: bool, ranks: int) -> None:
        """Everything that can be told before hours are spent.

        Raises InputError in one sentence: no Parquet files, a pack of another version, weights of
        another shape, processes that do not divide the paper's batch, --hosts without a launcher;
        UnavailableError for GPUs that are not there.
        """
        processes = self.devices * self.hosts
        if processes < 1 or EFFECTIVE_BATCH % processes:
            raise InputError(
                f"--devices {self.devices} on --hosts {self.hosts} are {processes} processes, "
                f"which do not divide the paper's batch of {EFFECTIVE_BATCH}; "
                "give 1, 2, 4 or 8 in all."
            )
        if self.packed:
            open_drawings(self.mmsvg, "train")
        else:
            svg_tables(self.mmsvg, "--mmsvg")
        if self.svgx is not None:
            svg_tables(self.svgx, "--svgx")
        if self.hosts > 1 and not launched:
            raise InputError(
                f"--hosts {self.hosts} needs torchrun or SLURM to start the processes; see "
                "docs/training.md, On eight GPUs."
            )
        if launched and ranks != processes:
            raise InputError(
                f"{ranks} processes were started, but --devices {self.devices} on --hosts "
                f"{self.hosts} are {processes}."
            )
        if not self.on_cpu and torch.cuda.device_count() < self.devices:
            raise UnavailableError(
                f"--devices {self.devices} needs as many NVIDIA GPUs, and PyTorch finds "
                f"{torch.cuda.device_count()} here; give fewer, or --dry-run to see the plan."
            )
        self.check_weights()

    def check_weights(self) -> None:
        """InputError unless --weights are Depth Pro's, in names and shapes."""
        sizes = self.training("full", 1).network.sizes
        tensors = read_public_tensors(self.weights)
        with torch.device("meta"):
            network = DepthProNetwork(sizes.config)
        fit_state(network, tensors, self.weights)


def svg_tables(folder: Path, option: str) -> tuple[str, int]:
    """The column with SVG text in a folder's Parquet files, and the number of their rows.

    Raises InputError when there are no such files or no such column.
    """
    try:
        import pyarrow.parquet as parquet
    except ImportError:
        raise UnavailableError(
            f"{option} needs pyarrow; install `illustrators-depth-training[parquet]`."
        ) from None
    paths = sorted(folder.glob("**/*.parquet")) if folder.is_dir() else []
    if not paths:
        raise InputError(f"{option}: there is no .parquet file in {folder}; check the folder.")
    rows = 0
    columns: set[str] = set()
    for path in paths:
        try:
            file = parquet.ParquetFile(path)
            rows += file.metadata.num_rows
            head = next(file.iter_batches(batch_size=1), None)
        except (OSError, ValueError) as error:
            raise InputError(f"{path} is not a readable Parquet file ({error}).") from None
        first = head.to_pylist() if head is not None else []
        columns |= {
            name
            for row in first
            for name, value in row.items()
            if "<svg"
            in (value.decode("utf-8", "ignore") if isinstance(value, bytes) else str(value))
        }
    if len(columns) != 1:
        raise InputError(
            f"{option}: the tables in {folder} hold SVG text in "
            f"{'no column' if not columns else ' and '.join(sorted(columns))}; one is needed."
        )
    return columns.pop(), rows
