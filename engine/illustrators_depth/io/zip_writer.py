"""Members of zip archives that do not tell when they were written: same content, same bytes."""

from __future__ import annotations

import zipfile

__all__ = ["write_member"]

_DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip archive can hold


def write_member(
    archive: zipfile.ZipFile,
    name: str,
    data: bytes | str,
    compression: int = zipfile.ZIP_DEFLATED,
    level: int | None = None,
) -> None:
    """Add a member with a fixed date.

    Args:
        archive: open for writing.
        name: of the member, "/" between folders.
        data: its content; text is written as UTF-8.
        compression: `zipfile.ZIP_DEFLATED`, or ZIP_STORED for what is packed already, such as PNG.
        level: of deflating, 1 quick to 9 small; None for zlib's default.
    """
    info = zipfile.ZipInfo(name, _DATE)
    info.compress_type = compression
    archive.writestr(info, data, compresslevel=level)
