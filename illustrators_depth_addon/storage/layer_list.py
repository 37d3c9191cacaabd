"""The layer list on an image: it mirrors the cached stack and carries what only the list knows.

The stack in `image_cache` stays the truth; lines are found by the layer's uid, never by place or
name. What only the list knows is lock, selection and each layer's own thickness and gap.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data

__all__ = [
    "LayerFacts",
    "active_line",
    "chosen",
    "facts_of",
    "is_mirroring",
    "line_of",
    "mirror",
    "own_spacing",
    "top_uid",
]

_KEPT = ("locked", "selected", "own_thickness", "thickness_mm", "own_gap", "gap_mm", "split_from")

_mirroring = False


@dataclass(frozen=True)
class LayerFacts:
    """What a line shows of a layer: its color is sRGB 0..1."""

    uid: int
    name: str
    color: tuple[float, float, float]
    hidden: bool = False


def facts_of(stack: LayerStack) -> list[LayerFacts]:
    """Facts of all layers, bottom to top."""
    return [LayerFacts(x.uid, x.name, x.color, x.hidden) for x in stack]


def mirror(image: bpy.types.Image, facts: Sequence[LayerFacts], whole: int = 0) -> None:
    """Make the list show these layers, bottom to top; what is known of a uid stays with it.

    New layers take over what is known of the layer `whole`, if they are parts of one.
    """
    data = addon_data(image)
    kept = {line.uid: {key: getattr(line, key) for key in _KEPT} for line in data.layers}
    active = active_line(image)
    active_uid, place = (active.uid if active else 0), data.active_layer
    with _quietly():
        while len(data.layers) > len(facts):
            data.layers.remove(len(data.layers) - 1)
        while len(data.layers) < len(facts):
            data.layers.add()
        for line, fact in zip(data.layers, facts, strict=True):
            if line.uid != fact.uid:
                for key in _KEPT:
                    line.property_unset(key)
                known = kept.get(fact.uid) or {**kept.get(whole, {}), "split_from": whole}
                for key, value in known.items():
                    setattr(line, key, value)
            line.uid, line.name = fact.uid, fact.name
            line.color, line.shown = fact.color, not fact.hidden
    found = next((i for i, fact in enumerate(facts) if fact.uid == active_uid), None)
    data.active_layer = found if found is not None else max(0, min(place, len(facts) - 1))


def line_of(image: bpy.types.Image, uid: int) -> Any:
    """The line of a layer, None when the list has no such layer."""
    return next((line for line in addon_data(image).layers if line.uid == uid), None)


def active_line(image: bpy.types.Image | None) -> Any:
    """The line that is highlighted, None in an empty list."""
    if image is None:
        return None
    data = addon_data(image)
    return data.layers[data.active_layer] if 0 <= data.active_layer < len(data.layers) else None


def chosen(image: bpy.types.Image) -> list[int]:
    """Uids of the checked lines, else of the active one; none in an empty list."""
    checked = [int(line.uid) for line in addon_data(image).layers if line.selected]
    active = active_line(image)
    return checked or ([int(active.uid)] if active is not None else [])


def top_uid(image: bpy.types.Image) -> int:
    """The largest uid in the list, 0 when it is empty."""
    return max((line.uid for line in addon_data(image).layers), default=0)


def own_spacing(image: bpy.types.Image) -> dict[int, tuple[float | None, float | None]]:
    """Layers' own (thickness, gap) in millimeters by uid; None where the stack's applies."""
    return {
        line.uid: (
            line.thickness_mm if line.own_thickness else None,
            line.gap_mm if line.own_gap else None,
        )
        for line in addon_data(image).layers
        if line.own_thickness or line.own_gap
    }


def is_mirroring() -> bool:
    """Whether a line is being changed to follow the stack, rather than by the user."""
    return _mirroring


@contextlib.contextmanager
def _quietly() -> Iterator[None]:
    global _mirroring
    _mirroring = True
    try:
        yield
    finally:
        _mirroring = False
