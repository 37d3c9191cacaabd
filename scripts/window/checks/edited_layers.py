"""Edits of layers that are undone, redone, saved, opened and predicted again: all of them stay."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from typing import Any

import bpy
import numpy as np
from mathutils import Vector

from ..steps import (
    TAB,
    Steps,
    addon,
    area_of,
    in_3d_view,
    operators,
    output_folder,
    region_of,
    wait_until,
)
from .common import has_layers, is_idle, open_picture, passed, start_prediction

__all__ = ["edit_save_and_predict_again"]

# Of a layer: its name, whether it is shown, its pixels, its object's name and place, its materials.
LayerState = tuple[Any, ...]


def edit_save_and_predict_again() -> Steps:
    """The list, the kept layers and the build agree after each edit, and after all that follows."""
    bpy.ops.wm.read_homefile(use_empty=False)
    yield
    yield
    area = area_of("VIEW_3D")
    area.spaces.active.show_region_ui = True
    yield
    yield
    region_of(area, "UI").active_panel_category = TAB
    open_picture()
    start_prediction(build="LAYERS")
    yield from wait_until(is_idle, "the prediction whose layers are edited")
    states = [state_of_layers()]
    photograph("predicted")
    for edit in EDITS:
        edit()
        yield
        states.append(state_of_layers())
        assert states[-1] != states[-2], edit.__name__
    photograph("edited")
    passed(f"{len(EDITS)} edits: list, kept layers and objects agree after each")
    for step in range(1, 4):
        yield from press_with_control("Z")
        compare(state_of_layers(), states[-1 - step], f"undo {step}")
    photograph("undone")
    for step in (3, 2, 1):
        yield from press_with_control("Z", shift=True)
        compare(state_of_layers(), states[-step], f"redo to {step}")
    passed("Ctrl Z three times and Shift Ctrl Z again give the very states")
    path = str(output_folder() / "edited.blend")
    bpy.ops.wm.save_as_mainfile(filepath=path)
    bpy.ops.wm.open_mainfile(filepath=path)
    yield
    yield
    compare(state_of_layers(), states[-1], "opened")
    photograph("opened")
    passed("the saved file opens with the same layers, names, materials and objects")
    start_prediction(image="parrot.png")
    yield from wait_until(is_idle, "predicting again")
    assert has_layers(picture())
    yield
    compare(state_of_layers(), states[-1], "predicted again")
    photograph("predicted-again")
    passed("predicting again keeps every edit, and the build shows it")


def picture() -> Any:
    return bpy.data.images["parrot.png"]


def uid_at(place: int) -> int:
    return int(picture().illdepth.layers[place].uid)


def edit_once(operator_name: str, /, **options: Any) -> None:
    """Call an operator so that it pushes its own undo step, as buttons do."""
    operator = getattr(operators(), operator_name)
    result = in_3d_view(lambda: operator("EXEC_DEFAULT", True, **options))
    assert result == {"FINISHED"}, result


def reorder() -> None:
    edit_once("layer_move", layer=uid_at(1), way="UP")


def merge() -> None:
    edit_once("layer_merge", layer=uid_at(len(picture().illdepth.layers) - 1))


def hide() -> None:
    edit_once("layer_eye", layer=uid_at(1))


def rename() -> None:
    edit_once("layer_rename", layer=uid_at(2), name="renamed layer")


def paint() -> None:
    """A stroke through the middle goes to a layer that is shown."""
    uid = uid_at(2)
    path = [{"name": "", "loc": (x, 0.5), "time": 0.0} for x in (0.3, 0.4, 0.5, 0.6)]
    edit_once("assign_to_layer", layer=uid, path=path, shape="BRUSH", size=40.0)


EDITS: tuple[Callable[[], None], ...] = (reorder, merge, hide, rename, paint)


def state_of_layers() -> list[LayerState]:
    """What the list, the kept layers and the build say; AssertionError where they contradict."""
    image, session = picture(), addon().session.SESSION
    stack, builds = session.layers.load(image), addon().scene.objects.build_collection
    rows = [(row.uid, row.name, row.shown) for row in image.illdepth.layers]
    kept = [(layer.uid, layer.name, not layer.hidden) for layer in stack]
    assert rows == kept, (rows, kept)
    found = builds.layer_objects(builds.find_build(image, "LAYERS"))
    objects = {item.illdepth.layer_uid: item for item in found}
    assert len(objects) == len(found)
    graph = bpy.context.evaluated_depsgraph_get()
    states: list[LayerState] = []
    last_top = -np.inf
    for layer in stack:
        if layer.hidden:
            item = objects.pop(layer.uid, None)
            assert item is None or item.hide_viewport, f"{layer.name} is hidden, its object is not"
            states.append((layer.uid, layer.name, False, checksum(layer)))
            continue
        item = objects.pop(layer.uid)
        assert item.name.endswith(layer.name) and not item.hide_viewport, (item.name, layer.name)
        solid = item.evaluated_get(graph)  # a modifier gives it its thickness
        top = max((solid.matrix_world @ Vector(corner)).z for corner in solid.bound_box)
        assert top > last_top, f"{layer.name} is not above the layer below it"
        last_top = top
        materials = tuple(slot.name for slot in item.material_slots)
        states.append(
            (layer.uid, item.name, True, checksum(layer), round(top, 6), materials,
             len(item.data.vertices))
        )  # fmt: skip
    assert not objects, f"objects without a layer: {[x.name for x in objects.values()]}"
    return states


def checksum(layer: Any) -> int:
    return hash((layer.rgba_crop.tobytes(), layer.mask_crop.tobytes()))


def compare(state: list[LayerState], wanted: list[LayerState], when: str) -> None:
    """AssertionError that names the layers that are not as they were."""
    changed = [(a, b) for a, b in zip(state, wanted, strict=False) if a != b]
    assert len(state) == len(wanted) and not changed, (when, len(state), len(wanted), changed)


def press_with_control(key: str, shift: bool = False) -> Steps:
    """Press and release a key with Ctrl held, the mouse over the 3D View."""
    manager: Any = bpy.context.window_manager
    window, area = manager.windows[0], area_of("VIEW_3D")
    x, y = area.x + 300, area.y + 300
    window.event_simulate(type="MOUSEMOVE", value="NOTHING", x=x, y=y)
    yield
    for value in ("PRESS", "RELEASE"):
        window.event_simulate(type=key, value=value, x=x, y=y, ctrl=True, shift=shift)
        yield
    yield


def photograph(name: str) -> None:
    """Keep the window as it is on the screen."""
    path = output_folder() / f"edited-layers-{name}.png"
    subprocess.run(["import", "-window", "root", str(path)], check=True)
