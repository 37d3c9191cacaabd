"""Folders and files that the user may not write or read."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from tests.reliability.faults import listing, one_sentence, poster, run_cli

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")

# Root may do everything: the command runs once as root, which loads its modules (they may lie where
# nobody else can read), and then again as nobody.
_AS_NOBODY = """
import os, sys
if os.geteuid() == 0:
    from illustrators_depth.cli import main
    real = sys.argv[:]
    sys.argv[3:5] = ["-o", os.path.join({scratch!r}, os.path.basename(real[4]))]
    try:
        main()
    except SystemExit:
        pass
    sys.argv[:] = real
    sys.stdout.flush()
    os.setgroups([])
    os.setgid(65534)
    os.setuid(65534)
"""

# Command -> a file it writes.
OUTPUTS = {
    "depth": "a.exr",
    "layers": "folder",
    "relief": "a.stl",
    "vectorize": "a.svg",
}


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that others can reach (pytest's own cannot be), with a picture in it."""
    with tempfile.TemporaryDirectory(prefix="bare-user-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "scratch").mkdir()
        pixels = (poster().rgba * 255).astype(np.uint8)
        PilImage.fromarray(pixels).save(folder / "a.png")
        yield folder


@pytest.mark.parametrize("command", OUTPUTS)
def test_a_folder_that_cannot_be_written(place: Path, command: str) -> None:
    closed = place / "closed"
    closed.mkdir()
    (closed / "mine.txt").write_text("mine")
    closed.chmod(0o555)
    name = OUTPUTS[command]
    done = run_cli(
        command, "a.png", "-o", closed / name, "-m", "heuristic",
        cwd=place, before=_AS_NOBODY.format(scratch=str(place / "scratch")),
    )  # fmt: skip
    assert done.returncode == 2, done.stderr
    error = done.stderr.strip().splitlines()[-1]
    assert error.startswith("Error: ") and "closed" in error and "writable" in error
    one_sentence(error)
    assert listing(closed) == {"mine.txt": b"mine"}
    assert os.geteuid() or listing(place / "scratch"), "as root it must have worked before"


def test_a_folder_that_cannot_be_entered(place: Path) -> None:
    """Whether the output exists there cannot even be asked."""
    shut = place / "shut"
    (shut / "inner").mkdir(parents=True)
    shut.chmod(0o000)
    for command, name in (("depth", "a.npy"), ("layers", "folder")):
        done = run_cli(
            command, "a.png", "-o", shut / "inner" / name, "-m", "heuristic",
            cwd=place, before=_AS_NOBODY.format(scratch=str(place / "scratch")),
        )  # fmt: skip
        assert done.returncode == 2, done.stderr
        error = done.stderr.strip().splitlines()[-1]
        assert error.startswith("Error: ") and "permission" in error.lower()
        one_sentence(error)
    shut.chmod(0o755)
    assert listing(shut) == {"inner": None}


def test_a_picture_and_a_stack_that_cannot_be_read(place: Path) -> None:
    (place / "a.idl").write_bytes(b"PK")
    code = (
        "import os, sys\n"
        "from illustrators_depth import load_stack, read_image\n"
        "read_image('a.png')\n"
        "for name in ('a.png', 'a.idl'): os.chmod(name, 0)\n"
        "if os.geteuid() == 0: os.setgid(65534); os.setuid(65534)\n"
        "for read, name in ((read_image, 'a.png'), (load_stack, 'a.idl')):\n"
        "    try: read(name)\n"
        "    except ValueError as error: print(error)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=place, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert len(said) == 2
    for line, name in zip(said, ("a.png", "a.idl"), strict=True):
        one_sentence(line)
        assert name in line and "permission" in line.lower()
