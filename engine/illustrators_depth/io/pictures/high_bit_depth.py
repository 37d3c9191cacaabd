"""16-bit and float PNG and TIFF, which Pillow would cut down to 8 bits, through OpenCV."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import InputError
from ..suppress_output import decode_quietly, quiet_pillow
from .png_file import PNG_MAGIC, png_pixel_chunks
from .resolution import dpi_of_tiff

if TYPE_CHECKING:
    from numpy.typing import NDArray

__all__ = ["TiffFacts", "decode_deep", "png_bits", "read_tiff_facts"]


def png_bits(head: bytes) -> int:
    """Bits per channel that a PNG's header (its first 26 bytes) declares, or 0."""
    return head[24] if len(head) >= 26 and head[:8] == PNG_MAGIC else 0


@dataclass(frozen=True)
class TiffFacts:
    """What the first directory of a TIFF says. Tag numbers: TIFF 6.0, Adobe 1992."""

    width: int
    height: int
    bits: int
    floating: bool
    photometric: int
    extra_samples: tuple[int, ...]
    orientation: int
    profile: bytes | None
    interleaved: bool = True
    dpi: tuple[float, float] | None = None

    @property
    def deep(self) -> bool:
        """Whether Pillow would lose precision (or cannot read it) and OpenCV can."""
        return self.bits > 8 and self.photometric in (0, 1, 2, 32844, 32845)


def read_tiff_facts(path: Path) -> TiffFacts:
    """Read the first directory of a TIFF without decoding; InputError when it is broken."""
    from PIL.TiffImagePlugin import ImageFileDirectory_v2

    broken = InputError(f"{path.name} is truncated or not a valid TIFF file; export it again.")
    try:
        with path.open("rb") as handle, quiet_pillow():
            head = handle.read(8)
            big = len(head) == 8 and head[2:4] in (b"\x2b\x00", b"\x00\x2b")
            if big:
                head += handle.read(8)
            tags = ImageFileDirectory_v2(head)
            offset = tags.next
            if offset is None or not 0 < offset < path.stat().st_size:
                raise broken
            handle.seek(offset)
            tags.load(handle)
            bits = tags.get(258, (1,))
            formats = tags.get(339, (1,))
            return TiffFacts(
                width=int(tags[256]),
                height=int(tags[257]),
                bits=max(int(b) for b in _as_tuple(bits)),
                floating=3 in _as_tuple(formats),
                photometric=int(tags.get(262, 1)),
                extra_samples=tuple(int(e) for e in _as_tuple(tags.get(338, ()))),
                orientation=int(tags.get(274, 1)),
                profile=tags.get(34675),
                interleaved=int(tags.get(284, 1)) == 1 or int(tags.get(277, 1)) == 1,
                dpi=dpi_of_tiff(tags.get(282), tags.get(283), int(tags.get(296, 2))),
            )
    except (KeyError, ValueError, TypeError, SyntaxError, OSError, struct.error) as error:
        if isinstance(error, InputError):
            raise
        raise broken from error


def _as_tuple(value: Any) -> tuple[Any, ...]:
    return tuple(value) if isinstance(value, tuple | list) else (value,)


def _first_bytes(path: Path) -> bytes:
    with path.open("rb") as handle:
        return handle.read(26)


def decode_deep(path: Path) -> NDArray[Any]:
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
