"""What only a real window can show: modal prediction, clicks, drawing, and what may disturb them.

    scripts/real_blender.sh scripts/window_checks.py OUT

Writes OUT/checks.txt, a line for each thing seen to work; ends with an error at the first that does
not.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import bpy
import numpy as np
from bpy_extras.view3d_utils import location_3d_to_region_2d
from mathutils import Vector

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

from window.steps import (  # noqa: E402
    Steps,
    addon,
    area_of,
    in_view,
    ours,
    output_folder,
    press,
    region_of,
    run,
    wait_until,
)

PICTURE = HERE.parent / "examples" / "parrot.png"
TAB = "Illustrator's Depth"
# Of 255: differences that are seen, and colors that are not one of the interface's greys.
CHANGED_LEVELS, COLORFUL_LEVELS = 24, 50
SEEN = output_folder() / "checks.txt"


def seen(what: str) -> None:
    print("seen:", what, flush=True)
    with SEEN.open("a") as handle:
        handle.write(what + "\n")


def progress() -> Any:
    manager: Any = bpy.context.window_manager
    return manager.illdepth


def open_picture() -> Any:
    operators = ours()
    in_view(lambda: operators.import_image(filepath=str(PICTURE), predict=False))
    scene: Any = bpy.context.scene
    return scene.illdepth.image


def start(**options: Any) -> None:
    operators = ours()
    result = in_view(lambda: operators.predict("INVOKE_DEFAULT", **options))
    assert result == {"RUNNING_MODAL"}, result
    assert progress().running


def over() -> bool:
    return not progress().running


def steps() -> Steps:
    area = area_of("VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield
    yield
    region_of(area, "UI").active_panel_category = TAB
    yield
    addon().log.set_level("DEBUG")
    seen("the extension is installed from its zip and its tab is in the sidebar")

    yield from first_use()
    yield from predict_while_the_window_lives()
    yield from cancel_by_escape()
    yield from remove_the_picture()
    yield from another_scene()
    yield from slide()
    yield from export_by_the_worker()
    yield from objects_and_rows()
    yield from open_another_file()
    yield from kill_the_worker()
    yield from switch_off_and_on()
    yield from tint_in_the_image_editor()
    yield from speak_german()


def first_use() -> Steps:
    """The start-up scene, a picture, Predict: the picture is where one looks, in its colors."""
    before = middle_of_the_view("before")
    operators = ours()
    in_view(lambda: operators.import_image(filepath=str(PICTURE), predict=False))
    start(build="LAYERS")
    yield from wait_until(over, "the first prediction")
    for _ in range(10):
        yield  # the view glides to the build
    after = middle_of_the_view("after")
    changed = np.abs(after - before).max(axis=-1) > CHANGED_LEVELS
    colorful = np.ptp(after, axis=-1) > COLORFUL_LEVELS
    assert changed.mean() > 0.3, f"{changed.mean():.0%} of the view's middle changed"
    assert (changed & colorful).mean() > 0.08, f"{colorful.mean():.0%} of it is colorful"
    seen(f"first use: {changed.mean():.0%} of the view's middle changed to the picture")
    left, right, most_left, most_right = build_and_free_room()
    assert left <= most_left and most_right <= right, (left, most_left, most_right, right)
    seen("all of the build is beside the sidebar, not under it")
    bpy.ops.wm.read_homefile(use_empty=False)
    yield


def build_and_free_room() -> tuple[float, float, float, float]:
    """Columns of the 3D View that are free, and those that the new build takes."""
    area = area_of("VIEW_3D")
    region, view = region_of(area, "WINDOW"), area.spaces.active.region_3d
    left, right = addon().scene.first_look.free_columns(area, region)
    columns = []
    for item in bpy.context.selected_objects:
        for corner in item.bound_box if item.type == "MESH" else ():
            place = item.matrix_world @ Vector(corner)
            columns.append(location_3d_to_region_2d(region, view, place)[0])
    return left, right, min(columns), max(columns)


def middle_of_the_view(name: str) -> Any:
    """The inner half of the 3D View as it is on the screen, int (H, W, 3); the whole is kept."""
    path = output_folder() / f"first-use-{name}.png"
    subprocess.run(["import", "-window", "root", str(path)], check=True)
    area = area_of("VIEW_3D")
    manager: Any = bpy.context.window_manager
    width, height = area.width // 2, area.height // 2
    left = area.x + area.width // 4
    top = manager.windows[0].height - area.y - area.height * 3 // 4
    crop = ["-crop", f"{width}x{height}+{left}+{top}", "-depth", "8", "rgb:-"]
    raw = subprocess.run(["convert", str(path), *crop], check=True, capture_output=True).stdout
    return np.frombuffer(raw, np.uint8).reshape(height, width, 3).astype(int)


def predict_while_the_window_lives() -> Steps:
    image = open_picture()
    start(build="LAYERS")
    gaps, last = [], time.monotonic()
    while not over():
        yield
        now = time.monotonic()
        gaps.append(now - last)
        last = now
    scene: Any = bpy.context.scene
    assert addon().storage.layers.has_stack(image)
    assert "parrot layers" in bpy.data.collections
    assert scene.illdepth.image == image
    gap = sorted(gaps)[len(gaps) // 2]
    seen(f"a modal prediction, then layers; the window's ticks of 0.2 s came every {gap:.2f} s")


def cancel_by_escape() -> Steps:
    image: Any = bpy.data.images["parrot.png"]
    before = image.illdepth.stack_key
    start()
    yield
    area = area_of("VIEW_3D")
    yield from press("ESC", area.x + 200, area.y + 200)
    yield from wait_until(over, "the prediction to be cancelled")
    assert image.illdepth.stack_key == before
    seen("Esc cancels; the result of before stays")
    start()
    yield
    operators = ours()
    in_view(operators.cancel)
    yield from wait_until(over, "the prediction to be cancelled by its button")
    seen("so does the button beside the progress bar")


def remove_the_picture() -> Steps:
    start()
    yield
    bpy.data.images.remove(bpy.data.images["parrot.png"])
    yield from wait_until(over, "the prediction to end without its picture")
    seen("the picture is removed while predicting: it ends, the window lives")


def another_scene() -> Steps:
    image = open_picture()
    manager: Any = bpy.context.window_manager
    first = manager.windows[0].scene
    start()
    yield
    manager.windows[0].scene = bpy.data.scenes.new("Other")
    yield from wait_until(over, "the prediction to end in another scene")
    assert first.illdepth.image == image
    assert manager.windows[0].scene.illdepth.image is None
    assert addon().storage.layers.has_stack(image)
    seen("another scene is shown while predicting: the result is where it was asked for")


def export_by_the_worker() -> Steps:
    path = output_folder() / "parrot.stl"
    operators = ours()
    in_view(
        lambda: operators.export_print(
            "INVOKE_DEFAULT", image="parrot.png", filepath=str(path), kind="STL"
        )
    )
    yield from wait_until(lambda: selector() is not None, "the file selector")
    for _ in range(5):
        yield  # it is drawn, and has listed its folder
    window, area = selector()
    for value in ("PRESS", "RELEASE"):
        x, y = area.x + area.width // 2, area.y + area.height // 2
        window.event_simulate(type="RET", value=value, x=x, y=y)
    yield from wait_until(lambda: selector() is None, "the file selector to close", 60)
    yield from wait_until(lambda: path.exists(), "the file", 200)
    yield from wait_until(over, "the export")
    assert path.stat().st_size > 1000
    path.unlink()
    seen("an export from the file selector is done by the worker while the window lives")


def selector() -> Any:
    """Window and area of the open file selector, None when there is none."""
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type == "FILE_BROWSER":
                return window, area
    return None


def slide() -> Steps:
    """A slider's layers get their bytes when it rests, without anybody asking for it."""
    image: Any = bpy.data.images["parrot.png"]
    scene: Any = bpy.context.scene
    scene.illdepth.image = image
    start()
    yield from wait_until(over, "a prediction")
    before = image.illdepth.stack_key
    scene.illdepth.layers = 4
    yield from wait_until(lambda: image.illdepth.stack_key != before, "the slider's layers")
    yield from wait_until(
        lambda: image.get("illdepth_stack") and not image.get("illdepth_recipe"), "their bytes"
    )
    assert len(addon().session.SESSION.layers.load(image)) == 4
    scene.illdepth.layers = 0
    seen("a slider makes layers at once, and their bytes follow when it rests")


