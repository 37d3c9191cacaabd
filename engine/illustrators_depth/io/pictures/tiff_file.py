"""What the first directory of a TIFF says, read without decoding.

Specification: "TIFF Revision 6.0", Adobe 1992; BigTIFF is read as well.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ...errors import InputError
from ..suppress_output import quiet_pillow
from .resolution import dpi_of_tiff

__all__ = ["TIFF_MAGICS", "TiffHeader", "read_tiff_header"]

TIFF_MAGICS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+")


@dataclass(frozen=True)
class TiffHeader:
    """Size, samples, colour, alpha, orientation, profile and resolution of a TIFF."""

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
    def high_bit_depth(self) -> bool:
        """Whether Pillow would lose precision (or cannot read it) and OpenCV can."""
        return self.bits > 8 and self.photometric in (0, 1, 2, 32844, 32845)


def read_tiff_header(path: Path) -> TiffHeader:
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
            return TiffHeader(
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
