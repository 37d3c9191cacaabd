"""Checks that a .blend is complete after Blender has saved it.

On a full disk some versions of Blender say "Saved" of a file that was cut short.
"""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["is_whole"]

# How a .blend ends: a block of this name, or, compressed, the mark of zstd's table of frames.
_LAST_BLOCK, _TABLE_OF_FRAMES = b"ENDB", b"\xb1\xea\x92\x8f"
_HEADS = (b"BLENDER", b"\x28\xb5\x2f\xfd")
_TAIL_BYTES = 64


def is_whole(path: Path) -> bool:
    """False where the file is missing, or begins or ends otherwise than Blender's files do."""
    try:
        with path.open("rb") as file:
            head = file.read(len(_HEADS[0]))
            file.seek(-min(_TAIL_BYTES, os.fstat(file.fileno()).st_size), os.SEEK_END)
            tail = file.read()
    except OSError:
        return False
    if head.startswith(_HEADS[1]):
        return tail.endswith(_TABLE_OF_FRAMES)
    return head.startswith(_HEADS[0]) and _LAST_BLOCK in tail
