"""Live controls: what a slider of the panel sets off, at once or shortly after it has stopped.

A change that takes no longer than people notice happens inside the slider's own callback, so that
Blender's undo takes slider and geometry back in one step. For pictures that need longer, a timer
waits until the slider rests and then runs `illdepth.update_layers`, a step of its own. In scripts
and in the background nothing happens by itself: they call that operator.
"""

from __future__ import annotations

import time
from typing import Any

import bpy

from illustrators_depth.errors import EngineError

from ..addon_data import addon_data
from ..storage import layer_list

__all__ = ["close", "controls_changed", "line_changed", "spacing_changed", "tell"]

# Seconds that an update may hold the slider up.
_INSTANT = 0.25
# Seconds that a slider rests before a slow update.
_REST = 0.35

# How long the last update of a picture took, by the image's session_uid.
_took: dict[int, float] = {}
# The session_uid of the picture that the timer is for.
_waiting = 0


def controls_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """A control of how layers are made or how large they are was changed by hand."""
    if bpy.app.background:
        return
    from ..storage import image_cache

    if image is None or not image_cache.has_depth(image):
        return
    from ..storage.layer_session import is_ready

    fast = is_ready(image) and _took.get(image.session_uid, 0.0) <= _INSTANT
    if fast and bpy.context.mode == "OBJECT":
        update_now(scene, image)
        return
    global _waiting
    _waiting = image.session_uid
    if bpy.app.timers.is_registered(_rested):
        bpy.app.timers.unregister(_rested)
    bpy.app.timers.register(_rested, first_interval=_REST)


def update_now(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Bring layers, list and builds up to the controls; a mistake is shown in the panel."""
    from . import relayer

    start = time.monotonic()
    tell("")
    try:
        relayer.update_layers(scene, image)
    except EngineError as error:
        tell(str(error))
    _took[image.session_uid] = time.monotonic() - start


def _rested() -> float | None:
    """The slider has come to rest: run the operator, or wait while Blender is busy otherwise."""
    from ..operators.common import problem_of

    windows: Any = bpy.context.window_manager
    image = next((i for i in bpy.data.images if i.session_uid == _waiting), None)
    if windows is None or not windows.windows or image is None:
        return None
    with bpy.context.temp_override(window=windows.windows[0]):
        if bpy.context.mode != "OBJECT" or addon_data(windows).running:
            return _REST
        operators: Any = bpy.ops
        if operators.illdepth.update_layers.poll():
            # With an undo step, which calls from Python leave out unless told.
            try:
                operators.illdepth.update_layers("EXEC_DEFAULT", True, image=image.name)
            except RuntimeError as error:  # a report of the operator; a timer has nobody to tell
                tell(problem_of(error))
    return None


def spacing_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """Thickness or gap of the whole stack was changed: no mesh is touched."""
    from ..scene.builds import LAYERS, build_root_of, find_build, layer_objects
    from ..scene.spacing import set_gap, set_thickness
    from ..scene.units import to_units

    collection = find_build(image, LAYERS, scene) if image is not None else None
    if image is None or collection is None:
        return
    group, own = addon_data(scene), layer_list.own_spacing(image)
    root = build_root_of(collection)
    if root is not None:
        set_gap(root, to_units(group.gap_mm))
    for item in layer_objects(collection):
        if own.get(addon_data(item).layer_uid, (None, None))[0] is None:
            set_thickness(item, group.thickness_mm)


def bevel_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """The bevel of the stack was changed: every layer gets it."""
    from ..scene.bevel import set_bevel
    from ..scene.builds import LAYERS, find_build, layer_objects

    collection = find_build(image, LAYERS, scene) if image is not None else None
    for item in layer_objects(collection) if collection is not None else ():
        set_bevel(item, addon_data(scene).bevel_mm)


def line_changed(scene: bpy.types.Scene, image: bpy.types.Image, line: Any) -> None:
    """A layer's own thickness or gap was changed."""
    from ..scene.builds import LAYERS, build_root_of, find_build, layer_objects
    from ..scene.spacing import clear_gap, set_gap, set_thickness, stack_up
    from ..scene.units import to_units

    collection = find_build(image, LAYERS, scene)
    if collection is None:
        return
    group, items = addon_data(scene), layer_objects(collection)
    for item in items:
        if addon_data(item).layer_uid == line.uid:
            set_thickness(item, line.thickness_mm if line.own_thickness else group.thickness_mm)
            if line.own_gap:
                set_gap(item, to_units(line.gap_mm))
            else:
                clear_gap(item)
    root = build_root_of(collection)
    if root is not None:
        stack_up(items, root)


def tell(problem: str) -> None:
    """Show a sentence in the panel, "" takes it away."""
    manager = bpy.context.window_manager
    if manager is not None and addon_data(manager).problem != problem:
        addon_data(manager).problem = problem


def close() -> None:
    """Forget what is under way: the add-on is being disabled."""
    if bpy.app.timers.is_registered(_rested):
        bpy.app.timers.unregister(_rested)
    _took.clear()
