"""`export`: a trained checkpoint as ONNX, measured, and optionally installed into the engine."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["export_command"]


def export_command(
    checkpoint: Annotated[
        Path, typer.Argument(help="A training checkpoint (.ckpt, .pt, .safetensors).")
    ],
    data: Annotated[
        Path, typer.Option(help="Built data set: checks and measures on its val split.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the ONNX variants.")],
    limit: Annotated[int, typer.Option(min=0, help="Pictures to measure on; 0 = all.")] = 200,
    install: Annotated[
        Path | None, typer.Option(help="Folder to install the best variant and its card into.")
    ] = None,
    notes: Annotated[str, typer.Option(help="A sentence for the card.")] = "",
) -> None:
    """Export ONNX (float32, float16 weights, int8), check against torch, measure, choose.

    The weights for torch and for further training are written beside them, as safetensors.
    """
    from ..export.compact import export
    from ..export.model_card import write_card
    from ..export.weights import write_weights

    variants = export(
        checkpoint.expanduser(), data.expanduser(), out.expanduser(), limit, typer.echo
    )
    write_weights(checkpoint.expanduser(), out.expanduser() / "compact.safetensors")
    best = variants[0]
    typer.echo(f"Best: {best.kind} ({best.path.name}).")
    if install is not None:
        write_card(best, data.expanduser(), checkpoint, install.expanduser(), notes)
        typer.echo(f"Installed into {install}.")
