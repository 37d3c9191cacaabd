"""Where drawings come from: packages, folders, tables and generators, all seen as one kind."""

from __future__ import annotations

from .base import Source
from .open_source import open_source
from .spec import SourceSpec, parse_spec

__all__ = ["Source", "SourceSpec", "open_source", "parse_spec"]
