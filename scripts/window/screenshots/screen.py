"""How a part of Blender's window becomes a JPEG, with just those panels and that build in sight."""

from __future__ import annotations

import subprocess
from typing import Any

import bpy
from mathutils import Euler

from ..steps import Steps, addon, area_of, in_3d_view, output_folder, region_of

__all__ = [
    "frame_build",
    "open_all_sections",
    "panel",
    "redraw",
    "scene",
    "screenshot",
    "show_only",
    "view",
]

OUT = output_folder()
# Pixels at the sidebar's right that its tabs take.
TABS_PX = 34


def screenshot(
    name: str, *areas: Any, trim: bool = False, width: int = 0, upper: float = 1.0
) -> None:
    """Write OUT/blender-NAME.jpg: the window, or the part that regions or areas cover together.

    Args:
        name: of the picture.
        areas: regions or areas; none for the whole window.
        trim: cut off what is empty around, as below the last control of a panel.
        width: at most so many pixels wide; 0 as it is.
        upper: share of the height that is kept, from the top.
    """
    window: Any = bpy.context.window_manager
    height = window.windows[0].height
    raw = OUT / f"{name}.png"
    # Blender's own screenshot is black under software OpenGL.
    subprocess.run(["import", "-window", "root", str(raw)], check=True)
    command = ["convert", str(raw)]
    if areas:
        left, bottom = min(a.x for a in areas), min(a.y for a in areas) + (8 if trim else 0)
        right = max(a.x + a.width for a in areas) - (TABS_PX if trim else 0)
        top = max(a.y + a.height for a in areas)
        crop = f"{right - left}x{round((top - bottom) * upper)}+{left}+{height - top}"
        command += ["-crop", crop, "+repage"]
    if trim:
        command += ["-fuzz", "2%", "-trim", "+repage", "-bordercolor", "#303030", "-border", "6"]
    if width:
        command += ["-resize", f"{width}>"]
    command += ["-quality", "82", str(OUT / f"blender-{name}.jpg")]
    subprocess.run(command, check=True)
    raw.unlink()


def scene() -> Any:
    return bpy.context.scene


def open_all_sections() -> None:
    """Sections start folded; here none does. Only the whole add-on may be registered anew."""
    package = addon()
    bpy.ops.preferences.addon_disable(module=package.__name__)
    for cls in package.panels.CLASSES:
        if "DEFAULT_CLOSED" in getattr(cls, "bl_options", ()):
            cls.bl_options = set()
    bpy.ops.preferences.addon_enable(module=package.__name__)


def show_only(*sections: str) -> Steps:
    """Leave these sections of the tab, below its first part."""
    for cls in addon().panels.CLASSES:
        if not issubclass(cls, bpy.types.Panel) or not hasattr(cls, "bl_category"):
            continue
        if cls.__name__ in ("ILLDEPTH_PT_view3d", "ILLDEPTH_PT_image_editor"):
            continue
        section = cls.__name__.removeprefix("ILLDEPTH_PT_view3d_").removeprefix(
            "ILLDEPTH_PT_image_editor_"
        )
        # Blender keeps hold of `poll` itself: change what it asks (see panels.common).
        poll: Any = cls.poll.__func__
        place = poll.__code__.co_freevars.index("is_shown")
        poll.__closure__[place].cell_contents = lambda _, there=section in sections: there
    for _ in range(4):
        redraw()
        yield


def redraw() -> None:
    """Draw the window again now, so that a slow machine's screenshot is not of the one before."""
    manager: Any = bpy.context.window_manager
    for area in manager.windows[0].screen.areas:
        area.tag_redraw()
    with bpy.context.temp_override(window=manager.windows[0]):
        bpy.ops.wm.redraw_timer(type="DRAW_WIN_SWAP", iterations=1)


def frame_build(kind: str) -> Steps:
    """Frame one build from above, a little from the side; hide the others."""
    space = area_of("VIEW_3D").spaces.active
    collections: Any = bpy.data.collections
    for collection in collections:
        if collection.illdepth.kind:
            collection.hide_viewport = collection.hide_render = collection.illdepth.kind != kind
    colors = "MATERIAL" if kind == "CURVES" else "TEXTURE"
    space.shading.type, space.shading.color_type = "SOLID", colors
    space.overlay.show_overlays = False
    space.show_gizmo = False
    yield
    for collection in collections:
        for item in collection.objects:
            shown = item.type in ("MESH", "CURVE") and collection.illdepth.kind == kind
            item.select_set(shown)
    in_3d_view(lambda: bpy.ops.view3d.view_axis(type="TOP"))
    space.region_3d.view_perspective = "PERSP"
    space.region_3d.view_rotation = Euler((0.6, 0.0, 0.3)).to_quaternion()
    yield
    in_3d_view(lambda: bpy.ops.view3d.view_selected())
    in_3d_view(lambda: bpy.ops.object.select_all(action="DESELECT"))
    for _ in range(4):
        redraw()
        yield


def panel() -> Any:
    return region_of(area_of("VIEW_3D"), "UI")


def view() -> Any:
    return region_of(area_of("VIEW_3D"), "WINDOW")
