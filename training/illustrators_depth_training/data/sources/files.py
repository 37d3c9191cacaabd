"""Drawings in files: a glob on disk, and the folder of an unpacked package."""

from __future__ import annotations

import re
from pathlib import Path

from illustrators_depth.errors import InputError

from .base import Source
from .spec import SourceSpec
from .symbols import list_symbols, read_symbol

__all__ = ["DirectorySource", "FolderSource"]

_MAGIC = re.compile(r"[*?\[]")
_ENDINGS = (".svg", ".svgz")


class FolderSource(Source):
    """SVG files under a root folder that match a glob; links are skipped (they are copies).

    A file that only holds <symbol> elements (a sprite) counts as one drawing per symbol.
    """

    def __init__(self, spec: SourceSpec, root: Path, glob: str | None) -> None:
        super().__init__(spec)
        self.root = root
        self._files: dict[str, Path] = {}
        patterns = [glob] if glob else ["**/*.svg", "**/*.svgz"]
        fixed = _fixed_prefix(patterns[0])
        for pattern in patterns:
            for path in root.glob(pattern):
                if path.suffix.lower() in _ENDINGS and path.is_file() and not path.is_symlink():
                    name = path.relative_to(root / fixed).with_suffix("").as_posix()
                    self._files[name] = path
        self._symbols: dict[str, tuple[Path, str]] = {}
        for name, path in list(self._files.items()):
            symbols = list_symbols(path)
            if symbols:
                del self._files[name]
                for identifier in symbols:
                    self._symbols[f"{name}#{identifier}"] = (path, identifier)

    def names(self) -> list[str]:
        return sorted([*self._files, *self._symbols])

    def read(self, name: str) -> bytes:
        if name in self._symbols:
            return read_symbol(*self._symbols[name])
        return self._files[name].read_bytes()


class DirectorySource(FolderSource):
    """`dir:` files on this machine; the sample's path is the file's path."""

    def __init__(self, spec: SourceSpec) -> None:
        fixed = _fixed_prefix(spec.name)
        pattern = Path(spec.name).relative_to(fixed).as_posix()
        root = Path(fixed)
        if root.is_file():
            root, pattern = root.parent, root.name
        if not root.is_dir():
            raise InputError(f"The folder {root} does not exist; correct the source {spec.label}.")
        super().__init__(spec, root, None if pattern == "." else pattern)
        if not self.names():
            raise InputError(f"No SVG file matches {spec.label}; correct the source.")

    def path(self, name: str) -> str:
        if name in self._symbols:
            return f"{self._symbols[name][0]}#{self._symbols[name][1]}"
        return str(self._files[name])


def _fixed_prefix(pattern: str) -> str:
    """Return the leading folders of a glob that hold no wildcard."""
    parts = Path(pattern).parts
    fixed: list[str] = []
    for part in parts:
        if _MAGIC.search(part):
            break
        fixed.append(part)
    else:
        if fixed and Path(pattern).suffix.lower() in _ENDINGS and not Path(pattern).is_absolute():
            fixed.pop()
    return str(Path(*fixed)) if fixed else "."
