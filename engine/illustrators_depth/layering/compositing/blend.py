"""Blend modes: how a layer's colour meets the colour below it.

After W3C Compositing and Blending Level 1 (2015), sections 5 and 10; all in sRGB as encoded, as
browsers and painting programs do by default.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ALL_MODES", "blended"]

Colors = NDArray[np.float32]
_MIN_ALPHA = np.float32(1e-6)  # keeps divisions finite
# A saturation of half an 8-bit step and less is grey.
_GREY_SATURATION = np.float32(1.0 / 512.0)
_LUMINANCE = np.array([0.3, 0.59, 0.11], np.float32)


def blended(backdrop: Colors, rgba: Colors, mode: str) -> Colors:
    """A layer's pixels, changed so that mode "normal" shows with them what `mode` shows without.

    Args:
        backdrop: premultiplied float32 (h, w, 4), what lies below.
        rgba: straight-alpha float32 (h, w, 4), the layer.
        mode: one of `ALL_MODES`.

    Returns:
        Straight-alpha float32 (h, w, 4) with the layer's alpha. Where there is nothing below, the
        layer's own colour stays.

    Raises KeyError for an unknown mode.
    """
    if mode == "normal":
        return rgba
    backdrop_alpha = backdrop[..., 3:]
    backdrop_color = np.clip(backdrop[..., :3] / np.maximum(backdrop_alpha, _MIN_ALPHA), 0.0, 1.0)
    source = rgba[..., :3]
    mixed = source + backdrop_alpha * (_MODES[mode](backdrop_color, source) - source)
    return np.concatenate([np.clip(mixed, 0.0, 1.0), rgba[..., 3:]], axis=2).astype(np.float32)


def _hard_light(b: Colors, s: Colors) -> Any:
    return np.where(s <= 0.5, b * (2 * s), b + (2 * s - 1) - b * (2 * s - 1))


def _soft_light(b: Colors, s: Colors) -> Any:
    bright = np.where(b <= 0.25, ((16 * b - 12) * b + 4) * b, np.sqrt(b))
    return np.where(s <= 0.5, b - (1 - 2 * s) * b * (1 - b), b + (2 * s - 1) * (bright - b))


def _dodge(b: Colors, s: Colors) -> Any:
    return np.where(b <= 0.0, 0.0, np.minimum(1.0, b / np.maximum(1.0 - s, _MIN_ALPHA)))


def _burn(b: Colors, s: Colors) -> Any:
    return np.where(b >= 1.0, 1.0, 1.0 - np.minimum(1.0, (1.0 - b) / np.maximum(s, _MIN_ALPHA)))


def _luminosity(color: Colors) -> Any:
    return (color @ _LUMINANCE)[..., None]


def _saturation(color: Colors) -> Any:
    return np.ptp(color, axis=-1)[..., None]


def _with_luminosity(color: Any, luminosity: Any) -> Any:
    shifted = color + (luminosity - _luminosity(color))
    low, high = shifted.min(axis=-1, keepdims=True), shifted.max(axis=-1, keepdims=True)
    middle = _luminosity(shifted)
    lifted = middle + (shifted - middle) * middle / np.maximum(middle - low, _MIN_ALPHA)
    shifted = np.where(low < 0.0, lifted, shifted)
    lowered = middle + (shifted - middle) * (1.0 - middle) / np.maximum(high - middle, _MIN_ALPHA)
    return np.where(high > 1.0, lowered, shifted)


def _with_saturation(color: Any, saturation: Any) -> Any:
    low, own_saturation = color.min(axis=-1, keepdims=True), _saturation(color)
    # Grey has no hue to saturate, whatever rounding left in it.
    return np.where(
        own_saturation > _GREY_SATURATION,
        (color - low) * saturation / np.maximum(own_saturation, _GREY_SATURATION),
        0.0,
    )


_MODES: dict[str, Callable[[Colors, Colors], Any]] = {
    "normal": lambda _, s: s,
    "multiply": lambda b, s: b * s,
    "screen": lambda b, s: b + s - b * s,
    "overlay": lambda b, s: _hard_light(s, b),
    "darken": np.minimum,
    "lighten": np.maximum,
    "color-dodge": _dodge,
    "color-burn": _burn,
    "hard-light": _hard_light,
    "soft-light": _soft_light,
    "difference": lambda b, s: np.abs(b - s),
    "exclusion": lambda b, s: b + s - 2 * b * s,
    "plus": lambda b, s: np.minimum(1.0, b + s),
    "linear-burn": lambda b, s: np.maximum(0.0, b + s - 1.0),
    "hue": lambda b, s: _with_luminosity(_with_saturation(s, _saturation(b)), _luminosity(b)),
    "saturation": lambda b, s: _with_luminosity(
        _with_saturation(b, _saturation(s)), _luminosity(b)
    ),
    "color": lambda b, s: _with_luminosity(s, _luminosity(b)),
    "luminosity": lambda b, s: _with_luminosity(b, _luminosity(s)),
}
ALL_MODES = frozenset(_MODES)