def open_another_file() -> Steps:
    start(image="parrot.png")
    yield
    bpy.ops.wm.read_homefile(use_empty=False)
    yield
    yield
    assert over()
    assert addon().session.SESSION.jobs.current is None
    open_picture()
    start()
    yield from wait_until(over, "a prediction in the new file")
    assert addon().storage.layers.has_stack(bpy.data.images["parrot.png"])
    seen("File > New while predicting: it ends, and predicting works in the new file")


def kill_the_worker() -> Steps:
    import os
    import signal

    start()
    worker = addon().session.SESSION.worker.client()
    yield from wait_until(lambda: worker.pid is not None, "a worker")
    os.kill(worker.pid, signal.SIGKILL)
    yield from wait_until(over, "the prediction to end with its worker")
    start()
    yield from wait_until(over, "trying again")
    assert addon().storage.layers.has_stack(bpy.data.images["parrot.png"])
    seen("the worker is killed: it ends, and trying again works")


def switch_off_and_on() -> Steps:
    start()
    yield
    name = addon().__name__
    bpy.ops.preferences.addon_disable(module=name)
    for _ in range(5):
        yield
    assert not hasattr(bpy.types.Scene, "illdepth")
    bpy.ops.preferences.addon_enable(module=name)
    for _ in range(3):
        yield
    assert over()
    start(image="parrot.png")
    yield from wait_until(over, "a prediction after enabling")
    assert addon().storage.layers.has_stack(bpy.data.images["parrot.png"])
    seen("the add-on is disabled while predicting and enabled again: predicting works")


