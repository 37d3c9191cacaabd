"""What only a real window can show: modal prediction, clicks, drawing, and what may disturb them.

    scripts/real_blender.sh scripts/window_checks.py OUT [CHECK...]

Writes OUT/checks.txt, a line for each thing seen to work; ends with an error at the first that does
not. The checks are in scripts/window/checks.
"""

from __future__ import annotations

import sys
from pathlib import Path

import bpy

sys.path.insert(0, str(Path(__file__).resolve().parent))

from window.checks.common import passed
from window.checks.edited_layers import edit_save_and_predict_again
from window.checks.editors import (
    objects_and_rows,
    slide,
    speak_german,
    tint_in_the_image_editor,
)
from window.checks.export import export_by_the_worker
from window.checks.first_use import first_use
from window.checks.prediction import (
    another_scene,
    cancel_by_escape,
    kill_the_worker,
    open_another_file,
    predict_while_the_window_lives,
    remove_the_picture,
    switch_off_and_on,
)
from window.steps import TAB, Steps, addon, area_of, region_of, run

# In this order: later ones use the picture that earlier ones have opened.
CHECKS = (
    first_use,
    predict_while_the_window_lives,
    cancel_by_escape,
    remove_the_picture,
    another_scene,
    slide,
    export_by_the_worker,
    objects_and_rows,
    open_another_file,
    kill_the_worker,
    switch_off_and_on,
    tint_in_the_image_editor,
    edit_save_and_predict_again,
    speak_german,
)
ONLY = sys.argv[sys.argv.index("--") + 2 :]


def steps() -> Steps:
    area = area_of("VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield
    yield
    region_of(area, "UI").active_panel_category = TAB
    yield
    addon().log.set_level("DEBUG")
    passed("the extension is installed from its zip and its tab is in the sidebar")
    for check in CHECKS:
        if not ONLY or check.__name__ in ONLY:
            yield from check()


bpy.context.preferences.view.show_splash = False  # type: ignore[union-attr]
run(steps)
