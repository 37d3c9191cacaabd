"""Embedded ICC profiles to sRGB.

8-bit pictures go through LittleCMS (Pillow). Its Pillow binding knows no 16-bit or float colour,
so deeper pictures with a matrix profile (Display P3, Adobe RGB, ProPhoto, linear...) are converted
here in float: tone curve, 3x3 matrix, sRGB curve, as ICC.1:2010 section F.3 describes.
"""

from __future__ import annotations

import io
import logging
import struct
from typing import TYPE_CHECKING

import numpy as np

from .transfer import linear_to_srgb

if TYPE_CHECKING:
    from numpy.typing import NDArray
    from PIL import Image as PilImage

__all__ = ["float_to_srgb", "is_srgb", "pil_to_srgb", "profile_name"]

_log = logging.getLogger(__name__)

# ICC.1:2010, section 7: a header of this many bytes, the number of tags, then one entry per tag
# (signature, offset and size, 4 bytes each).
_HEADER_BYTES, _COUNT_BYTES, _ENTRY_BYTES = 128, 4, 12
# Real profiles have some twenty tags; a larger number is damage, and would be read entry by entry.
_MAX_TAGS = 200
# ICC's s15Fixed16Number, in which matrices and parametric curves are written.
_FIXED_ONE = 65536.0
# How many parameters a parametricCurveType 0 to 4 has.
_PARAMETER_COUNTS = (1, 3, 4, 5, 7)

# XYZ (D50, the ICC connection space) to linear sRGB: the inverse of sRGB's own D50 colorants.
_D50_TO_SRGB = np.linalg.inv(
    np.array(
        [
            [0.436066, 0.385147, 0.143066],
            [0.222488, 0.716873, 0.060608],
            [0.013916, 0.097076, 0.714096],
        ]
    )
)


def profile_name(profile: bytes | None) -> str:
    """The profile's own description, or "" when there is none or it cannot be read."""
    if not profile:
        return ""
    from PIL import ImageCms

    try:
        return ImageCms.getProfileDescription(io.BytesIO(profile)).strip()
    except (ImageCms.PyCMSError, OSError, ValueError):
        return ""


def is_srgb(profile: bytes | None) -> bool:
    """Whether colour can be taken as it is: no profile, an unreadable one, or sRGB itself.

    Goes by the description: sRGB primaries with a linear curve ("sRGB linear") need converting.
    """
    name = profile_name(profile).lower()
    return not name or ("srgb" in name and "linear" not in name)


def pil_to_srgb(picture: PilImage.Image, profile: bytes) -> PilImage.Image:
    """Convert an L, RGB, CMYK or LAB picture (no alpha) to RGB in sRGB.

    Relative colorimetric with black-point compensation. A profile that cannot be used, or does not
    fit the picture's mode, is ignored with a warning in the log.
    """
    from PIL import ImageCms

    if picture.mode == "L" and profile[16:20] == b"RGB ":
        picture = picture.convert("RGB")
    try:
        converted = ImageCms.profileToProfile(
            picture,
            ImageCms.ImageCmsProfile(io.BytesIO(profile)),
            ImageCms.createProfile("sRGB"),
            renderingIntent=ImageCms.Intent.RELATIVE_COLORIMETRIC,
            outputMode="RGB",
            flags=ImageCms.Flags.BLACKPOINTCOMPENSATION,
        )
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError) as error:
        _log.warning("the embedded colour profile was ignored: %s", error)
        return picture.convert("RGB")
    return converted if converted is not None else picture.convert("RGB")


def float_to_srgb(rgb: NDArray[np.float32], profile: bytes) -> NDArray[np.float32]:
    """Convert float32 (H, W, 3) in the profile's space, 0..1, to sRGB, 0..1.

    A profile without matrix and curves (table-based, or neither RGB nor gray), or with damaged
    ones, is ignored with a warning in the log: `rgb` itself comes back.
    """
    try:
        tags = _tags(profile)
        if profile[16:20] == b"GRAY":
            curves = [_Curve(tags["kTRC"])] * 3
            to_srgb = np.eye(3)
        elif profile[16:20] == b"RGB ":
            curves = [_Curve(tags[f"{c}TRC"]) for c in "rgb"]
            colorants = np.stack([_xyz(tags[f"{c}XYZ"]) for c in "rgb"], axis=1)
            to_srgb = _D50_TO_SRGB @ colorants
        else:
            raise ValueError(f"colour space {profile[16:20]!r}")
        linear = np.stack([curve(rgb[..., i]) for i, curve in enumerate(curves)], axis=-1)
    except (KeyError, ValueError, struct.error, IndexError) as error:
        _log.warning("the embedded colour profile was ignored: %s", error)
        return rgb
    return linear_to_srgb(linear @ to_srgb.T.astype(np.float32))


