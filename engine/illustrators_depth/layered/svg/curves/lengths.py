"""Lengths as CSS and SVG write them."""

from __future__ import annotations

import math
import re

__all__ = ["length_px"]

_LENGTH = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*([A-Za-z%]*)\s*$")
_PIXELS = {
    "": 1.0,
    "px": 1.0,
    "pt": 96 / 72,
    "pc": 16.0,
    "mm": 96 / 25.4,
    "cm": 96 / 2.54,
    "in": 96.0,
}


def length_px(text: str | None, default: float = 0.0) -> float:
    """A length in CSS pixels; `default` for none, NaN for one that depends on something else."""
    if text is None or not text.strip():
        return default
    match = _LENGTH.match(text)
    scale = _PIXELS.get(match.group(2).lower()) if match else None
    return math.nan if match is None or scale is None else float(match.group(1)) * scale
