"""Filaments: which prints what, how they shine through, and libraries of them."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.printing.filaments import (
    Filament,
    assign_filaments,
    printed_colors,
    read_filaments,
)
from illustrators_depth.printing.preview import print_preview, write_print_preview
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings
from tests.engine.printing.test_check import GOOD, bars

WHITE, RED = (1.0, 1.0, 1.0), (0.8, 0.0, 0.0)


def test_what_shines_through_falls_off_with_thickness() -> None:
    white, red = Filament(1, "w", "#ffffff"), Filament(2, "r", "#cc0000", 1.0)
    thin, tenth, thick = (
        printed_colors([white, red], [0, 1], [1.0, mm])[1] for mm in (0.1, 1.0, 5.0)
    )
    assert thin[1] > tenth[1] > thick[1]
    # After one transmission distance a tenth of the light of the white below is left.
    assert ((tenth[1] + 0.055) / 1.055) ** 2.4 == pytest.approx(0.1, abs=2e-3)
    assert thick == pytest.approx(RED, abs=0.01)
    assert printed_colors([white, Filament(2, "r", "#cc0000")], [0, 1], [1.0, 0.01])[1] == (
        pytest.approx(RED, abs=1e-3)
    )


def test_a_filament_is_chosen_by_how_it_looks_over_what_is_below() -> None:
    """Pink: thin red over white is nearer to it than the pink at hand, which is opaque."""
    at_hand = ("white=#ffffff", "red=#cc0000@1", "salmon=#f0b0a8")
    red_over_white = printed_colors(
        [Filament(1, "w", "#ffffff"), Filament(2, "r", "#cc0000", 1.0)], [0, 1], [1.0, 0.2]
    )[1]
    _, plain = assign_filaments([WHITE, red_over_white], at_hand)
    _, seen = assign_filaments([WHITE, red_over_white], at_hand, [1.0, 0.2])
    assert plain == (0, 2) and seen == (0, 1)


def test_a_library(tmp_path: Path) -> None:
    path = tmp_path / "mine.csv"
    path.write_text("\ufeffname,color,transmission_mm\nSnow, #F4F4F0,4.5\n,#101010,\n")
    library = read_filaments(path)
    assert library == ("Snow=#F4F4F0@4.5", "#101010")
    PrinterSettings(filaments=library).check()
    filaments, _ = assign_filaments([WHITE], library)
    assert filaments[0] == Filament(1, "Snow", "#f4f4f0", 4.5)
    assert filaments[1] == Filament(2, "#101010", "#101010")


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "is no list of filaments"),
        (b"name,color\n", "is no list of filaments"),
        (b"a,b\n1,2\n", "is no list of filaments"),
        (b"name,color\nsnow,white\n", "line 2: a colour is written #rrggbb"),
        (b"name,color\nsnow\n", "line 2: a colour is written #rrggbb"),
        (b"name,color,transmission_mm\nsnow,#ffffff,nan\n", "line 2: transmission_mm"),
        (b"name,color,transmission_mm\nsnow,#ffffff,-1\n", "line 2: transmission_mm"),
        (b"\x89PNG\r\n\x1a\n\xff\xfe", "cannot be read as a list of filaments"),
        (b"name,color\n" + b"x,#ffffff\n" * 300, "is no list of filaments"),
        (b"x" * 1_100_000, "too large"),
    ],
)
def test_a_damaged_library_is_one_sentence(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "mine.csv"
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_filaments(path)
    with pytest.raises(InputError, match="cannot be read"):
        read_filaments(tmp_path / "missing.csv")


def test_a_preview_shows_every_step_in_its_filament(tmp_path: Path) -> None:
    stack = bars(page=-1)
    printer = PrinterSettings(filaments=("coal=#202020", "lime=#40c040@0.8"))
    picture = print_preview(stack, GOOD, printer)
    assert picture.shape == (100, 200, 4)
    assert picture[0, 0, 3] == 0 and picture[40, 100, 3] == 255
    assert len(np.unique(picture[picture[..., 3] > 0], axis=0)) <= 2
    path = write_print_preview(stack, GOOD, printer, tmp_path / "p.png")
    with pytest.raises(InputError, match="exists"):
        write_print_preview(stack, GOOD, printer, path)
    with pytest.raises(InputError, match="mode terraced"):
        print_preview(stack, ReliefSettings(mode="stacked"))
