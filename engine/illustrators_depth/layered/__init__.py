"""Files that hold their layers already: OpenRaster, Krita, Photoshop and SVG into layer stacks.

Nothing is predicted here: what was painted over what, and what goes on under it, is in the file.
`read_layers` is the door; a reader (`archives/`, `photoshop`, `svg/`) gives `RasterLayer`s, of
which `raster_layer` makes a stack. To read a further kind of file, write such a reader and name it
in the table of `read_layers`.
"""

from __future__ import annotations

from .holds_layers import holds_layers, is_drawing
from .read_layers import LAYERED_SUFFIXES, read_layers

__all__ = ["LAYERED_SUFFIXES", "holds_layers", "is_drawing", "read_layers"]
