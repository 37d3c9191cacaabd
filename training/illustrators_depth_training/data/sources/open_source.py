"""Opens a source of drawings by its kind."""

from __future__ import annotations

from .base import Source
from .spec import SourceSpec

__all__ = ["open_source"]


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
