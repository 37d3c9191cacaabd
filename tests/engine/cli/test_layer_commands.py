"""The commands vectorize, edit and papercut: what they write, and how they refuse."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.cli.commands.papercut import papercut
from illustrators_depth.cli.commands.text2vector import text2vector
from illustrators_depth.cli.commands.vectorize import vectorize
from illustrators_depth.editing.script import OPERATIONS
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering import decompose
from illustrators_depth.product_settings import PapercutSettings, TextSettings, VectorizeSettings
from tests.engine.drawings import stacked_discs

Run = Callable[..., tuple[int, str]]


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    drawing = stacked_discs()
    return save_stack(decompose(drawing.image, drawing.depth), tmp_path / "discs.idl")


def test_a_missing_tracer_is_said_before_the_picture_is_predicted(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def predict(*_: object) -> None:
        raise AssertionError("the picture was predicted")

    monkeypatch.setattr(sys.modules[vectorize.__module__], "make_stack", predict)
    monkeypatch.setitem(sys.modules, "vtracer", None)
    PilImage.new("RGB", (8, 8)).save(tmp_path / "p.png")
    code, said = run("vectorize", "p.png", "--tracer", "vtracer")
    assert code == 2 and "pip install vtracer" in said


def test_vectorize_a_picture_and_saved_layers(run: Run, saved: Path, tmp_path: Path) -> None:
    rgba = np.rint(stacked_discs().image.rgba * 255).astype(np.uint8)
    PilImage.fromarray(rgba).save(tmp_path / "p.png")
    assert run("vectorize", "p.png", "--model", "heuristic")[0] == 0
    code, said = run("vectorize", saved, "-o", "d.svg", "--tolerance", "0.5", "--decimals", "1")
    assert code == 0 and "6 layers" in said
    for name in ("p.svg", "d.svg"):
        root = ElementTree.parse(tmp_path / name).getroot()
        assert root.get("viewBox") == "0 0 160 128"
    assert (tmp_path / "d.svg").stat().st_size < 4000


def test_edit_does_all_operations_in_order(run: Run, saved: Path, tmp_path: Path) -> None:
    (tmp_path / "ops.txt").write_text("# first\nrename 1 page\n\nmerge 2 3 name=balls\n")
    code, said = run("edit", saved, "--script", "ops.txt", "--op", "hide page", "-o", "e.idl")
    assert code == 0 and "3 operations" in said
    edited = load_stack(tmp_path / "e.idl")
    assert [layer.name for layer in edited][:2] == ["page", "balls"]
    assert edited.layers[0].hidden and len(edited) == 5
    assert [e["op"] for e in edited.meta["history"]] == ["rename", "merge", "hide"]
    assert run("edit", "e.idl", "--op", "show 1", "-o", "e.psd")[0] == 0
    with PilImage.open(tmp_path / "e.psd") as opened:
        assert opened.n_frames == 5


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("edit", "discs.idl"), "--op or --script"),
        (("edit", "discs.idl", "--op", "hide 9"), "numbered 1 to 6"),
        (("edit", "discs.idl", "--op", "rename 1 a/b"), "slash"),
        (("edit", "discs.idl", "--op", "hide 1", "-o", "a.tga"), "written as"),
        (("edit", "discs.idl", "--script", "none.txt"), "cannot be read"),
        (("edit", "none.idl", "--op", "hide 1"), "none.idl"),
        (("vectorize", "discs.idl", "-o", "a.png"), ".svg"),
        (("vectorize", "discs.idl", "--tolerance", "0"), "tolerance"),
        (("vectorize", "discs.idl", "-o", "nowhere/a.svg"), "does not exist"),
        (("papercut", "discs.idl", "--frame-mm", "0"), "--frame-mm must be above 0"),
        (("papercut", "discs.idl", "--layers", "3"), "--layers has no effect"),
        (("layers", "discs.idl", "--layers", "3"), "--layers has no effect"),
        (("vectorize", "discs.idl", "--merge-color", "0.2"), "--merge-color has no effect"),
        (("layers", "discs.idl", "--model", "heuristic"), "--model has no effect"),
        (("layers", "discs.idl", "--complete", "none"), "--complete has no effect"),
        (("text2vector", "a fox"), "generator"),
        (("text2vector", "a fox", "-g", "./nowhere"), "no folder"),
    ],
)
def test_mistakes_exit_with_two_and_leave_nothing(
    run: Run, saved: Path, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    code, said = run(*arguments)
    assert code == 2 and says in said and "Traceback" not in said
    assert [p.name for p in tmp_path.iterdir()] == ["discs.idl"]


def test_help_of_edit_teaches_every_operation(run: Run) -> None:
    code, said = run("edit", "--help")
    assert code == 0
    words = " ".join(said.split())
    for usage in OPERATIONS.values():
        assert " ".join(usage.split()) in words


def test_papercut_writes_a_folder(run: Run, saved: Path, tmp_path: Path) -> None:
    code, said = run("papercut", saved, "--size-mm", "160", "--frame-mm", "10", "--no-guides")
    assert code == 0 and "6 sheets, 180 x 148 mm" in said
    files = sorted(p.name for p in (tmp_path / "discs-sheets").iterdir())
    assert len(files) == 8 and files[0] == "00_preview.svg" and files[7] == "sheets.json"


@pytest.mark.parametrize(
    ("command", "settings"),
    [(vectorize, VectorizeSettings), (papercut, PapercutSettings), (text2vector, TextSettings)],
)
def test_every_setting_has_an_option(command: Callable[..., None], settings: type) -> None:
    names = set(command.__annotations__)
    if "plate" in names:  # one option, WIDTHxHEIGHT, for the setting's two numbers
        names.add("plate_mm")
    assert {f.name for f in fields(settings)} <= names


def test_edit_spares_the_picture(run: Run, tmp_path: Path) -> None:
    rgba = np.rint(stacked_discs().image.rgba * 255).astype(np.uint8)
    PilImage.fromarray(rgba).save(tmp_path / "p.png")
    before = (tmp_path / "p.png").read_bytes()
    code, said = run("edit", "p.png", "--op", "hide 1", "-o", "p.png", "--overwrite")
    assert code == 2 and "is the picture itself" in said
    assert (tmp_path / "p.png").read_bytes() == before


def test_sheets_of_an_earlier_run_are_not_cut_by_mistake(
    run: Run, saved: Path, tmp_path: Path
) -> None:
    assert run("papercut", saved, "-o", "s")[0] == 0
    (tmp_path / "s" / "notes.txt").write_text("mine")
    assert run("edit", saved, "--op", "delete 5 6", "-o", "fewer.idl")[0] == 0
    assert run("papercut", "fewer.idl", "-o", "s", "--overwrite")[0] == 0
    listed = json.loads((tmp_path / "s" / "sheets.json").read_text())
    files = [sheet["file"] for sheet in listed["sheets"]]
    assert len(files) == 4 and listed["width_mm"] == 220
    there = {p.name for p in (tmp_path / "s").iterdir()}
    assert there == {*files, "00_preview.svg", "sheets.json", "notes.txt"}
