"""What a Photoshop file says about its pixels: how many to the inch, and in which colour space.

After Adobe's "Photoshop File Formats Specification" (November 2019), "Image Resources".
"""

from __future__ import annotations

import struct
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["image_resources"]

_RESOLUTION, _ICC_PROFILE = 0x03ED, 0x040F
_PER_INCH, _INCHES = 1, 1
# Of a profile's header: when it was made, and its identity, which depends on that.
_DATE, _IDENTITY = slice(24, 36), slice(84, 100)


def image_resources(dpi: Sequence[float] | None) -> bytes:
    """The section of image resources: sRGB as an ICC profile and, if known, the resolution.

    Args:
        dpi: pixels per inch along x and y; None where it is not known.
    """
    blocks = b""
    if dpi is not None:
        across, down = (min(max(round(float(value) * 65536), 1), 2**32 - 1) for value in dpi)
        one_axis = [struct.pack(">IHH", value, _PER_INCH, _INCHES) for value in (across, down)]
        blocks += _block(_RESOLUTION, b"".join(one_axis))
    return blocks + _block(_ICC_PROFILE, _srgb_profile())


def _block(number: int, data: bytes) -> bytes:
    # The name is empty: a length of zero, padded to an even size.
    return b"8BIM" + struct.pack(">HHI", number, 0, len(data)) + data + bytes(len(data) % 2)


@lru_cache(maxsize=1)
def _srgb_profile() -> bytes:
    from PIL import ImageCms

    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    # The same stack gives the same bytes.
    profile[_DATE] = struct.pack(">6H", 2000, 1, 1, 0, 0, 0)
    profile[_IDENTITY] = bytes(16)
    return bytes(profile)
