"""What a reproduction starts from, small: Parquet tables of generated SVG, a tiny Depth Pro."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch

from illustrators_depth.errors import UnavailableError
from illustrators_depth.networks.depth_pro import DepthProNetwork
from illustrators_depth_training.data.render.install import ensure_node_packages
from illustrators_depth_training.network_config import DepthProSizes

SMALL = DepthProSizes(
    image=128, width=16, depth=2, heads=2, hooks=(0, 1), fine=8, levels=(8, 8, 8), last=4
)
AMBIGUOUS_EVERY = 10
"""Of the drawings one in so many has two layers that meet in one colour: cleaning discards it."""


def drawing(number: int) -> str:
    """Overlapping shapes, different in every drawing; two of one colour follow each other."""
    x, y = 3 * (number % 10), 2 * (number // 10)
    again = ""
    if number % AMBIGUOUS_EVERY == 0:  # the first rectangle's colour again, touching it
        again = f'<rect x="{x + 2}" y="{y + 20}" width="9" height="9" fill="#2040{number:02x}"/>'
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
        f'<rect x="{x}" y="{y}" width="30" height="24" fill="#2040{number:02x}"/>'
        f'<circle cx="{x + 16}" cy="{y + 12}" r="{6 + number % 7}" fill="#f0{number:02x}10"/>'
        f'<circle cx="{x + 20}" cy="{y + 14}" r="4" fill="#f0{number:02x}10"/>'
        f"{again}"
        f'<rect x="{58 - x}" y="{50 - y // 2}" width="5" height="9" fill="#10a0{number:02x}"/>'
        "</svg>"
    )


def write_tables(folder: Path, numbers: Sequence[range]) -> Path:
    """One Parquet file of drawings for each range of numbers."""
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    parquet = pytest.importorskip("pyarrow.parquet")
    for part, some in enumerate(numbers):
        table = {
            "id": [f"drawing-{n}" for n in some],
            "svg": [drawing(n) for n in some],
            "description": ["a few shapes"] * len(some),
        }
        parquet.write_table(pyarrow.table(table), folder / f"part-{part}.parquet")
    return folder


def write_weights(path: Path) -> Path:
    """Weights of the tiny network, others than a run without prior starts from."""
    torch.manual_seed(5)
    torch.save(DepthProNetwork(SMALL.config).state_dict(), path)
    return path


def node_packages() -> Path:
    """The folder with the renderer's node packages; skips where node or npm is missing."""
    try:
        return ensure_node_packages()
    except UnavailableError as error:
        pytest.skip(str(error))
