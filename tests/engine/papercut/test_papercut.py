"""Cut sheets: true to size, each one piece, in register; rendered by an independent program."""

from __future__ import annotations

import io
import re
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image as PilImage

from illustrators_depth.editing import hide
from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.papercut import Sheet, papercut, sheet_svg, solid, write_papercut
from illustrators_depth.papercut.solid import join_islands, without_specks
from illustrators_depth.product_settings import PapercutSettings
from illustrators_depth.raster.tiling import strips
from illustrators_depth.types import LayerStack
from tests.engine.drawings import disc, paint

SETTINGS = PapercutSettings(size_mm=160, frame_mm=12)
PER_MM = 4  # pixels of the test renderings


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    """A page, a ring of two discs far from the frame, and two eyes."""
    size = (100, 160)
    made = paint(
        size,
        [
            ((220, 60, 50), disc(size, 80, 50, 35)),
            ((250, 220, 80), disc(size, 65, 45, 9) | disc(size, 96, 45, 9)),
        ],
        background=(70, 110, 160),
    )
    result = decompose(made.image, made.depth)
    assert len(result) == 3
    return result


def paper(sheet: Sheet) -> np.ndarray:
    """Where the sheet is paper, bool, PER_MM pixels to the millimetre."""
    resvg = pytest.importorskip("resvg_py", reason="resvg-py is not installed")
    width, height = sheet.width_mm, sheet.height_mm
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{round(width * PER_MM)}" '
        f'height="{round(height * PER_MM)}" viewBox="0 0 {width} {height}">'
        f'<path fill-rule="evenodd" d="{sheet.shape}"/></svg>'
    )
    image = PilImage.open(io.BytesIO(bytes(resvg.svg_to_bytes(svg_string=svg))))
    return np.asarray(image.convert("RGBA"))[..., 3] > 127


def parts(mask: np.ndarray) -> int:
    return cv2.connectedComponents(mask.astype(np.uint8), connectivity=4)[0] - 1


def test_sheets_are_true_to_size_and_in_order() -> None:
    sheets = papercut(stack(), SETTINGS)
    assert [s.name for s in sheets] == [layer.name for layer in stack()]
    for sheet in sheets:
        assert (sheet.width_mm, sheet.height_mm) == (184.0, 124.0)
        root = ElementTree.fromstring(sheet_svg(sheet).encode())
        assert root.get("width") == "184mm" and root.get("viewBox") == "0 0 184 124"


def test_every_sheet_is_one_piece_with_its_frame() -> None:
    for sheet in papercut(stack(), SETTINGS):
        whole = paper(sheet)
        assert parts(whole) == 1
        frame = int(11.5 * PER_MM)
        for edge in (whole[:frame], whole[-frame:], whole[:, :frame], whole[:, -frame:]):
            assert edge.all()


def test_without_bridges_islands_are_loose() -> None:
    sheets = papercut(stack(), replace(SETTINGS, bridge_mm=0.0))
    assert [parts(paper(s)) for s in sheets] == [1, 2, 3]


def test_the_shapes_are_the_layers() -> None:
    sheet = papercut(stack(), replace(SETTINGS, bridge_mm=0.0))[2]
    inside = paper(sheet)[13 * PER_MM : -13 * PER_MM, 13 * PER_MM : -13 * PER_MM]
    # The picture is 160 px for 160 mm: two discs of radius 9 mm.
    assert inside.sum() / PER_MM**2 == pytest.approx(2 * np.pi * 81, rel=0.02)


def test_a_supported_sheet_holds_all_above_it() -> None:
    sheets = papercut(stack(), replace(SETTINGS, bridge_mm=0.0))
    low, high = paper(sheets[1]), paper(sheets[2])
    assert (high & ~low).sum() < 0.002 * high.sum()


def test_the_cut_around_the_sheet_lies_on_the_page() -> None:
    """Half a kerf outside the sheet: off the page, some cutters would leave it out."""
    sheet = papercut(stack(), replace(SETTINGS, kerf_mm=0.3))[0]
    assert (sheet.width_mm, sheet.height_mm) == (184.0, 124.0)
    root = ElementTree.fromstring(sheet_svg(sheet).encode())
    assert root.get("width") == "184.3mm" and root.get("height") == "124.3mm"
    left, top, width, height = map(float, str(root.get("viewBox")).split())
    corner = re.match(r"M([-\d.]+) ([-\d.]+)", sheet.shape)
    assert corner is not None
    x, y = (float(value) for value in corner.groups())
    assert x == pytest.approx(184.15) and y == pytest.approx(124.15)
    assert left <= 184.0 - x + 1e-9 and top <= 124.0 - y + 1e-9
    assert x <= left + width + 1e-9 and y <= top + height + 1e-9


