"""The picture's layers under the scene's settings, from its cached depth: without the network."""

from __future__ import annotations

import bpy

from illustrators_depth.types import LayerStack

from ..session import SESSION
from ..session.carry_over import EarlierLayers, store_new_layers
from ..session.handwork import Carried
from ..settings.scene import layering_settings
from ..storage.depth import check_local
from ..storage.layers import has_stack
from ..storage.source_layers import source_file

__all__ = ["current_stack"]


def current_stack(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    """The picture's layers under the scene's settings: the kept ones, or new ones from its depth.

    Layers that were read from a file stay as they are. New ones are kept and listed, with what the
    user did to the ones before; what has no place in them is named in the panel. Raises InputError
    when the picture has no depth yet.
    """
    if has_stack(image) and source_file(image):
        return SESSION.layers.load(image)  # what the file says, whatever the sliders do
    decompose, complete = layering_settings(scene)
    if has_stack(image):
        meta = SESSION.layers.load(image).meta
        present_settings = meta.get("decompose"), meta.get("complete")
        if _as_json(present_settings) == _as_json((decompose.to_dict(), complete.to_dict())):
            return SESSION.layers.load(image)
    check_local(image)
    stack = SESSION.background_layers.take(image, (decompose, complete))
    if stack is None:
        stack = SESSION.layer_sessions.session(image).decompose(decompose, complete)
    if not has_stack(image):
        return store_new_layers(image, Carried(stack), derived=True)
    earlier = EarlierLayers(image)
    return store_new_layers(image, earlier.carried_to(stack), derived=True, edited=earlier.edited)


def _as_json(value: object) -> object:
    """Settings as they come back from JSON: tuples are lists there."""
    if isinstance(value, dict):
        return {k: _as_json(v) for k, v in value.items()}
    return [_as_json(v) for v in value] if isinstance(value, list | tuple) else value
