"""Functions that properties call, kept apart from the classes that own those properties.

On Blender 4.2 a callback whose module also holds its own class forms a reference cycle that
outlives Blender's shutdown, and the `bpy` module then crashes at exit. So nothing is imported here
that leads back to a registered class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import bpy

from illustrators_depth.errors import EngineError

from ..addon_data import addon_data
from ..context import busy, find_image, sentence_of, show_problem
from ..editing import groups, live_update
from ..editing import layers as layer_edits
from ..editing.object_sync import select_layer
from ..editing.update_builds import lock_existing
from ..session import SESSION
from ..settings.printing import apply_preset
from ..storage.layer_list import group_path, layer_facts
from ..storage.layers import has_stack

__all__ = [
    "bevel_changed",
    "controls_changed",
    "engine_changed",
    "has_automatic_layers",
    "layer_activated",
    "layer_grouped",
    "layer_locked",
    "layer_recolored",
    "layer_renamed",
    "layer_shown",
    "layer_spaced",
    "print_preset_chosen",
    "set_automatic_layers",
    "spacing_changed",
    "true_size_changed",
]


def engine_changed(_owner: Any, _context: Any) -> None:
    """Another Python was chosen: the next job starts on it."""
    SESSION.worker.close()


def controls_changed(owner: Any, context: Any) -> None:
    """A control that decides on the layers or their size was changed."""
    live_update.controls_changed(owner.id_data, find_image(context))


def has_automatic_layers(owner: Any) -> bool:
    """Whether the number of layers is chosen from the picture."""
    return bool(owner.layers == 0)


def set_automatic_layers(owner: Any, automatic: bool) -> None:
    """Choose the number from the picture, or go on from the number that there is."""
    if automatic != has_automatic_layers(owner):
        image = find_image(bpy.context)
        count = len(addon_data(image).layers) if image is not None else 0
        owner.layers = 0 if automatic else max(1, count)


def spacing_changed(owner: Any, context: Any) -> None:
    """Thickness or gap of the whole stack was changed."""
    live_update.spacing_changed(owner.id_data, find_image(context))


def true_size_changed(owner: Any, context: Any) -> None:
    """Builds are to be as large as the print, or ten times that."""
    live_update.true_size_changed(owner.id_data, find_image(context))


def bevel_changed(owner: Any, context: Any) -> None:
    """The bevel of the stack was changed."""
    live_update.bevel_changed(owner.id_data, find_image(context))


def layer_spaced(item: Any, context: Any) -> None:
    """A layer's own thickness or gap was changed."""
    if not SESSION.layer_list.syncing:
        live_update.item_changed(context.scene, item.id_data, item)


def layer_renamed(item: Any, context: Any) -> None:
    """An item's name was changed."""
    _edited(item, context, lambda s, i: layer_edits.rename(s, i, item.uid, item.name))


def layer_shown(item: Any, context: Any) -> None:
    """An item's eye was clicked."""
    _edited(item, context, lambda s, i: layer_edits.show(s, i, [item.uid], item.shown))


def layer_recolored(item: Any, context: Any) -> None:
    """An item's color (sRGB) was changed."""
    red, green, blue = item.color
    _edited(item, context, lambda s, i: layer_edits.recolor(s, i, item.uid, (red, green, blue)))


def layer_grouped(item: Any, context: Any) -> None:
    """An item's group, as a path of names, was changed."""
    _edited(item, context, lambda s, i: groups.group(s, i, [item.uid], group_path(item.group)))


def layer_activated(data: Any, context: Any) -> None:
    """Another row is the active one: its objects are selected."""
    if not SESSION.layer_list.syncing and context.scene is not None:
        select_layer(context.scene, data.id_data)


def layer_locked(item: Any, _context: Any) -> None:
    """An item's lock was clicked: its objects can be selected no more, or again."""
    if not SESSION.layer_list.syncing:
        lock_existing(item.id_data)


def _edited(item: Any, context: Any, change: Callable[..., Any]) -> None:
    """The user edited an item of the list: the layers follow, or the item goes back.

    Setting a property cannot fail, so a mistake is shown in the panel.
    """
    if SESSION.layer_list.syncing:
        return
    image = item.id_data
    show_problem("")
    try:
        with busy():
            change(context.scene, image)
    except EngineError as error:
        show_problem(sentence_of(error))
        if has_stack(image):
            SESSION.layer_list.sync(image, layer_facts(SESSION.layers.load(image)))


def print_preset_chosen(owner: Any, _context: Any) -> None:
    """A print preset was chosen: the fields that it names take its values."""
    apply_preset(owner, owner.preset)
