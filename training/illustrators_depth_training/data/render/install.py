"""Installs the pinned node packages once, into the user's cache, from a committed lock file."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from pathlib import Path

from ..paths import cache_folder, run_tool

__all__ = ["NODE_SOURCES", "ensure_node_packages"]

NODE_SOURCES = Path(__file__).parent / "node"


def ensure_node_packages(sources: Path = NODE_SOURCES) -> Path:
    """Return a folder whose node_modules holds what `sources`/package-lock.json pins.

    The folder is named after the lock file's hash, so a new lock is a new folder; several
    processes may ask at once. Raises UnavailableError without node or npm.
    """
    lock = (sources / "package-lock.json").read_bytes()
    target = cache_folder("node") / hashlib.sha256(lock).hexdigest()[:16]
    if (target / "node_modules").is_dir():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as name:
        work = Path(name) / "install"
        work.mkdir()
        for file in ("package.json", "package-lock.json"):
            shutil.copy(sources / file, work / file)
        run_tool(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
            work,
            seconds=600,
            purpose="Installing the SVG renderer",
        )
        try:
            work.replace(target)
        except OSError:
            if not (target / "node_modules").is_dir():  # else: another process was first
                raise
    return target
