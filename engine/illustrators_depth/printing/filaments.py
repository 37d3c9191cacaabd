"""Which filament prints which colour: one for each colour, or the best of those at hand."""

from __future__ import annotations

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..io.color import linear_to_srgb, srgb_to_linear
from ..io.user_path import user_path

__all__ = [
    "Filament",
    "assign_filaments",
    "hex_color",
    "printed_colors",
    "read_filaments",
    "rgb_color",
]

Rgb = tuple[float, float, float]

# Colours closer than this (CIE76) look alike in plastic: one filament prints both.
ALIKE_DELTA_E = 3.0
MAX_FILAMENTS = 256
MAX_LIBRARY_BYTES = 1_000_000
COLUMNS = ("name", "color", "transmission_mm")


@dataclass(frozen=True)
class Filament:
    """One spool.

    Attributes:
        number: its slot, extruder or place in the list, counted from 1 as slicers do.
        name: what people call it; its colour where it has no name.
        color: "#rrggbb".
        transmission_mm: the thickness that lets a tenth of the light through; 0 for none.
    """

    number: int
    name: str
    color: str
    transmission_mm: float = 0.0

    @property
    def rgb(self) -> Rgb:
        return rgb_color(self.color)

    def over(self, below: NDArray[np.float64], thickness_mm: float) -> NDArray[np.float64]:
        """Colour of a layer of it over another colour, linear light, both (3,).

        What is let through falls off exponentially with thickness (Beer-Lambert).
        """
        through = 10.0 ** (-thickness_mm / self.transmission_mm) if self.transmission_mm else 0.0
        return np.asarray(through * below + (1.0 - through) * _linear(self.rgb))


def assign_filaments(
    colors: Sequence[Rgb],
    at_hand: Sequence[str] = (),
    thicknesses_mm: Sequence[float] = (),
) -> tuple[tuple[Filament, ...], tuple[int, ...]]:
    """The filaments, and for each colour which of them prints it.

    Args:
        colors: sRGB 0..1, in the order they are printed.
        at_hand: "#rrggbb", "name=#rrggbb" or either with "@" and a transmission distance, as in
            PrinterSettings; empty for a filament per colour, where colours that look alike share
            one.
        thicknesses_mm: of what lies one above the other in these colours. With them a filament is
            chosen by how it looks over those below it, else by its own colour.

    Returns:
        All filaments at hand in their order, or the ones made up in order of first use; and an
        index into them for each colour.
    """
    if at_hand:
        filaments = tuple(_parse_filament(text, n) for n, text in enumerate(at_hand, 1))
    else:
        hex_colors: list[str] = []
        for color in colors:
            text = hex_color(color)
            if (
                not hex_colors
                or _distances([rgb_color(c) for c in hex_colors], color).min() >= ALIKE_DELTA_E
            ):
                hex_colors.append(text)
        filaments = tuple(Filament(n, text, text) for n, text in enumerate(hex_colors, 1))
    choice: list[int] = []
    below: NDArray[np.float64] | None = None
    for k, color in enumerate(colors):
        looks = [_linear(filament.rgb) for filament in filaments]
        if thicknesses_mm and below is not None:
            looks = [filament.over(below, thicknesses_mm[k]) for filament in filaments]
        choice.append(int(np.argmin(_distances([_encoded(look) for look in looks], color))))
        below = looks[choice[-1]]
    return filaments, tuple(choice)


def printed_colors(
    filaments: Sequence[Filament], choice: Sequence[int], thicknesses_mm: Sequence[float]
) -> list[Rgb]:
    """How each of some layers looks from above with the ones below shining through, sRGB 0..1.

    The lowest shows its own colour.
    """
    colors: list[Rgb] = []
    below: NDArray[np.float64] | None = None
    for index, thickness in zip(choice, thicknesses_mm, strict=True):
        own = filaments[index]
        below = _linear(own.rgb) if below is None else own.over(below, thickness)
        colors.append(_encoded(below))
    return colors


def read_filaments(path: str | Path) -> tuple[str, ...]:
    """Filaments from a library: a CSV file with the columns name, color and transmission_mm.

    The last may be missing or empty. Returns them as PrinterSettings takes them.

    Raises InputError, which names file and line, for anything else.
    """
    file = user_path(path)
    try:
        if file.stat().st_size > MAX_LIBRARY_BYTES:
            raise InputError(f"{file.name} is too large for a list of filaments.")
        rows = list(csv.DictReader(file.read_text(encoding="utf-8-sig").splitlines()))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        reason = getattr(error, "strerror", None) or "it is no text"
        raise InputError(
            f"{file.name} cannot be read as a list of filaments ({reason}); give a CSV file with "
            f"the columns {', '.join(COLUMNS)}."
        ) from error
    if not rows or not {"name", "color"} <= set(rows[0]) or len(rows) > MAX_FILAMENTS:
        raise InputError(
            f"{file.name} is no list of filaments: it needs a first line {','.join(COLUMNS)} and "
            f"from 1 to {MAX_FILAMENTS} lines below it."
        )
    return tuple(_filament_text(row, file.name, line) for line, row in enumerate(rows, 2))


def _filament_text(row: dict[str, str | None], file: str, line: int) -> str:
    """A row of a library as "name=#rrggbb@mm"."""
    name = " ".join((row["name"] or "").split()).replace("=", " ").replace(",", " ")
    color = (row["color"] or "").strip()
    if not re.fullmatch(r"#[0-9a-fA-F]{6}", color):
        raise InputError(f"{file}, line {line}: a colour is written #rrggbb, not {color!r:.40}.")
    distance = (row.get("transmission_mm") or "").strip()
    if distance and not re.fullmatch(r"\d{1,3}(\.\d{1,6})?", distance):
        raise InputError(
            f"{file}, line {line}: transmission_mm is a number of millimetres such as 1.5, not "
            f"{distance!r:.40}."
        )
    return (f"{name}=" if name else "") + color + (f"@{distance}" if distance else "")


def _parse_filament(text: str, number: int) -> Filament:
    """A filament from "name=#rrggbb@mm", checked before."""
    text, _, distance = text.partition("@") if "@" in text.rpartition("#")[2] else (text, "", "")
    name, _, color = text.rpartition("=")
    color = color.lower()
    return Filament(number, name.strip() or color, color, float(distance or 0.0))


def _linear(color: Rgb) -> NDArray[np.float64]:
    return np.asarray(srgb_to_linear(np.array(color, np.float32)), np.float64)


def _encoded(linear: NDArray[np.float64]) -> Rgb:
    red, green, blue = (float(c) for c in linear_to_srgb(linear.astype(np.float32)))
    return red, green, blue


def _distances(palette: Sequence[Rgb], color: Rgb) -> NDArray[np.float32]:
    """CIE76 colour differences of a colour to each of a palette."""
    rows = np.array([*palette, color], np.float32)[None]
    lab = cv2.cvtColor(rows, cv2.COLOR_RGB2LAB)[0]
    return np.asarray(np.linalg.norm(lab[:-1] - lab[-1], axis=1), np.float32)


def hex_color(color: Rgb) -> str:
    return "#" + "".join(f"{max(0, min(255, round(255 * c))):02x}" for c in color)


def rgb_color(text: str) -> Rgb:
    red, green, blue = (int(text[k : k + 2], 16) / 255.0 for k in (1, 3, 5))
    return red, green, blue