def objects_and_rows() -> Steps:
    """Selection, names, visibility and deletion go from objects to rows by themselves."""
    image = open_picture()
    start(image=image.name)
    yield from wait_until(over, "a prediction to build from")
    in_view(lambda: ours().build_layers(image=image.name))
    yield
    builds = addon().scene.builds

    def parts() -> list[Any]:
        return builds.layer_objects(builds.find_build(image, "LAYERS"))

    data = image.illdepth
    other: Any = parts()[1 if data.active_layer != 1 else 2]
    place = next(i for i, x in enumerate(data.layers) if x.uid == other.illdepth.layer_uid)
    view_layer = bpy.context.view_layer
    assert view_layer is not None
    view_layer.objects.active = other
    yield from wait_until(lambda: data.active_layer == place, "the row of the active object")
    other.name = "renamed here"
    yield from wait_until(lambda: data.layers[place].name == "renamed here", "the row's new name")
    other.hide_viewport = True
    yield from wait_until(lambda: not data.layers[place].shown, "the row's eye to close")
    other.hide_viewport = False
    yield from wait_until(lambda: data.layers[place].shown, "the row's eye to open")
    yield
    bpy.data.objects.remove(other)
    yield from wait_until(lambda: not data.layers[place].shown, "the deleted object's row")
    seen("an object's selection, name, visibility and deletion reach its row")


def tint_in_the_image_editor() -> Steps:
    area = area_of("VIEW_3D")
    area.type = "IMAGE_EDITOR"
    yield
    scene: Any = bpy.context.scene
    area.spaces.active.image = bpy.data.images["parrot.png"]
    scene.illdepth_edit.preview = "PIXELS"
    overlay = addon().session.SESSION.overlay
    yield from wait_until(lambda: overlay.texture is not None, "the tint to be drawn")
    first = overlay.texture
    scene.illdepth_edit.threshold = 0.8
    yield from wait_until(lambda: overlay.texture is not first, "the tint to follow the slider")
    scene.illdepth_edit.preview = "OFF"
    seen("the threshold's tint is drawn and follows the slider")
    area.type = "VIEW_3D"
    yield


def speak_german() -> Steps:
    preferences: Any = bpy.context.preferences
    preferences.view.language = "de_DE"
    preferences.view.use_translate_interface = True
    preferences.view.use_translate_tooltips = True
    yield
    translated = addon().translations.translated
    assert translated("Predict Again") == "Neu vorhersagen", translated("Predict Again")
    translations: Any = bpy.app.translations
    assert translations.pgettext_iface("Build Layers", "Operator") == "Ebenen erstellen"
    assert (
        translations.pgettext_tip("What predicts the depth") == "Womit die Tiefe vorhergesagt wird"
    )
    seen("the interface speaks German")
    preferences.view.language = "en_US"
    yield


bpy.context.preferences.view.show_splash = False  # type: ignore[union-attr]
run(steps)
