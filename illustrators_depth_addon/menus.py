"""The add-on's entries in Blender's own menus."""

from __future__ import annotations

from typing import Any

import bpy

from .operators.export import layers as export_layers
from .operators.export import printing as export_print
from .operators.importing.image import draw_import_menu

__all__ = ["register", "unregister"]

_ENTRIES: tuple[tuple[Any, Any], ...] = (
    (bpy.types.TOPBAR_MT_file_import, draw_import_menu),
    (bpy.types.TOPBAR_MT_file_export, export_layers.draw_export_menu),
    (bpy.types.TOPBAR_MT_file_export, export_print.draw_export_menu),
)


def register() -> None:
    for menu, draw in _ENTRIES:
        menu.append(draw)


def unregister() -> None:
    for menu, draw in _ENTRIES:
        menu.remove(draw)
