"""Pictures that hold their layers already: OpenRaster, Photoshop and SVG files into layer stacks.

Nothing is predicted here: what was painted over what, and what goes on under it, is in the file.
"""

from __future__ import annotations

from .read_layers import LAYERED_SUFFIXES, read_layers

__all__ = ["LAYERED_SUFFIXES", "read_layers"]
