"""Keeps objects and rows of the layer list in step: selection, names, visibility, deletion.

Blender says what changed through its message bus (names, the active object, visibility) and after
updates of the scene (objects that are gone). What follows from it waits for a timer, since layers
cannot be changed from within those calls.
"""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import EngineError

from ..addon_data import addon_data
from ..context import redraw, sentence_of, show_problem
from ..scene.framing import select_only
from ..scene.objects.build_collection import (
    CARD,
    CURVES,
    LAYERS,
    PLANES,
    build_of,
    find_build,
    is_foreign,
    is_layer,
    layer_objects,
)
from ..scene.objects.groups import adopt_group_name, group_collections
from ..scene.objects.names import (
    adopt_object_name,
    give_name,
    is_called,
    layer_tail,
    own_name,
    part_name,
    rename,
)
from ..session import SESSION
from ..storage.layer_list import active_item, item_of
from . import layers as layer_edits
from .groups import rename_group

__all__ = [
    "follow_active_object",
    "follow_deleted",
    "follow_groups",
    "follow_names",
    "follow_picture",
    "follow_visibility",
    "layer_of",
    "note_objects",
    "objects_updated",
    "select_layer",
    "subscribe",
    "unsubscribe",
]

_SYNCED_KINDS = (LAYERS, PLANES, CARD, CURVES)
# The message bus knows its subscribers by such a thing.
_OWNER = "illustrators_depth_addon"


def layer_of(item: bpy.types.Object | None) -> tuple[bpy.types.Image, int] | None:
    """The picture and the uid of the layer that an object shows, None for all other objects."""
    if item is None or not is_layer(item):
        return None
    build = build_of(item)
    if build is None or addon_data(build).kind not in _SYNCED_KINDS:
        return None
    image: bpy.types.Image = addon_data(build).image
    return image, int(addon_data(item).layer_uid)


def follow_active_object() -> None:
    """The row of the layer whose object is active is the active row."""
    image_and_uid = (
        layer_of(bpy.context.view_layer.objects.active) if bpy.context.view_layer else None
    )
    if image_and_uid is None or SESSION.layer_list.syncing:
        return
    image, uid = image_and_uid
    row = next((i for i, x in enumerate(addon_data(image).layers) if x.uid == uid), None)
    if row is not None and row != addon_data(image).active_layer:
        SESSION.layer_list.syncing = True
        addon_data(image).active_layer = row
        SESSION.layer_list.syncing = False
        redraw("VIEW_3D", "IMAGE_EDITOR")


