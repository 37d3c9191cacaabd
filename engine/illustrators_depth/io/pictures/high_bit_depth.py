"""16-bit and float PNG and TIFF, which Pillow would cut down to 8 bits, through OpenCV."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from ..suppress_output import decode_quietly
from .png_file import PNG_MAGIC, png_pixel_chunks

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["decode_high_bit_depth", "png_bits"]


def png_bits(head: bytes) -> int:
    """Bits per channel that a PNG's header (its first 26 bytes) declares, or 0."""
    return head[24] if len(head) >= 26 and head[:8] == PNG_MAGIC else 0


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(26)


def decode_high_bit_depth(path: Path) -> NDArray[Any]:
    """Decode to uint8, uint16 or float32, (H, W) or (H, W, 3 or 4) in RGB(A) order.

    Nothing is scaled, rotated or colour-managed. Raises InputError when it cannot be decoded.
    """
    is_png = png_bits(_first_bytes(path)) > 0
    # OpenCV swaps the bytes of an animated PNG's 16-bit samples: it is given the pixels alone.
    pixels = decode_quietly(png_pixel_chunks(path) if is_png else path.read_bytes())
    if pixels is None:
        raise InputError(
            f"{path.name} is damaged, truncated, or of a rare kind that is not read; export it "
            "again as 8-bit or 16-bit PNG."
        )
    if pixels.ndim == 3 and pixels.shape[2] >= 3:
        pixels = pixels[..., [2, 1, 0, 3] if pixels.shape[2] == 4 else [2, 1, 0]]
    return pixels
