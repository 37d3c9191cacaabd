"""What every source of drawings offers."""

from __future__ import annotations

from abc import ABC, abstractmethod

from .spec import SourceSpec

__all__ = ["Source"]


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
