"""One call for every kind of file that a relief can become, chosen by the name's ending."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..errors import InputError, check_kind
from ..io.atomic import check_output, check_output_folder
from ..io.user_path import user_path
from ..product_settings import PrinterSettings
from ..settings import ReliefSettings
from ..types import DepthMap, Image, LayerStack, Mesh
from .meshes.mesh_file import MESH_SUFFIXES, write_mesh

__all__ = [
    "PRINT_SUFFIXES",
    "RELIEF_SUFFIXES",
    "check_relief_output",
    "relief_for_output",
    "relief_suffix",
    "write_relief",
]

RELIEF_SUFFIXES = (*MESH_SUFFIXES, ".png")
# Printed: stacked slabs would float apart, so mode "auto" makes one solid with steps for these.
PRINT_SUFFIXES = (".stl", ".3mf")
# A height map (.png) can hold no slabs with air between them either.
_SOLID_SUFFIXES = (*PRINT_SUFFIXES, ".png")
# A longer "ending" belongs to a folder's name, such as "fox.version2"; a shorter one is a mistyped
# or unknown format. Counted with its point.
_MAX_SUFFIX_LENGTH = 5


def relief_suffix(path: str | Path) -> str:
    """Which of RELIEF_SUFFIXES is written to `path`, lower case; "" for any other ending.

    That is a folder of parts or a mistake; `check_relief_output` tells them apart.
    """
    final = user_path(path)
    suffix = final.suffix.lower()
    return suffix if suffix in RELIEF_SUFFIXES else ""


def check_relief_output(path: str | Path, overwrite: bool = False) -> Path:
    """Say early whether a relief may be written to `path`; return it. No suffix means a folder.

    Raises InputError for an unknown suffix, and as `check_output` does.
    """
    final = user_path(path)
    if kind := relief_suffix(final):
        if kind == ".png":
            from .heightmap import sidecar_path

            check_output(sidecar_path(final), overwrite)
        return check_output(final, overwrite)
    suffix = final.suffix
    if suffix and len(suffix) <= _MAX_SUFFIX_LENGTH and suffix[1:].isalnum() and not final.is_dir():
        raise InputError(
            f"{final.name}: a relief is written as {', '.join(RELIEF_SUFFIXES)}, or into a folder "
            "(a name without an ending); choose one of these."
        )
    return check_output_folder(final, overwrite)


def relief_for_output(settings: ReliefSettings, path: str | Path) -> ReliefSettings:
    """The settings as the file needs them.

    Mode "auto" is decided by the ending; coloured and separate files want a part per step.

    Raises InputError for a height map of a mode that has none.
    """
    suffix = relief_suffix(path)
    if settings.mode == "auto":
        mode = "terraced" if suffix in _SOLID_SUFFIXES else "stacked"
        settings = replace(settings, mode=mode)
        settings.check()
    if suffix == ".png":
        from .heightmap import check_heightmap_mode

        check_heightmap_mode(settings)
    if settings.mode == "terraced" and suffix in (".3mf", ""):
        return replace(settings, split=True)
    return settings


def write_relief(
    stack: LayerStack,
    settings: ReliefSettings | None,
    path: str | Path,
    overwrite: bool = False,
    image: Image | None = None,
    depth: DepthMap | None = None,
    mesh: Mesh | None = None,
    printer: PrinterSettings | None = None,
) -> Path:
    """Write a relief, atomically, as the ending says.

    - none: a folder with `parts.json` and one STL per part of the mesh (a layer where stacked, a
      step where terraced, a piece of `cut_for_plate`), with a common origin.
    - `.stl`, `.3mf`, `.glb`, `.obj`, `.ply`: see `write_mesh`; where terraced, 3MF has one coloured
      part per step.
    - `.png`: a 16-bit height map for CNC, see `write_heightmap`.

    Args:
        stack, settings, depth: as for `relief`.
        path: where to; its ending chooses the format.
        overwrite: whether what is there may be replaced.
        image: textures those parts of a `.glb` that are no layer of the stack.
        mesh: what `relief` made with `relief_for_output(settings, path)`, or pieces of it from
            `cut_for_plate`, if they are at hand; else it is made here.
        printer: its filaments colour a `.3mf`.

    Returns the path written. Raises InputError as the single writers do.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    final = check_relief_output(path, overwrite)
    settings = relief_for_output(ReliefSettings.or_default(settings), final)
    suffix = relief_suffix(final)
    if suffix == ".png":
        from .heightmap import write_heightmap

        return write_heightmap(stack, settings, final, overwrite, depth)
    if mesh is None:
        from ..geometry.relief import relief

        mesh = relief(stack, settings, depth)
    if suffix in MESH_SUFFIXES:
        filaments = PrinterSettings.or_default(printer, "printer").filaments
        return write_mesh(mesh, final, overwrite, image, stack, filaments)
    from .meshes.part_files import write_parts

    write_parts(mesh, final, overwrite)
    return final
