"""A preset: all settings of a batch in one JSON or TOML file, one table per verb.

    [decompose]
    layers = 8
    [relief]
    mode = "terraced"
    size_mm = 150

The table `blender` belongs to the add-on; the engine leaves it alone.
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from ..errors import InputError
from ..io.user_path import user_path
from ..product_settings import VectorizeSettings
from ..settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
    Settings,
)

__all__ = ["Preset", "load_preset"]

_MAX_BYTES = 1 << 20  # bytes of a preset file: it holds a few dozen numbers


@dataclass(frozen=True)
class Preset:
    """One settings object per verb; `blender` is for the add-on, uninterpreted."""

    read: ReadSettings = field(default_factory=ReadSettings)
    depth: DepthSettings = field(default_factory=DepthSettings)
    decompose: DecomposeSettings = field(default_factory=DecomposeSettings)
    complete: CompleteSettings = field(default_factory=CompleteSettings)
    relief: ReliefSettings = field(default_factory=ReliefSettings)
    vectorize: VectorizeSettings = field(default_factory=VectorizeSettings)
    blender: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The engine's tables as plain JSON values, every field spelled out."""
        values = {f.name: getattr(self, f.name) for f in fields(self)}
        tables = {k: v.to_dict() for k, v in values.items() if isinstance(v, Settings)}
        plain: dict[str, Any] = json.loads(json.dumps(tables))  # tuples as JSON has them
        return plain

    @classmethod
    def from_dict(cls, tables: Mapping[str, Any]) -> Self:
        """Build from tables of fields; InputError for an unknown table, field or a bad value."""
        empty = cls()
        settings: dict[str, Any] = {}
        for name, table in tables.items():
            if name not in {f.name for f in fields(cls)}:
                names = ", ".join(f.name for f in fields(cls))
                raise InputError(f"There is no table {name!r} in a preset; known: {names}.")
            if not isinstance(table, Mapping):
                raise InputError(f"{name!r} in a preset must be a table of settings.")
            default = getattr(empty, name)
            settings[name] = (
                type(default).from_dict(table) if isinstance(default, Settings) else dict(table)
            )
        return cls(**settings)

    def changed(self, name: str, **values: Any) -> Preset:
        """This preset with some fields of the table `name` replaced; None leaves a field alone."""
        changes = {k: v for k, v in values.items() if v is not None}
        tables = self.to_dict()
        tables[name] |= changes
        return Preset.from_dict({**tables, "blender": self.blender})


def load_preset(path: Path) -> Preset:
    """Read a preset from a .json or .toml file.

    Raises InputError, naming the file, when it cannot be read or a setting in it makes no sense.
    """
    path = user_path(path)
    try:
        if path.stat().st_size > _MAX_BYTES:
            raise InputError(f"{path.name} is too large for a preset; name a settings file.")
        text = path.read_text(encoding="utf-8")
        if path.suffix.lower() == ".toml":
            tables = tomllib.loads(text)
        elif path.suffix.lower() == ".json":
            tables = json.loads(text)
        else:
            raise InputError(f"{path.name}: a preset is a .toml or .json file; rename it.")
    except OSError as error:
        raise InputError(
            f"The preset {path} cannot be read ({error.strerror}); check the path."
        ) from error
    except InputError:
        raise
    except ValueError as error:  # no text, no TOML or JSON, a number of thousands of digits
        raise InputError(f"The preset {path.name} is not valid ({error}); mend it.") from error
    except RecursionError as error:
        raise InputError(f"The preset {path.name} is nested too deeply; mend it.") from error
    if not isinstance(tables, dict):
        raise InputError(f"The preset {path.name} must hold tables of settings.")
    try:
        return Preset.from_dict(tables)
    except InputError as error:
        raise InputError(f"In the preset {path.name}: {error}") from error
