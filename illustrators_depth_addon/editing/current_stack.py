"""The picture's layers under the scene's settings, from its cached depth: without the network."""

from __future__ import annotations

import bpy

from illustrators_depth.types import LayerStack

from ..session import SESSION
from ..session.carry_over import Earlier, keep_new
from ..session.handwork import Carried
from ..settings.scene import layering_settings
from ..storage.depth import check_local
from ..storage.layers import has_stack
from ..storage.source_layers import file_of

__all__ = ["current_stack"]


def current_stack(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    """The picture's layers under the scene's settings: the kept ones, or new ones from its depth.

    Layers that were read from a file stay as they are. New ones are kept and listed, with what the
    user did to the ones before; what has no place in them is named in the panel. Raises InputError
    when the picture has no depth yet.
    """
    if has_stack(image) and file_of(image):
        return SESSION.layers.load(image)  # what the file says, whatever the sliders do
    decompose, complete = layering_settings(scene)
    if has_stack(image):
        meta = SESSION.layers.load(image).meta
        made_by = meta.get("decompose"), meta.get("complete")
        if _plain(made_by) == _plain((decompose.to_dict(), complete.to_dict())):
            return SESSION.layers.load(image)
    check_local(image)
    stack = SESSION.ahead.take(image, (decompose, complete))
    if stack is None:
        stack = SESSION.layer_sessions.session(image).decompose(decompose, complete)
    if not has_stack(image):
        return keep_new(image, Carried(stack), derived=True)
    earlier = Earlier(image)
    return keep_new(image, earlier.carried_to(stack), derived=True, edited=earlier.edited)


def _plain(value: object) -> object:
    """Settings as they come back from JSON: tuples are lists there."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
