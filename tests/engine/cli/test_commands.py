"""The illustrators-depth command on good input: what it writes, and that its options arrive."""

from __future__ import annotations

import json
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.cli.app import app
from illustrators_depth.cli.run import run_app
from illustrators_depth.depth import predict_depth
from illustrators_depth.io.depth_file import read_depth
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.io.stack_file import load_stack
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
    Settings,
)
from tests.engine.drawings import stacked_discs


class Command:
    """Runs the command in this process."""

    def __init__(self, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self._capsys, self._patch = capsys, patch

    def __call__(self, *arguments: object) -> str:
        self._patch.setattr(sys, "argv", ["illustrators-depth", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            run_app(app)
        captured = self._capsys.readouterr()
        assert stopped.value.code in (0, None), captured.err
        return captured.out


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Command:
    monkeypatch.setenv("COLUMNS", "200")
    return Command(capsys, monkeypatch)


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    rgba = stacked_discs().image.rgba
    path = tmp_path / "discs.png"
    PilImage.fromarray(np.rint(rgba * 255).astype(np.uint8)).save(path)
    return path


def test_depth_is_the_apis(tmp_path: Path, picture: Path, command: Command) -> None:
    out = command("depth", picture, "-o", tmp_path / "d.npy", "-m", "heuristic")
    values = np.load(tmp_path / "d.npy")
    image = read_image(picture)
    assert values.dtype == np.float32
    assert values.shape == (image.height, image.width)
    assert np.array_equal(values, predict_depth(picture, "heuristic").values)
    assert "d.npy" in out and "heuristic" in out


@pytest.mark.parametrize("verb", ["depth", "layers"])
def test_the_picture_itself_is_never_written_over(
    picture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, verb: str
) -> None:
    before = picture.read_bytes()
    words = ["illustrators-depth", verb, str(picture), "-o", str(picture), "--overwrite"]
    monkeypatch.setattr(sys, "argv", [*words, "-m", "heuristic"])
    with pytest.raises(SystemExit) as stopped:
        run_app(app)
    assert stopped.value.code == 2
    assert "is the picture itself" in capsys.readouterr().err
    assert picture.read_bytes() == before


@pytest.mark.parametrize("suffix", [".png", ".exr", ".tif"])
def test_other_depth_files(tmp_path: Path, picture: Path, command: Command, suffix: str) -> None:
    command("depth", picture, "-o", tmp_path / f"d{suffix}", "-m", "heuristic")
    expected = predict_depth(picture, "heuristic").values
    span = float(expected.max() - expected.min())
    assert np.abs(read_depth(tmp_path / f"d{suffix}").values - expected).max() <= span / 65535


def test_a_depth_file_is_a_model(tmp_path: Path, picture: Path, command: Command) -> None:
    image = read_image(picture)
    ramp = np.repeat(np.linspace(0, 4, image.width, dtype=np.float32)[None], image.height, 0)
    np.save(tmp_path / "mine.npy", ramp)
    command("depth", picture, "-o", tmp_path / "d.npy", "-m", tmp_path / "mine.npy")
    assert np.array_equal(np.load(tmp_path / "d.npy"), ramp)


def test_layers_as_folder_and_as_file(tmp_path: Path, picture: Path, command: Command) -> None:
    out = command("layers", picture, "-o", tmp_path / "folder", "-m", "heuristic")
    index = json.loads((tmp_path / "folder" / "stack.json").read_text())
    command("layers", picture, "-o", tmp_path / "a.idl", "-m", "heuristic")
    stack = load_stack(tmp_path / "a.idl")
    assert [e["name"] for e in index["layers"]] == [layer.name for layer in stack]
    assert all(e["file"] in out for e in index["layers"])
    # Saved layers go on where the picture would: to PNGs, to a mesh.
    command("layers", tmp_path / "a.idl", "-o", tmp_path / "again")
    for entry in index["layers"]:
        one = (tmp_path / "folder" / entry["file"]).read_bytes()
        assert one == (tmp_path / "again" / entry["file"]).read_bytes()


def test_number_of_layers(tmp_path: Path, picture: Path, command: Command) -> None:
    for count in (2, 3):
        command("layers", picture, "-o", tmp_path / f"{count}.idl", "-m", "heuristic", "-n", count)
        assert len(load_stack(tmp_path / f"{count}.idl")) == count
    cuts = ("--thresholds", "0.3,0.6")
    command("layers", picture, "-o", tmp_path / "cuts.idl", "-m", "heuristic", *cuts)
    assert load_stack(tmp_path / "cuts.idl").meta["decompose"]["thresholds"] == [0.3, 0.6]


@pytest.mark.parametrize("mode", ["stacked", "terraced", "heightfield"])
@pytest.mark.parametrize("suffix", [".stl", ".glb"])
def test_relief_size(
    tmp_path: Path, picture: Path, command: Command, mode: str, suffix: str
) -> None:
    import trimesh

    path = tmp_path / f"r{suffix}"
    size = ("--size-mm", 90, "--mode", mode, "--max-vertices", 3000)
    out = command("relief", picture, "-o", path, "-m", "heuristic", *size)
    unit = 1000.0 if suffix == ".glb" else 1.0
    extents = trimesh.load(path).extents * unit
    assert max(extents[:2]) == pytest.approx(90.0, abs=1e-2)
    assert "90 x" in out


def test_default_names_come_from_the_picture(
    tmp_path: Path, picture: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    command("depth", picture, "-m", "heuristic")
    command("layers", picture, "-m", "heuristic")
    command("relief", picture, "-m", "heuristic")
    assert sorted(p.name for p in work.iterdir()) == [
        "discs-depth.png", "discs-layers", "discs-relief.stl",
    ]  # fmt: skip


def test_info(tmp_path: Path, picture: Path, command: Command) -> None:
    out = command("info", picture)
    assert "160 x 128 pixels" in out and "RGB with alpha" in out
    command("layers", picture, "-o", tmp_path / "a.idl", "-m", "heuristic")
    listing = command("info", tmp_path / "a.idl")
    for layer in load_stack(tmp_path / "a.idl"):
        assert layer.name in listing
    about = command("info")
    for word in ("versions", "numpy", "models", "compact", "heuristic", "devices", "cpu"):
        assert word in about


@pytest.mark.parametrize("verb", ["depth", "layers", "relief", "info"])
def test_help_teaches_with_an_example(command: Command, verb: str) -> None:
    assert f"illustrators-depth {verb} fox.png" in command(verb, "--help")


MIRRORED: dict[str, list[type[Settings]]] = {
    "depth": [DepthSettings, ReadSettings],
    "layers": [DepthSettings, ReadSettings, DecomposeSettings, CompleteSettings],
    "relief": [DepthSettings, ReadSettings, DecomposeSettings, CompleteSettings, ReliefSettings],
}
# Fields whose option has another name, because two dataclasses use it or the word is clearer.
RENAMED = {
    (DepthSettings, "size"): "network-size",
    (CompleteSettings, "method"): "complete",
}


@pytest.mark.parametrize("verb", MIRRORED)
def test_every_setting_has_an_option(command: Command, verb: str) -> None:
    text = command(verb, "--help")
    for kind in MIRRORED[verb]:
        for field in fields(kind):
            option = RENAMED.get((kind, field.name), field.name.replace("_", "-"))
            assert f"--{option} " in text, f"{kind.__name__}.{field.name}"


@pytest.mark.parametrize(
    ("arguments", "name"),
    [
        (("depth", ""), "IMAGE"),
        (("layers", "a.png", "-o", ""), "--out"),
        (("layers", "a.png", "--out="), "--out"),
        (("edit", "a.idl", "--op", "hide 1", "--script", ""), "--script"),
    ],
)
def test_an_empty_name_is_not_the_current_folder(
    arguments: tuple[str, ...], name: str, capsys: pytest.CaptureFixture[str], monkeypatch
) -> None:
    """As where a script's variable is not set: nothing is read from there, or written to it."""
    monkeypatch.setattr(sys, "argv", ["illustrators-depth", *arguments])
    with pytest.raises(SystemExit) as stopped:
        run_app(app)
    assert stopped.value.code == 2
    assert capsys.readouterr().err == f"Error: {name} is empty; name a file or a folder.\n"
