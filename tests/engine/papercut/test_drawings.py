"""Sheets in the formats of cutters: exact sizes, layers by name, pieces that fit a plate."""

from __future__ import annotations

import re
import zlib
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import manifold3d
import numpy as np
import pytest

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.layering import decompose
from illustrators_depth.papercut import Sheet, papercut, write_papercut
from illustrators_depth.papercut import dxf as dxf_module
from illustrators_depth.papercut.layout import flat_lines
from illustrators_depth.product_settings import PapercutSettings
from illustrators_depth.types import LayerStack
from tests.engine.drawings import disc, paint

# 200 mm over 151 pixels: no length of these is a whole number of pixels.
SETTINGS = PapercutSettings(size_mm=200.0, frame_mm=10.0)


@lru_cache(maxsize=1)
def stack() -> LayerStack:
    size = (107, 151)
    drawn = paint(size, [((220, 60, 50), disc(size, 80, 50, 35))], background=(70, 110, 160))
    return decompose(drawn.image, drawn.depth)


@lru_cache(maxsize=1)
def sheets() -> tuple[Sheet, ...]:
    return papercut(stack(), SETTINGS)


def area(sheet: Sheet) -> manifold3d.CrossSection:
    return manifold3d.CrossSection(flat_lines(sheet.outlines, 0.01), manifold3d.FillRule.EvenOdd)


def test_sizes_frame_and_holes_do_not_depend_on_pixels() -> None:
    height = 107 * 200.0 / 151 + 20.0
    for sheet in sheets():
        assert (sheet.width_mm, sheet.height_mm) == (220.0, round(height, 3))
        assert area(sheet).bounds() == pytest.approx((0.0, 0.0, 220.0, height), abs=2e-3)
        assert {x for x, _, _ in sheet.holes} == {5.0, 215.0}
    # The upper sheet is open inside its frame, which is 10 mm wide on every side.
    upper = area(sheets()[-1])
    probe = manifold3d.CrossSection.square((9.999, 40.0)).translate((0.0, 12.0))
    assert (probe - upper).area() == pytest.approx(0.0, abs=0.1)
    beyond = manifold3d.CrossSection.square((1.0, 20.0)).translate((10.001, 12.0))
    assert (beyond ^ upper).area() == pytest.approx(0.0, abs=0.1)


def test_dxf_has_the_layers_that_cutters_look_for(tmp_path: Path) -> None:
    ezdxf = pytest.importorskip("ezdxf", reason="ezdxf is not installed")
    bbox = pytest.importorskip("ezdxf.bbox")
    write_papercut(sheets(), tmp_path / "s.dxf")
    drawing = ezdxf.readfile(tmp_path / "s.dxf")
    assert not drawing.audit().errors
    assert drawing.units == ezdxf.units.MM
    assert {"CUT", "SCORE", "ENGRAVE"} <= {layer.dxf.name for layer in drawing.layers}
    space = drawing.modelspace()
    lines = space.query('LWPOLYLINE[layer=="CUT"]')
    assert all(line.closed for line in lines)
    rings = [np.array(line.get_points("xy")) for line in lines]
    drawn = manifold3d.CrossSection(rings, manifold3d.FillRule.EvenOdd)
    assert drawn.area() == pytest.approx(sum(area(s).area() for s in sheets()), rel=1e-3)
    assert len(space.query("CIRCLE")) == 8
    assert len(space.query('LWPOLYLINE[layer=="SCORE"]')) == 1
    assert len(space.query('TEXT[layer=="ENGRAVE"]')) == 2
    # What is shown when it is opened is all of it, and no more: the extents were left empty.
    low, high = bbox.extents(space)
    np.testing.assert_allclose(space.dxf.extmin, low, atol=1e-6)
    np.testing.assert_allclose(space.dxf.extmax, high, atol=1e-6)
    view = drawing.viewports.get("*Active")[0].dxf
    middle = (low + high) / 2.0
    assert (view.center.x, view.center.y) == pytest.approx((middle.x, middle.y))
    assert view.height == pytest.approx(high.y - low.y)


def test_dxf_without_its_package_is_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def missing(name: str) -> None:
        raise ImportError(name)

    monkeypatch.setattr(dxf_module.importlib, "import_module", missing)
    with pytest.raises(UnavailableError, match="pip install ezdxf"):
        write_papercut(sheets(), tmp_path / "s.dxf")
    assert not list(tmp_path.iterdir())


def test_pdf_has_a_page_of_true_size_for_every_sheet(tmp_path: Path) -> None:
    (path,) = write_papercut(sheets(), tmp_path / "s.pdf")
    data = path.read_bytes()
    boxes = re.findall(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert len(boxes) == len(sheets())
    for box in boxes:
        width, height = (float(side) / 72.0 * 25.4 for side in box)
        assert (width, height) == pytest.approx((220.0, sheets()[0].height_mm), abs=1e-3)
    # Every offset of the cross-reference table leads to its object.
    for number, offset in enumerate(re.findall(rb"^(\d{10}) 00000 n", data, re.MULTILINE), 1):
        assert data[int(offset) :].startswith(f"{number} 0 obj".encode())
    streams = re.findall(rb"stream\n(.*?)\nendstream", data, re.DOTALL)
    lines = [zlib.decompress(stream).decode() for stream in streams]
    assert all("1 0 0 RG" in text and " c\n" in text for text in lines)


def test_one_svg_holds_all_sheets_apart(tmp_path: Path) -> None:
    (path,) = write_papercut(sheets(), tmp_path / "s.svg")
    root = ElementTree.parse(path).getroot()
    groups = root.findall("{http://www.w3.org/2000/svg}g")
    shifts = [float(re.search(r"translate\(([\d.]+)", g.get("transform"))[1]) for g in groups]
    assert shifts == [0.0, 230.0] and root.get("width") == "450mm"


@pytest.mark.parametrize("name", ["s.ai", "s.png", "s.stl"])
def test_other_endings_are_refused_and_no_folder_is_made(tmp_path: Path, name: str) -> None:
    with pytest.raises(InputError, match=r"\.svg, \.dxf, \.pdf"):
        write_papercut(sheets(), tmp_path / name)
    assert not list(tmp_path.iterdir())


def test_a_plate_cuts_sheets_into_pieces_that_join_again() -> None:
    pieces = papercut(stack(), replace(SETTINGS, plate_mm=(120.0, 170.0)))
    assert len(pieces) == 2 * 2
    for whole, first in zip(sheets(), (0, 2), strict=True):
        own = pieces[first : first + 2]
        assert all(p.width_mm <= 120.0 and p.height_mm <= 170.0 for p in own)
        assert sum(area(p).area() for p in own) == pytest.approx(area(whole).area(), rel=1e-3)
        assert sum(len(p.holes) for p in own) == 4
        # Keys reach into the neighbour.
        assert area(own[0]).bounds()[2] == pytest.approx(114.0, abs=0.1)


@pytest.mark.parametrize("plate", [(100.0,), (0.0, 100.0), (float("nan"), 100.0), (1e9, 1e9)])
def test_plates_that_make_no_sense(plate: tuple[float, ...]) -> None:
    with pytest.raises(InputError, match="220x220"):
        PapercutSettings(plate_mm=plate).check()


def test_a_plate_too_small_for_keys() -> None:
    with pytest.raises(InputError, match="too small"):
        papercut(stack(), replace(SETTINGS, plate_mm=(25.0, 25.0)))
