"""What the File > Export entries do, as plain functions for scripts and tests.

The engine's tables say which formats there are: `PRINT_FORMATS` and `LAYER_FORMATS`.
"""

from __future__ import annotations

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.export.print_writer import PRINT_FORMATS, PrintFile
from illustrators_depth.export.stack_writer import LAYER_FORMATS, LayerFile
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings

from ..scene.images.pixels import image_to_engine

__all__ = ["layer_file", "print_file"]


def print_file(
    image: bpy.types.Image, kind: str, relief: ReliefSettings, printer: PrinterSettings
) -> PrintFile:
    """One of PRINT_FORMATS with what it needs of the picture."""
    picture = image_to_engine(image) if PRINT_FORMATS[kind].textured else None
    return PrintFile(kind, relief, printer, picture)


def layer_file(kind: str) -> LayerFile:
    """One of LAYER_FORMATS; InputError for another."""
    if kind not in LAYER_FORMATS:
        raise InputError(f"There is no kind of export called {kind!r}.")
    return LayerFile(kind)
