"""The smallest real training runs: procedural scenes, the compact network, a few steps."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from torch import Tensor

COMMAND = Path(sys.executable).with_name("illustrators-depth-training")

TINY = """
name: tiny
network: {kind: compact, prior: none}
sources: [{kind: procedural}]
validation: {kind: procedural}
validation_pictures: 2
validate_every: 1000
size: 32
batch: 2
workers: 1
steps: STEPS
seed: 4
precision: 32-true
accelerator: cpu
loss: {region: 0.5, rank: 1.0, touch: 1.0}
optimizer: {lr: 1.0e-3, encoder_lr: 1.0e-3, warmup: 2}
checkpoint_minutes: 0.0001
"""


def write_config(folder: Path, steps: int, extra: str = "") -> Path:
    """A config file for `steps` steps."""
    path = folder / "tiny.yaml"
    path.write_text(TINY.replace("STEPS", str(steps)) + extra, encoding="utf-8")
    return path


def start(config: Path, out: Path, *extra: str, own_group: bool = False) -> subprocess.Popen[str]:
    """Start `illustrators-depth-training train` in a process, or in a process group, of its own."""
    command: Sequence[str] = [
        str(COMMAND), "train", str(config), "--out", str(out), "--quiet", *extra,
    ]  # fmt: skip
    return subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=out.parent,
        start_new_session=own_group,
    )


def last_weights(out: Path) -> dict[str, Tensor]:
    """Raw and averaged weights, and the optimiser's moments, of a run's last checkpoint."""
    saved = torch.load(out / "checkpoints" / "last.ckpt", weights_only=True)
    values = dict(saved["state_dict"])
    for name, state in saved["callbacks"].items():
        if name.startswith("AveragedWeights"):
            values |= {f"average.{k}": v for k, v in state["average"].items()}
    for number, state in saved["optimizer_states"][0]["state"].items():
        values[f"moment.{number}"] = state["exp_avg"]
    values["step"] = torch.tensor(saved["global_step"])
    return values
