"""What a layer file from elsewhere must keep to, beyond sizes: docs/idl-format.md, field by field.

Everything downstream relies on it. Checks raise ValueError with the words after "the file ...".
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...types import BLEND_MODES, Layer, top_labels

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = [
    "check_entry",
    "check_labels",
    "check_meta",
    "check_pixels_of_layer",
    "check_text",
    "is_whole",
    "unique_uids",
]

# Depth is counted in layers, of which a file holds some thousands at most.
_MAX_DEPTH = 1e6
_MAX_NAME_CHARACTERS = 4096
_MAX_GROUP_DEPTH = 64
_MAX_UID = 1 << 53  # whole numbers that every JSON reader keeps

# Colours and coverage may leave 0..1 by what single-precision arithmetic loses.
_UNIT_TOLERANCE = 1e-4


def check_entry(entry: dict[str, Any]) -> None:
    """A layer's small values: name, depth, colour, hidden, uid, window, groups, blend mode."""
    check_text(entry["name"], "a layer's name")
    depth = entry["depth"]
    if not _is_number(depth) or not abs(depth) <= _MAX_DEPTH:
        raise ValueError(f"has a layer of depth {depth!r:.40}")
    color = entry["color"]
    if not isinstance(color, list) or len(color) != 3 or not all(map(_is_unit, color)):
        raise ValueError(f"has a layer of the colour {color!r:.60}")
    if not isinstance(entry["hidden"], bool):
        raise ValueError("has a layer that is neither hidden nor shown")
    uid = entry.get("uid", 0)
    if not is_whole(uid) or not 0 <= uid < _MAX_UID:
        raise ValueError(f"has a layer with the uid {uid!r:.40}")
    if not all(map(is_whole, entry["window"])):
        raise ValueError("has a layer whose window is not whole numbers")
    group = entry.get("group", [])
    if not isinstance(group, list) or len(group) > _MAX_GROUP_DEPTH:
        raise ValueError("has a layer whose groups are no list of names, or nested too deep")
    for name in group:
        check_text(name, "a group's name")
        if not name.strip():
            raise ValueError("has a group without a name")
    if entry.get("blend", "normal") not in BLEND_MODES:
        raise ValueError(f"has a layer with the blend mode {entry['blend']!r:.40}")


def check_text(text: object, what: str) -> None:
    """Text that any file can hold: not too long, and no half of a surrogate pair."""
    if not isinstance(text, str) or len(text) > _MAX_NAME_CHARACTERS:
        raise ValueError(f"has {what} that is no text, or a very long one")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        raise ValueError(f"has {what} that is no valid text") from None


def check_meta(meta: object) -> dict[str, Any]:
    """The stack's facts: an object whose history, where there is one, is a list of objects."""
    if not isinstance(meta, dict):
        raise ValueError("has facts that are no object")
    history = meta.get("history", [])
    if not isinstance(history, list) or not all(isinstance(event, dict) for event in history):
        raise ValueError("has a history that is no list of edits")
    return meta


def check_pixels_of_layer(rgba: NDArray[np.float32]) -> None:
    """Colours and coverage: finite, and between 0 and 1."""
    low, high = float(rgba.min()), float(rgba.max())
    if not (math.isfinite(low) and math.isfinite(high)):
        raise ValueError("holds NaN or infinite colours")
    if low < -_UNIT_TOLERANCE or high > 1.0 + _UNIT_TOLERANCE:
        raise ValueError(f"holds colours or coverage from {low:g} to {high:g}, not 0 to 1")


def check_labels(labels: NDArray[np.int32], layers: Sequence[Layer]) -> None:
    """`labels` names the top-most shown layer of each pixel, and `visible` is where it does."""
    height, width = labels.shape
    if not np.array_equal(top_labels(layers, (height, width)), labels):
        raise ValueError("has labels that are not those of its layers")
    for index, layer in enumerate(layers):
        if not np.array_equal(layer.visible_crop, labels[layer.box] == index):
            raise ValueError("has a layer whose visible pixels are not where its labels are")


def unique_uids(uids: Sequence[int]) -> list[int]:
    """Uids as they are, and new ones for layers that have none yet (0)."""
    present = [uid for uid in uids if uid > 0]
    if len(set(present)) < len(present):
        raise ValueError("has two layers with one uid")
    used, free = set(present), 1
    result = []
    for uid in uids:
        if uid == 0:
            while free in used:
                free += 1
            uid = free
            used.add(uid)
        result.append(uid)
    return result


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Whether a JSON value is a whole number; true and false are none."""
    return isinstance(value, int) and not isinstance(value, bool)


def _is_unit(value: object) -> bool:
    return _is_number(value) and -_UNIT_TOLERANCE <= value <= 1.0 + _UNIT_TOLERANCE  # type: ignore[operator]
