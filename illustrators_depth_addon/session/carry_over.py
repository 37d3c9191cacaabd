"""Stores new layers of a picture, with the edits that the user made to the earlier ones."""

from __future__ import annotations

import bpy

from illustrators_depth.editing import carry_uids
from illustrators_depth.errors import EngineError
from illustrators_depth.settings import CompleteSettings, DecomposeSettings
from illustrators_depth.types import LayerStack

from ..addon_data import addon_data
from ..context import show_problem
from ..storage.layer_list import layer_facts, own_spacing
from ..storage.layers import has_stack
from ..storage.source_layers import source_file, source_stack
from ..translations import reported
from .handwork import Carried, Handwork, base_uids, has_handwork
from .state import SESSION, EditedLayers

__all__ = ["EarlierLayers", "earlier_layers", "store_new_layers"]


class EarlierLayers:
    """The layers of a picture that is about to get new ones, with the edits made to them.

    Create it while the picture still has the depth that the layers came from.

    Attributes:
        stack: the layers.
        edited: what `carried_to` carries over; None if the user did nothing to the layers.
    """

    def __init__(self, image: bpy.types.Image) -> None:
        self.stack = SESSION.layers.load(image)
        self._from_file = bool(source_file(image))
        locked = frozenset(int(item.uid) for item in addon_data(image).layers if item.locked)
        is_edited = has_handwork(self.stack) or bool(locked)
        self.edited = self._edited(image, locked) if is_edited else None

    def _edited(self, image: bpy.types.Image, locked: frozenset[int]) -> EditedLayers:
        """The edited layers to carry over from.

        Layers that a slider has made were carried over from others: then it is those, so that edits
        do not get lost on the way from one value to the next. Else it is the layers themselves.
        """
        key, edited = addon_data(image).stack_key, SESSION.edited
        if edited is None or key not in edited.keys or edited.locked != locked:
            base = self._base(image)
            by_name = self._from_file
            work = None if base is None else Handwork(self.stack, base, locked, by_name)
            edited = EditedLayers(work, locked, SESSION.layer_files.content(image), {key})
            SESSION.edited = edited
        return edited

    def _base(self, image: bpy.types.Image) -> LayerStack | None:
        """The layers as they came from the picture, made again; None if that fails."""
        if self._from_file:
            return source_stack(image)
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
        """New layers of the same picture, or the same file, with the changes made to these."""
        SESSION.layers.note_quantized(new)
        if self.edited is None:
            return Carried(carry_uids(self.stack, new, self._from_file))
        work = self.edited.work
        if work is None or work.base.labels.shape != new.labels.shape:
            return Carried(carry_uids(self.stack, new, self._from_file), (("all", new.name),))
        return work.carried_to(new, self.stack)


def earlier_layers(image: bpy.types.Image) -> EarlierLayers | None:
    """What another prediction has to carry over, None if the user did nothing to the layers."""
    if not has_stack(image):
        return None
    try:
        earlier = EarlierLayers(image)
    except EngineError:  # bytes that cannot be read any more
        return None
    return earlier if earlier.edited is not None or own_spacing(image) else None


def store_new_layers(
    image: bpy.types.Image,
    carried: Carried,
    derived: bool = False,
    edited: EditedLayers | None = None,
) -> LayerStack:
    """Store new layers with the picture, list them, and name the edits that had no place in them.

    `derived` says that they can be made again from the picture, its depth and the settings; for
    layers with handwork `edited` is what that was carried over from.
    """
    before = None
    if edited is not None:
        derived = derived and edited.content is not None
        before = edited.content, edited.locked
    stack = SESSION.layers.store(image, carried.stack, derived, before)
    if edited is not None:
        edited.keys.add(addon_data(image).stack_key)
    SESSION.layer_list.sync(image, layer_facts(stack))
    if carried.lost:
        changes = ", ".join(_describe_loss(*lost) for lost in carried.lost)
        show_problem(
            reported(
                "No place in the new layers for {changes}; undo brings it back", changes=changes
            )
        )
    return stack


def _describe_loss(kind: str, name: str) -> str:
    """What was lost, in words."""
    if kind == "merge":
        return reported("the merged layer {name!r}", name=name)
    if kind == "split":
        return reported("the split of {name!r}", name=name)
    if kind == "assign":
        return reported("the pixels moved to {name!r}", name=name)
    if kind == "all":
        return reported("what was changed in {name!r}", name=name)
    return repr(name)
