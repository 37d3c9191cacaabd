"""Drawings in the column of a table, as MMSVG-Illustration is laid out (id, svg, description)."""

from __future__ import annotations

import glob
import tempfile
from pathlib import Path
from typing import Any

from illustrators_depth.errors import InputError, UnavailableError

from .base import Source
from .spec import SourceSpec

__all__ = ["ParquetSource"]


class ParquetSource(Source):
    """`parquet:/path/*.parquet#svg`: one drawing per row of the named column.

    Names are the `id` column where it exists and is unique, else file stem and row. The column is
    copied once, row group by row group, into an unnamed temporary file, because a build reads the
    drawings in random order and a column can only be read in order.
    """

    def __init__(self, spec: SourceSpec) -> None:
        super().__init__(spec)
        try:
            import pyarrow.parquet as parquet
        except ImportError:
            raise UnavailableError(
                f"{spec.label} needs pyarrow; install `illustrators-depth-training[parquet]`."
            ) from None
        assert spec.rest is not None
        self._column = spec.rest
        paths = sorted(Path(p) for p in glob.glob(spec.name, recursive=True))  # noqa: PTH207
        if not paths:
            raise InputError(f"No file matches {spec.label}; correct the source.")
        self._spool = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as the source
        self._places: dict[str, tuple[int, int]] = {}
        for path in paths:
            try:
                file = parquet.ParquetFile(path)
            except (OSError, ValueError) as error:
                raise InputError(f"{path} is not a readable Parquet file ({error}).") from None
            columns = file.schema_arrow.names
            if self._column not in columns:
                raise InputError(f"{path} has no column {self._column!r}; it has {columns}.")
            self._copy(path, file, ["id"] if "id" in columns else [])

    def _copy(self, path: Path, file: Any, identifier: list[str]) -> None:
        row = 0
        for group in range(file.num_row_groups):
            table = file.read_row_group(group, [self._column, *identifier]).to_pydict()
            names = table["id"] if identifier else [None] * len(table[self._column])
            for value, known in zip(table[self._column], names, strict=True):
                name = f"{path.stem}-{row:08d}" if known is None else str(known)
                if name in self._places:
                    name = f"{name}-{path.stem}-{row:08d}"
                data = value if isinstance(value, bytes) else str(value or "").encode()
                self._places[name] = (self._spool.tell(), len(data))
                self._spool.write(data)
                row += 1

    def names(self) -> list[str]:
        return sorted(self._places)

    def read(self, name: str) -> bytes:
        start, length = self._places[name]
        self._spool.seek(start)
        return self._spool.read(length)
