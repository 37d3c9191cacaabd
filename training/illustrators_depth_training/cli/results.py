"""`results`: docs/results.md from saved JSON."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["results_command"]


def results_command(
    folder: Annotated[Path, typer.Argument(help="Saved reports: depth-*.json and others.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The Markdown file to write.")],
) -> None:
    """Generate the page of results; nothing in it is typed by hand."""
    from ..output_files import write_text
    from ..results import results_page

    write_text(out.expanduser(), results_page(folder.expanduser()))
    typer.echo(f"Wrote {out}.")
