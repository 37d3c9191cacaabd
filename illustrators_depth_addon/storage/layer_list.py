"""The layer list on an image: it mirrors the cached stack and carries what only the list knows.

The stack in `LayerStore` stays the truth; items are found by the layer's uid, never by place or
name. What only the list knows is lock, selection and each layer's own thickness and gap.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data

__all__ = [
    "LayerFacts",
    "LayerList",
    "active_item",
    "chosen",
    "group_path",
    "is_doubtful",
    "item_of",
    "largest_uid",
    "layer_facts",
    "own_spacing",
    "trust",
]

_LIST_FIELDS = (
    "locked",
    "selected",
    "own_thickness",
    "thickness_mm",
    "own_gap",
    "gap_mm",
    "split_from",
    "trusted",
)
# Below this confidence a layer's place is worth a look.
_MIN_CONFIDENCE = 0.5
# What an item has where the confidence is not known, as in files of earlier versions.
_UNKNOWN_CONFIDENCE = -1.0


@dataclass(frozen=True)
class LayerFacts:
    """What an item shows of a layer: its color is sRGB 0..1; confidence as in `Layer`."""

    uid: int
    name: str
    color: tuple[float, float, float]
    hidden: bool = False
    confidence: float | None = None
    group: tuple[str, ...] = ()


def layer_facts(stack: LayerStack) -> list[LayerFacts]:
    """Facts of all layers, bottom to top."""
    return [LayerFacts(x.uid, x.name, x.color, x.hidden, x.confidence, x.group) for x in stack]


def group_path(group: str) -> tuple[str, ...]:
    """The names of nested groups, outermost first, from an item's text; no name holds a slash."""
    return tuple(name.strip() for name in group.split("/") if name.strip())


class LayerList:
    """Keeps lists like the stacks that they show.

    Attributes:
        syncing: whether an item is being changed to follow the stack, rather than by the user.
    """

    def __init__(self) -> None:
        self.syncing = False

    def sync(self, image: bpy.types.Image, facts: Sequence[LayerFacts], whole: int = 0) -> None:
        """Make the list show these layers, bottom to top; what is known of a uid stays with it.

        New layers take over what is known of the layer `whole`, if they are parts of one.
        """
        data = addon_data(image)
        values_by_uid = {
            item.uid: {key: getattr(item, key) for key in _LIST_FIELDS} for item in data.layers
        }
        active = active_item(image)
        active_uid, active_index = (active.uid if active else 0), data.active_layer
        self.syncing = True
        try:
            while len(data.layers) > len(facts):
                data.layers.remove(len(data.layers) - 1)
            while len(data.layers) < len(facts):
                data.layers.add()
            for item, fact in zip(data.layers, facts, strict=True):
                if item.uid != fact.uid:
                    for key in _LIST_FIELDS:
                        item.property_unset(key)
                    values = values_by_uid.get(fact.uid) or {
                        **values_by_uid.get(whole, {}),
                        "split_from": whole,
                    }
                    for key, value in values.items():
                        setattr(item, key, value)
                item.uid, item.name = fact.uid, fact.name
                item.color, item.shown = fact.color, not fact.hidden
                item.group = "/".join(fact.group)
                item.confidence = (
                    _UNKNOWN_CONFIDENCE if fact.confidence is None else fact.confidence
                )
            same_index = next((i for i, fact in enumerate(facts) if fact.uid == active_uid), None)
            data.active_layer = (
                same_index if same_index is not None else max(0, min(active_index, len(facts) - 1))
            )
        finally:
            self.syncing = False


def item_of(image: bpy.types.Image, uid: int) -> Any:
    """The item of a layer, None when the list has no such layer."""
    return next((item for item in addon_data(image).layers if item.uid == uid), None)


def active_item(image: bpy.types.Image | None) -> Any:
    """The item that is highlighted, None in an empty list."""
    if image is None:
        return None
    data = addon_data(image)
    return data.layers[data.active_layer] if 0 <= data.active_layer < len(data.layers) else None


def is_doubtful(item: Any) -> bool:
    """Whether the layer's place in the order is uncertain, and not checked by the user."""
    return bool(0.0 <= item.confidence < _MIN_CONFIDENCE and not item.trusted)


def trust(image: bpy.types.Image, uid: int) -> None:
    """The user has looked at a layer's place: it is no guess any more."""
    item = item_of(image, uid)
    if item is not None:
        item.trusted = True


def chosen(image: bpy.types.Image) -> list[int]:
    """Uids of the checked items, else of the active one; none in an empty list."""
    checked = [int(item.uid) for item in addon_data(image).layers if item.selected]
    active = active_item(image)
    return checked or ([int(active.uid)] if active is not None else [])


def largest_uid(image: bpy.types.Image) -> int:
    """The largest uid in the list, 0 when it is empty."""
    return max((item.uid for item in addon_data(image).layers), default=0)


def own_spacing(image: bpy.types.Image) -> dict[int, tuple[float | None, float | None]]:
    """Layers' own (thickness, gap) in millimeters by uid; None where the stack's applies."""
    return {
        item.uid: (
            item.thickness_mm if item.own_thickness else None,
            item.gap_mm if item.own_gap else None,
        )
        for item in addon_data(image).layers
        if item.own_thickness or item.own_gap
    }
