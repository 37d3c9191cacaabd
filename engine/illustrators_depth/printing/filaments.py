"""Which filament prints which colour: one for each colour, or the nearest of those at hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

__all__ = ["Filament", "assign_filaments", "hex_color", "rgb_color"]

Rgb = tuple[float, float, float]

# Colours closer than this (CIE76) look alike in plastic: one filament prints both.
ALIKE_DELTA_E = 3.0


@dataclass(frozen=True)
class Filament:
    """One spool.

    Attributes:
        number: its slot, extruder or place in the list, counted from 1 as slicers do.
        name: what people call it; its colour where it has no name.
        color: "#rrggbb".
    """

    number: int
    name: str
    color: str

    @property
    def rgb(self) -> Rgb:
        return rgb_color(self.color)


def assign_filaments(
    colors: Sequence[Rgb], at_hand: Sequence[str] = ()
) -> tuple[tuple[Filament, ...], tuple[int, ...]]:
    """The filaments, and for each colour which of them prints it.

    Args:
        colors: sRGB 0..1, in the order they are printed.
        at_hand: "#rrggbb" or "name=#rrggbb" each, as in PrinterSettings; empty for a filament per
            colour, where colours that look alike share one.

    Returns:
        All filaments at hand in their order, or the ones made up in order of first use; and an
        index into them for each colour.
    """
    if at_hand:
        pairs = [text.rpartition("=")[::2] for text in at_hand]
        known = [(name.strip() or color.lower(), color.lower()) for name, color in pairs]
    else:
        known = []
        for color in colors:
            text = hex_color(color)
            if not known or _distances([c for _, c in known], color).min() >= ALIKE_DELTA_E:
                known.append((text, text))
    palette = [color for _, color in known]
    choice = tuple(int(np.argmin(_distances(palette, color))) for color in colors)
    return tuple(Filament(n, *pair) for n, pair in enumerate(known, 1)), choice


def _distances(palette: Sequence[str], color: Rgb) -> NDArray[np.float32]:
    """CIE76 colour differences of a colour to each of a palette."""
    rows = np.array([*map(rgb_color, palette), color], np.float32)[None]
    lab = cv2.cvtColor(rows, cv2.COLOR_RGB2LAB)[0]
    return np.asarray(np.linalg.norm(lab[:-1] - lab[-1], axis=1), np.float32)


def hex_color(color: Rgb) -> str:
    return "#" + "".join(f"{max(0, min(255, round(255 * c))):02x}" for c in color)


def rgb_color(text: str) -> Rgb:
    red, green, blue = (int(text[k : k + 2], 16) / 255.0 for k in (1, 3, 5))
    return red, green, blue
