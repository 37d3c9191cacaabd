"""The pictures of docs/blender.md: every panel and what it makes, taken in a real Blender window.

    scripts/real_blender.sh scripts/panel_screenshots.py docs/images [SECTION...]

Writes OUT/blender-NAME.jpg. With section names ("layers", "planes", ...), only those.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import bpy
from mathutils import Euler

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from window.steps import (  # noqa: E402
    Steps,
    addon,
    area_of,
    click,
    in_view,
    ours,
    output_folder,
    press,
    region_of,
    run,
    wait_until,
)

EXAMPLES = HERE.parent / "examples"
PICTURE = EXAMPLES / "valley.png"
OUT = output_folder()
ONLY = sys.argv[sys.argv.index("--") + 2 :]
TAB = "Illustrator's Depth"
TABS = 34  # pixels at the sidebar's right


def shoot(name: str, *areas: Any, trim: bool = False, width: int = 0, upper: float = 1.0) -> None:
    """A JPEG of the window, or of the (upper) part that these regions or areas cover together."""
    window: Any = bpy.context.window_manager
    height = window.windows[0].height
    raw = OUT / f"{name}.png"
    # Blender's own screenshot is black under software OpenGL.
    subprocess.run(["import", "-window", "root", str(raw)], check=True)
    command = ["convert", str(raw)]
    if areas:
        left, bottom = min(a.x for a in areas), min(a.y for a in areas) + (8 if trim else 0)
        right = max(a.x + a.width for a in areas) - (TABS if trim else 0)
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
    """Leave these sections of the tab, "main" being its first part."""
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
        place = poll.__code__.co_freevars.index("wanted")
        poll.__closure__[place].cell_contents = lambda _, there=section in sections: there
    for _ in range(4):
        redraw()
        yield


def redraw() -> None:
    manager: Any = bpy.context.window_manager
    for area in manager.windows[0].screen.areas:
        area.tag_redraw()


def look_at(kind: str) -> Steps:
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
    in_view(lambda: bpy.ops.view3d.view_axis(type="TOP"))
    space.region_3d.view_perspective = "PERSP"
    space.region_3d.view_rotation = Euler((0.6, 0.0, 0.3)).to_quaternion()
    yield
    in_view(lambda: bpy.ops.view3d.view_selected())
    in_view(lambda: bpy.ops.object.select_all(action="DESELECT"))
    for _ in range(4):
        redraw()
        yield


def panel() -> Any:
    return region_of(area_of("VIEW_3D"), "UI")


def view() -> Any:
    return region_of(area_of("VIEW_3D"), "WINDOW")


def wants(section: str) -> bool:
    return not ONLY or section in ONLY


def steps() -> Steps:
    preferences: Any = bpy.context.preferences
    preferences.system.use_region_overlap = False
    preferences.view.smooth_view = 0
    for item in list(bpy.data.objects):
        bpy.data.objects.remove(item)
    open_all_sections()
    yield
    area = area_of("VIEW_3D")
    area.spaces.active.show_region_ui = True
    area.spaces.active.show_region_toolbar = False
    area.spaces.active.show_region_hud = False
    yield
    yield
    panel().active_panel_category = TAB
    yield from show_only()
    if wants("source"):
        shoot("panel-empty", panel(), trim=True)
    yield from bring_in_a_picture()
    for section, take in SECTIONS.items():
        if wants(section):
            yield from take()


def bring_in_a_picture() -> Steps:
    """A picture dropped into the view: the dialog, then the progress."""
    files = [{"name": PICTURE.name}]
    folder = str(PICTURE.parent) + "/"
    if wants("source"):
        area = area_of("VIEW_3D")
        yield from click(area.x + 400, area.y + 500)  # a dialog opens at the mouse
        in_view(lambda: ours().import_image("INVOKE_DEFAULT", directory=folder, files=files))
        for _ in range(4):
            redraw()
            yield
        shoot("import-dialog", view(), width=900)
        yield from press("ESC", area.x + 20, area.y + 20)
    in_view(lambda: ours().import_image(directory=folder, files=files, predict=False))
    in_view(lambda: ours().predict("INVOKE_DEFAULT", build="LAYERS"))
    manager: Any = bpy.context.window_manager
    yield from wait_until(lambda: manager.illdepth.fraction > 0.2, "some progress")
    redraw()
    yield
    if wants("source"):
        shoot("panel-progress", panel(), trim=True)
    yield from wait_until(lambda: not manager.illdepth.running, "the prediction")
    yield
    if wants("source"):
        yield from show_only()
        shoot("panel-predicted", panel(), trim=True)


def layers() -> Steps:
    yield from show_only("layers", "stacked")
    scene().illdepth.gap_mm = 1.0
    yield from look_at("LAYERS")
    shoot("layers", view(), panel(), width=1300)
    yield from show_only("layers")
    shoot("panel-layers", panel(), trim=True)
    yield from show_only("stacked")
    shoot("panel-stacked", panel(), trim=True)


def displacement() -> Steps:
    in_view(lambda: ours().build_displacement())
    yield from show_only("displacement")
    yield from look_at("RELIEF")
    shoot("displacement", view(), panel(), width=1200)


def planes() -> Steps:
    in_view(lambda: ours().build_planes())
    yield from show_only("planes")
    shoot("panel-planes", panel(), trim=True)


def card() -> Steps:
    in_view(lambda: ours().build_popup_card())
    yield from show_only("card")
    shoot("panel-card", panel(), trim=True)


def curves() -> Steps:
    in_view(lambda: ours().build_curves())
    root = addon().scene.builds.build_root_of(
        addon().scene.builds.find_build(scene().illdepth.image, "CURVES")
    )
    root["gap"] = 0.01
    root.update_tag()
    yield from show_only("curves")
    yield from look_at("CURVES")
    shoot("curves", view(), panel(), width=1200)


def animation() -> Steps:
    in_view(lambda: ours().build_planes())
    in_view(lambda: ours().build_popup_card())
    yield from show_only("animation")
    shoot("panel-animation", panel(), trim=True)


def compositor() -> Steps:
    in_view(lambda: ours().build_compositor())
    yield from show_only("compositor", "between")
    shoot("panel-compositor", panel(), trim=True)
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
    shoot("compositor", area, width=1200)
    area.ui_type = "VIEW_3D"
    for _ in range(3):
        yield


def printing() -> Steps:
    in_view(lambda: ours().check_print())
    yield from show_only("print", "export")
    shoot("panel-print", panel(), trim=True)


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
    shoot("edit-depth", region_of(area, "WINDOW"), region_of(area, "UI"), width=1200)
    scene().illdepth_edit.preview = "OFF"
    area.type = "VIEW_3D"
    yield


def layered() -> Steps:
    """The picture's layers as a drawing, read as a file that holds its layers already."""
    drawing = OUT / "valley.svg"
    in_view(lambda: ours().export_layers(filepath=str(drawing), kind="SVG", overwrite=True))
    in_view(lambda: ours().import_layers(filepath=str(drawing), build="NONE"))
    drawing.unlink()
    yield from show_only("layers")
    shoot("panel-layered", panel(), trim=True)


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
    shoot("preferences", area, width=1000, upper=0.6)  # nothing is below
    area.type = "VIEW_3D"
    yield


def german() -> Steps:
    settings: Any = bpy.context.preferences
    settings.view.language = "de_DE"
    settings.view.use_translate_interface = True
    yield from show_only("layers")
    shoot("panel-german", panel(), trim=True)
    settings.view.language = "en_US"
    yield


SECTIONS = {
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

# The splash screen comes up before the first step.
bpy.context.preferences.view.show_splash = False  # type: ignore[union-attr]
run(steps)
