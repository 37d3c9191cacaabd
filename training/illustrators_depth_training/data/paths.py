"""Where the data part keeps what it downloads, and the node tools it runs."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from pathlib import Path

from illustrators_depth.errors import UnavailableError

__all__ = ["cache_folder", "run_tool"]


def cache_folder(name: str) -> Path:
    """Return (and make) a folder under $ILLUSTRATORS_DEPTH_CACHE, or ~/.cache by default."""
    base = os.environ.get("ILLUSTRATORS_DEPTH_CACHE")
    root = Path(base) if base else Path.home() / ".cache" / "illustrators-depth"
    folder = root / name
    folder.mkdir(parents=True, exist_ok=True)
    return folder


def run_tool(command: list[str], folder: Path, *, seconds: float, purpose: str) -> str:
    """Run a command line tool in `folder` and return its stdout; failures become one sentence."""
    if shutil.which(command[0]) is None:
        raise UnavailableError(f"{purpose} needs the command {command[0]!r}; install it and retry.")
    with tempfile.TemporaryFile() as errors:
        try:
            done = subprocess.run(
                command, cwd=folder, stdout=subprocess.PIPE, stderr=errors, timeout=seconds
            )
        except subprocess.TimeoutExpired:
            raise UnavailableError(f"{purpose}: no answer within {seconds:.0f} s.") from None
        if done.returncode:
            errors.seek(0)
            said = errors.read().decode("utf-8", "replace").strip().splitlines()
            raise UnavailableError(f"{purpose} failed: {said[-1] if said else 'no message'}")
    return done.stdout.decode("utf-8", "replace")
