"""PackBits run-length coding of picture rows, at the speed of libtiff.

TIFF (section 9) and Photoshop pack rows of bytes the same way; Pillow brings libtiff along, so the
rows are packed by writing a TIFF with one row per strip and taking the strips out of it.
"""

from __future__ import annotations

import io

import numpy as np
from numpy.typing import NDArray

__all__ = ["pack_rows"]

_STRIP_OFFSETS, _STRIP_BYTE_COUNTS = 273, 279


def pack_rows(plane: NDArray[np.uint8]) -> tuple[NDArray[np.int64], bytes]:
    """Pack every row of uint8 (H, W) on its own; the packed size of each row, and all of them."""
    from PIL import Image as PilImage
    from PIL.TiffImagePlugin import TiffImageFile

    buffer = io.BytesIO()
    PilImage.fromarray(np.ascontiguousarray(plane)).save(
        buffer, format="TIFF", compression="packbits", strip_size=1
    )
    with PilImage.open(buffer, formats=("TIFF",)) as packed:
        assert isinstance(packed, TiffImageFile)
        offsets = np.array(packed.tag_v2[_STRIP_OFFSETS], np.int64).ravel()
        counts = np.array(packed.tag_v2[_STRIP_BYTE_COUNTS], np.int64).ravel()
    if len(counts) != plane.shape[0]:
        raise RuntimeError("libtiff did not keep to one row per strip")
    data = buffer.getbuffer()
    rows = [
        data[at : at + size] for at, size in zip(offsets.tolist(), counts.tolist(), strict=True)
    ]
    return counts, b"".join(rows)
