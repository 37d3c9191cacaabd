"""Collects the groups of commands into one typer application."""

from __future__ import annotations

import typer

from .border import export_border_command, train_border_command
from .data import app as data_app
from .depth_pro import export_depth_pro_command
from .evaluate import evaluate_command
from .evaluate_hidden import evaluate_hidden_command
from .evaluate_vector import evaluate_vector_command
from .export import export_command
from .reproduce import reproduce_command
from .results import results_command
from .train import train_command

__all__ = ["app"]

app = typer.Typer(
    name="illustrators-depth-training",
    help="Build the data set, train and evaluate Illustrator's Depth.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
app.add_typer(data_app)


@app.callback()
def _root() -> None:
    """Build the data set, train and evaluate Illustrator's Depth."""
    # Nothing to do: a callback makes typer keep its commands as subcommands, with this as help.


app.command("train")(train_command)
app.command("train-border")(train_border_command)
app.command("export")(export_command)
app.command("export-border")(export_border_command)
app.command("export-depth-pro")(export_depth_pro_command)
app.command("evaluate")(evaluate_command)
app.command("evaluate-hidden")(evaluate_hidden_command)
app.command("evaluate-vector")(evaluate_vector_command)
app.command("reproduce")(reproduce_command)
app.command("results")(results_command)
