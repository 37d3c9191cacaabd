"""Closed cubic outlines as the text of an SVG path, as short as it can be said."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

__all__ = ["path_data"]

Float = NDArray[np.float64]

# A cubic whose inner points lie this near its chord, as a share of the tolerance, is a line.
_STRAIGHT_SHARE = 0.4


def path_data(outlines: Sequence[Float], decimals: int, tolerance: float) -> str:
    """The `d` attribute of closed outlines, in relative coordinates.

    Points are rounded before differences are taken, so that no error builds up along a path.
    """
    scale = 10**decimals
    parts = []
    outlines = [curves for curves in outlines if len(curves)]
    if not outlines:
        return ""
    joined = np.concatenate(outlines)
    cuts = np.cumsum([len(curves) for curves in outlines])[:-1]
    lines = np.split(_is_straight(joined, _STRAIGHT_SHARE * tolerance), cuts)
    # What lies halfway goes the same way whatever the last bits of a fit are, which depend on where
    # its numbers lie in memory.
    grids = np.split(np.rint(np.round(joined * scale, 3)).astype(np.int64), cuts)
    for grid, straight in zip(grids, lines, strict=True):
        relative = (grid[:, 1:] - grid[:, :1]).reshape(-1, 6)
        x, y = (_number(v, decimals) for v in grid[0, 0].tolist())
        parts.append(f"M{x} {y}" if y[0] != "-" else f"M{x}{y}")
        previous = ""
        for line, steps in zip(straight.tolist(), relative.tolist(), strict=True):
            letter, numbers = ("l", steps[4:]) if line else ("c", steps)
            if line and numbers == [0, 0]:
                continue
            # A letter is repeated only when it changes, a space only where no minus sign separates.
            text = _join(numbers, decimals)
            if letter == previous and text[0] != "-":
                text = " " + text
            parts.append(text if letter == previous else letter + text)
            previous = letter
        parts.append("z")
    return "".join(parts)


def _is_straight(curves: Float, tolerance: float) -> NDArray[np.bool_]:
    chord = curves[:, 3] - curves[:, 0]
    length = np.maximum(np.linalg.norm(chord, axis=1), 1e-9)
    off = np.zeros(len(curves))
    for inner in (1, 2):
        leg = curves[:, inner] - curves[:, 0]
        off = np.maximum(off, np.abs(chord[:, 0] * leg[:, 1] - chord[:, 1] * leg[:, 0]) / length)
    return off <= tolerance


def _join(numbers: Sequence[int], decimals: int) -> str:
    out = ""
    for value in numbers:
        text = _number(value, decimals)
        out += text if not out or text[0] == "-" else " " + text
    return out


@lru_cache(maxsize=1 << 16)  # steps along a path are small numbers, over and over
def _number(value: int, decimals: int) -> str:
    """A fixed-point integer as the shortest decimal: 150 with two digits is 1.5, -5 is -.05."""
    if decimals == 0 or value == 0:
        return str(value)
    whole, part = divmod(abs(value), 10**decimals)
    digits = f"{part:0{decimals}d}".rstrip("0")
    sign = "-" if value < 0 else ""
    if not digits:
        return f"{sign}{whole}"
    return f"{sign}{whole or ''}.{digits}"
