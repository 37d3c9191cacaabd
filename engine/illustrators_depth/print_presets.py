"""Ready-made settings for what people print: each a few fields of ReliefSettings."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from .errors import InputError
from .settings import ReliefSettings

__all__ = ["PRESETS", "Preset", "preset"]


@dataclass(frozen=True)
class Preset:
    """A named set of values.

    Attributes:
        label: for menus.
        about: what it is for, one sentence without a full stop.
        values: fields of ReliefSettings; all others keep what they had.
    """

    label: str
    about: str
    values: Mapping[str, Any]


PRESETS: dict[str, Preset] = {
    "standard": Preset(
        "Standard Print",
        "Steps of two 0.2 mm layers for a 0.4 mm nozzle",
        {
            "mode": "terraced",
            "base_mm": 0.8,
            "thickness_mm": 0.4,
            "layer_height_mm": 0.2,
            "smallest_mm": 0.4,
        },
    ),
    "color-swap": Preset(
        "Color Swap",
        "Thin steps of 0.08 mm layers, flat enough to change filament by hand between them",
        {
            "mode": "terraced",
            "base_mm": 0.24,
            "thickness_mm": 0.24,
            "layer_height_mm": 0.08,
            "smallest_mm": 0.4,
            "max_steps": 8,
        },
    ),
    # Round Table on Information Access for People with Print Disabilities, "Guidelines for 3D
    # printing": base 1.5 mm recommended; heights of 0.5 mm are detected, 1 mm for what matters.
    # BANA/CBA "Guidelines and Standards for Tactile Graphics" (2010): simplify, at most five
    # different textures, parts at least 1/8 inch (3.2 mm) apart; a fingertip tells no more levels.
    "tactile": Preset(
        "Tactile",
        "For reading with fingers: five heights 1 mm apart, nothing under 3.2 mm (1/8 inch)",
        {
            "mode": "terraced",
            "base_mm": 1.5,
            "thickness_mm": 1.0,
            "layer_height_mm": 0.1,
            "max_steps": 5,
            "smallest_mm": 3.2,
        },
    ),
    "relief": Preset(
        "Bas-Relief",
        "A smooth relief of 4 mm in all, over the continuous depth",
        {
            "mode": "heightfield",
            "base_mm": 0.8,
            "total_mm": 4.0,
            "layer_height_mm": 0.1,
        },
    ),
}


def preset(name: str, settings: ReliefSettings | None = None) -> ReliefSettings:
    """`settings` (or the defaults) with the values of a preset; InputError for an unknown name."""
    entry = PRESETS.get(name)
    if entry is None:
        raise InputError(f"There is no print preset {name!r}; known: {', '.join(PRESETS)}.")
    base = (settings or ReliefSettings()).to_dict()
    return ReliefSettings.from_dict({**base, **entry.values})
