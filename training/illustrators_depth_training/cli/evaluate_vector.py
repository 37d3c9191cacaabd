"""`evaluate-vector`: measure drawings made from a built data set's pictures."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from ..vector import ReadSvg

__all__ = ["evaluate_vector_command"]

_SHEET_DRAWINGS = 14


def evaluate_vector_command(
    data: Annotated[Path, typer.Option(help="Built data set.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the report.")],
    model: Annotated[str, typer.Option(help="Checkpoint, .onnx file or predictor.")] = "compact",
    split: Annotated[str, typer.Option(help="val, unseen or train.")] = "val",
    limit: Annotated[
        int, typer.Option(min=0, help="Pictures at most, drawn at random; 0 = all.")
    ] = 250,
    size: Annotated[int, typer.Option(help="Working size; 0 = the model's own.")] = 0,
    min_layers: Annotated[int, typer.Option(help="Only drawings with at least so many.")] = 2,
    per_group: Annotated[
        int, typer.Option(min=0, help="At most so many variants of one motif; 0 = all of them.")
    ] = 0,
    predictions: Annotated[
        list[Path] | None,
        typer.Option(help="A folder of KEY.svg made by another tool; may be repeated."),
    ] = None,
    name: Annotated[
        list[str] | None, typer.Option(help="That tool's name, one per --predictions.")
    ] = None,
    lpips_weights: Annotated[
        Path | None, typer.Option(help="torchvision's AlexNet weights (.pth), for LPIPS.")
    ] = None,
) -> None:
    """Order, raw MAE, path count error, RGB MSE, SSIM of drawings, side by side in one run.

    Rows: ours, ours with area order, VTracer, VTracer + Potrace, every folder of --predictions.
    """
    import cv2
    from rich.progress import Progress

    from illustrators_depth.errors import InputError

    from ..evaluation.evaluate import choose
    from ..output_files import output_folder, write_json, write_text
    from ..samples.drawings import DrawingSet
    from ..vector import Method, SvgFolder, evaluate_vector, standard_methods
    from ..vector.lpips import Lpips
    from ..vector.methods import POTRACE_ROW
    from ..vector.potrace import potrace_trouble
    from ..vector.report import pick_for_sheet, vector_sheet, vector_table

    folders, names = predictions or [], name or []
    if len(folders) != len(names):
        raise InputError(
            f"Every --predictions needs a --name: {len(folders)} folders, {len(names)} names."
        )
    drawings = DrawingSet(data.expanduser(), split)
    numbers = choose(drawings, limit, min_layers, per_group=per_group)
    keys = [str(drawings.meta[n]["key"]) for n in numbers]
    methods = standard_methods(model, size)
    for folder, called in zip(folders, names, strict=True):
        svg_folder = SvgFolder(folder.expanduser())
        if not svg_folder.covers(keys):
            raise InputError(
                f"No file in {folder} is named after a picture of this run, such as {keys[0]}.svg."
            )
        methods.append(Method(called, svg_folder))
    not_run: dict[str, str] = {}
    trouble = potrace_trouble()
    if trouble:
        not_run[POTRACE_ROW] = trouble
        typer.echo(f"{POTRACE_ROW}: not run ({trouble})")
    lpips = Lpips(lpips_weights.expanduser()) if lpips_weights else None
    if lpips is None:
        not_run["LPIPS"] = "needs AlexNet weights, give --lpips-weights"
        typer.echo(f"LPIPS: not run ({not_run['LPIPS']})")
    out = output_folder(out)
    shown = pick_for_sheet(drawings.layers, numbers, _SHEET_DRAWINGS)
    drawn: dict[tuple[int, str], ReadSvg] = {}

    def keep(number: int, method: str, read: ReadSvg) -> None:
        if number in shown:
            drawn[number, method] = read

    with Progress(transient=True) as bar:
        task = bar.add_task("Drawing", total=len(numbers))
        evaluations = evaluate_vector(
            methods, drawings, numbers, data.name, split, lpips,
            progress=lambda done, _: bar.update(task, completed=done), keep=keep,
        )  # fmt: skip
    rows = [evaluation.to_json() for evaluation in evaluations]
    table = vector_table(rows, not_run)
    title = f"# {data.name}, {split}: {len(numbers)} drawings"
    write_text(out / "report.md", f"{title}\n\n{table}\n")
    write_json(out / "report.json", {"rows": rows, "not_run": not_run})
    sheet = vector_sheet(drawings, shown, [m.name for m in methods], drawn)
    cv2.imwrite(str(out / "sheet.png"), sheet[..., ::-1])
    for evaluation in evaluations:
        typer.echo(
            f"{evaluation.predictor}: order {evaluation.mean('order'):.3f}, path count error "
            f"{evaluation.mean('path_error'):.3f}, RGB MSE {evaluation.mean('rgb_mse'):.2e}, "
            f"SSIM {evaluation.mean('ssim'):.4f}"
            + (f", {len(evaluation.failed)} not rendered" if evaluation.failed else "")
            + (f", {evaluation.missing} missing" if evaluation.missing else "")
        )
    typer.echo(f"Report in {out}.")
