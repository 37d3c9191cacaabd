"""What every source offers, and the one function that opens a source by its kind."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .spec import SourceSpec

__all__ = ["Source", "open_source"]


class Source(ABC):
    """A set of named SVG drawings with a licence. Opening may download; listing is sorted."""

    def __init__(self, spec: SourceSpec) -> None:
        self.spec = spec

    @abstractmethod
    def names(self) -> list[str]:
        """Return the names of all drawings, sorted, without file extension."""

    @abstractmethod
    def read(self, name: str) -> bytes:
        """Return one drawing's SVG bytes."""

    def aliases(self) -> dict[str, list[str]]:
        """Return other names under which drawings are known, by name."""
        return {}

    def path(self, name: str) -> str:
        """Return where the drawing came from, for the sample's `path`."""
        return f"{self.spec.label}/{name}"

    @property
    def licence(self) -> str:
        """SPDX identifier or a short name; "unknown" when nobody said."""
        return self.spec.licence or "unknown"

    @property
    def author(self) -> str:
        return self.spec.author or "unknown"

    @property
    def url(self) -> str:
        return self.spec.url or ""


def open_source(spec: SourceSpec) -> Source:
    """Open (and if need be fetch) a source; raises InputError or UnavailableError."""
    if spec.kind == "npm":
        from .npm import open_npm

        return open_npm(spec)
    if spec.kind == "apt":
        from .apt import AptSource

        return AptSource(spec)
    if spec.kind == "dir":
        from .files import DirectorySource

        return DirectorySource(spec)
    if spec.kind == "parquet":
        from .parquet import ParquetSource

        return ParquetSource(spec)
    from .dicebear import DicebearSource

    return DicebearSource(spec)
