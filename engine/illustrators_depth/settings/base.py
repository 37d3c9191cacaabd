"""What all settings dataclasses have: conversion, and checks made from what their fields say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import Field, asdict, dataclass, fields
from numbers import Integral, Real
from typing import Any, Self

from ..errors import InputError, check_kind
from .info import SettingError, setting_info

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """Base of all settings: conversion to and from JSON-able dictionaries."""

    def to_dict(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> Self:
        """Build from a mapping; unknown names and values of another type raise InputError."""
        if not isinstance(values, Mapping):
            raise InputError(f"{cls.__name__} needs names and values, not {values!r:.60}.")
        names = {f.name for f in fields(cls)}
        unknown = sorted(set(values) - names)
        if unknown:
            raise InputError(
                f"Unknown setting {unknown[0]!r} for {cls.__name__}; "
                f"known: {', '.join(sorted(names))}."
            )
        settings = cls(
            **{f.name: _converted(cls, f, values[f.name]) for f in fields(cls) if f.name in values}
        )
        settings.check()
        return settings

    @classmethod
    def or_default(cls, settings: Self | None, argument: str = "settings") -> Self:
        """The settings that a caller passed for an argument, checked; the defaults for None."""
        if settings is None:
            return cls()
        check_kind(settings, cls, argument)
        settings.check()
        return settings

    def check(self) -> None:
        """Raise SettingError on the first field that is of another kind, or out of its range."""
        for each in fields(self):
            value = _converted(type(self), each, getattr(self, each.name))
            info = setting_info(type(self), each.name)
            fault = info.fault(value) if info is not None else ""
            if fault:
                raise SettingError(type(self), f"{{{each.name}}} {fault}.")

    def require(self, name: str, fits: bool, fault: str) -> None:
        """Raise SettingError for a field unless it fits: "`name` `fault`."."""
        if not fits:
            raise SettingError(type(self), f"{{{name}}} {fault}.")


def _converted(owner: type, field: Field[Any], value: Any) -> Any:
    """The value as its field's type; InputError when it is of another kind."""
    default = field.default
    if isinstance(default, bool):
        fits = isinstance(value, bool)
    elif isinstance(default, int | float):
        kind: Any = Integral if isinstance(default, int) else Real
        fits = isinstance(value, kind) and not isinstance(value, bool)
    elif isinstance(default, tuple):
        each: Any = str if "str" in str(field.type) else Real
        fits = isinstance(value, list | tuple) and all(isinstance(v, each) for v in value)
        value = tuple(value) if fits else value
    else:
        fits = isinstance(value, type(default))
    if not fits:
        words = {bool: "true or false", int: "a whole number", float: "a number", str: "text"}
        list_words = "a list of texts" if "str" in str(field.type) else "a list of numbers"
        raise SettingError(
            owner,
            f"{{{field.name}}} of {owner.__name__} must be {words.get(type(default), list_words)}, "
            f"not {value!r:.60}.",
        )
    return value
