"""The layers of a picture as its file had them, kept beside those that the user has edited.

When the file is read again, the difference between the two is what the user did.
"""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.types import LayerStack

from ..addon_data import addon_data, set_bytes
from .layer_file import decode

__all__ = ["forget_source", "source_file", "source_stack", "store_source"]

_SOURCE = "illdepth_source_stack"


def source_file(image: bpy.types.Image | None) -> str:
    """Path of the file that a picture's layers were read from; empty where there is none."""
    return "" if image is None else str(addon_data(image).layers_file)


def store_source(image: Any, path: str, content: bytes, notes: list[str], split: str) -> None:
    """Note that a picture's layers are those of a file, split so; `content` is them as an .idl."""
    data = addon_data(image)
    data.layers_file, data.layers_note = path, " ".join(notes)
    data.layers_split = split
    set_bytes(image, _SOURCE, content)


def source_stack(image: Any) -> LayerStack | None:
    """The layers as the file had them when it was read; None where that is not known."""
    return decode(image[_SOURCE]) if _SOURCE in image else None


def forget_source(image: Any) -> None:
    """The picture's layers are no file's any more."""
    data = addon_data(image)
    data.layers_file, data.layers_note = "", ""
    data.property_unset("layers_split")
    if _SOURCE in image:
        del image[_SOURCE]
