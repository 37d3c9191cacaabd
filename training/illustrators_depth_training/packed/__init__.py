"""A built data set in one file: memory-mapped for training, or small enough to send."""

from .drawings import PackedDrawings, open_drawings
from .travel import is_drawn_from, is_travel_pack, pack_travel, unpack_travel
from .write_corpus import pack_corpus

__all__ = [
    "PackedDrawings",
    "is_drawn_from",
    "is_travel_pack",
    "open_drawings",
    "pack_corpus",
    "pack_travel",
    "unpack_travel",
]
