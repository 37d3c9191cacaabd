"""Pixel art: tiny pictures of a few colours, whose pixels are the drawing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from .document import SvgPath
from .paints.paint import Flat
from .pixel_runs import pixel_runs

__all__ = ["pixel_colors", "pixel_paths"]

# Larger pictures, and those of more colours, are icons or drawings made small.
_MAX_SIDE, _MAX_COLORS = 64, 48
# Fewer pixels than this of each colour, in the mean, are blends of anti-aliased edges.
_MIN_PIXELS = 8


def pixel_colors(picture: NDArray[np.float32], max_colors: int) -> NDArray[np.int32] | None:
    """Colours of pixel art as numbers, int32 (H, W), red first; None if a picture is none.

    Args:
        picture: float32 (H, W, 4), premultiplied; translucent pictures are none.
        max_colors: at most so many.
    """
    height, width = picture.shape[:2]
    if max(height, width) > _MAX_SIDE or float(picture[..., 3].min()) < 1.0:
        return None
    levels = np.rint(picture[..., :3] * 255.0).astype(np.int32)
    numbers = (levels[..., 0] << 16) | (levels[..., 1] << 8) | levels[..., 2]
    count = len(np.unique(numbers))
    if count > min(max_colors, _MAX_COLORS) or count * _MIN_PIXELS > numbers.size:
        return None
    return np.asarray(numbers, np.int32)


def pixel_paths(numbers: NDArray[np.int32], own: NDArray[np.bool_]) -> tuple[SvgPath, ...]:
    """A path for each colour of a layer's pixels, exactly along their sides.

    Args:
        numbers: as `pixel_colors` gives them.
        own: bool (H, W), the layer's pixels.
    """
    colors, counts = np.unique(numbers[own], return_counts=True)
    paths = []
    for color in colors[np.argsort(-counts, kind="stable")].tolist():
        red, green, blue = (color >> 16) / 255.0, (color >> 8 & 255) / 255.0, (color & 255) / 255.0
        paths.append(SvgPath(pixel_runs(own & (numbers == color)), Flat((red, green, blue))))
    return tuple(paths)
