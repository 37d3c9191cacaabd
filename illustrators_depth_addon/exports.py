"""What the File > Export entries do, as plain functions for scripts and tests."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.nouns import DepthMap, LayerStack
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings

from .scene.pictures import image_to_engine

if TYPE_CHECKING:
    from illustrators_depth.printing import PrintReport

__all__ = [
    "LAYER_KINDS",
    "PRINT_KINDS",
    "Kind",
    "check_before_print",
    "export_layers",
    "export_print",
]


@dataclass(frozen=True)
class Kind:
    """One kind of file.

    Attributes:
        label, about: for the menu.
        suffix: of the file, "" for a folder.
    """

    label: str
    about: str
    suffix: str


PRINT_KINDS = {
    "STL": Kind("STL", "One binary STL in millimeters", ".stl"),
    "STL_LAYERS": Kind("STL per Layer", "A folder of STL files with a common origin", ""),
    "THREEMF": Kind("3MF", "Named, colored parts in millimeters, for slicers", ".3mf"),
    "SWAPS_TXT": Kind("Color Swaps (Text)", "When to change filament, to read", ".txt"),
    "SWAPS_CSV": Kind("Color Swaps (CSV)", "When to change filament, as a table", ".csv"),
    "SWAPS_JSON": Kind("Color Swaps (JSON)", "When to change filament, for programs", ".json"),
    "HEIGHTMAP": Kind("Height Map", "16-bit PNG for CNC, its millimeters in a JSON file", ".png"),
    "GLB": Kind("GLB", "Textured, in meters, for viewers", ".glb"),
    "OBJ": Kind("OBJ", "Named, colored objects in millimeters", ".obj"),
    "PLY": Kind("PLY", "Colored vertices in millimeters", ".ply"),
}

LAYER_KINDS = {
    "PSD": Kind("Photoshop", "Real layers with names", ".psd"),
    "ORA": Kind("OpenRaster", "Layers for Krita, GIMP and MyPaint", ".ora"),
    "PNG": Kind("PNG Sequence", "A folder of full-frame RGBA pictures and their list", ""),
    "EXR": Kind("Multi-layer EXR", "Linear layers with the depth as a channel", ".exr"),
    "SVG": Kind("SVG", "A drawing with one group per layer", ".svg"),
    "PAPERCUT": Kind("Paper-Cut Sheets", "A folder with one SVG per sheet to cut", ""),
    "IDL": Kind("Layers File", "Everything, to go on with outside of Blender", ".idl"),
    "DEPTH_PNG": Kind("Depth PNG", "The depth as 16-bit grayscale", ".png"),
    "DEPTH_EXR": Kind("Depth EXR", "The depth as 32-bit floating point", ".exr"),
    "JSON": Kind("Layer List", "Names, depths and colors, without pixels", ".json"),
}


def export_print(
    image: bpy.types.Image,
    stack: LayerStack,
    depth: DepthMap,
    kind: str,
    path: Path,
    settings: ReliefSettings,
    printer: PrinterSettings,
    overwrite: bool = False,
) -> str:
    """Write one of PRINT_KINDS, whole or not at all, and say in a few words what it is.

    Raises InputError as the engine's writers do.
    """
    if kind.startswith("SWAPS"):
        from illustrators_depth.printing.color_swaps import (
            check_swaps_output,
            color_swaps,
            write_swaps,
        )

        check_swaps_output(path, overwrite)
        swaps = color_swaps(stack, settings, printer)
        write_swaps(swaps, path, settings, overwrite)
        return f"{len(swaps)} filaments in turn"
    from illustrators_depth.export.relief_writer import (
        check_relief_output,
        relief_for_output,
        write_relief,
    )

    check_relief_output(path, overwrite)
    if kind == "HEIGHTMAP":
        write_relief(stack, settings, path, overwrite, depth=depth)
        return "height map"
    from illustrators_depth.geometry import relief

    settings = relief_for_output(settings, path)
    mesh = relief(stack, settings, depth)
    picture = image_to_engine(image) if kind == "GLB" else None
    write_relief(stack, settings, path, overwrite, picture, depth, mesh)
    x, y, z = mesh.size_mm
    return f"{x:.4g} x {y:.4g} x {z:.4g} mm, {len(mesh.faces)} triangles"


def check_before_print(
    stack: LayerStack, depth: DepthMap, settings: ReliefSettings, printer: PrinterSettings
) -> PrintReport:
    """Make the relief and measure it; slabs count as printed one by one."""
    from illustrators_depth.geometry import relief
    from illustrators_depth.printing import check_print

    mesh = relief(stack, settings, depth)
    return check_print(stack, mesh, settings, printer, separately=settings.mode == "stacked")


def export_layers(
    stack: LayerStack, depth: DepthMap, kind: str, path: Path, overwrite: bool = False
) -> str:
    """Write one of LAYER_KINDS, whole or not at all, and say in a few words what it is.

    Raises InputError as the engine's writers do.
    """
    if kind == "PAPERCUT":
        from illustrators_depth.io.atomic import check_output_folder
        from illustrators_depth.papercut import papercut, write_papercut

        check_output_folder(path, overwrite)
        sheets = papercut(stack)
        write_papercut(sheets, path, overwrite)
        return f"{len(sheets)} sheets"
    if kind == "DEPTH_EXR":
        from illustrators_depth.io.depth_file import write_depth

        write_depth(depth, path, overwrite)
        return f"{depth.shape[1]} x {depth.shape[0]} pixels"
    if kind not in LAYER_KINDS:
        raise InputError(f"There is no kind of export called {kind!r}.")
    from illustrators_depth.export.stack_writer import write_stack

    write_stack(stack, path, overwrite, depth)
    return f"{len(stack.shown())} layers"