def select_layer(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """The objects of the active row's layer are the selected ones, in Object Mode."""
    item, view_layer = active_item(image), bpy.context.view_layer
    if item is None or view_layer is None or bpy.context.mode != "OBJECT":
        return
    layer_parts = [part for part in _parts(scene, image) if addon_data(part).layer_uid == item.uid]
    layer_parts = [
        part for part in layer_parts if part.name in view_layer.objects and part.visible_get()
    ]
    if not layer_parts:
        return
    select_only(set(layer_parts))
    view_layer.objects.active = layer_parts[0]


def follow_names(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Layers are called as the user has renamed their objects, which keep the picture's name."""
    for part in _parts(scene, image):
        data = addon_data(part)
        given = data.given_name or data.layer_name
        item = item_of(image, data.layer_uid)
        if not given or item is None or is_called(part.name, given):
            continue
        name = own_name(part, image)
        adopt_object_name(part)  # first: a locked layer's object gets its name back
        if item.name != name:
            layer_edits.rename(scene, image, data.layer_uid, name)
        else:
            give_name(part, image, layer_tail(name))


def follow_picture(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Builds are called after the picture, also when the user has renamed that."""
    for collection in scene.collection.children_recursive:
        data = addon_data(collection)
        is_build = data.image == image and data.kind and not is_foreign(collection)
        if is_build and data.name_tail and data.given_name != part_name(image, data.name_tail):
            rename(collection)


def follow_groups(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Groups are called as the user has renamed their collections."""
    for kind in _SYNCED_KINDS:
        build = find_build(image, kind, scene)
        for child, path in group_collections(build) if build is not None else ():
            plain, _, number = child.name.rpartition(".")
            numbered = plain == path[-1] and number.isdigit()
            if child.name != path[-1] and not numbered:
                adopt_group_name(child)
                rename_group(scene, image, path, child.name)
                return  # collections were made and removed: others are looked at the next time


def follow_visibility(scene: bpy.types.Scene, image: bpy.types.Image) -> None:
    """Layers are shown or hidden as the user has switched their objects in viewports."""
    for shown in (True, False):
        uids = []
        for part in _parts(scene, image):
            data = addon_data(part)
            item = item_of(image, data.layer_uid)
            switched = part.hide_viewport != data.hidden_layer and part.hide_viewport != shown
            if item is not None and switched and item.shown != shown:
                data.hidden_layer, part.hide_render = not shown, not shown
                uids.append(int(data.layer_uid))
        if uids:
            layer_edits.show(scene, image, list(dict.fromkeys(uids)), shown)


def note_objects(scene: bpy.types.Scene) -> None:
    """Remember which layers have objects, to know later what the user has deleted."""
    SESSION.built_layers = _built_uids(scene)


def follow_deleted(scene: bpy.types.Scene) -> None:
    """Layers whose object the user has deleted are hidden, in the list and everywhere else."""
    built_before, built_now = SESSION.built_layers, _built_uids(scene)
    for collection in scene.collection.children_recursive:
        key, image = collection.session_uid, addon_data(collection).image
        deleted = built_before.get(key, set()) - built_now.get(key, set())
        moved = {addon_data(o).layer_uid for o in bpy.data.objects if _is_apart(o)}
        shown = [uid for uid in deleted - moved if (x := item_of(image, uid)) and x.shown]
        if shown:
            layer_edits.show(scene, image, shown, False)
    note_objects(scene)


def _built_uids(scene: bpy.types.Scene) -> dict[int, set[int]]:
    """Uids of the layers that have objects, by the session_uid of their builds' collections."""
    return {
        collection.session_uid: {int(addon_data(o).layer_uid) for o in layer_objects(collection)}
        for collection in scene.collection.children_recursive
        if addon_data(collection).kind in _SYNCED_KINDS and addon_data(collection).image is not None
    }


def _is_apart(item: bpy.types.Object) -> bool:
    """Whether an object that shows a layer was moved out of its build."""
    return is_layer(item) and build_of(item) is None


def _parts(scene: bpy.types.Scene, image: bpy.types.Image) -> list[bpy.types.Object]:
    """The layer objects of all builds that the scene shows of a picture."""
    builds = (find_build(image, kind, scene) for kind in _SYNCED_KINDS)
    return [part for build in builds if build is not None for part in layer_objects(build)]


def subscribe() -> None:
    """Ask Blender to be told of changes; what it was asked before is forgotten in a new file."""
    unsubscribe()
    keys: tuple[tuple[Any, Any], ...] = (
        ((bpy.types.LayerObjects, "active"), follow_active_object),
        ((bpy.types.Object, "name"), _schedule_follow),
        ((bpy.types.Object, "hide_viewport"), _schedule_follow),
        ((bpy.types.Image, "name"), _schedule_follow),
        ((bpy.types.Collection, "name"), _schedule_follow),
    )
    for key, notify in keys:
        bpy.msgbus.subscribe_rna(key=key, owner=_OWNER, args=(), notify=notify)


def unsubscribe() -> None:
    """Ask Blender for nothing any more, and stop what waits to follow a change."""
    bpy.msgbus.clear_by_owner(_OWNER)
    if bpy.app.timers.is_registered(_follow_changes):
        bpy.app.timers.unregister(_follow_changes)


def _schedule_follow() -> None:
    if not bpy.app.timers.is_registered(_follow_changes):
        bpy.app.timers.register(_follow_changes)


def _follow_changes() -> None:
    """A timer: bring layers up to what was done to objects, in every scene's own builds."""
    scene = bpy.context.scene
    if scene is None or bpy.context.mode != "OBJECT":
        return
    try:
        follow_deleted(scene)
        for image in {addon_data(c).image for c in scene.collection.children_recursive}:
            if image is not None:
                follow_picture(scene, image)
                follow_names(scene, image)
                follow_groups(scene, image)
                follow_visibility(scene, image)
    except EngineError as error:
        show_problem(sentence_of(error))


def objects_updated(scene: bpy.types.Scene, depsgraph: Any) -> None:
    """Called after every update of a scene: notices objects that came or went."""
    if not any(map(depsgraph.id_type_updated, ("OBJECT", "COLLECTION", "SCENE"))):
        return
    built_before, built_now = SESSION.built_layers, _built_uids(scene)
    if any(built_before[key] - built_now[key] for key in built_before.keys() & built_now.keys()):
        _schedule_follow()
    else:
        SESSION.built_layers = built_now
