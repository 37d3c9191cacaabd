"""Help is quick because nothing is loaded for it, and options are called as they are typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from illustrators_depth.cli.app import SUMMARIES, app
from illustrators_depth.cli.typed_names import with_typed_names

_HEAVY = ("numpy", "cv2", "PIL", "onnxruntime", "manifold3d", "trimesh", "OpenEXR", "vtracer")


@pytest.mark.parametrize("command", ["", *SUMMARIES])
def test_help_loads_no_library_of_pixels(command: str) -> None:
    code = (
        "import sys, atexit\n"
        f"atexit.register(lambda: print('loaded', *(n for n in {_HEAVY} if n in sys.modules)))\n"
        "from illustrators_depth.cli import main; main()"
    )
    words = [word for word in (command, "--help") if word]
    done = subprocess.run(
        [sys.executable, "-c", code, *words], capture_output=True, text=True, check=True
    )
    assert "Usage" in done.stdout
    assert done.stdout.splitlines()[-1].split() == ["loaded"]


@pytest.mark.parametrize("name", SUMMARIES)
def test_the_list_says_what_the_command_says(name: str) -> None:
    command = typer.main.get_command(app).commands[name]  # type: ignore[attr-defined]
    assert command.help == SUMMARIES[name]
    assert command.params
    text = " ".join(command.help.split("\n\n")[0].split())
    assert text == SUMMARIES[name]


def test_options_are_named_as_typed() -> None:
    options = {
        "gap_mm": "--gap-mm", "size_mm": "--size-mm", "mode": "--mode",
        "max_pixels": "--max-pixels",
        "network_size": "--network-size", "complete": "--complete",
    }  # fmt: skip
    for said, shown in (
        ("gap_mm must be above size_mm.", "--gap-mm must be above --size-mm."),
        ("my_gap_mm.png and gap_mm.png are no pictures.", None),
        ("the mode must be flat.", None),
        ("mode must be flat.", "--mode must be flat."),
        ("size must be 0.", "--network-size must be 0."),
        ("completion must be none.", "--complete must be none."),
        ("raise max_pixels (--max-pixels).", "raise --max-pixels."),
    ):
        assert with_typed_names(said, options) == (shown or said)
