"""`results`: docs/results.md from saved JSON, and the same scores on other pages."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["results_command"]


def results_command(
    folder: Annotated[Path, typer.Argument(help="Saved reports: depth-*.json and others.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="The Markdown file to write.")],
    into: Annotated[
        list[Path] | None,
        typer.Option(help="A page with marks of scores, to put the table there; may be repeated."),
    ] = None,
    card: Annotated[
        Path | None, typer.Option(help="A model's folder, to put the scores into its card.")
    ] = None,
) -> None:
    """Generate the page of results; nothing in it is typed by hand."""
    from ..export.model_card import put_scores_into_card
    from ..output_files import write_text
    from ..results import put_scores, results_page, saved_scores, scores_block

    saved = folder.expanduser()
    write_text(out.expanduser(), results_page(saved))
    typer.echo(f"Wrote {out}.")
    for page in into or []:
        put_scores(page.expanduser(), scores_block(saved_scores(saved)))
        typer.echo(f"Wrote the scores into {page}.")
    if card is not None:
        put_scores_into_card(card.expanduser(), saved_scores(saved))
        typer.echo(f"Wrote the scores into the card in {card}.")
