"""The pictures of each section of the tab, and of what it builds."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from ..steps import TAB, Steps, addon, area_of, in_3d_view, operators, output_folder, region_of
from .screen import frame_build, panel, redraw, scene, screenshot, show_only, view

__all__ = ["SECTIONS"]

OUT = output_folder()


def layers() -> Steps:
    yield from show_only("layers", "stacked")
    scene().illdepth.gap_mm = 1.0
    yield from frame_build("LAYERS")
    screenshot("layers", view(), panel(), width=1300)
    yield from show_only("layers")
    screenshot("panel-layers", panel(), trim=True)
    yield from show_only("stacked")
    screenshot("panel-stacked", panel(), trim=True)


def displacement() -> Steps:
    in_3d_view(lambda: operators().build_displacement())
    yield from show_only("displacement")
    yield from frame_build("RELIEF")
    screenshot("displacement", view(), panel(), width=1200)


def planes() -> Steps:
    in_3d_view(lambda: operators().build_planes())
    yield from show_only("planes")
    screenshot("panel-planes", panel(), trim=True)


def card() -> Steps:
    in_3d_view(lambda: operators().build_popup_card())
    yield from show_only("card")
    screenshot("panel-card", panel(), trim=True)


def curves() -> Steps:
    in_3d_view(lambda: operators().build_curves())
    root = addon().scene.objects.build_collection.build_root_of(
        addon().scene.objects.build_collection.find_build(scene().illdepth.image, "CURVES")
    )
    root["gap"] = 0.01
    root.update_tag()
    yield from show_only("curves")
    yield from frame_build("CURVES")
    screenshot("curves", view(), panel(), width=1200)


def animation() -> Steps:
    in_3d_view(lambda: operators().build_planes())
    in_3d_view(lambda: operators().build_popup_card())
    yield from show_only("animation")
    screenshot("panel-animation", panel(), trim=True)


def compositor() -> Steps:
    in_3d_view(lambda: operators().build_compositor())
    yield from show_only("compositor", "between")
    screenshot("panel-compositor", panel(), trim=True)
    area = area_of("VIEW_3D")
    area.ui_type = "CompositorNodeTree"
    yield
    yield
    manager: Any = bpy.context.window_manager
    with bpy.context.temp_override(
        window=manager.windows[0], area=area, region=region_of(area, "WINDOW")
    ):
        bpy.ops.node.view_all()
    for _ in range(6):
        redraw()
        yield
    screenshot("compositor", area, width=1200)
    area.ui_type = "VIEW_3D"
    for _ in range(3):
        yield


def printing() -> Steps:
    in_3d_view(lambda: operators().check_print())
    yield from show_only("print", "export")
    screenshot("panel-print", panel(), trim=True)


def edit_depth() -> Steps:
    area = area_of("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    yield
    editor = area.spaces.active
    editor.image = scene().illdepth.image
    editor.show_region_ui = True
    yield
    yield
    region_of(area, "UI").active_panel_category = TAB
    scene().illdepth_edit.preview = "PIXELS"
    scene().illdepth_edit.threshold = 0.45
    yield from show_only("edit_depth")
    manager: Any = bpy.context.window_manager
    with bpy.context.temp_override(
        window=manager.windows[0], area=area, region=region_of(area, "WINDOW")
    ):
        bpy.ops.image.view_all(fit_view=True)
    for _ in range(6):
        redraw()
        yield
    screenshot("edit-depth", region_of(area, "WINDOW"), region_of(area, "UI"), width=1200)
    scene().illdepth_edit.preview = "OFF"
    area.type = "VIEW_3D"
    yield


def layered() -> Steps:
    """The picture's layers as a drawing, read as a file that holds its layers already."""
    drawing = OUT / "valley.svg"
    in_3d_view(lambda: operators().export_layers(filepath=str(drawing), kind="SVG", overwrite=True))
    in_3d_view(lambda: operators().import_layers(filepath=str(drawing), build="NONE"))
    drawing.unlink()
    yield from show_only("layers")
    screenshot("panel-layered", panel(), trim=True)


def preferences() -> Steps:
    area = area_of("VIEW_3D")
    area.type = "PREFERENCES"
    settings: Any = bpy.context.preferences
    settings.active_section = "ADDONS" if bpy.app.version < (4, 2, 0) else "EXTENSIONS"
    yield
    settings.active_section = "ADDONS"
    manager: Any = bpy.context.window_manager
    manager.addon_search = "Illustrator"
    name = addon().__name__
    bpy.ops.preferences.addon_show(module=name)
    bpy.ops.illdepth.test_engine()  # type: ignore[attr-defined]
    for _ in range(6):
        redraw()
        yield
    screenshot("preferences", area, width=1000, upper=0.6)  # nothing is below
    area.type = "VIEW_3D"
    yield


def german() -> Steps:
    settings: Any = bpy.context.preferences
    settings.view.language = "de_DE"
    settings.view.use_translate_interface = True
    yield from show_only("layers")
    screenshot("panel-german", panel(), trim=True)
    settings.view.language = "en_US"
    yield


# Name, for the command line, and the steps that take its pictures.
SECTIONS: dict[str, Callable[[], Steps]] = {
    "layers": layers,
    "displacement": displacement,
    "planes": planes,
    "card": card,
    "curves": curves,
    "animation": animation,
    "compositor": compositor,
    "print": printing,
    "edit_depth": edit_depth,
    "preferences": preferences,
    "german": german,
    "layered": layered,  # last: the scene has another picture then
}
