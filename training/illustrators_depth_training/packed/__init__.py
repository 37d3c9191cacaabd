"""A built data set in one file: memory-mapped for training, or small enough to send."""

from .corpus import PackedDrawings, open_drawings, pack_corpus
from .travel import is_travel_pack, pack_travel, unpack_travel

__all__ = [
    "PackedDrawings",
    "is_travel_pack",
    "open_drawings",
    "pack_corpus",
    "pack_travel",
    "unpack_travel",
]