def test_kerf_makes_pieces_larger_by_half_on_each_side() -> None:
    plain = papercut(stack(), replace(SETTINGS, bridge_mm=0.0))[1]
    grown = papercut(stack(), replace(SETTINGS, bridge_mm=0.0, kerf_mm=1.0))[1]
    window = (slice(14 * PER_MM, -14 * PER_MM), slice(20 * PER_MM, -20 * PER_MM))
    radius = [np.sqrt(paper(s)[window].sum() / PER_MM**2 / np.pi) for s in (plain, grown)]
    assert radius[1] - radius[0] == pytest.approx(0.5, abs=0.03)
    # Holes in the frame shrink by the whole kerf in diameter.
    assert (plain.holes[0][2], grown.holes[0][2]) == (1.5, 1.0)


def test_registration_holes_and_guides_line_up() -> None:
    sheets = papercut(stack(), SETTINGS)
    assert len({s.holes for s in sheets}) == 1
    assert [(x, y) for x, y, _ in sheets[0].holes] == [(6, 6), (178, 6), (6, 118), (178, 118)]
    assert sheets[0].guide and sheets[1].guide and not sheets[2].guide
    assert not papercut(stack(), replace(SETTINGS, guides=False))[0].guide
    numbers = [float(n) for n in re.findall(r"-?\d*\.?\d+", sheets[1].guide)[:2]]
    assert 12 < numbers[0] < 172 and 12 < numbers[1] < 112


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**31), st.integers(1, 6))
def test_islands_always_end_as_one_piece(seed: int, width: int) -> None:
    rng = np.random.default_rng(seed)
    solid = np.pad(rng.random((24, 31)) < rng.uniform(0.02, 0.6), 3, constant_values=True)
    joined = join_islands(solid, width)
    assert parts(joined) == 1
    assert not (solid & ~joined).any(), "paper is only ever added"


def test_specks_and_pinholes_go() -> None:
    solid = np.zeros((40, 40), bool)
    solid[5:30, 5:30] = True
    solid[10, 10] = False
    solid[35, 35] = True
    clean = without_specks(solid, 4)
    assert clean[10, 10] and not clean[35, 35] and clean.sum() == 625


def test_files(tmp_path: Path) -> None:
    files = write_papercut(papercut(stack(), SETTINGS), tmp_path / "sheets")
    names = [f.name for f in files]
    assert names[0] == "00_preview.svg" and len(names) == 4
    assert all(re.fullmatch(r"0[1-3]_[a-z0-9-]+\.svg", n) for n in names[1:])
    for file in files:
        ElementTree.parse(file)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"size_mm": 0.0}, "size_mm"),
        ({"frame_mm": 0.0}, "frame_mm"),
        ({"hole_mm": 12.0}, "hole_mm"),
        ({"kerf_mm": -1.0}, "kerf_mm"),
        ({"bridge_mm": 0.3}, "finer than a pixel"),
        ({"hole_mm": 1.0, "kerf_mm": 2.0}, "smaller than the kerf"),
    ],
)
def test_measures_are_checked(wrong: dict[str, float], says: str) -> None:
    with pytest.raises(InputError, match=says):
        papercut(stack(), replace(SETTINGS, **wrong))


def test_nothing_shown_is_an_error() -> None:
    hidden = hide(hide(hide(stack(), 0), 1), 2)
    with pytest.raises(InputError, match="hidden"):
        papercut(hidden)


def test_bars_do_not_depend_on_how_the_picture_is_cut_into_strips(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rng = np.random.default_rng(5)
    paper = np.zeros((90, 120), np.bool_)
    paper[:3] = paper[-3:] = paper[:, :3] = paper[:, -3:] = True
    for row, col in zip(rng.integers(8, 80, 25), rng.integers(8, 110, 25), strict=True):
        paper[row : row + 4, col : col + 5] = True
    whole = solid.join_islands(paper, 2.0)
    monkeypatch.setattr(solid, "strips", lambda height, width: strips(height, width, 2 * width))
    assert np.array_equal(solid.join_islands(paper, 2.0), whole)
    assert np.count_nonzero(whole) > np.count_nonzero(paper)
