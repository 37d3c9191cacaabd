"""`evaluate`: measure a checkpoint or predictor on a built data set."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from illustrators_depth.predictors import Predictor

    from ..evaluation.evaluate import Evaluation
    from ..samples.drawings import Drawings

    Maker = Callable[[], Predictor]

__all__ = ["evaluate_command"]

NO_OCCLUSIONS = (
    "This data set does not say which layers hide one another, so that occlusion Order is not "
    "measured; build it again with this version."
)


def evaluate_command(
    predictors: Annotated[
        list[str],
        typer.Argument(help="Checkpoints, .onnx files or names: compact, heuristic, area, ..."),
    ],
    data: Annotated[Path, typer.Option(help="Built data set, or packed corpus.")],
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
    per_kind: Annotated[
        int, typer.Option(min=0, help="At most so many of each kind of drawing; 0 = all of them.")
    ] = 0,
    baselines: Annotated[bool, typer.Option(help="Add every comparison of the table.")] = False,
    dense: Annotated[
        bool,
        typer.Option("--dense", help="The networks' own maps, pixel by pixel, without regions."),
    ] = False,
    degraded: Annotated[
        bool,
        typer.Option(
            "--degraded",
            help="The same drawings as JPEG 60, on canvas, on paper, on a backdrop, shaded, at "
            "192 px and in grey, too.",
        ),
    ] = False,
) -> None:
    """Occlusion Order, Order, MAE and MSE by kind and by number of layers, with 95 % intervals."""
    from ..evaluation.evaluate import choose
    from ..evaluation.report import plot_by_layers
    from ..evaluation.table_rows import baseline_rows, report_names
    from ..output_files import output_folder
    from ..packed import open_drawings
    from ..samples.frames import FramedDrawings

    folder = data.expanduser()
    drawings = FramedDrawings(folder, split, aspect) if aspect > 1 else open_drawings(folder, split)
    numbers = choose(drawings, limit, min_layers, per_group=per_group, per_kind=per_kind)
    if drawings[numbers[0]].occlusions is None:
        typer.echo(NO_OCCLUSIONS)
    makers: list[tuple[str, Maker]] = []
    makers += [(name, partial(_predictor, name, size, dense)) for name in predictors]
    if baselines:
        makers += [(name, make) for name, make in baseline_rows() if name not in predictors]
    labels = report_names([name for name, _ in makers])
    run = _Run(drawings, numbers, data.name, split, output_folder(out), degraded)
    for name, make in makers:
        run.measure(name, make, *labels[name])
    run.write_report()
    plot_by_layers(run.clean, run.out / "order-by-layers.png")
    typer.echo(f"Report in {run.out}.")


@dataclass
class _Run:
    """One call of the command: the predictors measured so far, clean and degraded."""

    drawings: Drawings
    numbers: list[int]
    data: str
    split: str
    out: Path
    degraded: bool
    clean: list[Evaluation] = field(default_factory=list)
    under: list[Evaluation] = field(default_factory=list)
    not_run: dict[str, str] = field(default_factory=dict)

    def measure(self, name: str, make: Maker, stem: str, ambiguous: bool) -> None:
        """Measure one predictor, save it and say its means; or say why it cannot run."""
        from illustrators_depth.errors import UnavailableError

        from ..evaluation.degraded import DEGRADATIONS, DegradedDrawings
        from ..evaluation.evaluate import save
        from ..evaluation.report import worst_sheet

        try:
            predictor = make()
        except UnavailableError as error:
            self.not_run[name] = str(error)
            typer.echo(f"{name}: not run ({error})")
            return
        maps: dict[int, Any] = {}
        evaluation = self._evaluate(predictor, self.drawings, name, "clean", maps.__setitem__)
        if ambiguous:
            evaluation.predictor = stem
        save(evaluation, self.out / f"{stem}.json")
        worst_sheet(evaluation, self.drawings, maps, self.out / f"{stem}-worst.png")
        self.clean.append(evaluation)
        for condition in DEGRADATIONS if self.degraded else ():
            pictures = DegradedDrawings(self.drawings, condition)
            worse = self._evaluate(predictor, pictures, f"{name}, {condition}", condition)
            worse.predictor = evaluation.predictor
            self.under.append(worse)

    def _evaluate(
        self,
        predictor: Predictor,
        drawings: Drawings,
        label: str,
        condition: str,
        keep: Callable[[int, NDArray[np.float32]], None] | None = None,
    ) -> Evaluation:
        from rich.progress import track

        from ..evaluation.evaluate import evaluate

        bar = iter(track(range(len(self.numbers)), description=label, transient=True))
        evaluation = evaluate(
            predictor, drawings, self.numbers, self.data, self.split,
            progress=partial(_advance, bar), keep=keep, condition=condition,
        )  # fmt: skip
        means = {m: evaluation.mean(m) for m in ("occlusion_order", "order", "mae")}
        typer.echo(
            f"{label}: occlusion order {means['occlusion_order']:.4f}, order "
            f"{means['order']:.4f}, MAE {means['mae']:.3f}"
        )
        return evaluation

    def write_report(self) -> None:
        """report.md for people, report.json for `results`."""
        from ..evaluation.report import degraded_table, depth_table, scores_table, source_table
        from ..output_files import write_json, write_text

        rows = [evaluation.to_json() for evaluation in self.clean]
        under = [evaluation.to_json() for evaluation in self.under]
        text = f"# {self.data}, {self.split}: {len(self.numbers)} drawings\n\n"
        if self.drawings[self.numbers[0]].occlusions is None:
            text += f"{NO_OCCLUSIONS}\n\n"
        text += f"{depth_table(rows, self.not_run)}\n"
        for row in rows:
            name = row["predictor"]
            text += f"\n## {name} by kind and by number of layers\n\n{scores_table(row)}\n"
            worse = [other for other in under if other["predictor"] == name]
            if worse:
                text += f"\n## {name}, degraded pictures\n\n{degraded_table([row, *worse])}\n"
            text += f"\n## {name} by source\n\n{source_table(row)}\n"
        write_text(self.out / "report.md", text)
        saved = {"rows": rows, "degraded": under, "not_run": self.not_run}
        write_json(self.out / "report.json", saved)


def _predictor(name: str, size: int, dense: bool) -> Predictor:
    from ..evaluation.dense import dense_predictor
    from ..evaluation.table_rows import named_predictor

    return dense_predictor(name, size) if dense else named_predictor(name, size)


def _advance(bar: Iterator[int], _done: int, _all: int) -> None:
    next(bar, None)
