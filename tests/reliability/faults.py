"""Real faults for real processes: an interpreter with a fault in it, a small disk, a bare user."""

from __future__ import annotations

import contextlib
import os
import shlex
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.types import Image
from illustrators_depth.worker.process import engine_folder

__all__ = [
    "engine_copy",
    "faulty_python",
    "listing",
    "one_sentence",
    "poster",
    "run_cli",
    "small_disk",
]

# What stands between the client's command line (-I -u -c CODE N PATHS... FOLDER) and the worker.
_PRELUDE = """
import os, signal, sys
code, sys.argv = sys.argv[4], ["-c", *sys.argv[5:]]
sys.path[:0] = sys.argv[2 : 2 + int(sys.argv[1])]

def once():
    "True the first time that any worker of this interpreter comes here."
    try:
        os.close(os.open({marker!r}, os.O_CREAT | os.O_EXCL))
    except FileExistsError:
        return False
    return True

def die():
    if once():
        os.kill(os.getpid(), signal.SIGKILL)

def at_stage(wanted, act):
    "Call `act` as soon as a job has reported the stage."
    from illustrators_depth.worker.server import Server
    real = Server.send_progress
    def send_progress(self, number, stage, fraction, eta):
        real(self, number, stage, fraction, eta)
        if stage == wanted:
            act()
    Server.send_progress = send_progress

{fault}
exec(code)
"""


def faulty_python(folder: Path, fault: str) -> str:
    """A program to be given to `WorkerClient` as its Python: the real one, with `fault` run first.

    The fault is Python source; `die()`, `once()` and `at_stage(stage, act)` are there for it.
    """
    script = folder / "prelude.py"
    marker = str(folder / "fault-happened")
    script.write_text(_PRELUDE.format(marker=marker, fault=fault), encoding="utf-8")
    program = folder / "python"
    real, script_path = shlex.quote(sys.executable), shlex.quote(str(script))
    program.write_text(f'#!/bin/sh\nexec {real} -I -u {script_path} "$@"\n', encoding="utf-8")
    program.chmod(0o755)
    return str(program)


def engine_copy(folder: Path) -> Path:
    """A folder for `paths` or `sys.path` that holds the engine with model files of its own.

    Everything is linked but the models, which may be damaged. Returns the models' folder.
    """
    package = folder / "illustrators_depth"
    package.mkdir(parents=True)
    for item in (engine_folder() / "illustrators_depth").iterdir():
        if item.name == "models":
            (package / "models").mkdir()
            for file in item.iterdir():
                if file.is_file():
                    (package / "models" / file.name).write_bytes(file.read_bytes())
        elif item.name != "__pycache__":
            (package / item.name).symlink_to(item)
    return package / "models"


@contextlib.contextmanager
def small_disk(folder: Path, kilobytes: int) -> Iterator[Path]:
    """A disk of its own with this much room, on a new folder; skips where mounting is barred."""
    place = folder / "small-disk"
    place.mkdir()
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("mounting a small disk needs root on Linux")
    mount = ["mount", "-t", "tmpfs", "-o", f"size={kilobytes}k", "tmpfs", str(place)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode:
        pytest.skip(f"this machine does not let a tmpfs be mounted: {done.stderr.strip()}")
    try:
        yield place
    finally:
        subprocess.run(["umount", "-l", str(place)], check=True)


def poster(height: int = 96, width: int = 128, seed: int = 0) -> Image:
    """Discs of plain colours over one another; the same seed gives the same picture."""
    rng = np.random.default_rng(seed)
    rows, columns = np.mgrid[:height, :width]
    rgba = np.ones((height, width, 4), np.float32)
    for _ in range(7):
        y, x = rng.uniform(0, height), rng.uniform(0, width)
        inside = np.hypot(rows - y, columns - x) < rng.uniform(0.15, 0.35) * height
        rgba[inside, :3] = rng.integers(0, 256, 3) / np.float32(255)
    return Image(rgba, name="poster")


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its content, hidden ones included; folders give None."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in sorted(folder.rglob("*"))
    }


def one_sentence(text: str) -> None:
    """One line that ends like a sentence and shows no trace of the program's inside."""
    assert text.strip().count("\n") == 0, text
    assert text.strip().endswith("."), text
    assert "Traceback" not in text and "did not foresee" not in text, text
    assert len(text) < 500, text


def run_cli(
    *arguments: object, cwd: Path, before: str = "", timeout: float = 120
) -> subprocess.CompletedProcess[str]:
    """The command line in a process of its own, with Python source `before` run first in it."""
    code = f"{before}\nfrom illustrators_depth.cli import main\nmain()"
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=timeout, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
    )  # fmt: skip
