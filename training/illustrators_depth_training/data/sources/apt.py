"""Drawings in Debian packages, downloaded and unpacked into the cache without installing."""

from __future__ import annotations

import tempfile
from pathlib import Path

from illustrators_depth.errors import InputError, UnavailableError

from ..paths import cache_folder, run_tool
from .files import FolderSource
from .spec import SourceSpec

__all__ = ["AptSource", "fetch_apt"]


def fetch_apt(name: str) -> Path:
    """Return the unpacked folder of a Debian package, fetched once with `apt-get download`."""
    target = cache_folder("sources/apt") / name
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        work = Path(temporary)
        purpose = f"Fetching the Debian package {name}"
        run_tool(["apt-get", "download", name], work, seconds=600, purpose=purpose)
        archives = list(work.glob("*.deb"))
        if len(archives) != 1:
            raise UnavailableError(f"apt-get gave no archive for {name}.")
        unpacked = work / "unpacked"
        run_tool(
            ["dpkg-deb", "-x", str(archives[0]), str(unpacked)], work, seconds=600, purpose=purpose
        )
        (unpacked / ".version").write_text(archives[0].stem + "\n", encoding="utf-8")
        try:
            unpacked.replace(target)
        except OSError:
            if not target.is_dir():  # else: another process was first
                raise
    return target


class AptSource(FolderSource):
    """SVG files of a Debian package."""

    def __init__(self, spec: SourceSpec) -> None:
        self._folder = fetch_apt(spec.name)
        super().__init__(spec, self._folder, spec.rest)
        if not self.names():
            raise InputError(f"No SVG file matches {spec.label}; correct the source.")
