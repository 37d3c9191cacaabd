"""Settings as dataclasses whose ranges stand at their fields, made from mappings and checked.

A run's YAML file, `--set` and recipes in code all end in dataclasses. What a field may be is said
where it is defined (`limited`, `chance`, `file_name`) and nowhere else.
"""

from __future__ import annotations

import math
import os
import reprlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, field, fields, is_dataclass
from typing import Any, get_args, get_origin, get_type_hints

from illustrators_depth.errors import InputError

__all__ = [
    "MAX_SEED",
    "chance",
    "changed_settings",
    "check_ranges",
    "file_name",
    "limited",
    "merge",
    "overrides_from",
    "settings_from",
]

MAX_SEED = 2**32 - 1
"""What every generator of random numbers takes."""
_RANGE, _FILE_NAME = "range", "file name"
_SCALARS: dict[str, type] = {"float": float, "int": int, "bool": bool, "str": str}


def limited(default: Any, low: float = -math.inf, high: float = math.inf) -> Any:
    """A field for numbers, or tuples of them, from `low` to `high`."""
    return field(default=default, metadata={_RANGE: (low, high)})


def chance(default: float) -> Any:
    """A field for a probability or a share, 0 to 1."""
    return limited(default, 0, 1)


def file_name(default: str) -> Any:
    """A field for a path or a name in its place; "~" and environment variables are expanded."""
    return field(default=default, metadata={_FILE_NAME: True})


def check_ranges(settings: Any) -> None:
    """Raise InputError when a number of settings made in code is outside of its field's range."""
    for item in fields(settings):
        value = getattr(settings, item.name)
        if _RANGE in item.metadata and isinstance(value, int | float):
            _check_number(item.name, value, item.metadata, "")


def overrides_from(items: Sequence[str], parse: Callable[[str], Any]) -> dict[str, Any]:
    """A nested mapping from what `--set` gave: "name=value" each, dots between the names.

    parse: makes a value of its text, and raises ValueError where it cannot. Raises InputError where
    an item has no value or goes into one.
    """
    out: dict[str, Any] = {}
    for item in items:
        name, equals, value = item.partition("=")
        if not equals:
            raise InputError(f"--set {item!r} must look like name=value.")
        *parents, last = name.split(".")
        place: Any = out
        for parent in parents:
            place = place.setdefault(parent, {})
            if not isinstance(place, dict):
                raise InputError(f"--set {item!r} goes into {parent}, which another --set fills.")
        try:
            place[last] = parse(value)
        except ValueError as error:
            raise InputError(f"--set {item!r}: {error}") from None
    return out


def settings_from(kind: type, values: Mapping[str, Any], where: str) -> Any:
    """A dataclass from a nested mapping; `where` is said in errors.

    Raises InputError at the first name that is unknown, type that is wrong or number out of range.
    """
    if not isinstance(values, Mapping):
        raise InputError(
            f"{where}: expected a mapping for {kind.__name__}, got {reprlib.repr(values)}."
        )
    assert is_dataclass(kind)
    types = get_type_hints(kind)
    known = {item.name: item for item in fields(kind)}
    checked: dict[str, Any] = {}
    for name, value in values.items():
        if name not in known:
            raise InputError(
                f"{where}: unknown setting {name!r}; known here: {', '.join(sorted(known))}."
            )
        item, entries = known[name], _entry_type(types[name])
        if is_dataclass(types[name]):
            checked[name] = settings_from(types[name], value, where)
        elif entries is not None:
            if not isinstance(value, list):
                raise InputError(f"{where}: {name} must be a list, not {reprlib.repr(value)}.")
            checked[name] = tuple(settings_from(entries, entry, where) for entry in value)
        else:
            checked[name] = _checked(name, value, str(item.type), item.metadata, where)
            if item.metadata.get(_FILE_NAME):
                expanded = os.path.expanduser(checked[name])  # noqa: PTH111 - may be no path
                checked[name] = os.path.expandvars(expanded)
    return kind(**checked)


def changed_settings(base: Any, overrides: Mapping[str, Any], where: str) -> Any:
    """A dataclass with some of its settings changed, each checked as `settings_from` does."""
    return settings_from(type(base), merge(asdict(base), overrides), where)


def merge(base: Mapping[str, Any], top: Mapping[str, Any]) -> dict[str, Any]:
    """A nested mapping with what another one changes or adds."""
    merged = dict(base)
    for key, value in top.items():
        both = isinstance(value, Mapping) and isinstance(merged.get(key), Mapping)
        merged[key] = merge(merged[key], value) if both else value
    return merged


def _entry_type(annotation: Any) -> type | None:
    """The dataclass that a tuple of settings is of; None for anything else."""
    entry = next(iter(get_args(annotation)), None) if get_origin(annotation) is tuple else None
    return entry if isinstance(entry, type) and is_dataclass(entry) else None


def _checked(
    name: str, value: Any, annotation: str, metadata: Mapping[str, Any], where: str
) -> Any:
    """Numbers that YAML reads as text (1e-3) become numbers; wrong types and values fail."""
    if annotation.startswith("tuple"):
        kind = next((k for k in ("float", "int") if k in annotation), "str")
        least_length = annotation.count(",") if kind != "str" else 0
        if isinstance(value, list | tuple) and len(value) > least_length:
            return tuple(_checked(name, entry, kind, metadata, where) for entry in value)
        raise InputError(f"{where}: {name} must be {annotation}, not {reprlib.repr(value)}.")
    scalar = _SCALARS[annotation]
    convertible = scalar is not bool and isinstance(value, str | int | float)
    try:
        number: Any = value
        if not isinstance(value, scalar):
            number = scalar(value) if convertible else None
        if number is None or (scalar is int and number != float(value)):
            raise ValueError
    except (ValueError, OverflowError):
        shown = reprlib.repr(value)
        raise InputError(f"{where}: {name} must be of type {annotation}, not {shown}.") from None
    if scalar in (int, float):
        _check_number(name, number, metadata, f"{where}: ")
    return number


def _check_number(name: str, number: float, metadata: Mapping[str, Any], prefix: str) -> None:
    low, high = metadata.get(_RANGE, (-math.inf, math.inf))
    if not (math.isfinite(number) and low <= number <= high):
        span = f"at least {low:g}" if math.isinf(high) else f"from {low:g} to {high:g}"
        raise InputError(f"{prefix}{name} must be a number {span}, not {number}.")
