"""Every number and every place that an export can be told wrongly is one sentence, exit code 2."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import typer.main

from illustrators_depth.cli.app import app
from illustrators_depth.io.stack_file import save_stack
from illustrators_depth.layering import decompose
from tests.engine.drawings import stacked_discs

Run = Callable[..., tuple[int, str]]

COMMANDS = {
    "relief": "out.3mf",
    "vectorize": "out.svg",
    "papercut": "out.dxf",
    "parallax": "out.webp",
    "layers": "out.psd",
}


def options_with_numbers() -> Iterator[tuple[str, str]]:
    group = typer.main.get_command(app)
    for name in COMMANDS:
        command = group.get_command(None, name)  # type: ignore[attr-defined,arg-type]
        for option in command.params:
            if option.bare_type() in ("int", "float"):
                flag = max(option.opts, key=len)
                yield name, flag


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    drawing = stacked_discs((48, 60))
    stack = decompose(drawing.image, drawing.depth)
    return save_stack(stack, tmp_path_factory.mktemp("saved") / "discs.idl")


def refused(said: tuple[int, str]) -> str:
    code, text = said
    assert code == 2, text
    assert "Traceback" not in text
    assert 0 < len(text.strip().splitlines()) <= 8, text
    return text


NUMBERS = sorted(options_with_numbers())


def test_the_walk_finds_the_options() -> None:
    flags = {flag for _, flag in NUMBERS}
    assert {"--size-mm", "--kerf-mm", "--seconds", "--max-colors", "--first-layer-mm"} <= flags


@pytest.mark.parametrize("value", ["nan", "inf", "-1e30", "1e30", "much"])
@pytest.mark.parametrize(("command", "flag"), NUMBERS)
def test_numbers(
    run: Run, saved: Path, tmp_path: Path, command: str, flag: str, value: str
) -> None:
    text = refused(run(command, saved, "-o", COMMANDS[command], flag, value))
    assert flag in text or flag.strip("-").replace("-", "_") in text, text
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("command", COMMANDS)
def test_places(run: Run, saved: Path, tmp_path: Path, command: str) -> None:
    name = COMMANDS[command]
    refused(run(command, saved, "-o", "out.docx"))
    assert list(tmp_path.iterdir()) == []
    (tmp_path / "file").write_text("mine")
    refused(run(command, saved, "-o", f"file/{name}"))
    (tmp_path / name).mkdir()
    (tmp_path / name / "kept.txt").write_text("mine")
    for more in ((), ("--overwrite",)):
        refused(run(command, saved, "-o", name, *more))
    assert (tmp_path / "file").read_text() == "mine"
    assert (tmp_path / name / "kept.txt").read_text() == "mine"
    assert sorted(p.name for p in tmp_path.rglob("*")) == sorted(["file", "kept.txt", name])


@pytest.mark.parametrize(
    "value", ["0x200", "-5x5", "nanx5", "220", "axb", "1e30x1e30", "220x220x4"]
)
@pytest.mark.parametrize("command", ["relief", "papercut"])
def test_plates(run: Run, saved: Path, tmp_path: Path, command: str, value: str) -> None:
    refused(run(command, saved, "-o", COMMANDS[command], "--plate", value))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "content", [b"", b"\x00\xff\xfe", b"name,color\nred,notacolour\n", b"[1, 2]"]
)
def test_filament_libraries(run: Run, saved: Path, tmp_path: Path, content: bytes) -> None:
    library = tmp_path / "mine.csv"
    library.write_bytes(content)
    refused(run("relief", saved, "-o", "out.3mf", "--filaments", library))
    assert [p.name for p in tmp_path.iterdir()] == ["mine.csv"]
    refused(run("relief", saved, "-o", "out.3mf", "--filaments", "nowhere.csv"))
