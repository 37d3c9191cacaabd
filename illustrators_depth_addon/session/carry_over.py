"""Keeps new layers of a picture together with what the user did to the ones before."""

from __future__ import annotations

import bpy

from illustrators_depth.editing import carry_uids
from illustrators_depth.errors import EngineError
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..context import tell
from ..storage.layer_list import facts_of, own_spacing
from ..storage.layers import has_stack
from ..translations import reported
from .handwork import Carried, base_uids, carry, has_handwork
from .state import SESSION

__all__ = ["Earlier", "earlier_layers", "keep_new"]


class Earlier:
    """The layers that a picture has before it gets new ones, with what was done to them.

    To be made while the picture still has the depth that they came from.
    """

    def __init__(self, image: bpy.types.Image) -> None:
        self.stack = SESSION.layers.load(image)
        self.locked = {int(item.uid) for item in addon_data(image).layers if item.locked}
        self.edited = has_handwork(self.stack) or bool(self.locked)
        self.base = self._base(image) if self.edited else None

    def _base(self, image: bpy.types.Image) -> LayerStack | None:
        """The layers as they once came from the picture, made once more; None if that fails."""
        meta = self.stack.meta
        try:
            base = SESSION.layer_sessions.session(image).decompose(
                DecomposeSettings.from_dict(meta.get("decompose", {})),
                CompleteSettings.from_dict(meta.get("complete", {})),
            )
        except EngineError:  # the picture was scaled, or painted on, since
            return None
        return base if len(base) == len(base_uids(self.stack)) else None

    def carried_to(self, new: LayerStack) -> Carried:
        """New layers of the same picture with the changes made to these."""
        if not self.edited:
            return Carried(carry_uids(self.stack, new))
        if self.base is None or self.base.labels.shape != new.labels.shape:
            return Carried(carry_uids(self.stack, new), (("all", new.name),))
        return carry(self.stack, self.base, new, self.locked)


def earlier_layers(image: bpy.types.Image) -> Earlier | None:
    """What another prediction has to carry over, None if the user did nothing to the layers."""
    if not has_stack(image):
        return None
    try:
        earlier = Earlier(image)
    except EngineError:  # bytes that cannot be read any more
        return None
    return earlier if earlier.edited or own_spacing(image) else None


def keep_new(image: bpy.types.Image, carried: Carried, derived: bool = False) -> LayerStack:
    """Keep new layers with the picture, list them, and say what had no place in them."""
    stack = SESSION.layers.store(image, carried.stack, derived)
    SESSION.layer_list.sync(image, facts_of(stack))
    if carried.lost:
        changes = ", ".join(_describe(*lost) for lost in carried.lost)
        tell(
            reported(
                "No place in the new layers for {changes}; undo brings it back", changes=changes
            )
        )
    return stack


def _describe(kind: str, name: str) -> str:
    """What was lost, in words."""
    if kind == "merge":
        return reported("the merged layer {name!r}", name=name)
    if kind == "split":
        return reported("the split of {name!r}", name=name)
    if kind == "all":
        return reported("what was changed in {name!r}", name=name)
    return repr(name)
