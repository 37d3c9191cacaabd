"""Arrays as compact, exact byte strings: PNG where nothing is lost by it, else NPY."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError
from ..suppress_output import unlimited_pillow

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_plane", "encode_plane"]

_SCALE8 = np.float32(255.0)


def encode_plane(array: NDArray[Any]) -> tuple[bytes, str]:
    """Encode exactly; return the bytes and the suffix (".png" or ".npy").

    bool (H, W) becomes a 1-bit PNG; float32 (H, W) or (H, W, 3) whose values are all k/255 become
    an 8-bit PNG; everything else becomes NPY.
    """
    buffer = io.BytesIO()
    pixels: NDArray[Any] | None = None
    if array.dtype == np.bool_:
        pixels = array
    elif array.dtype == np.float32 and array.size:
        steps = np.clip(np.rint(array * _SCALE8), 0, 255).astype(np.uint8)
        # -0.0 equals 0.0 but is another number: it must survive too, so compare the bits.
        decoded = _from_steps(steps)
        if np.array_equal(decoded.view(np.uint32), array.view(np.uint32)):
            pixels = steps
    if pixels is None:
        np.save(buffer, np.ascontiguousarray(array), allow_pickle=False)
        return buffer.getvalue(), ".npy"
    from PIL import Image as PilImage

    PilImage.fromarray(pixels).save(buffer, format="PNG", compress_level=3)
    return buffer.getvalue(), ".png"


def _from_steps(steps: NDArray[np.uint8]) -> NDArray[np.float32]:
    return (steps.astype(np.float32) / _SCALE8).astype(np.float32)


def decode_plane(
    data: bytes, suffix: str, shape: tuple[int, ...], dtype: type[np.generic], what: str
) -> NDArray[Any]:
    """Decode what `encode_plane` wrote and insist on the shape and type that were promised.

    Raises InputError, calling the file `what`, when the bytes hold anything else. The size is
    checked before pixels are decoded, and pickles are never read.
    """
    damaged = InputError(f"{what} is damaged: a part of it is not what its list of contents says.")
    try:
        if suffix == ".npy":
            stream = io.BytesIO(data)
            version = np.lib.format.read_magic(stream)
            reader = {(1, 0): np.lib.format.read_array_header_1_0}.get(
                version, np.lib.format.read_array_header_2_0
            )
            stored_shape, _, stored_dtype = reader(stream)
            if tuple(stored_shape) != shape or stored_dtype != np.dtype(dtype):
                raise damaged
            return np.load(io.BytesIO(data), allow_pickle=False)
        from PIL import Image as PilImage

        with unlimited_pillow():
            image_file = PilImage.open(io.BytesIO(data), formats=("PNG",))
        with image_file as picture:
            if (picture.height, picture.width) != shape[:2]:
                raise damaged
            if dtype is np.bool_:
                if picture.mode != "1":
                    raise damaged
                # Pillow's own array of a 1-bit picture holds True as 255, not as 1.
                return np.asarray(picture.convert("L")) > 0
            steps = np.asarray(picture)
    except (InputError, MemoryError):
        raise
    except Exception as error:  # Pillow and NumPy raise many kinds on damaged bytes
        raise damaged from error
    if dtype is not np.float32 or steps.shape != shape or steps.dtype != np.uint8:
        raise damaged
    return _from_steps(steps)
