"""`illustrators-depth relief` as a print shop uses it: presets, checks, swaps, folders."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
import trimesh

from illustrators_depth.cli.app import app
from illustrators_depth.cli.run import run_app
from illustrators_depth.io.stack_file import save_stack
from illustrators_depth.layering import decompose
from tests.engine.drawings import stacked_discs


class Command:
    """Runs the command in this process and keeps what it said."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capsys, self._patch = capsys, patch

    def __call__(self, *arguments: object, code: int = 0) -> str:
        words = ["illustrators-depth", "relief", *map(str, arguments)]
        self._patch.setattr(sys, "argv", words)
        with pytest.raises(SystemExit) as stopped:
            run_app(app)
        captured = self._capsys.readouterr()
        assert (stopped.value.code or 0) == code, captured.err
        return captured.out + captured.err


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    return Command(capsys, monkeypatch)


@pytest.fixture(scope="module")
def layers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawing = stacked_discs()
    path = tmp_path_factory.mktemp("layers") / "discs.idl"
    return save_stack(decompose(drawing.image, drawing.depth), path)


def test_asked_and_measured(tmp_path: Path, layers: Path, command: Command) -> None:
    size = ("--mode", "terraced", "--size-mm", 200, "--total-mm", 4, "--layer-height-mm", 0.2)
    out = command(layers, "-o", tmp_path / "m.stl", *size, "--base-mm", 0.4, "--check")
    assert trimesh.load(tmp_path / "m.stl").extents == pytest.approx((200, 160, 4), abs=1e-3)
    assert "measured 200 x 160 x 4 mm" in out and "nothing speaks against" in out


def test_presets_and_what_is_given_beside_them(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    command(layers, "-o", tmp_path / "a.stl", "--preset", "tactile")
    assert trimesh.load(tmp_path / "a.stl").extents[2] == pytest.approx(5.5)
    command(layers, "-o", tmp_path / "b.stl", "--preset", "tactile", "--base-mm", 3)
    assert trimesh.load(tmp_path / "b.stl").extents[2] == pytest.approx(7.0)


def test_what_cannot_be_printed_is_not_written(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    stacked = ("--mode", "stacked")
    out = command(layers, "-o", tmp_path / "m.stl", *stacked, "--check", code=2)
    assert "nothing carries them" in out and "Error: The check found" in out
    assert not list(tmp_path.iterdir())
    command(layers, "-o", tmp_path / "parts", "--check")  # one by one they can
    assert len(list((tmp_path / "parts").glob("*.stl"))) == 6


def test_the_default_can_be_printed_and_slabs_are_warned_of(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    out = command(layers, "-o", tmp_path / "m.stl")
    assert trimesh.load(tmp_path / "m.stl").body_count == 1
    assert "error" not in out
    slabs = (layers, "-o", tmp_path / "slabs.stl", "--mode", "stacked")
    out = command(*slabs)
    assert out.count("nothing carries them") == 1 and (tmp_path / "slabs.stl").exists()
    assert "nothing carries" not in command(*slabs, "--no-check", "--overwrite")


def test_a_large_relief_in_pieces(tmp_path: Path, layers: Path, command: Command) -> None:
    command(layers, "-o", tmp_path / "m", "--plate", "150x200", "--preset", "standard")
    pieces = [trimesh.load(p) for p in sorted((tmp_path / "m").glob("*.stl"))]
    assert len(pieces) == 2 and all(p.is_watertight and p.extents[0] <= 150.0 for p in pieces)


def test_swaps_beside_a_coloured_3mf(tmp_path: Path, layers: Path, command: Command) -> None:
    swaps = ("--swaps", tmp_path / "s.json", "--filaments", "snow=#ffffff,coal=#000000")
    command(layers, "-o", tmp_path / "m.3mf", "--preset", "color-swap", *swaps)
    listed = json.loads((tmp_path / "s.json").read_text())
    assert listed["layer_height_mm"] == 0.08
    assert {s["filament"] for s in listed["swaps"]} <= {"snow", "coal"}
    assert listed["swaps"][0]["first_layer"] == 1


def test_a_preview_in_filaments_of_a_library(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    library = tmp_path / "mine.csv"
    library.write_text("name,color,transmission_mm\nsnow,#ffffff,4\ncoal,#101010,0.4\n")
    words = ("--preset", "color-swap", "--filaments", library, "--preview", tmp_path / "p.png")
    command(layers, "-o", tmp_path / "m.3mf", *words)
    assert (tmp_path / "p.png").read_bytes().startswith(b"\x89PNG")
    said = command(layers, "-o", tmp_path / "m.glb", "--preview", tmp_path / "q.png", code=2)
    assert "--preview needs --mode terraced" in said


def test_a_height_map(tmp_path: Path, layers: Path, command: Command) -> None:
    command(layers, "-o", tmp_path / "m.png", "--mode", "terraced")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["m.json", "m.png"]


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("--layer-mm", "1,x"), "--layer-mm takes numbers"),
        (("--layer-mm", "1,2"), "2 thicknesses but 6 layers"),
        (("--mode", "terraced", "--total-mm", 0.5), "higher total"),
        (("--mode", "stacked", "--swaps", "s.txt"), "--mode terraced"),
        (("--mode", "terraced", "--swaps", "s.xls"), "colour-swap list"),
        (("--bed-mm", "100"), "width, depth and height"),
        (("--bed-mm", "220x220x250"), "--bed-mm takes numbers such as 220,220,250; not"),
        (("--filaments", "red"), "#rrggbb"),
        (("--plate", "100x100"), "name a folder"),
        (("--preview", "p.jpg"), "a .png of its own"),
        (("--filaments", "missing.csv"), "cannot be read as a list of filaments"),
        (("--mode", "flat", "--swaps", "s.txt"), "--mode terraced, not flat"),
        (("--plate", "100x"), "--plate takes"),
        (("--plate", "1x1"), "220x220"),
        (("--layer-height-mm", 0.001), "--layer-height-mm must lie"),
    ],
)
def test_mistakes_leave_nothing(
    tmp_path: Path, layers: Path, command: Command, words: tuple[object, ...], message: str
) -> None:
    said = command(layers, "-o", tmp_path / "m.stl", *words, code=2)
    assert message in said and said.count("\n") == 1
    assert not list(tmp_path.iterdir())


def test_a_height_map_is_refused_before_any_work(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    picture, terraced = tmp_path / "h.png", ("--mode", "terraced")
    assert "slabs have gaps" in command("missing.png", "-o", picture, "--mode", "stacked", code=2)
    swaps = ("--swaps", tmp_path / "h.json", "--overwrite")
    assert "numbers of the height map" in command(layers, "-o", picture, *terraced, *swaps, code=2)
    assert not list(tmp_path.iterdir())


def test_a_folder_may_have_a_dot_but_not_the_name_of_a_file(
    tmp_path: Path, layers: Path, command: Command
) -> None:
    folder, named = tmp_path / "parts.v2", tmp_path / "parts.png"
    folder.mkdir()
    named.mkdir()
    assert "wrote" in command(layers, "-o", folder, "--mode", "terraced")
    assert len(list(folder.glob("*.stl"))) > 1
    message = command(layers, "-o", named, "--mode", "terraced", code=2)
    assert "is a folder" in message and not list(named.iterdir())
