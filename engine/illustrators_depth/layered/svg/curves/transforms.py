"""Affine transforms as SVG writes them."""

from __future__ import annotations

import math
import re

import numpy as np
from numpy.typing import NDArray

from ..syntax import numbers_in
from .refusal import NoOutlineError

__all__ = ["Affine", "identity", "page_transform", "read_transform", "translation"]

Affine = NDArray[np.float64]  # (2, 3)

_CALL = re.compile(r"\s*([A-Za-z]+)\s*\(([^)]*)\)[\s,]*")


def identity() -> Affine:
    return np.eye(2, 3)


def translation(x: float, y: float) -> Affine:
    return np.array([[1.0, 0.0, x], [0.0, 1.0, y]])


def joined(outer: Affine, inner: Affine) -> Affine:
    """First the inner one, then the outer one."""
    linear = outer[:, :2] @ inner[:, :2]
    return np.column_stack([linear, outer[:, :2] @ inner[:, 2] + outer[:, 2]])


def read_transform(text: str | None) -> Affine:
    """The transform of a `transform` attribute. Raises NoOutlineError for what cannot be read."""
    result, at = identity(), 0
    text = (text or "").strip()
    if text in ("", "none"):
        return result
    while at < len(text):
        match = _CALL.match(text, at)
        if match is None:
            raise NoOutlineError(f"the transform {text[:30]!r}")
        at = match.end()
        values = numbers_in(match.group(2))
        result = joined(result, _one(match.group(1), values, text))
    return result


def _one(name: str, v: list[float], text: str) -> Affine:
    count = len(v)
    if name == "matrix" and count == 6:
        return np.array([[v[0], v[2], v[4]], [v[1], v[3], v[5]]])
    if name == "translate" and count in (1, 2):
        return translation(v[0], v[1] if count == 2 else 0.0)
    if name == "scale" and count in (1, 2):
        return np.array([[v[0], 0.0, 0.0], [0.0, v[-1], 0.0]])
    if name == "rotate" and count in (1, 3):
        c, s = math.cos(math.radians(v[0])), math.sin(math.radians(v[0]))
        turn = np.array([[c, -s, 0.0], [s, c, 0.0]])
        if count == 1:
            return turn
        return joined(joined(translation(v[1], v[2]), turn), translation(-v[1], -v[2]))
    if name in ("skewX", "skewY") and count == 1:
        lean = math.tan(math.radians(v[0]))
        skew = identity()
        skew[(0, 1) if name == "skewX" else (1, 0)] = lean
        return skew
    raise NoOutlineError(f"the transform {text[:30]!r}")


def page_transform(box: tuple[float, float, float, float], frame: tuple[int, int]) -> Affine:
    """From a viewBox (left, top, width, height) to a frame of (H, W) pixels, fitted and centred."""
    left, top, across, down = box
    scale = min(frame[1] / across, frame[0] / down)
    x, y = (frame[1] - across * scale) / 2, (frame[0] - down * scale) / 2
    return np.array([[scale, 0.0, x - left * scale], [0.0, scale, y - top * scale]])
