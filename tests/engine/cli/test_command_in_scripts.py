"""The command as scripts and schedulers run it: real processes, pipes, signals, links."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.io.stack_file import save_stack
from illustrators_depth.layering import decompose
from tests.engine.drawings import stacked_discs

_RUN = [sys.executable, "-c", "from illustrators_depth.cli import main; main()"]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder with discs.idl and discs.png, where commands are run."""
    drawing = stacked_discs()
    save_stack(decompose(drawing.image, drawing.depth), tmp_path / "discs.idl")
    rgba = np.rint(drawing.image.rgba * 255).astype(np.uint8)
    PilImage.fromarray(rgba).save(tmp_path / "discs.png")
    monkeypatch.chdir(tmp_path)
    return tmp_path


def run(
    *arguments: str, stdin: bytes | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    done = subprocess.run(
        [*_RUN, *arguments],
        input=stdin,
        capture_output=True,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )
    out, err = (text.decode("utf-8", "replace") for text in (done.stdout, done.stderr))
    return subprocess.CompletedProcess(done.args, done.returncode, out, err)


def test_info_for_programs(folder: Path) -> None:
    said = run("info", "discs.idl", "--json")
    assert said.returncode == 0, said.stderr
    facts = json.loads(said.stdout)
    assert facts["file"] == "discs.idl" and len(facts["layers"]) == 6
    assert [layer["index"] for layer in facts["layers"]] == [0, 1, 2, 3, 4, 5]
    assert sum(layer["visible_pixels"] for layer in facts["layers"]) == 160 * 128
    assert [layer["number"] for layer in facts["layers"]] == [1, 2, 3, 4, 5, 6]
    picture = json.loads(run("info", "discs.png", "--json").stdout)
    assert picture["format"] == "PNG"
    sizes = {key: picture[key] for key in ("width", "height", "bits", "megapixels")}
    assert sizes == {"width": 160, "height": 128, "bits": 8, "megapixels": 0.02048}
    assert "cpu" in json.loads(run("info", "--json").stdout)["devices"]


def test_names_that_the_terminal_cannot_print(folder: Path) -> None:
    (folder / "discs.idl").rename(folder / "na\u00efve.idl")
    said = run("vectorize", "na\u00efve.idl", PYTHONIOENCODING="ascii")
    assert said.returncode == 0, said.stderr
    assert r"na\xefve.svg" in said.stdout
    assert (folder / "na\u00efve.svg").is_file()


@pytest.mark.skipif(sys.platform == "win32", reason="pipes have names on POSIX only")
def test_pipes_are_named(folder: Path) -> None:
    """Only `-` is read from a pipe (tests of streams)."""
    said = run("vectorize", "/dev/stdin", "-o", "a.svg", stdin=b"pixels")
    assert said.returncode == 2 and "is a pipe" in said.stderr, said.stderr
    assert sorted(p.name for p in folder.iterdir()) == ["discs.idl", "discs.png"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_standard_output_that_is_full(folder: Path) -> None:
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            [*_RUN, "vectorize", "discs.idl"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert said.returncode == 2
    assert said.stderr.decode().startswith("Error: Standard output cannot be written (No space")
    assert (folder / "discs.svg").is_file()


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
@pytest.mark.parametrize(
    ("number", "code", "says"), [(signal.SIGTERM, 143, "Ended"), (signal.SIGINT, 130, "Cancelled")]
)
def test_signals_leave_nothing_behind(
    folder: Path, number: signal.Signals, code: int, says: str
) -> None:
    out = folder / "out"
    out.mkdir()
    rng = np.random.default_rng(0)
    tiles = rng.integers(0, 255, (12, 12, 3), np.uint8).repeat(128, 0).repeat(128, 1)
    PilImage.fromarray(tiles).save(folder / "large.png")
    command = [*_RUN, "layers", "large.png", "-o", "out/layers", "-m", "heuristic", "-n", "40"]
    program = subprocess.Popen(command, stderr=subprocess.PIPE)
    try:
        until = time.monotonic() + 120.0
        while not list(out.iterdir()):
            assert program.poll() is None and time.monotonic() < until
            time.sleep(0.005)
        program.send_signal(number)
        error = program.communicate(timeout=60)[1].decode()
    finally:
        program.kill()
    assert program.returncode == code, error
    assert says in error and "Traceback" not in error
    assert list(out.iterdir()) == []


UNFORESEEN = """
import sys
from illustrators_depth.io.pictures import describe
def broken(*_):
    raise ZeroDivisionError("a fault\\nof our own \\x1b[31m")
describe.describe_picture = broken
from illustrators_depth.cli import main
main()
"""


@pytest.mark.parametrize("debug", [False, True])
def test_an_error_that_nobody_foresaw(folder: Path, debug: bool) -> None:
    words = ["info", "discs.png", *(["--debug"] if debug else [])]
    done = subprocess.run(
        [sys.executable, "-c", UNFORESEEN, *words], capture_output=True, text=True, check=False
    )
    assert done.returncode == 1
    assert ("Traceback" in done.stderr) == debug
    last = done.stderr.splitlines()[-1]
    assert last.startswith("Error: this was not foreseen (ZeroDivisionError in ")
    assert "\x1b" not in done.stderr.splitlines()[-1]
    assert debug or done.stderr.count("\n") == 1


def test_quiet_says_only_what_was_asked_for(folder: Path) -> None:
    said = run("vectorize", "discs.idl", "--quiet")
    assert (said.returncode, said.stdout, said.stderr) == (0, "", "")
    assert (folder / "discs.svg").is_file()
    assert "160" in run("--quiet", "info", "discs.png").stdout
    said = run("vectorize", "none.png", "--quiet")
    assert said.returncode == 2 and said.stderr.startswith("Error: ")


def test_ctrl_c_while_the_program_is_loaded(folder: Path) -> None:
    code = (
        "import sys, types\n"
        "class Interrupted:\n"
        "    def find_spec(self, name, *_):\n"
        "        if name == 'illustrators_depth.cli.app': raise KeyboardInterrupt\n"
        "sys.meta_path.insert(0, Interrupted())\n"
        "from illustrators_depth.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 130
    assert done.stderr == "Cancelled; nothing half-written was left behind.\n"


def test_shell_completion_is_offered(folder: Path) -> None:
    said = run("--show-completion", "bash")
    assert said.returncode == 0, said.stderr
    assert "illustrators-depth" in said.stdout or "_COMPLETE" in said.stdout


def test_a_name_cannot_drive_the_terminal(folder: Path) -> None:
    said = run("info", "no\n\x1b[31mfile.png")
    assert said.returncode == 2
    assert "\x1b" not in said.stderr and said.stderr.count("\n") == 1