def _tags(profile: bytes) -> dict[str, bytes]:
    """Signature ("rTRC", "rXYZ"...) -> the tag's data; ValueError or struct.error for damage."""
    (count,) = struct.unpack_from(">I", profile, _HEADER_BYTES)
    if count > _MAX_TAGS:
        raise ValueError("too many tags")
    tags = {}
    for i in range(count):
        entry = _HEADER_BYTES + _COUNT_BYTES + _ENTRY_BYTES * i
        name, offset, size = struct.unpack_from(">4sII", profile, entry)
        tags[name.decode("latin-1")] = profile[offset : offset + size]
    return tags


def _xyz(tag: bytes) -> NDArray[np.float64]:
    """An "XYZ " tag's first colour, float64 (3,)."""
    return np.array(struct.unpack_from(">3i", tag, 8)) / _FIXED_ONE


class _Curve:
    """A tone curve, device value 0..1 to linear light 0..1 ("curv" and "para" tags).

    Attributes:
        table: float32 (n,), light at n equally spaced device values; None for a formula.
        kind: ICC's parametricCurveType, 0 to 4 (section 10.16); a plain gamma is 0.
        parameters: its g, a, b, c, d, e, f, as many as that type has.

    Raises ValueError or struct.error for a damaged tag.
    """

    def __init__(self, tag: bytes) -> None:
        self.table: NDArray[np.float32] | None = None
        self.kind = 0
        self.parameters: tuple[float, ...] = (1.0,)
        if tag[:4] == b"curv":
            (count,) = struct.unpack_from(">I", tag, 8)
            if count == 1:
                self.parameters = (struct.unpack_from(">H", tag, 12)[0] / 256.0,)
            elif count > 1:
                values = struct.unpack_from(f">{count}H", tag, 12)
                self.table = np.array(values, np.float32) / np.float32(65535.0)
        elif tag[:4] == b"para":
            (self.kind,) = struct.unpack_from(">H", tag, 8)
            if self.kind >= len(_PARAMETER_COUNTS):
                raise ValueError(f"parametric curve of type {self.kind}")
            values = struct.unpack_from(f">{_PARAMETER_COUNTS[self.kind]}i", tag, 12)
            self.parameters = tuple(value / _FIXED_ONE for value in values)
        else:
            raise ValueError(f"tone curve of type {tag[:4]!r}")
        if self.parameters[0] <= 0.0:  # all colours would be white, or black infinitely bright
            raise ValueError(f"tone curve with the exponent {self.parameters[0]:g}")
        if self.kind in (1, 2) and self.parameters[1] == 0.0:
            raise ValueError("parametric curve that starts nowhere (a is 0)")  # it starts at -b / a

    def __call__(self, encoded: NDArray[np.float32]) -> NDArray[np.float32]:
        """Decode values of any shape; what is outside 0..1 is clipped first."""
        x = np.clip(encoded, 0.0, 1.0)
        if self.table is not None:
            grid = np.linspace(0.0, 1.0, len(self.table), dtype=np.float32)
            return np.interp(x, grid, self.table).astype(np.float32)
        g, a, b, c, d, e, f = (*self.parameters, *([0.0] * 6))[:7]
        if self.kind == 0:
            return np.power(x, np.float32(g)).astype(np.float32)
        power = np.power(np.maximum(a * x + b, 0.0), g)
        if self.kind == 1:
            linear = np.where(x >= -b / a, power, 0.0)
        elif self.kind == 2:
            linear = np.where(x >= -b / a, power + c, c)
        elif self.kind == 3:
            linear = np.where(x >= d, power, c * x)
        else:
            linear = np.where(x >= d, power + e, c * x + f)
        return linear.astype(np.float32)
