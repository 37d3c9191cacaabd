"""A built data set in one file: memory-mapped for training, or small enough to send."""

from .corpus import PackedDrawings, open_drawings, pack_corpus
from .travel import pack_travel, unpack_travel

__all__ = ["PackedDrawings", "open_drawings", "pack_corpus", "pack_travel", "unpack_travel"]
