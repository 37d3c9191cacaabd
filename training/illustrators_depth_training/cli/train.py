"""`train`: run or resume a training run."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from illustrators_depth.cli.quiet import is_quiet
from illustrators_depth.errors import InputError

from ..checked_settings import overrides_from

__all__ = ["train_command", "yaml_overrides"]


class _Device(StrEnum):
    cpu = "cpu"
    cuda = "cuda"
    mps = "mps"


def train_command(
    config: Annotated[
        Path,
        typer.Argument(
            help="A YAML file, or a shipped name: compact, depth_pro; compact-gpu and teacher-gpu "
            "make their samples on the device and take --minutes."
        ),
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; resumed if it exists.")
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override, for example --set batch=8 --set optimizer.lr=1e-4."),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(help="Built data set, or packed corpus; fills $DATA in the config."),
    ] = None,
    minutes: Annotated[
        float | None,
        typer.Option(
            help="End in so many minutes, whatever the device: the schedule is laid into them, and "
            "the network exported as RUN/compact.onnx and measured."
        ),
    ] = None,
    device: Annotated[
        _Device | None, typer.Option(help="Instead of the config's accelerator.")
    ] = None,
    quiet: Annotated[bool, typer.Option(help="No progress bar.")] = False,
) -> None:
    """Train a network; run the same command again to resume where it stopped."""
    import os

    if data is not None:
        os.environ["DATA"] = str(data.expanduser().resolve())
    from ..device_run.recipe import RECIPES
    from ..trainer.config import load_config

    overrides = yaml_overrides(set_ or [])
    if str(config) in RECIPES:
        _train_on_device(str(config), overrides, data, out, minutes, device)
        return
    from ..trainer.train import train

    if device is not None:
        _check_device(device)
        overrides["accelerator"] = device.value
    settings = load_config(config, overrides)
    quiet = quiet or is_quiet()  # the flag may have been taken before this command saw it
    if minutes is None:
        train(settings, out.expanduser(), quiet=quiet)
    else:
        from ..trainer.boxed_run import run_boxed

        run_boxed(settings, out.expanduser(), minutes, quiet, typer.echo)


def _train_on_device(
    name: str,
    overrides: dict[str, Any],
    data: Path | None,
    out: Path,
    minutes: float | None,
    device: _Device | None,
) -> None:
    """A run whose samples are made where it trains."""
    from ..device_run.__main__ import choose_device, recipe_of
    from ..device_run.run import run_on_device

    if minutes is None or data is None:
        lacks = "--minutes" if minutes is None else "--data"
        raise InputError(f"{name} trains for so many minutes from a packed corpus; give {lacks}.")
    chosen = choose_device(device.value if device else "auto")
    recipe = recipe_of(name, overrides)
    run_on_device(recipe, data.expanduser(), out.expanduser(), minutes, chosen, typer.echo)


def _check_device(device: _Device) -> None:
    import torch

    available = {
        _Device.cpu: True,
        _Device.cuda: torch.cuda.is_available(),
        _Device.mps: torch.backends.mps.is_available(),
    }
    if not available[device]:
        raise InputError(f"PyTorch finds no {device.value} device here; use --device cpu.")


def yaml_overrides(items: list[str]) -> dict[str, Any]:
    """What `--set` gave, values in YAML; raises InputError as `overrides_from` does."""
    return overrides_from(items, _yaml)


def _yaml(text: str) -> Any:
    try:
        return yaml.safe_load(text)
    except yaml.YAMLError:
        raise ValueError("the value is not valid YAML.") from None
