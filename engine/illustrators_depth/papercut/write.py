"""Sheets as files: a folder of SVGs with a preview, or all of them in one SVG, DXF or PDF."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..io.atomic import atomic_folder, atomic_path, check_output, check_output_folder
from ..io.names import safe_name
from ..io.stale_files import listed_files, remove_stale
from ..io.user_path import user_path
from .sheets import Sheet
from .svg import preview_svg, sheet_svg, sheets_svg

__all__ = ["PAPERCUT_SUFFIXES", "SHEETS_INDEX", "check_papercut_output", "write_papercut"]

# One file for all sheets; a name without an ending is a folder of one SVG each.
PAPERCUT_SUFFIXES = (".svg", ".dxf", ".pdf")

SHEETS_INDEX = "sheets.json"


def check_papercut_output(path: str | Path, overwrite: bool = False) -> Path:
    """Say early whether sheets may be written to `path`; return it. No ending means a folder.

    Raises InputError for another ending, UnavailableError where DXF cannot be written here, and
    as `check_output` does.
    """
    target = user_path(path)
    suffix = target.suffix.lower()
    if not suffix or (target.is_dir() and suffix not in PAPERCUT_SUFFIXES):
        return check_output_folder(target, overwrite)
    if suffix not in PAPERCUT_SUFFIXES:
        raise InputError(
            f"{target.name}: sheets are written as {', '.join(PAPERCUT_SUFFIXES)}, or into a "
            "folder (a name without an ending); choose one of these."
        )
    if suffix == ".dxf":
        from .dxf import check_dxf

        check_dxf()
    return check_output(target, overwrite)


def write_papercut(
    sheets: Sequence[Sheet], path: str | Path, overwrite: bool = False
) -> list[Path]:
    """Write sheets as the ending says, atomically.

    - none: a folder with `NN_name.svg` for every sheet, 01 at the bottom, `00_preview.svg` and
      `sheets.json`, which lists name, paper and size. With `overwrite` the sheets of an earlier run
      in it are replaced, so that none of them is cut by mistake, and other files are left alone.
    - `.svg`, `.dxf`: all sheets side by side in one drawing.
    - `.pdf`: a page at true size for every sheet.

    Returns the paths of the drawings, a folder's preview first. Raises InputError as
    `check_papercut_output` does.
    """
    if not sheets:
        raise InputError("There are no sheets to write; show at least one layer.")
    target = check_papercut_output(path, overwrite)
    suffix = target.suffix.lower()
    if suffix not in PAPERCUT_SUFFIXES:
        return _write_folder(sheets, target, overwrite)
    with atomic_path(target, overwrite) as temporary:
        if suffix == ".svg":
            temporary.write_text(sheets_svg(sheets), encoding="utf-8", newline="\n")
        elif suffix == ".dxf":
            from .dxf import write_dxf

            write_dxf(sheets, temporary)
        else:
            from .pdf import pdf_bytes

            temporary.write_bytes(pdf_bytes(sheets))
    return [target]


def _write_folder(sheets: Sequence[Sheet], target: Path, overwrite: bool) -> list[Path]:
    digits = max(2, len(str(len(sheets))))
    texts = {f"{0:0{digits}d}_preview.svg": preview_svg(sheets)}
    entries = []
    for number, sheet in enumerate(sheets, 1):
        file = f"{number:0{digits}d}_{safe_name(sheet.name)}.svg"
        texts[file] = sheet_svg(sheet)
        entries.append({"file": file, "name": sheet.name, "color": [float(c) for c in sheet.color]})
    index = {
        "format": "illustrators-depth-sheets",
        "version": 1,
        "width_mm": sheets[0].width_mm,
        "height_mm": sheets[0].height_mm,
        "order": "bottom to top",
        "sheets": entries,
    }
    with atomic_folder(target, overwrite) as temporary:
        for name, content in texts.items():
            (temporary / name).write_text(content, encoding="utf-8")
        listing = json.dumps(index, indent=2) + "\n"
        (temporary / SHEETS_INDEX).write_text(listing, encoding="utf-8")
        earlier_files = listed_files(target, SHEETS_INDEX, "sheets", (".svg",))
    remove_stale(target, earlier_files, texts)
    return [target / name for name in texts]
