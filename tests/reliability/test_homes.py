"""Homes that cannot be written, are not there, or are called by letters of other alphabets."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from tests.reliability.faults import listing, poster

_ARGUMENTS = ["layers", "a.png", "-o", "a.idl"]
_RUN = [sys.executable, "-c", "from illustrators_depth.cli import main; main()", *_ARGUMENTS]


@pytest.mark.skipif(sys.platform == "win32", reason="homes are told by HOME on POSIX")
@pytest.mark.parametrize("kind", ["other letters", "read-only", "a file", "missing", "none"])
def test_a_strange_home(tmp_path: Path, kind: str) -> None:
    """Layers are made by the shipped network, and nothing is put into the home."""
    work = tmp_path / "w\u00f6rk \u30d5\u30a9\u30eb\u30c0 \u0444"
    work.mkdir()
    PilImage.fromarray((poster().rgba * 255).astype(np.uint8)).save(work / "a.png")
    home = tmp_path / (
        "\u0434\u043e\u043c \u30db\u30fc\u30e0" if kind == "other letters" else "home"
    )
    if kind == "a file":
        home.write_bytes(b"")
    elif kind not in ("missing", "none"):
        home.mkdir()
    if kind == "read-only":
        home.chmod(0o555)
    environment = {key: value for key, value in os.environ.items() if not key.startswith("XDG_")}
    environment |= {"HOME": str(home), "OMP_NUM_THREADS": "1"}
    if kind == "none":
        del environment["HOME"]
    done = subprocess.run(
        _RUN, cwd=work, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert set(listing(work)) == {"a.png", "a.idl"}
    assert home.is_file() or not home.exists() or listing(home) == {}
