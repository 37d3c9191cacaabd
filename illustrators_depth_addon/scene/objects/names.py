"""Names of what is built: they begin with the picture's, and follow it and their layer's.

Each part remembers which name it was given: one that the user has changed is theirs.
"""

from __future__ import annotations

from typing import Any

import bpy

from ...addon_data import addon_data
from ..images.pixels import picture_name

__all__ = [
    "MAX_NAME_BYTES",
    "adopt_object_name",
    "fit_name",
    "give_name",
    "is_called",
    "layer_tail",
    "own_name",
    "part_name",
    "rename",
]

# Blender's limit before 5.0 is 63 bytes, and it may add a number such as ".001".
MAX_NAME_BYTES = 59
# A long picture's name makes room for the layer's down to this.
_MIN_PICTURE_BYTES = 20
_ELLIPSIS = "…"
_SEPARATOR = ": "


def fit_name(picture: str, tail: str) -> str:
    """`picture` and `tail` in one name of at most MAX_NAME_BYTES; what is cut ends in "…"."""
    prefix = _fitted_picture(picture, tail)
    return prefix + _shorten(tail, MAX_NAME_BYTES - len(prefix.encode()))


def layer_tail(layer_name: str) -> str:
    """What follows the picture's name in the name of a layer's object."""
    return _SEPARATOR + layer_name


def part_name(source: bpy.types.Image, tail: str) -> str:
    """Name of a new part of a build, such as "valley: sky" or "valley layers"."""
    return fit_name(picture_name(source), tail)


def give_name(
    part: bpy.types.Object | bpy.types.Collection,
    source: bpy.types.Image,
    tail: str,
    known_as: str | None = None,
) -> None:
    """Name a part of a build, and its mesh, unless the user has called it otherwise.

    Args:
        part: object or collection.
        source: the picture that it was built from.
        tail: what follows the picture's name.
        known_as: name that it was given by earlier versions, which kept none.
    """
    data, name = addon_data(part), part_name(source, tail)
    given = data.given_name or known_as
    if given and given != name and is_called(part.name, given):
        part.name = name
    own: Any = getattr(part, "data", None)
    if own is not None and own.library is None and given and is_called(own.name, given):
        own.name = name
    data.given_name, data.name_tail = name, tail


def rename(collection: bpy.types.Collection) -> None:
    """Let a build's parts follow the name of its picture."""
    source = addon_data(collection).image
    for part in (collection, *collection.all_objects):
        data = addon_data(part)
        if data.name_tail and part.library is None:
            give_name(part, source, data.name_tail)


def own_name(part: bpy.types.Object, source: bpy.types.Image) -> str:
    """The layer's name in what the user has called its object: without the picture's."""
    prefix = _fitted_picture(picture_name(source), addon_data(part).name_tail) + _SEPARATOR
    return part.name.removeprefix(prefix).strip() or part.name


def adopt_object_name(part: bpy.types.Object) -> None:
    """What the user has called an object counts as given by us, and its mesh is called so too."""
    data: Any = addon_data(part)
    mesh: Any = part.data
    if mesh is not None and mesh.library is None and is_called(mesh.name, data.given_name):
        mesh.name = part.name
    data.given_name = part.name


def is_called(name: str, base: str) -> bool:
    """Whether a datablock has this name, perhaps with a number that Blender added."""
    prefix, _, number = name.rpartition(".")
    return name == base or (prefix == base and number.isdigit())


def _fitted_picture(picture: str, tail: str) -> str:
    room = MAX_NAME_BYTES - len(tail.encode())
    return _shorten(picture, max(_MIN_PICTURE_BYTES, room))


def _shorten(text: str, size: int) -> str:
    """The beginning of a text in at most `size` bytes of UTF-8."""
    whole = text.encode()
    if len(whole) <= size:
        return text
    return whole[: size - len(_ELLIPSIS.encode())].decode(errors="ignore").rstrip() + _ELLIPSIS
