"""Collects the commands into one typer application; each is loaded when it is used."""

from __future__ import annotations

from typing import Annotated

import typer

from .. import __version__
from .lazy_command import lazy_group

__all__ = ["SUMMARIES", "app"]

# Command -> the first sentence of its help.
SUMMARIES = {
    "depth": "Predict the [bold]depth map[/bold] of a picture: for every pixel, how near in the "
    "stack.",
    "layers": "Split a picture into its [bold]layers[/bold], bottom to top, each continued under "
    "the next.",
    "vectorize": "Turn a picture into a layered [bold]SVG[/bold]: one named group per layer, "
    "bottom to top.",
    "edit": "Change [bold]layers[/bold]: merge, split, reorder, hide, recolour, insert ...",
    "relief": "Turn a picture into a [bold]relief[/bold]: closed, printable solids in millimetres.",
    "papercut": "Turn a picture into [bold]sheets to cut[/bold]: one drawing per layer, in "
    "millimetres.",
    "parallax": "Move a camera among the layers of a picture: a [bold]film[/bold] that loops.",
    "batch": "Turn [bold]many pictures[/bold] into products, several at a time; writes a manifest.",
    "text2vector": "Draw [bold]words[/bold] as a layered SVG, with a text-to-image model that you "
    "bring.",
    "info": "Show a picture's size, colour, alpha and profile; or versions, devices and models.",
}

app = typer.Typer(
    cls=lazy_group(SUMMARIES),
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


def _show_version(asked: bool) -> None:
    if asked:
        typer.echo(f"illustrators-depth {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_show_version, is_eager=True, help="Show it.")
    ] = False,
) -> None:
    """Flat illustration in, its layers out, in the order the artist stacked them."""
