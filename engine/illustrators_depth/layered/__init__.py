"""Pictures that hold their layers already: OpenRaster, Photoshop and SVG files into layer stacks.

Nothing is predicted here: what was painted over what, and what goes on under it, is in the file.
"""

from __future__ import annotations

from .holds_layers import LAYERED_SUFFIXES, holds_layers, is_drawing
from .read_layers import read_layers

__all__ = ["LAYERED_SUFFIXES", "holds_layers", "is_drawing", "read_layers"]
