"""What every edit ends with: visible masks worked out from the completed ones.

Also the checks of indices and names that all edits share.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from numbers import Integral, Real
from typing import Any

import numpy as np

from ..errors import InputError, check_kind
from ..types import Layer, LayerStack, top_labels

__all__ = [
    "check_index",
    "check_indices",
    "check_name",
    "in_place_of",
    "is_number",
    "is_whole",
    "restack",
]

_MAX_NAME_LENGTH = 200


def restack(stack: LayerStack, layers: Sequence[Layer], event: dict[str, Any]) -> LayerStack:
    """A stack of other layers, in which the top-most completed mask is what one sees.

    Pixel arrays that stay the same are shared with `stack`. A hidden layer is seen nowhere. Layers
    without a uid get one that no layer of `stack` has.

    Args:
        stack: gives frame, name and meta.
        layers: bottom to top.
        event: what was done, appended to `meta["history"]`; plain JSON values.
    """
    frame = (stack.height, stack.width)
    labels = top_labels(layers, frame)
    restacked = []
    top_uid = max((layer.uid for layer in (*stack.layers, *layers)), default=0)
    for index, layer in enumerate(layers):
        visible = labels[layer.box] == index
        if not np.array_equal(visible, layer.visible_crop):
            layer = replace(layer, visible_crop=visible)
        if layer.uid == 0:
            top_uid += 1
            layer = replace(layer, uid=top_uid)
        restacked.append(layer)
    history = [*stack.meta.get("history", []), event]
    return LayerStack(labels, tuple(restacked), stack.name, {**stack.meta, "history": history})


def in_place_of(whole: Layer, part: Layer, uid: int, group: tuple[str, ...], name: str) -> Layer:
    """A part that was made inside its layer's window, placed in the frame of the stack.

    It is hidden and blended as the whole is.
    """
    top, left, bottom, right = part.window
    down, across = whole.window[:2]
    return replace(
        part,
        name=name,
        frame=whole.frame,
        window=(top + down, left + across, bottom + down, right + across),
        hidden=whole.hidden,
        uid=uid,
        group=group,
        blend=whole.blend,
    )


def check_index(stack: LayerStack, index: int, what: str = "layer") -> int:
    """`index` if the stack has such a layer, else InputError."""
    check_kind(stack, LayerStack, "stack")
    if not is_whole(index):
        raise InputError(f"A {what} is named by its number, not by {index!r}.")
    if not 0 <= index < len(stack):
        range_text = f"0 to {len(stack) - 1}" if len(stack) else "none, the stack is empty"
        raise InputError(
            f"There is no {what} {index}; the layers of {stack.name!r} are {range_text}."
        )
    return int(index)


def check_indices(stack: LayerStack, indices: Sequence[int]) -> list[int]:
    """Several indices, each as `check_index` has it; InputError for what is no list."""
    if isinstance(indices, str) or not isinstance(indices, Iterable):
        raise InputError(f"Layers are named by a list of their numbers, not by {indices!r:.60}.")
    return [check_index(stack, index) for index in indices]


def is_number(value: object) -> bool:
    """Whether a value is a number, of Python or NumPy; True and False are none."""
    return isinstance(value, Real) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a value is a whole number, of Python or NumPy; True and False are none."""
    return isinstance(value, Integral) and not isinstance(value, bool)


def check_name(name: str) -> str:
    """`name` if it can name a layer: 1 to 200 characters, no slashes, no control characters."""
    if not isinstance(name, str) or not name.strip():
        raise InputError("A layer's name must not be empty.")
    if len(name) > _MAX_NAME_LENGTH:
        raise InputError(f"A layer's name must not be longer than {_MAX_NAME_LENGTH} characters.")
    if any(c in "/\\" or not c.isprintable() for c in name):
        raise InputError(
            f"The layer name {name!r} holds a slash or a control character; leave it out."
        )
    return name
