"""`evaluate-hidden`: measure how layers continue under others."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..hidden import HiddenEvaluation
    from ..samples.drawings import DrawingSet

__all__ = ["evaluate_hidden_command"]


class _Order(StrEnum):
    both = "both"
    given = "given"
    predicted = "predicted"


def evaluate_hidden_command(
    data: Annotated[Path, typer.Argument(help="Data set built with --full-shapes.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")],
    method: Annotated[
        list[str] | None,
        typer.Option(help="contour, smooth, nearest, none or hull; may be repeated. Default: all."),
    ] = None,
    order: Annotated[
        _Order, typer.Option(help="Layers in their true order, in a predicted one, or both.")
    ] = _Order.both,
    model: Annotated[str, typer.Option(help="Who predicts: checkpoint or predictor.")] = "compact",
    split: Annotated[str, typer.Option(help="val, unseen or train.")] = "val",
    limit: Annotated[
        int, typer.Option(min=0, help="Drawings at most, drawn at random; 0 = all.")
    ] = 0,
    per_group: Annotated[
        int, typer.Option(min=0, help="At most so many variants of one motif; 0 = all of them.")
    ] = 0,
    per_kind: Annotated[
        int, typer.Option(min=0, help="At most so many of each kind of drawing; 0 = all of them.")
    ] = 0,
) -> None:
    """IoU and outline of the hidden parts, all and partial (no more is hidden than shows).

    Writes report.json, report.md, parts.json (every layer) and, for each method, sheets of the
    worst layers and of 24 random ones: picture, visible, ours, true.
    """
    from rich.progress import Progress

    from ..evaluation.evaluate import choose
    from ..evaluation.table_rows import named_predictor
    from ..hidden import available_methods, evaluate_hidden
    from ..hidden.report import hidden_strata_table, hidden_table
    from ..output_files import output_folder, write_json, write_text
    from ..samples.drawings import DrawingSet

    methods = available_methods(method)
    drawings = DrawingSet(data.expanduser(), split)
    numbers = choose(drawings, limit, per_group=per_group, per_kind=per_kind)
    predictor = None if order is _Order.given else named_predictor(model)
    with Progress(transient=True) as bar:
        task = bar.add_task("Continuing", total=len(numbers))
        evaluations = evaluate_hidden(
            methods, drawings, numbers, data.name, split, predictor,
            given=order is not _Order.predicted,
            progress=lambda done, _: bar.update(task, completed=done),
        )  # fmt: skip
    out = output_folder(out)
    rows = [evaluation.to_json() for evaluation in evaluations]
    write_json(out / "report.json", {"rows": rows, "not_run": {}})
    write_json(out / "parts.json", [_parts(drawings, evaluation) for evaluation in evaluations])
    write_text(
        out / "report.md",
        f"# Hidden parts: {data.name}, {split}\n\n{hidden_table(rows)}\n\n"
        f"Partial IoU / outline px by stratum:\n\n{hidden_strata_table(rows)}\n",
    )
    _write_sheets(drawings, evaluations, out)
    typer.echo(hidden_table(rows))
    typer.echo(f"Report in {out}.")


def _parts(drawings: DrawingSet, evaluation: HiddenEvaluation) -> dict[str, object]:
    return {
        "order": evaluation.order,
        "method": evaluation.predictor,
        "parts": [
            {"key": str(drawings.meta[number]["key"]), **vars(part)}
            for number, part in evaluation.parts
        ],
    }


def _write_sheets(drawings: DrawingSet, evaluations: list[HiddenEvaluation], out: Path) -> None:
    """Of the methods under the true order: under a predicted one, the order is what one sees."""
    import cv2

    from ..hidden.evaluate import GIVEN_ORDER
    from ..hidden.report import hidden_sheet, random_parts, worst_parts

    for evaluation in evaluations:
        if evaluation.order != GIVEN_ORDER or not evaluation.parts:
            continue
        name = evaluation.predictor
        for label, parts in (
            ("worst", worst_parts(evaluation)),
            ("random", random_parts(evaluation)),
        ):
            sheet = hidden_sheet(drawings, parts, name)
            cv2.imwrite(str(out / f"{name}-{label}.png"), sheet[..., ::-1])
