"""Live controls: a slider of the panel updates layers and builds, at once or when it has stopped.

A change that takes no longer than people notice happens inside the slider's own callback, so that
Blender's undo takes slider and geometry back in one step. For pictures that need longer, a timer
waits until the slider rests and then runs `illdepth.update_layers`, an undo step of its own.
Scripts, and Blender in the background, call that operator themselves.
"""

from __future__ import annotations

import time
from typing import Any

import bpy

from illustrators_depth.errors import EngineError
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..context import by_session_uid, problem_of, sentence_of, show_problem
from ..scene.objects.build_collection import (
    CURVES,
    DRAWING,
    LAYERS,
    RELIEF,
    build_root_of,
    find_build,
    layer_objects,
)
from ..scene.stacked.bevel import set_bevel
from ..scene.stacked.spacing import (
    clear_gap,
    set_gap,
    set_own_thickness,
    set_stack_thickness,
    share_thickness,
    stack_up,
)
from ..scene.units import to_units
from ..session import SESSION
from ..settings.scene import layering_settings, relief_settings
from ..storage.layer_list import own_spacing
from ..storage.layer_session import is_small
from ..translations import reported
from .build_kinds import scale_root
from .current_stack import current_stack
from .layers import check_editable
from .update_builds import update_builds

__all__ = [
    "bevel_changed",
    "controls_changed",
    "item_changed",
    "spacing_changed",
    "true_size_changed",
    "update_layers",
    "update_when_rested",
]

# Seconds that an update may hold the slider up.
_INSTANT_S = 0.25
# Seconds that a slider rests before a slow update.
_REST_S = 0.35
# Seconds between two looks at the thread that makes the layers of a large picture.
_POLL_S = 0.1


def controls_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """A control of how layers are made or how large they are was changed by hand.

    A mistake is shown in the panel, since setting a property cannot fail.
    """
    if bpy.app.background or image is None or addon_data(image).depth is None:
        return
    live, uid = SESSION.live, image.session_uid
    is_quick = SESSION.layer_sessions.is_ready(image) and live.took_s.get(uid, 0.0) <= _INSTANT_S
    if not is_quick or bpy.context.mode != "OBJECT":
        live.waiting = uid
        if bpy.app.timers.is_registered(update_when_rested):
            bpy.app.timers.unregister(update_when_rested)
        bpy.app.timers.register(update_when_rested, first_interval=_REST_S)
        return
    start = time.monotonic()
    show_problem("")
    try:
        update_layers(scene, image)
    except EngineError as error:
        show_problem(sentence_of(error))
    live.took_s[uid] = time.monotonic() - start


def update_layers(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    """Bring layers, list and builds up to the scene's settings.

    What the user did to layers stays with those that are seen where they were, and so does what was
    built of them; see `session.handwork`.

    Raises InputError when the picture has no depth, or cannot be taken apart as the settings say.
    """
    check_editable(image)
    stack = current_stack(scene, image)
    update_builds(scene, image, stack)
    return stack


def update_when_rested() -> float | None:
    """A timer: the slider has come to rest; run the operator, or wait while Blender is busy."""
    manager: Any = bpy.context.window_manager
    image = by_session_uid(bpy.data.images, SESSION.live.waiting)
    if manager is None or not manager.windows or image is None:
        return None
    with bpy.context.temp_override(window=manager.windows[0]):
        if bpy.context.mode != "OBJECT" or addon_data(manager).running:
            return _REST_S
        if not is_small(image) and not _made_ahead(bpy.context.scene, image):
            return _POLL_S
        operators: Any = bpy.ops
        if operators.illdepth.update_layers.poll():
            # With an undo step, which calls from Python leave out unless told.
            try:
                operators.illdepth.update_layers("EXEC_DEFAULT", True, image=image.name)
            except RuntimeError as error:  # the operator's report; a timer shows it itself
                show_problem(problem_of(error))
    return None


def _made_ahead(scene: Any, image: bpy.types.Image) -> bool:
    """Whether a thread has made the layers of a large picture; it is started if it has not been.

    The status bar says how far it is.
    """
    ahead = SESSION.background_layers
    try:
        ahead.begin(image, layering_settings(scene), relief_settings(scene))
    except EngineError:  # the operator says it in a sentence
        return True
    text = None
    if not ahead.done():
        text = reported("Layers: {percent} %", percent=round(100.0 * ahead.fraction))
    for window in bpy.context.window_manager.windows:  # type: ignore[union-attr]
        window.workspace.status_text_set(text)
    return ahead.done()


def spacing_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """Thickness or gap of the whole stack was changed: no mesh is touched."""
    collection = find_build(image, LAYERS, scene) if image is not None else None
    if image is None or collection is None:
        return
    settings, own_spacings = addon_data(scene), own_spacing(image)
    root = build_root_of(collection)
    if root is not None:
        set_gap(root, to_units(settings.gap_mm))
    thicknesses = {
        o: own_spacings.get(addon_data(o).layer_uid, (None, None))[0]
        for o in layer_objects(collection)
    }
    sharing = [item for item, thickness in thicknesses.items() if thickness is None]
    set_stack_thickness(root, sharing, to_units(settings.thickness_mm))


def true_size_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """Builds of paper get the size of the print, or ten times that: their roots are scaled."""
    for kind in (LAYERS, RELIEF, DRAWING, CURVES):
        collection = find_build(image, kind, scene) if image is not None else None
        if collection is not None:
            scale_root(scene, collection)


def bevel_changed(scene: bpy.types.Scene, image: bpy.types.Image | None) -> None:
    """The bevel of the stack was changed: every layer gets it."""
    collection = find_build(image, LAYERS, scene) if image is not None else None
    for item in layer_objects(collection) if collection is not None else ():
        set_bevel(item, addon_data(scene).bevel_mm)


def item_changed(scene: bpy.types.Scene, image: bpy.types.Image, item: Any) -> None:
    """A layer's own thickness or gap was changed in its item of the list."""
    collection = find_build(image, LAYERS, scene)
    if collection is None:
        return
    settings, layer_parts = addon_data(scene), layer_objects(collection)
    root = build_root_of(collection)
    for part in layer_parts:
        if addon_data(part).layer_uid == item.uid:
            if item.own_thickness or root is None:
                set_own_thickness(
                    part, item.thickness_mm if item.own_thickness else settings.thickness_mm
                )
            else:
                share_thickness(part, root)
            if item.own_gap:
                set_gap(part, to_units(item.gap_mm))
            else:
                clear_gap(part)
    if root is not None:
        stack_up(layer_parts, root)
