"""What a resumed run may change: its old settings are kept, and every difference is said."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from .config import TrainConfig

__all__ = ["changed_settings", "remember"]

_NAME = "config.json"


def changed_settings(config: TrainConfig, out: Path) -> list[str]:
    """Settings that differ from those which the run under `out` was last started with.

    Each as "optimizer.lr 0.001 -> 0.0005"; empty when the run kept none that can be read.

    Raises InputError when the checkpoint's weights or optimiser state would not fit the new ones.
    """
    before = _read_settings(out / _NAME)
    after = json.loads(json.dumps(asdict(config)))
    old, new = dict(_flatten(before)), dict(_flatten(after))
    changes = {
        name: (old[name], new[name]) for name in new if old.get(name, new[name]) != new[name]
    }
    for name in ("network.kind", "optimizer.kind", "tokens"):
        old_value, new_value = changes.get(name, (None, None))
        if name in changes and (name != "tokens" or bool(old_value) != bool(new_value)):
            raise InputError(
                f"The run in {out} was started with {name} {old_value} and cannot go on with "
                f"{new_value}; give another --out (--set network.prior=CHECKPOINT starts from its "
                "weights)."
            )
    return [
        f"{name} {old_value} -> {new_value}" for name, (old_value, new_value) in changes.items()
    ]


def remember(config: TrainConfig, out: Path) -> None:
    """Keep the resolved settings beside the run; other ones before them as `config-before-1.json`,
    and so on."""
    out.mkdir(parents=True, exist_ok=True)
    path = out / _NAME
    text = json.dumps(asdict(config), indent=1) + "\n"
    if _read_settings(path) not in ({}, json.loads(text)):
        number = 1 + len(list(out.glob("config-before-*.json")))
        path.replace(out / f"config-before-{number}.json")
    with atomic_path(path, overwrite=True) as partial:
        partial.write_text(text, encoding="utf-8")


def _read_settings(path: Path) -> dict[str, Any]:
    """The settings in a file; none when it is missing or damaged: the run does not need it."""
    try:
        settings = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return settings if isinstance(settings, dict) else {}


def _flatten(values: Mapping[str, Any], before: str = "") -> list[tuple[str, Any]]:
    """Nested settings as (dotted name, value)."""
    out: list[tuple[str, Any]] = []
    for name, value in values.items():
        if isinstance(value, Mapping):
            out += _flatten(value, f"{before}{name}.")
        else:
            out.append((before + name, value))
    return out
