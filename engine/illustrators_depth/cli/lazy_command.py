"""A command whose module is loaded when it is used: a list of commands needs none of them."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup

from ..errors import InputError
from ..settings import SettingError, option_of

__all__ = ["LazyCommand", "lazy_group"]

# Where a context keeps the names of parameters that were typed as an empty text.
_EMPTY = "illustrators_depth.empty"


class LazyCommand(TyperCommand):
    """The function of a command's own name in the module of that name, once it is asked for.

    summary: what the list of commands says of it, the first sentence of the function's help.
    """

    def __init__(self, name: str, summary: str) -> None:
        self._loaded: Any = None
        super().__init__(name, help=summary, rich_markup_mode="rich")

    def _load(self) -> Any:
        if self._loaded is None:
            from .streams import with_streams

            module = importlib.import_module(f".commands.{self.name}", __package__)
            app = typer.Typer(
                add_completion=False, rich_markup_mode="rich", pretty_exceptions_enable=False
            )
            app.command(self.name)(with_streams(getattr(module, str(self.name))))
            self._loaded = typer.main.get_command(app)
            self.help = self._loaded.help
        return self._loaded

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        typed, _, _ = self.make_parser(ctx).parse_args(args=list(args))
        ctx.meta[_EMPTY] = {name for name, text in typed.items() if text == ""}
        return list(super().parse_args(ctx, args))

    def invoke(self, ctx: Any) -> Any:
        for each in self.params:
            # As a path an empty text is the current folder, which nobody has named.
            if each.name in ctx.meta[_EMPTY] and isinstance(ctx.params[each.name], Path):
                option = each.opts[0]
                shown = option if option.startswith("-") else option.upper()
                raise InputError(f"{shown} is empty; name a file or a folder.")
        try:
            return super().invoke(ctx)
        except SettingError as error:
            options, owner = {each.opts[0] for each in self.params}, error.owner

            def shown(name: str) -> str:
                option = option_of(owner, name)
                return option if option in options else name

            raise InputError(error.named(shown)) from error

    @property
    def params(self) -> Any:
        return self._load().params

    @params.setter
    def params(self, _none: Any) -> None:
        """What click sets before the module is loaded is left aside."""

    @property
    def callback(self) -> Any:
        return self._load().callback

    @callback.setter
    def callback(self, _none: Any) -> None:
        """As for `params`."""


def lazy_group(summaries: dict[str, str]) -> type[TyperGroup]:
    """A kind of group that holds lazy commands, by name and summary."""

    class Group(TyperGroup):
        def __init__(self, *args: Any, **kwargs: Any) -> None:
            super().__init__(*args, **kwargs)
            make: Callable[[str, str], LazyCommand] = LazyCommand
            self.commands.update({name: make(name, text) for name, text in summaries.items()})

    return Group
