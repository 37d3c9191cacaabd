"""What the checks share: the picture, a prediction that is started, and the list of what passed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy

from ..steps import addon, in_3d_view, operators, output_folder

__all__ = [
    "PICTURE",
    "has_layers",
    "is_idle",
    "open_picture",
    "passed",
    "start_prediction",
]

PICTURE = Path(__file__).resolve().parents[3] / "examples" / "parrot.png"


def passed(what: str) -> None:
    """Note a sentence on what was seen to work, on screen and in OUT/checks.txt."""
    print("seen:", what, flush=True)
    with (output_folder() / "checks.txt").open("a") as handle:
        handle.write(what + "\n")


def open_picture() -> Any:
    """Open PICTURE as the scene's picture, and return its datablock."""
    in_3d_view(lambda: operators().import_image(filepath=str(PICTURE), predict=False))
    scene: Any = bpy.context.scene
    return scene.illdepth.image


def start_prediction(**options: Any) -> None:
    """Press Predict, which goes on while the window lives."""
    result = in_3d_view(lambda: operators().predict("INVOKE_DEFAULT", **options))
    assert result == {"RUNNING_MODAL"}, result
    assert not is_idle()


def is_idle() -> bool:
    """Whether no job is under way."""
    manager: Any = bpy.context.window_manager
    return not manager.illdepth.running


def has_layers(image: Any) -> bool:
    """Whether a picture has its layers kept with it."""
    return bool(addon().storage.layers.has_stack(image))
