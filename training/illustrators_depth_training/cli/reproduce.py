"""`reproduce`: the paper's data, trainings, ablations and tables in one command."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from illustrators_depth.cli.quiet import is_quiet

if TYPE_CHECKING:
    from ..reproduce.settings import Reproduction
    from ..reproduce.state import RunState

__all__ = ["reproduce_command"]


def reproduce_command(
    mmsvg: Annotated[
        Path,
        typer.Option(help="Folder with MMSVG-Illustration's Parquet files, or a packed corpus."),
    ],
    weights: Annotated[Path, typer.Option(help="Depth Pro's public checkpoint, depth_pro.pt.")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the reproduction; it goes on there.")
    ] = Path("reproduction"),
    svgx: Annotated[
        Path | None, typer.Option(help="Folder with SVGX's Parquet files, the second test.")
    ] = None,
    devices: Annotated[int, typer.Option(min=1, help="GPUs of a host.")] = 8,
    hosts: Annotated[
        int, typer.Option(min=1, help="Hosts; more than one are started by torchrun or SLURM.")
    ] = 1,
    size: Annotated[
        int, typer.Option(min=16, max=4096, help="Pixels a side of the drawings that are built.")
    ] = 1536,
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes that render (default: all cores).")
    ] = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="Override in every training, as in `train`.")
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print steps, memory and hours; do nothing.")
    ] = False,
    tflops: Annotated[
        float, typer.Option(min=0.001, help="Of a device, sustained; for the hours of --dry-run.")
    ] = 125.0,
    quiet: Annotated[bool, typer.Option(help="No progress bars.")] = False,
) -> None:
    """Reproduce the paper; run the same command again to go on where it stopped."""
    from ..reproduce.settings import Reproduction
    from ..reproduce.stages import run
    from ..reproduce.state import RunState, current_place
    from .train import yaml_overrides

    reproduction = Reproduction(
        mmsvg.expanduser(), weights.expanduser(), out.expanduser(),
        svgx.expanduser() if svgx else None, devices, hosts, size, workers,
        yaml_overrides(set_ or []),
    )  # fmt: skip
    state = RunState(reproduction.out, reproduction.fixed)
    place, launched = current_place(devices)
    if dry_run:
        _show_plan(reproduction, state, tflops)
        return
    reproduction.check(launched, place.ranks)
    if not place.rank:
        state.begin()
    if run(reproduction, state, typer.echo, quiet or is_quiet()) and not place.rank:
        typer.echo(f"Results in {reproduction.out / 'results.md'}.")


def _show_plan(reproduction: Reproduction, state: RunState, tflops: float) -> None:
    from ..reproduce.estimate import describe

    for line in describe(reproduction, state, tflops):
        typer.echo(line)
