"""Arrays of pixels, however typed and shaped, to straight-alpha sRGB float32 (H, W, 4).

For arrays that a caller hands in and for what decoders give; pictures are turned upright here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ..color import unpremultiply

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["array_to_rgba", "oriented", "unit_float"]


def unit_float(values: NDArray[Any], what: str) -> NDArray[np.float32]:
    """Scale uint8, uint16 or bool to 0..1; pass float through, clipped to 0..1; float32.

    Raises InputError for other types, for NaN or infinite values, and for floats that are plainly
    on another scale (a maximum above 1.5).
    """
    if values.dtype == np.bool_:
        return values.astype(np.float32)
    if values.dtype.kind == "u" and values.dtype.itemsize <= 2:  # of either byte order
        return (values / np.float32(np.iinfo(values.dtype).max)).astype(np.float32, copy=False)
    if not np.issubdtype(values.dtype, np.floating):
        raise InputError(
            f"{what} is of type {values.dtype}; give uint8, uint16, or float between 0 and 1."
        )
    result = values.astype(np.float32, copy=False)
    bad = int(result.size - np.count_nonzero(np.isfinite(result)))
    if bad:
        raise InputError(
            f"{what} holds {bad} NaN or infinite values; repair them (for example with "
            "numpy.nan_to_num, or by rendering again) and retry."
        )
    if result.size and float(result.max()) > 1.5:
        raise InputError(
            f"{what} holds float values up to {float(result.max()):g}; scale them to 0..1 first."
        )
    return np.clip(result, 0.0, 1.0)


def array_to_rgba(values: NDArray[Any], what: str, alpha: str = "auto") -> NDArray[np.float32]:
    """Turn HxW, HxWx1, HxWx2 (grey, alpha), HxWx3 or HxWx4 into straight-alpha float32 (H, W, 4).

    Colour is taken as sRGB. `alpha` is as in ReadSettings; "auto" means straight.
    Raises InputError for other shapes and as `unit_float` does.
    """
    if values.ndim == 2:
        values = values[..., None]
    if values.ndim != 3 or values.shape[2] not in (1, 2, 3, 4):
        raise InputError(f"{what} has shape {values.shape}; give HxW, HxWx3 (RGB) or HxWx4 (RGBA).")
    if 0 in values.shape:
        raise InputError(f"{what} has no pixels (shape {values.shape}); give a picture.")
    unit = unit_float(values, what)
    height, width, channels = unit.shape
    rgba = np.ones((height, width, 4), np.float32)
    rgba[..., :3] = unit[..., :1] if channels < 3 else unit[..., :3]
    if channels in (2, 4):
        rgba[..., 3] = unit[..., -1]
        if alpha == "premultiplied":
            rgba = np.clip(unpremultiply(rgba), 0.0, 1.0)
    return rgba


def oriented(pixels: NDArray[Any], orientation: int) -> NDArray[Any]:
    """Undo EXIF/TIFF orientation 1..8 (tag 274): the picture as it is meant to be seen."""
    if orientation in (5, 6, 7, 8):
        pixels = pixels.swapaxes(0, 1)
    # After the transposition of 5..8 the remaining step is a pair of flips.
    rows, columns = {
        2: (1, -1), 3: (-1, -1), 4: (-1, 1), 6: (1, -1), 7: (-1, -1), 8: (-1, 1),
    }.get(orientation, (1, 1))  # fmt: skip
    return np.ascontiguousarray(pixels[::rows, ::columns])
