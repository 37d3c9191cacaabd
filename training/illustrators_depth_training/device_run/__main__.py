"""Starts a run on a device without anything but PyTorch and what the run itself needs.

python -m illustrators_depth_training.device_run compact-gpu --data PACK --minutes 9 --out RUN
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import torch

from illustrators_depth.errors import EngineError, InputError

from ..checked_settings import changed_settings, overrides_from
from .recipe import RECIPES, DeviceRecipe
from .run import run_on_device

__all__ = ["choose_device", "main", "recipe_of"]


def recipe_of(name: str, overrides: dict[str, Any]) -> DeviceRecipe:
    """A recipe by name with some of its settings changed.

    Raises InputError when there is none of the name, or a setting is unknown or of a wrong value.
    """
    if name not in RECIPES:
        raise InputError(f"There is no recipe {name}; there are {', '.join(RECIPES)}.")
    recipe = changed_settings(RECIPES[name], overrides, name)
    assert isinstance(recipe, DeviceRecipe)
    return recipe


def choose_device(name: str) -> torch.device:
    """The device of a name, or for "auto" the best that is there.

    Raises InputError when PyTorch finds none of the name.
    """
    available = {
        "cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True
    }  # fmt: skip
    if name == "auto":
        return torch.device(next(name for name, has_device in available.items() if has_device))
    if not available.get(name, False):
        raise InputError(f"PyTorch finds no {name} device here; use --device cpu.")
    return torch.device(name)


def _value(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command; returns its exit code."""
    parser = argparse.ArgumentParser("device_run", description=__doc__.splitlines()[0])
    parser.add_argument("recipe", choices=sorted(RECIPES), help="What is trained.")
    parser.add_argument("--data", type=Path, required=True, help="A packed corpus or travel pack.")
    parser.add_argument("--out", type=Path, required=True, help="Folder of the run.")
    parser.add_argument("--minutes", type=float, required=True, help="End in so many minutes.")
    parser.add_argument("--device", default="auto", choices=("auto", "cpu", "cuda", "mps"))
    parser.add_argument(
        "--set",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="Override, for example --set batch=64 --set optimizer.lr=1e-3.",
    )
    given = parser.parse_args(arguments)
    try:
        run_on_device(
            recipe_of(given.recipe, overrides_from(given.set, _value)),
            given.data.expanduser(),
            given.out.expanduser(),
            given.minutes,
            choose_device(given.device),
        )
    except EngineError as error:
        print(f"Error: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
