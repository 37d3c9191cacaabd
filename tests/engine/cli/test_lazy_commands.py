"""Help is quick because nothing is loaded for it, and options are called as they are typed."""

from __future__ import annotations

import subprocess
import sys

import pytest
import typer

from illustrators_depth.cli.app import SUMMARIES, app
from illustrators_depth.errors import InputError
from illustrators_depth.product_settings import PapercutSettings
from illustrators_depth.settings import (
    CompleteSettings,
    DepthSettings,
    ReliefSettings,
    SettingError,
)

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


def test_settings_are_named_by_the_command_s_options() -> None:
    command = typer.main.get_command(app).commands["relief"]  # type: ignore[attr-defined]

    def said(owner: type, text: str) -> str:
        def fail(*_args: object, **_options: object) -> None:
            raise SettingError(owner, text)

        command.callback  # noqa: B018 - loads the command
        command._loaded.callback = fail
        with pytest.raises(InputError) as at:
            command.main(["fox.png"], standalone_mode=False)
        return str(at.value)

    assert said(ReliefSettings, "{gap_mm} must be above {size_mm}: my_gap_mm.png.") == (
        "--gap-mm must be above --size-mm: my_gap_mm.png."
    )
    assert said(DepthSettings, "{size} is too small.") == "--network-size is too small."
    assert said(CompleteSettings, "{method} must fit.") == "--complete must fit."
    # Of another command: papercut has this option, relief has none.
    assert said(PapercutSettings, "Enlarge {hole_mm}.") == "Enlarge hole_mm."
