"""docs/blender.md names every operator, and its pictures are there and small."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

bpy = pytest.importorskip("bpy")

DOCS = Path(__file__).resolve().parents[3] / "docs"
PAGE = (DOCS / "blender.md").read_text(encoding="utf-8")


def test_every_operator_is_on_the_page(addon):
    reference = PAGE.partition("## Scripts")[2]
    for cls in addon._CLASSES:
        if "_OT_" in cls.__name__:
            name = cls.bl_idname.removeprefix("illdepth.")
            assert re.search(rf"`{name}`", reference), name


def test_the_defaults_on_the_page_are_the_operators(addon):
    rows = re.findall(r"^\| `(\w+)` \| `([^`]*)` \|$", PAGE, re.MULTILINE)
    assert len(rows) >= 6
    for name, written in rows:
        operator = getattr(bpy.ops.illdepth, name).get_rna_type()
        for option, value in re.findall(r"(\w+)=([^,]+)", written):
            default = operator.properties[option].default
            wanted = eval(value, {})
            assert default == (pytest.approx(wanted, rel=1e-4) if isinstance(wanted, float)
                               else wanted), (name, option)  # fmt: skip


def test_pictures_are_there_and_small():
    named = re.findall(r"\]\(images/([\w.-]+)\)", PAGE)
    assert len(named) >= 15
    for name in named:
        path = DOCS / "images" / name
        assert path.is_file(), f"{name}: run scripts/real_blender.sh scripts/panel_screenshots.py"
        assert path.stat().st_size < 120_000, name
