"""Commands that take whole settings: their options are made from what the settings' fields say.

`takes(paths=Group(VectorizeSettings, "Paths"))` gives a command one option for every field, named,
explained and checked as the field is, and hands it the finished, checked object as `paths`.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable, Mapping
from dataclasses import Field, dataclass, fields
from enum import Enum, StrEnum
from typing import Annotated, Any, TypeVar, get_type_hints

import typer

from ..errors import InputError
from ..settings import SettingError, SettingInfo, Settings, option_of, setting_info

__all__ = ["Group", "checked", "is_typed", "sides", "takes"]


@dataclass(frozen=True)
class Group:
    """The settings that one argument of a command is.

    Attributes:
        kind: a settings dataclass.
        panel: the heading of its options in `--help`.
        only: the fields that have options, all that say what they are if empty.
        without: fields that have none and keep their defaults.
    """

    kind: type[Settings]
    panel: str
    only: tuple[str, ...] = ()
    without: tuple[str, ...] = ()

    def fields(self) -> list[Field[Any]]:
        """The fields that have options, in the order that they are shown."""
        shown = [f for f in fields(self.kind) if setting_info(self.kind, f.name) is not None]
        chosen = [f for f in shown if (f.name in self.only or not self.only)]
        return [f for f in chosen if f.name not in self.without]

    def make(self, typed: Mapping[str, Any]) -> Settings:
        """The settings of the options' values by parameter name, checked.

        Raises InputError that names the option.
        """
        values = {}
        for each in self.fields():
            value = typed[parameter_name(self.kind, each.name)]
            values[each.name] = typed_value(self.kind, each.name, value)
        return checked(self.kind(**values))


_Kind = TypeVar("_Kind", bound=Settings)


def checked(settings: _Kind) -> _Kind:
    """The settings, checked; InputError names the option that is wrong as a person types it."""
    try:
        settings.check()
    except SettingError as error:
        raise InputError(error.as_option) from error
    return settings


Command = Callable[..., None]
_EXAMPLE_NUMBERS = (0.2, 0.5, 0.8)


def takes(**groups: Group) -> Callable[[Command], Command]:
    """Make the named arguments of a command out of options.

    Options that two groups have in common, such as `--denoise`, are typed once and go to both.
    """

    def decorate(command: Command) -> Command:
        parameters = inspect.signature(command).parameters
        hints = get_type_hints(command, include_extras=True)
        plain = [
            p.replace(annotation=hints[p.name]) for p in parameters.values() if p.name not in groups
        ]
        # Overwrite and its like close the list, as they do in every command.
        trailing = [p for p in plain if p.kind is inspect.Parameter.KEYWORD_ONLY]
        options = {option.name: option for group in groups.values() for option in _options(group)}
        shown = [p for p in plain if p not in trailing] + [*options.values(), *trailing]

        signature = inspect.Signature(shown)

        @functools.wraps(command)
        def run(*args: Any, **kwargs: Any) -> None:
            bound = signature.bind(*args, **kwargs)
            bound.apply_defaults()
            values = bound.arguments
            settings = {name: group.make(values) for name, group in groups.items()}
            command(**{p.name: values[p.name] for p in plain}, **settings)

        run.__signature__ = signature  # type: ignore[attr-defined]
        run.__annotations__ = {p.name: p.annotation for p in shown}
        del run.__wrapped__  # typer would ask it for the parameters
        return run

    return decorate


def _options(group: Group) -> list[inspect.Parameter]:
    """One parameter for typer per field of a group."""
    out = []
    for each in group.fields():
        info = setting_info(group.kind, each.name)
        assert info is not None
        name = parameter_name(group.kind, each.name)
        kind, default = _option_type(name, each.default, info)
        flags = _flags(option_of(group.kind, each.name), each.default, info)
        option = typer.Option(
            *flags, help=_help(info), metavar=info.metavar or None, rich_help_panel=group.panel
        )
        out.append(
            inspect.Parameter(
                name,
                inspect.Parameter.KEYWORD_ONLY,
                default=default,
                annotation=Annotated[kind, option],
            )
        )
    return out


def parameter_name(kind: type[Settings], name: str) -> str:
    """The Python name of a field's option: "network_size" of "--network-size"."""
    return option_of(kind, name).removeprefix("--").replace("-", "_")


def _flags(option: str, default: Any, info: SettingInfo) -> list[str]:
    if isinstance(default, bool):
        return [f"{option}/--no-{option.removeprefix('--')}"] if default else [option]
    return [option, info.short] if info.short else [option]


def _option_type(name: str, default: Any, info: SettingInfo) -> tuple[Any, Any]:
    """The type that typer is told, and the default."""
    if info.choices is not None:
        kind = StrEnum(name, [(choice, choice) for choice in info.choices])  # type: ignore[misc]
        return kind, kind(default)
    if isinstance(default, tuple):
        return str, ",".join(f"{v:g}" if isinstance(v, float) else v for v in default)
    return type(default), default


def _help(info: SettingInfo) -> str:
    """A field's help as a sentence; choices are explained one by one."""
    if info.choices is None:
        share = " (0 to 1)" if (info.least, info.most) == (0.0, 1.0) else ""
        return f"{info.help}{share}."
    return f"{info.help}. " + "; ".join(f"{k}: {v}" for k, v in info.choices.items()) + "."


def typed_value(kind: type[Settings], name: str, value: Any) -> Any:
    """An option's value as the field's: choices as text, lists from how they are typed."""
    info = setting_info(kind, name)
    if isinstance(value, Enum):
        return value.value
    if info is None or not info.metavar or not isinstance(value, str):
        return value
    if info.metavar == "WxH":
        return sides(option_of(kind, name), value)
    if info.metavar.startswith("COLOR"):
        return _filaments(value)
    default = next(each.default for each in fields(kind) if each.name == name)
    example = default if isinstance(default, tuple) and default else _EXAMPLE_NUMBERS
    return numbers(option_of(kind, name), value, example)


def _filaments(text: str) -> tuple[str, ...]:
    """Filaments as they are typed, or those of a CSV file."""
    if text.lower().endswith(".csv"):
        from ..printing.filaments import read_filaments

        return read_filaments(text)
    return tuple(part.strip() for part in text.split(",") if part.strip())


def numbers(
    option: str, text: str, example: tuple[float, ...] = _EXAMPLE_NUMBERS
) -> tuple[float, ...]:
    """Comma-separated numbers; InputError names the option and shows an example."""
    try:
        return tuple(float(part) for part in text.replace(" ", ",").split(",") if part)
    except ValueError as error:
        shown = ",".join(f"{number:g}" for number in example)
        raise InputError(f"{option} takes numbers such as {shown}; not {text!r}.") from error


def sides(option: str, text: str) -> tuple[float, ...]:
    """The sides of "220x220" (or "220"), mm; empty for none. InputError names the option."""
    try:
        lengths = tuple(float(part) for part in text.lower().split("x")) if text.strip() else ()
    except ValueError as error:
        raise InputError(f"{option} takes WIDTHxHEIGHT in mm, as 220x220; not {text!r}.") from error
    return lengths * 2 if len(lengths) == 1 else lengths


def is_typed(context: typer.Context, name: str) -> bool:
    """Whether a person gave the option of this name, rather than leaving it to its default."""
    # By name: typer has a click of its own in newer versions.
    source = context.get_parameter_source(name)
    return source is not None and not source.name.startswith("DEFAULT")
