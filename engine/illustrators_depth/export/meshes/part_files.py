"""A mesh as one file per part, all in one coordinate frame."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from ...errors import InputError
from ...io.atomic import atomic_folder
from ...io.names import safe_name
from ...io.stale_files import listed_files, remove_stale
from ...io.user_path import user_path
from ...types import Mesh
from .mesh_file import MESH_SUFFIXES, check_mesh_suffix, write_mesh

__all__ = ["PARTS_INDEX", "part_file_names", "write_parts"]

PARTS_INDEX = "parts.json"


def part_file_names(mesh: Mesh, suffix: str = ".stl") -> list[str]:
    """`NN_safe-name.stl` for each part, 01 at the bottom."""
    digits = max(2, len(str(len(mesh.parts))))
    return [
        f"{n:0{digits}d}_{safe_name(part.name)}{suffix}" for n, part in enumerate(mesh.parts, 1)
    ]


def write_parts(
    mesh: Mesh, folder: str | Path, overwrite: bool = False, suffix: str = ".stl"
) -> list[Path]:
    """Write each part to a file of its own and `parts.json`, which lists them.

    Coordinates are those of the whole, so that programs which keep origins put the parts together
    again. The folder appears complete or not at all; with `overwrite` the parts of an earlier run
    in it are replaced and other files are left alone.

    Returns the paths written, bottom to top, the list last.
    Raises InputError for an empty mesh, an unknown suffix, and as `atomic_folder` does.
    """
    final = user_path(folder)
    if len(mesh.faces) == 0 or not mesh.parts:
        raise InputError(f"There is no geometry to write to {final.name}; show at least one layer.")
    names = part_file_names(mesh, suffix)
    check_mesh_suffix(names[0])
    entries: list[dict[str, Any]] = []
    with atomic_folder(final, overwrite) as temporary:
        for name, piece in zip(names, mesh.split(), strict=True):
            write_mesh(piece, temporary / name)
            part = piece.parts[0]
            entries.append(
                {
                    "file": name,
                    "name": part.name,
                    "layer": part.layer,
                    "color": [float(c) for c in part.color],
                    "bottom_mm": float(piece.vertices[:, 2].min()),
                    "top_mm": float(piece.vertices[:, 2].max()),
                }
            )
        listing = {
            "format": "illustrators-depth-parts",
            "version": 1,
            "unit": "millimetre",
            "size_mm": list(mesh.size_mm),
            "order": "bottom to top",
            "parts": entries,
        }
        text = json.dumps(listing, indent=2) + "\n"
        (temporary / PARTS_INDEX).write_text(text, encoding="utf-8", newline="\n")
        earlier = listed_files(final, PARTS_INDEX, "parts", MESH_SUFFIXES)
    remove_stale(final, earlier, names)
    return [*(final / name for name in names), final / PARTS_INDEX]
