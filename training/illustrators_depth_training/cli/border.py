"""`train-border` and `export-border`: the network that reads borders between regions."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

__all__ = ["export_border_command", "train_border_command"]


def train_border_command(
    data: Annotated[list[Path], typer.Argument(help="Built data sets (384 pixels or more).")],
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder of the run; resumed if it exists.")
    ],
    steps: Annotated[int, typer.Option(min=1, help="Optimiser steps of 256 pairs.")] = 4000,
    limit: Annotated[int, typer.Option(min=1, help="Pairs of one drawing at most.")] = 16,
    scenes: Annotated[
        int,
        typer.Option(
            min=0,
            help="Deep scenes to learn from besides, composed of the first data set's drawings.",
        ),
    ] = 0,
    learning_rate: Annotated[float, typer.Option(min=1e-6, max=1.0)] = 2e-3,
    device: Annotated[str, typer.Option(help="cpu, cuda or mps.")] = "cpu",
    prior: Annotated[Path | None, typer.Option(help="Weights to start from.")] = None,
    seed: Annotated[int, typer.Option(help="Of the pairs chosen and of everything random.")] = 0,
) -> None:
    """Train the border network; run the same command again to resume where it stopped."""
    from ..borders.store import CropStore, ensure_scene_store, ensure_store
    from ..borders.train import BorderTraining, train_border

    out = out.expanduser()
    folders = [folder.expanduser() for folder in data]
    trained = [ensure_store(f, "train", out / "crops", limit, seed, typer.echo) for f in folders]
    if scenes:
        trained.append(ensure_scene_store(folders[0], scenes, out / "crops", seed, typer.echo))
    checked = ensure_store(folders[0], "val", out / "crops", limit, seed, typer.echo)
    settings = BorderTraining(steps=steps, lr=learning_rate, device=device, seed=seed)
    store = CropStore.join([CropStore.open(f) for f in trained])
    train_border(store, CropStore.open(checked), out, settings, typer.echo, prior)


def export_border_command(
    weights: Annotated[Path, typer.Argument(help="border.safetensors of a run.")],
    data: Annotated[Path, typer.Option(help="Data set that it learned from, for the card.")],
    install: Annotated[Path, typer.Option(help="Folder for borders.onnx and its card.")],
    notes: Annotated[str, typer.Option(help="A sentence for the card.")] = "",
) -> None:
    """Export the border network as ONNX, compare it with torch, and write its card."""
    from ..borders.export import install_border_network

    difference = install_border_network(
        weights.expanduser(), data.expanduser(), install.expanduser(), notes
    )
    typer.echo(f"Installed into {install}; ONNX and torch differ by {difference:.1e} at most.")
