"""What the File > Export entries do, as plain functions for scripts and tests."""

from __future__ import annotations

from dataclasses import dataclass

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.export.formats import LayerFile, PrintFile
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings

from ..scene.images.pixels import image_to_engine

__all__ = ["LAYER_KINDS", "PRINT_KINDS", "Kind", "layer_file", "print_file"]


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


def print_file(
    image: bpy.types.Image, kind: str, relief: ReliefSettings, printer: PrinterSettings
) -> PrintFile:
    """One of PRINT_KINDS with what it needs of the picture."""
    picture = image_to_engine(image) if kind == "GLB" else None
    return PrintFile(kind, relief, printer, picture)


def layer_file(kind: str) -> LayerFile:
    """One of LAYER_KINDS; InputError for another."""
    if kind not in LAYER_KINDS:
        raise InputError(f"There is no kind of export called {kind!r}.")
    return LayerFile(kind)
