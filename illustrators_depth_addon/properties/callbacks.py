"""Functions that properties call, kept apart from the classes that own those properties.

On Blender 4.2 a callback whose module also holds its own class forms a reference cycle that
outlives Blender's shutdown, and the `bpy` module then crashes at exit. So nothing is imported here
at the top that leads back to a registered class.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..addon_data import addon_data

__all__ = [
    "bevel_changed",
    "controls_changed",
    "engine_changed",
    "is_picture",
    "layer_locked",
    "layer_recolored",
    "layer_renamed",
    "layer_shown",
    "layer_spaced",
    "print_preset_chosen",
    "spacing_changed",
]


def is_picture(_owner: Any, image: Any) -> bool:
    """Leave our own depth images, renders and viewers out of the picture menu."""
    return not addon_data(image).is_result and image.type not in ("RENDER_RESULT", "COMPOSITING")


def engine_changed(_owner: Any, _context: Any) -> None:
    """Another Python was chosen: the next job starts on it."""
    from ..session import worker as engine_worker

    engine_worker.close()


def controls_changed(owner: Any, context: Any) -> None:
    """A control that decides on the layers or their size was changed."""
    from ..editing import live_update
    from ..operators.common import find_image

    live_update.controls_changed(owner.id_data, find_image(context))


def spacing_changed(owner: Any, context: Any) -> None:
    """Thickness or gap of the whole stack was changed."""
    from ..editing import live_update
    from ..operators.common import find_image

    live_update.spacing_changed(owner.id_data, find_image(context))


def bevel_changed(owner: Any, context: Any) -> None:
    """The bevel of the stack was changed."""
    from ..editing import live_update
    from ..operators.common import find_image

    live_update.bevel_changed(owner.id_data, find_image(context))


def layer_spaced(line: Any, context: Any) -> None:
    """A layer's own thickness or gap was changed."""
    from ..editing import live_update
    from ..storage import layer_list

    if not layer_list.is_mirroring():
        live_update.line_changed(context.scene, line.id_data, line)


def layer_renamed(line: Any, context: Any) -> None:
    from ..editing import layers as layer_edits

    _edited(line, context, lambda s, i: layer_edits.rename(s, i, line.uid, line.name))


def layer_shown(line: Any, context: Any) -> None:
    from ..editing import layers as layer_edits

    _edited(line, context, lambda s, i: layer_edits.show(s, i, [line.uid], line.shown))


def layer_recolored(line: Any, context: Any) -> None:
    from ..editing import layers as layer_edits

    red, green, blue = line.color
    _edited(line, context, lambda s, i: layer_edits.recolor(s, i, line.uid, (red, green, blue)))


def layer_locked(line: Any, _context: Any) -> None:
    from ..editing import update_builds
    from ..storage import layer_list

    if not layer_list.is_mirroring():
        update_builds.lock_existing(line.id_data)


def _edited(line: Any, context: Any, change: Callable[..., Any]) -> None:
    """The user edited a line of the list: the layers follow, or the line goes back to what it was.

    Setting a property cannot fail, so a mistake is shown in the panel.
    """
    from illustrators_depth.errors import EngineError

    from ..editing import live_update
    from ..storage import image_cache, layer_list

    if layer_list.is_mirroring():
        return
    image = line.id_data
    live_update.tell("")
    try:
        change(context.scene, image)
    except EngineError as error:
        live_update.tell(str(error))
        if image_cache.has_stack(image):
            layer_list.mirror(image, layer_list.facts_of(image_cache.load_layers(image)))


def print_preset_chosen(owner: Any, _context: Any) -> None:
    """A print preset was chosen: the fields that it names take its values."""
    from ..settings.printing import apply_preset

    apply_preset(owner, owner.preset)
