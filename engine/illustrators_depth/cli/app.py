"""Collects the commands into one typer application."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .batch import batch
from .depth import depth
from .edit import edit
from .info import info
from .layers import layers
from .papercut import papercut
from .parallax import parallax
from .relief import relief
from .text2vector import text2vector
from .vectorize import vectorize

__all__ = ["app"]

app = typer.Typer(
    name="illustrators-depth",
    help="Flat illustration in, its layers out, in the order the artist stacked them.",
    epilog="Start with: illustrators-depth layers picture.png -o picture-layers. With any command: "
    "--quiet says nothing but errors, --debug shows where an error arose.",
    no_args_is_help=True,
    add_completion=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
_COMMANDS = (
    depth, layers, vectorize, edit, relief, papercut, parallax, batch, text2vector, info,
)  # fmt: skip
for command in _COMMANDS:
    app.command()(command)


def _show_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"illustrators-depth {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Flat illustration in, its layers out, in the order the artist stacked them."""
