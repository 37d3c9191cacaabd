"""Sheets as files: one SVG each, and a preview of them stacked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from ..errors import InputError
from ..io.atomic import atomic_folder
from ..io.names import safe_name
from ..io.stale_files import listed_files, remove_stale
from ..io.user_path import user_path
from ..tracing.paint import hex_color
from .sheets import Sheet

__all__ = ["SHEETS_INDEX", "write_papercut"]

SHEETS_INDEX = "sheets.json"


def write_papercut(
    sheets: Sequence[Sheet], folder: str | Path, overwrite: bool = False
) -> list[Path]:
    """Write `NN_name.svg` for every sheet, 01 at the bottom, `00_preview.svg` and `sheets.json`.

    `sheets.json` lists the sheets with name, paper and size. The folder appears complete or not at
    all; with `overwrite` the sheets of an earlier run in it are replaced, so that none of them is
    cut by mistake, and other files are left alone.

    Returns the paths of the drawings, the preview first. Raises InputError as `atomic_folder` does.
    """
    if not sheets:
        raise InputError("There are no sheets to write; show at least one layer.")
    final = user_path(folder)
    digits = max(2, len(str(len(sheets))))
    texts = {f"{0:0{digits}d}_preview.svg": _preview(sheets)}
    entries = []
    for number, sheet in enumerate(sheets, 1):
        file = f"{number:0{digits}d}_{safe_name(sheet.name)}.svg"
        texts[file] = sheet.to_svg()
        entries.append({"file": file, "name": sheet.name, "color": [float(c) for c in sheet.color]})
    index = {
        "format": "illustrators-depth-sheets",
        "version": 1,
        "width_mm": sheets[0].width_mm,
        "height_mm": sheets[0].height_mm,
        "order": "bottom to top",
        "sheets": entries,
    }
    with atomic_folder(final, overwrite) as temporary:
        for name, content in texts.items():
            (temporary / name).write_text(content, encoding="utf-8")
        listing = json.dumps(index, indent=2) + "\n"
        (temporary / SHEETS_INDEX).write_text(listing, encoding="utf-8")
        earlier = listed_files(final, SHEETS_INDEX, "sheets", (".svg",))
    remove_stale(final, earlier, texts)
    return [final / name for name in texts]


def _preview(sheets: Sequence[Sheet]) -> str:
    """All sheets on top of one another, in their paper's colours, each with a soft edge."""
    width, height = sheets[0].width_mm, sheets[0].height_mm
    pieces = "".join(
        f'<path id="sheet-{n}" fill="{hex_color(s.color)}" stroke="#000000" stroke-opacity="0.3" '
        f'stroke-width="0.3" fill-rule="evenodd" d="{s.shape}"/>\n'
        for n, s in enumerate(sheets, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<svg xmlns="http://www.w3.org/2000/svg" version="1.1"'
        f' width="{width:g}mm" height="{height:g}mm" viewBox="0 0 {width:g} {height:g}">\n'
        f"<title>Preview: not to be cut</title>\n{pieces}</svg>\n"
    )
