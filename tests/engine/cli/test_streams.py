"""`-` for the file that a command reads or writes, in real pipes."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering import decompose
from tests.engine.drawings import stacked_discs

_RUN = [sys.executable, "-c", "from illustrators_depth.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder, beside a temporary folder that has to be empty afterwards."""
    work, temporary = tmp_path / "work", tmp_path / "temporary"
    work.mkdir()
    temporary.mkdir()
    monkeypatch.setenv("TMPDIR", str(temporary))
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    monkeypatch.chdir(work)
    return work


@pytest.fixture
def layers(folder: Path) -> bytes:
    drawing = stacked_discs()
    path = save_stack(decompose(drawing.image, drawing.depth), folder.parent / "discs.idl")
    return path.read_bytes()


def _run(*arguments: str, data: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    return subprocess.run([*_RUN, *arguments], input=data, capture_output=True, check=False)


def _left(folder: Path) -> list[str]:
    return [str(path) for each in (folder, folder.parent / "temporary") for path in each.iterdir()]


def test_from_picture_to_layers_to_drawing(folder: Path) -> None:
    buffer = io.BytesIO()
    picture = stacked_discs().image.rgba
    PilImage.fromarray(np.rint(picture * 255).astype(np.uint8)).save(buffer, "PNG")
    made = _run("layers", "-", "-o", "-", "-m", "heuristic", data=buffer.getvalue())
    assert made.returncode == 0, made.stderr
    assert made.stderr.startswith(b"wrote to standard output")
    edited = _run("edit", "-", "--op", "hide 1", "-o", "-", data=made.stdout)
    assert edited.returncode == 0, edited.stderr
    (folder.parent / "edited.idl").write_bytes(edited.stdout)
    stack = load_stack(folder.parent / "edited.idl")
    assert stack.layers[0].hidden and not stack.layers[1].hidden
    facts = json.loads(_run("info", "-", "--json", data=edited.stdout).stdout)
    assert [(each["number"], each["hidden"]) for each in facts["layers"][:2]] == [
        (1, True), (2, False)
    ]  # fmt: skip
    assert _left(folder) == []


@pytest.mark.parametrize(
    ("command", "out", "begins"),
    [
        ("vectorize", "-", b"<?xml"),
        ("relief", "-.glb", b"glTF"),
        ("layers", "-.psd", b"8BPS"),
        ("papercut", "-.pdf", b"%PDF"),
    ],
)
def test_one_file_of_any_kind(
    folder: Path, layers: bytes, command: str, out: str, begins: bytes
) -> None:
    made = _run(command, "-", "-o", out, "--quiet", data=layers)
    assert (made.returncode, made.stderr) == (0, b"")
    assert made.stdout.startswith(begins)
    assert _left(folder) == []


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("relief", "-", "-o", "-.obj"), b"several files"),
        (("layers", "-", "-o", "-.xyz"), b"stdout.xyz"),
        (("edit", "-", "-o", "-", "--op", "hide 99"), b"no layer 99"),
    ],
)
def test_nothing_is_sent_on_when_it_fails(
    folder: Path, layers: bytes, arguments: tuple[str, ...], words: bytes
) -> None:
    made = _run(*arguments, data=layers)
    assert (made.returncode, made.stdout) == (2, b"")
    assert words in made.stderr and made.stderr.count(b"\n") == 1
    assert _left(folder) == []


def test_nothing_comes_in(folder: Path) -> None:
    made = _run("depth", "-", "-o", "-")
    assert (made.returncode, made.stdout) == (2, b"")
    assert made.stderr == b"Error: Standard input is empty (0 bytes); send a picture into it.\n"


@pytest.mark.skipif(os.name != "posix", reason="closes a pipe early")
def test_a_reader_that_has_had_enough(folder: Path, layers: bytes) -> None:
    (folder.parent / "discs.idl").write_bytes(layers)
    with subprocess.Popen(
        [*_RUN, "layers", "../discs.idl", "-o", "-.psd", "--quiet"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None and program.stderr is not None
        program.stdout.close()
        said = program.stderr.read()
    assert b"Traceback" not in said
    assert _left(folder) == []


def test_a_file_of_that_name_is_a_file(folder: Path, layers: bytes) -> None:
    (folder / "-.idl").write_bytes(layers)
    said = _run("info", "--", "-.idl")
    assert said.returncode == 0 and b"layers" in said.stdout
