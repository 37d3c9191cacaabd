"""The picture's layers under the scene's settings, from its cached depth: without the network."""

from __future__ import annotations

import bpy

from illustrators_depth.types import LayerStack

from ..session import SESSION
from ..settings.scene import layering_settings
from ..storage.depth import check_local
from ..storage.layer_list import facts_of
from ..storage.layers import has_stack

__all__ = ["current_stack"]


def current_stack(scene: bpy.types.Scene, image: bpy.types.Image) -> LayerStack:
    """The picture's layers under the scene's settings: the kept ones, or new ones from its depth.

    New ones are kept and listed. Raises InputError when the picture has no depth yet.
    """
    decompose, complete = layering_settings(scene)
    before: LayerStack | None = None
    if has_stack(image):
        before = SESSION.layers.load(image)
        made_by = before.meta.get("decompose"), before.meta.get("complete")
        if _plain(made_by) == _plain((decompose.to_dict(), complete.to_dict())):
            return before
    check_local(image)
    from illustrators_depth.editing import carry_uids

    stack = SESSION.layer_sessions.session(image).decompose(decompose, complete)
    if before is not None:
        stack = carry_uids(before, stack)
    stack = SESSION.layers.store(image, stack, derived=True)
    SESSION.layer_list.sync(image, facts_of(stack))
    return stack


def _plain(value: object) -> object:
    """Settings as they come back from JSON: tuples are lists there."""
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    return [_plain(v) for v in value] if isinstance(value, list | tuple) else value
