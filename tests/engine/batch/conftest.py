"""Small pictures and ways to run a batch, shared by the tests of this folder."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.batch import Record

Listing = dict[str, str]


def draw(path: Path, seed: int, size: tuple[int, int] = (64, 48)) -> Path:
    """A flat drawing of three rectangles; the seed decides where and in what colours."""
    rng = np.random.default_rng(seed)
    page = np.full((size[1], size[0], 3), 240, np.uint8)
    for _ in range(3):
        x, y = rng.integers(0, size[0] // 2), rng.integers(0, size[1] // 2)
        page[y : y + size[1] // 2, x : x + size[0] // 2] = rng.integers(0, 220, 3)
    path.parent.mkdir(parents=True, exist_ok=True)
    PilImage.fromarray(page).save(path)
    return path


def listing(folder: Path, private: bool = True) -> Listing:
    """Checksum of every file below a folder, without manifests.

    `private=False` never looks into the batch's own hidden folder, which dying workers may still
    be emptying.
    """
    found = {}
    for parent, folders, names in os.walk(folder):
        folders[:] = sorted(f for f in folders if private or not f.startswith("."))
        for name in sorted(names):
            if not name.startswith("manifest"):
                path = Path(parent, name)
                digest = hashlib.sha256(path.read_bytes()).hexdigest()
                found[str(path.relative_to(folder))] = digest
    return found


def command(*arguments: object) -> list[str]:
    return [sys.executable, "-m", "illustrators_depth", "batch", *map(str, arguments)]


def run_command(
    *arguments: object, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """`illustrators-depth batch` with the predictor that needs no network."""
    return subprocess.run(
        command(*arguments, "-m", "heuristic"),
        cwd=cwd,
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
    )


class Notes:
    """A watcher that remembers, and does something when a picture ends or work goes on."""

    def __init__(self, on_progress: Callable[[float], None] | None = None) -> None:
        self.records: list[Record] = []
        self.skipped = 0
        self._on_progress = on_progress

    def begin(self, total: int, skipped: int) -> None:
        self.skipped = skipped

    def progress(self, fraction: float) -> None:
        if self._on_progress:
            self._on_progress(fraction)

    def picture(self, record: Record) -> None:
        self.records.append(record)


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """A folder with three drawings."""
    folder = tmp_path / "art"
    for seed, name in enumerate(("fox", "hill", "sea")):
        draw(folder / f"{name}.png", seed)
    return folder
