"""Whether a file is read by its layers or as a flat picture; Photoshop files can be either."""

from __future__ import annotations

from pathlib import Path
from typing import BinaryIO

from .read_layers import DRAWING_SUFFIXES, LAYERED_SUFFIXES, PHOTOSHOP_SUFFIXES

__all__ = ["holds_layers", "is_drawing"]

_HEADER_BYTES = 26
_LOOK_BYTES = 1 << 16


def is_drawing(path: Path) -> bool:
    """Whether a file is an SVG by its name: what its layers are made of can be chosen."""
    return path.suffix.lower() in DRAWING_SUFFIXES


def holds_layers(path: Path) -> bool:
    """Whether a file is to be read by its layers: by its name, and a Photoshop file by its head.

    One of a single layer, or damaged, counts as a picture. Raises nothing.
    """
    suffix = path.suffix.lower()
    if suffix not in PHOTOSHOP_SUFFIXES:
        return suffix in LAYERED_SUFFIXES
    try:
        with path.open("rb") as stream:
            return _layer_count(stream) > 1
    except OSError:
        return False


def _layer_count(stream: BinaryIO) -> int:
    """Layers of a Photoshop file, after Adobe's specification; groups count as well."""
    head = stream.read(_HEADER_BYTES)
    if len(head) < _HEADER_BYTES or not head.startswith(b"8BPS"):
        return 0
    wide = 8 if int.from_bytes(head[4:6], "big") == 2 else 4
    for _ in range(2):  # the colour table, and what else the file tells
        stream.seek(int.from_bytes(stream.read(4), "big"), 1)
    section = int.from_bytes(stream.read(wide), "big")
    layers = int.from_bytes(stream.read(wide), "big") if section else 0
    if section and not layers and int.from_bytes(head[22:24], "big") > 8:
        # Of more than 8 bits a channel the layers stand further on, under a name.
        section_start = stream.read(min(section, _LOOK_BYTES))
        return 2 if b"Lr16" in section_start or b"Lr32" in section_start else 0
    return abs(int.from_bytes(stream.read(2), "big", signed=True)) if layers else 0
