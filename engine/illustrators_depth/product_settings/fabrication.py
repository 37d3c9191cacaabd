"""Settings for what machines make: sheets to cut, and the printer of solids."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import InputError
from ..settings import Settings, setting

__all__ = ["PapercutSettings", "PrinterSettings", "check_plate"]


def check_plate(plate_mm: tuple[float, ...]) -> None:
    """Raise InputError unless a plate is nothing, or two sides of 20 mm to 10 m."""
    fits = not plate_mm or (len(plate_mm) == 2 and all(20.0 <= s <= 10_000.0 for s in plate_mm))
    if not fits:
        raise InputError(
            "A plate is written WIDTHxHEIGHT, each between 20 and 10000 mm, as 220x220."
        )


@dataclass(frozen=True)
class PapercutSettings(Settings):
    """How layers become sheets to cut.

    Attributes:
        size_mm: longest side of the picture, without the frame.
        frame_mm: width of the border that every sheet has around the picture.
        bridge_mm: width of the bars that join islands to the rest of their sheet; 0 leaves islands
            loose, to be glued by hand.
        support: a sheet holds everything above it as well, so that each rests on the one below;
            else only its own layer.
        kerf_mm: width of what the blade or beam takes away: outlines move outwards by half of it.
        hole_mm: diameter of the registration holes in the frame's corners; 0 leaves them out.
        guides: draw where the sheet above goes, to be scored.
        smallest_mm2: pieces and holes below this area are left out.
        tolerance_mm: how far a curve may stray from the outline.
        plate_mm: width and height of what the cutter holds: larger sheets are cut into pieces with
            keys; empty for no limit.
    """

    size_mm: float = setting(
        200.0, "Size", "Longest side inside the frame, mm", least=1.0, most=10_000.0
    )
    frame_mm: float = setting(10.0, "Frame", "Width of the frame, mm", above=0.0, most=1000.0)
    bridge_mm: float = setting(
        2.0, "Bridges", "Width of bars to islands, mm; 0: loose islands", least=0.0, most=100.0
    )
    support: bool = setting(True, "Support", "Sheets also hold what lies above, to rest on")
    kerf_mm: float = setting(0.0, "Kerf", "What blade or beam takes away, mm", least=0.0, most=5.0)
    hole_mm: float = setting(3.0, "Holes", "Registration holes, mm; 0: none", least=0.0)
    guides: bool = setting(True, "Guides", "Score where the sheet above goes")
    smallest_mm2: float = setting(
        2.0, "Smallest Piece", "Leave out smaller pieces and holes", least=0.0, most=1e6
    )
    tolerance_mm: float = setting(
        0.05, "Tolerance", "How far a curve may stray, mm", least=0.001, most=10.0
    )
    plate_mm: tuple[float, ...] = setting(
        (),
        "Plate",
        "What the cutter holds, mm: larger sheets become pieces with keys",
        option="--plate",
        metavar="WxH",
    )

    def check(self) -> None:
        super().check()
        self.require(
            "hole_mm",
            self.hole_mm < 0.8 * self.frame_mm,
            "must be less than 0.8 of the frame's width, or the holes would break out of it",
        )
        check_plate(self.plate_mm)


@dataclass(frozen=True)
class PrinterSettings(Settings):
    """What a 3D printer can do; the checks and the colour-swap list go by it.

    Attributes:
        nozzle_mm: width of the line that it lays: narrower features are lost.
        first_layer_mm: height of the first layer, 0 for that of the others.
        min_base_mm: a thinner base is warned of: it tears or lets light through.
        bed_mm: width, depth and height of what fits.
        filaments: those at hand, "#rrggbb" or "name=#rrggbb", either with "@1.5" where 1.5 mm of it
            let a tenth of the light through; each step takes the nearest. Empty gives every colour
            its own filament.
    """

    nozzle_mm: float = setting(
        0.4, "Nozzle", "Width of the printer's nozzle, mm", least=0.05, most=10.0
    )
    first_layer_mm: float = setting(
        0.0,
        "First Layer",
        "Height of the first printed layer, mm; 0: as the others",
        least=0.0,
        most=10.0,
    )
    min_base_mm: float = setting(
        0.24, "Thinnest Base", "Warn of a base thinner than this, mm", least=0.0, most=100.0
    )
    bed_mm: tuple[float, ...] = setting(
        (220.0, 220.0, 250.0), "Bed", "What fits the printer, mm", metavar="X,Y,Z"
    )
    filaments: tuple[str, ...] = setting(
        (),
        "Filaments",
        "Filaments at hand, #rrggbb or name=#rrggbb, or a CSV file of them (name, color, "
        "transmission_mm); each step takes the nearest",
        metavar="COLOR,...",
    )

    def check(self) -> None:
        super().check()
        self.require(
            "bed_mm",
            len(self.bed_mm) == 3 and all(side > 0.0 for side in self.bed_mm),
            "must hold width, depth and height, each above 0",
        )
        for filament in self.filaments:
            if not re.fullmatch(r"([^=]+=)?#[0-9a-fA-F]{6}(@\d{1,3}(\.\d{1,6})?)?", filament):
                raise InputError(
                    "A filament is written #rrggbb or name=#rrggbb, with @1.5 for a transmission "
                    f"of 1.5 mm, not {filament!r:.80}."
                )
