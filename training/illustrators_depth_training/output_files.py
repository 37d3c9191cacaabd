"""Where reports go: folders made or refused in one sentence, files whole or not at all."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

__all__ = ["output_folder", "without_nan", "write_json", "write_text"]


def output_folder(path: Path) -> Path:
    """The folder, made with its parents where it is missing, "~" expanded.

    Raises InputError when it cannot be made or is a file.
    """
    folder = path.expanduser()
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{folder} cannot be made a folder ({error.strerror}); choose another --out."
        ) from error
    return folder


def write_text(path: Path, text: str) -> None:
    """Write UTF-8 text, replacing the file in one step; InputError when the disk refuses."""
    with atomic_path(path, overwrite=True) as partial:
        partial.write_text(text, encoding="utf-8")


def write_json(path: Path, values: Any) -> None:
    """Write values as indented JSON, NaN as null, replacing the file in one step."""
    write_text(path, json.dumps(without_nan(values), indent=1, allow_nan=False) + "\n")


def without_nan(values: Any) -> Any:
    """The same values with None for every number that is not finite, which JSON does not know."""
    if isinstance(values, Mapping):
        return {name: without_nan(value) for name, value in values.items()}
    if isinstance(values, list | tuple):
        return [without_nan(value) for value in values]
    if isinstance(values, float) and not math.isfinite(values):
        return None
    return values
