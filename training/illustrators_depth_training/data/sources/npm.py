"""Drawings in npm packages: Iconify's JSON collections, and SVG files inside any package."""

from __future__ import annotations

import json
import tarfile
import tempfile
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError, UnavailableError

from ..paths import cache_folder, run_tool
from .base import Source
from .files import FolderSource
from .spec import SourceSpec

__all__ = ["IconifySource", "NpmFolderSource", "fetch_npm", "open_npm"]


def fetch_npm(name: str, version: str) -> Path:
    """Return the unpacked folder of a package, fetched once with `npm pack` into the cache."""
    slug = f"{name.lstrip('@').replace('/', '-')}-{version}"
    target = cache_folder("sources/npm") / slug
    if target.is_dir():
        return target
    with tempfile.TemporaryDirectory(dir=target.parent) as temporary:
        work = Path(temporary)
        run_tool(
            ["npm", "pack", f"{name}@{version}", "--loglevel=error"],
            work,
            seconds=300,
            purpose=f"Fetching {name}@{version}",
        )
        archives = list(work.glob("*.tgz"))
        if len(archives) != 1:
            raise UnavailableError(f"npm gave no archive for {name}@{version}.")
        with tarfile.open(archives[0]) as archive:
            archive.extractall(work / "unpacked", filter="data")
        inner = next((work / "unpacked").iterdir())  # `package/`, by custom
        try:
            inner.replace(target)
        except OSError:
            if not target.is_dir():  # else: another process was first
                raise
    return target


def open_npm(spec: SourceSpec) -> Source:
    """Open a package: by the glob when one is given, else as an Iconify collection."""
    assert spec.version is not None
    folder = fetch_npm(spec.name, spec.version)
    if spec.rest:
        return NpmFolderSource(spec, folder)
    if not (folder / "icons.json").is_file():
        raise InputError(
            f"{spec.label} is no Iconify collection; name its files, e.g. {spec.label}#**/*.svg."
        )
    return IconifySource(spec, folder)


class IconifySource(Source):
    """An Iconify JSON collection: `icons.json`, with licence and author in `info.json`."""

    def __init__(self, spec: SourceSpec, folder: Path) -> None:
        super().__init__(spec)
        self._data = json.loads((folder / "icons.json").read_text(encoding="utf-8"))
        info = folder / "info.json"
        self._info: dict[str, Any] = (
            json.loads(info.read_text(encoding="utf-8")) if info.is_file() else {}
        )

    def names(self) -> list[str]:
        return sorted(n for n, icon in self._data["icons"].items() if not icon.get("hidden"))

    def aliases(self) -> dict[str, list[str]]:
        aliases: dict[str, list[str]] = {}
        for alias, entry in self._data.get("aliases", {}).items():
            aliases.setdefault(entry["parent"], []).append(alias)
        return aliases

    def read(self, name: str) -> bytes:
        icon = self._data["icons"][name]

        def side(key: str, default: float) -> float:
            return float(icon.get(key, self._data.get(key, default)))

        box = f"{side('left', 0):g} {side('top', 0):g} {side('width', 16):g} {side('height', 16):g}"
        head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
        return f"{head}{icon['body']}</svg>".encode()

    @property
    def licence(self) -> str:
        stated = self._info.get("license", {})
        return self.spec.licence or stated.get("spdx") or stated.get("title") or "unknown"

    @property
    def author(self) -> str:
        return self.spec.author or self._info.get("author", {}).get("name") or "unknown"

    @property
    def url(self) -> str:
        return self.spec.url or self._info.get("author", {}).get("url") or ""


class NpmFolderSource(FolderSource):
    """SVG files of a package, chosen by a glob; licence and author from its package.json."""

    def __init__(self, spec: SourceSpec, folder: Path) -> None:
        super().__init__(spec, folder, spec.rest)
        if not self.names():
            raise InputError(f"No SVG file matches {spec.label}; correct the glob.")
        self._package = json.loads((folder / "package.json").read_text(encoding="utf-8"))

    @property
    def licence(self) -> str:
        return self.spec.licence or str(self._package.get("license") or "unknown")

    @property
    def author(self) -> str:
        stated = self._package.get("author") or self.spec.name
        name = stated.get("name") if isinstance(stated, dict) else stated
        return self.spec.author or str(name or self.spec.name)

    @property
    def url(self) -> str:
        return self.spec.url or str(self._package.get("homepage") or "")
