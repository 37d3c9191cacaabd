"""`export-depth-pro`: the full network as an ONNX file for the extension with CUDA."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from illustrators_depth.errors import InputError

__all__ = ["export_depth_pro_command"]


def export_depth_pro_command(
    weights: Annotated[
        Path, typer.Argument(help="depth_pro.pt, or a checkpoint of `reproduce` or `train`.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="The .onnx file to write, 1.3 GB.")],
    check: Annotated[
        bool, typer.Option(help="Compare it with torch on one picture, on the CPU; minutes.")
    ] = True,
) -> None:
    """Write Depth Pro in half precision, for *Model: File* in Blender and `--model` elsewhere."""
    if out.suffix.lower() != ".onnx":
        raise InputError(f"--out {out} must end in .onnx.")
    from ..export.depth_pro import (
        HALF_TOLERANCE,
        depth_pro_difference,
        export_depth_pro,
        load_depth_pro,
    )

    network = load_depth_pro(weights.expanduser())
    path = out.expanduser()
    export_depth_pro(network, path)
    typer.echo(f"Wrote {path} ({path.stat().st_size / 1e6:.0f} MB).")
    if check:
        difference = depth_pro_difference(load_depth_pro(weights.expanduser()), path)
        typer.echo(f"It differs from torch by {difference:.1e} of the map's spread.")
        if not difference <= HALF_TOLERANCE:
            raise InputError(
                f"{path.name} differs from torch by {difference:.1e} of the map's spread; at most "
                f"{HALF_TOLERANCE:.0e} is accepted. Use the checkpoint with torch."
            )
