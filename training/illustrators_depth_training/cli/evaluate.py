"""`evaluate`: measure a checkpoint or predictor on a built data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from illustrators_depth.predictors import Predictor

__all__ = ["evaluate_command"]


def evaluate_command(
    predictors: Annotated[
        list[str],
        typer.Argument(help="Checkpoints, .onnx files or names: compact, heuristic, area, ..."),
    ],
    data: Annotated[Path, typer.Option(help="Built data set.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")],
    split: Annotated[str, typer.Option(help="val, unseen or train.")] = "val",
    limit: Annotated[
        int, typer.Option(min=0, help="Pictures at most, drawn at random; 0 = all.")
    ] = 300,
    size: Annotated[int, typer.Option(help="Working size; 0 = the model's own.")] = 0,
    aspect: Annotated[
        float, typer.Option(min=1.0, help="Only the middle of each, so many times as long as wide.")
    ] = 1.0,
    min_layers: Annotated[int, typer.Option(help="Only drawings with at least so many.")] = 2,
    per_group: Annotated[
        int, typer.Option(min=0, help="At most so many variants of one motif; 0 = all of them.")
    ] = 0,
    baselines: Annotated[bool, typer.Option(help="Add every comparison of the table.")] = False,
    dense: Annotated[
        bool, typer.Option("--dense", help="Checkpoints pixel by pixel, without regions.")
    ] = False,
) -> None:
    """Order, foreground and touching Order, MAE and MSE, with 95 % intervals."""
    from rich.progress import track

    from illustrators_depth.errors import UnavailableError

    from ..drawings import DrawingSet
    from ..evaluate import Evaluation, choose, evaluate, save
    from ..frames import FramedDrawings
    from ..output_files import output_folder, write_json, write_text
    from ..report import depth_table, plot_by_layers, source_table, worst_sheet
    from ..table_rows import baseline_rows, named_predictor, report_names

    folder = data.expanduser()
    drawings = FramedDrawings(folder, split, aspect) if aspect > 1 else DrawingSet(folder, split)
    numbers = choose(drawings, limit, min_layers, per_group=per_group)
    labels = report_names(predictors)
    out = output_folder(out)
    makers: list[tuple[str, Callable[[], Predictor]]] = [
        (name, partial(_dense if dense else named_predictor, name, size)) for name in predictors
    ]
    if baselines:
        makers += [(name, make) for name, make in baseline_rows() if name not in predictors]
    found: list[Evaluation] = []
    not_run: dict[str, str] = {}
    for name, make in makers:
        try:
            predictor = make()
        except UnavailableError as error:
            not_run[name] = str(error)
            typer.echo(f"{name}: not run ({error})")
            continue
        maps: dict[int, Any] = {}
        bar = iter(track(range(len(numbers)), description=name, transient=True))
        evaluation = evaluate(
            predictor,
            drawings,
            numbers,
            data.name,
            split,
            progress=partial(_advance, bar),
            keep=maps.__setitem__,
        )
        stem, ambiguous = labels.get(name, (name.replace(" ", "-").lower(), False))
        if ambiguous:
            evaluation.predictor = stem
        save(evaluation, out / f"{stem}.json")
        worst_sheet(evaluation, drawings, maps, out / f"{stem}-worst.png")
        found.append(evaluation)
        typer.echo(
            f"{name}: order {evaluation.mean('order'):.4f}, foreground "
            f"{evaluation.mean('foreground_order'):.4f}, touching "
            f"{evaluation.mean('touching_order'):.4f}, MAE {evaluation.mean('mae'):.3f}"
        )
    items = [evaluation.to_json() for evaluation in found]
    text = f"# {data.name}, {split}: {len(numbers)} drawings\n\n{depth_table(items, not_run)}\n"
    for item in items:
        text += f"\n## {item['predictor']} by source\n\n{source_table(item)}\n"
    write_text(out / "report.md", text)
    write_json(out / "report.json", {"rows": items, "not_run": not_run})
    plot_by_layers(found, out / "order-by-layers.png")
    typer.echo(f"Report in {out}.")


def _dense(checkpoint: str, size: int) -> Predictor:
    from ..dense import DensePredictor

    return DensePredictor(Path(checkpoint).expanduser(), size)


def _advance(bar: Iterator[int], _done: int, _all: int) -> None:
    next(bar, None)
