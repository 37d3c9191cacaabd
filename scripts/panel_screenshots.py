"""The pictures of docs/blender.md: every panel and what it makes, taken in a real Blender window.

    scripts/real_blender.sh scripts/panel_screenshots.py docs/images [SECTION...]

Writes OUT/blender-NAME.jpg. With section names ("source", "layers", "planes", ...), only those. The
sections are in scripts/window/screenshots/sections.py.
"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from window.screenshots.screen import (
    open_all_sections,
    panel,
    redraw,
    screenshot,
    show_only,
    view,
)
from window.screenshots.sections import SECTIONS
from window.steps import (
    TAB,
    Steps,
    area_of,
    click,
    in_3d_view,
    operators,
    press,
    run,
    wait_until,
)

PICTURE = Path(__file__).resolve().parent.parent / "examples" / "valley.png"
ONLY = sys.argv[sys.argv.index("--") + 2 :]


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
    if is_asked_for("source"):
        screenshot("panel-empty", panel(), trim=True)
    yield from bring_in_a_picture()
    for section, take in SECTIONS.items():
        if is_asked_for(section):
            yield from take()


def bring_in_a_picture() -> Steps:
    """A picture dropped into the view: the dialog, then the progress."""
    files = [{"name": PICTURE.name}]
    folder = str(PICTURE.parent) + "/"
    if is_asked_for("source"):
        area = area_of("VIEW_3D")
        yield from click(area.x + 400, area.y + 500)  # a dialog opens at the mouse
        in_3d_view(
            lambda: operators().import_image("INVOKE_DEFAULT", directory=folder, files=files)
        )
        for _ in range(4):
            redraw()
            yield
        screenshot("import-dialog", view(), width=900)
        yield from press("ESC", area.x + 20, area.y + 20)
    in_3d_view(lambda: operators().import_image(directory=folder, files=files, predict=False))
    in_3d_view(lambda: operators().predict("INVOKE_DEFAULT", build="LAYERS"))
    manager: Any = bpy.context.window_manager
    yield from wait_until(lambda: manager.illdepth.fraction > 0.2, "some progress")
    redraw()
    yield
    if is_asked_for("source"):
        screenshot("panel-progress", panel(), trim=True)
    yield from wait_until(lambda: not manager.illdepth.running, "the prediction")
    yield
    if is_asked_for("source"):
        yield from show_only()
        screenshot("panel-predicted", panel(), trim=True)


def is_asked_for(section: str) -> bool:
    return not ONLY or section in ONLY


# The splash screen comes up before the first step.
bpy.context.preferences.view.show_splash = False  # type: ignore[union-attr]
run(steps)
