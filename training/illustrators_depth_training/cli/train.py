"""`train`: run or resume a training run."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer
import yaml

from illustrators_depth.errors import InputError

__all__ = ["train_command"]


def train_command(
    config: Annotated[
        Path, typer.Argument(help="A YAML file, or a shipped name: compact, depth_pro.")
    ],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; resumed if it exists.")
    ],
    set_: Annotated[
        list[str] | None,
        typer.Option("--set", help="Override, for example --set batch=8 --set optimizer.lr=1e-4."),
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Built data set; fills $DATA in the config.")
    ] = None,
    quiet: Annotated[bool, typer.Option(help="No progress bar.")] = False,
) -> None:
    """Train a network; run the same command again to resume where it stopped."""
    import os

    if data is not None:
        os.environ["DATA"] = str(data.expanduser().resolve())
    from ..config import load_config
    from ..train import train

    train(load_config(config, _overrides(set_ or [])), out.expanduser(), quiet=quiet)


def _overrides(items: list[str]) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for item in items:
        name, found, value = item.partition("=")
        if not found:
            raise InputError(f"--set {item!r} must look like name=value.")
        *parents, last = name.split(".")
        place: Any = out
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise InputError(f"--set {item!r} goes into {parent}, which another --set fills.")
        try:
            place[last] = yaml.safe_load(value)
        except yaml.YAMLError:
            raise InputError(f"--set {item!r}: the value is not valid YAML.") from None
    return out
