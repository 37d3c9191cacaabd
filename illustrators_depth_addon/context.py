"""Which picture a call is about, and how the user is told of problems.

Property callbacks live here, so no class may (see `properties.callbacks`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import bpy

from illustrators_depth.errors import EngineError, InputError, OutputExistsError
from illustrators_depth.settings import SettingError

from .addon_data import addon_data
from .translations import reported

__all__ = [
    "active_image",
    "busy",
    "by_session_uid",
    "file_path",
    "find_image",
    "is_picture",
    "problem_of",
    "redraw",
    "redraw_image_editors",
    "sentence_of",
    "show_problem",
]


def is_picture(_owner: Any, image: Any) -> bool:
    """Leave our own depth images, renders and viewers out of the picture menu."""
    return not addon_data(image).is_result and image.type not in ("RENDER_RESULT", "COMPOSITING")


def find_image(context: bpy.types.Context) -> bpy.types.Image | None:
    """The picture a panel or an operator without a name works on: the Image Editor's, else the
    scene's."""
    space: Any = context.space_data
    if space is not None and space.type == "IMAGE_EDITOR" and space.image is not None:
        shown: bpy.types.Image = space.image
        if is_picture(None, shown):
            return shown
    if context.scene is None:
        return None
    chosen: bpy.types.Image | None = addon_data(context.scene).image
    return chosen


def file_path(typed: str) -> Path:
    """Where a file is to be written, `//` standing for the folder of the .blend.

    Raises InputError for `//` in a file that was never saved: Blender then takes the folder that it
    was started in, where nobody looks.
    """
    if typed.startswith("//") and not bpy.data.filepath:
        raise InputError(
            f"{typed} lies beside the .blend, which is not saved yet; save it first, or name the "
            "whole path."
        )
    return Path(bpy.path.abspath(typed))


def active_image(context: bpy.types.Context, name: str) -> bpy.types.Image:
    """The image datablock called `name`, or `find_image`'s when the name is empty.

    Raises InputError when there is none.
    """
    if name:
        named = bpy.data.images.get(name)
        if named is None:
            raise InputError(f"There is no image called {name!r} in this file; open it first.")
        return named
    image = find_image(context)
    if image is None:
        raise InputError("No picture is chosen; choose one in the Illustrator's Depth panel.")
    return image


def by_session_uid(collection: Any, uid: int) -> Any:
    """The datablock of this session number, whatever it is called by now; None when it is gone."""
    return next((block for block in collection if block.session_uid == uid), None)


def problem_of(error: RuntimeError) -> str:
    """The sentence in what Blender raises for an error report, or for a poll that says no."""
    text = str(error).strip().removeprefix("Error: ")
    refused = re.match(r"Operator bpy\.ops\.\S+\.poll\(\) ", text)
    return text if refused is None else reported(text[refused.end() :])


def sentence_of(error: EngineError) -> str:
    """An engine's error for the panel, with settings and options named as their controls are."""
    if isinstance(error, OutputExistsError):
        return _refusal(error)
    return error.as_label if isinstance(error, SettingError) else str(error)


def _refusal(error: OutputExistsError) -> str:
    """The engine's sentence without the option of its command line."""
    if error.is_folder:
        return reported(
            "The folder {path} is not empty; choose another name, or tick Overwrite",
            path=error.path,
        )
    return reported(
        "{path} exists already; choose another name, or tick Overwrite", path=error.path
    )


def show_problem(problem: str) -> None:
    """Show a sentence in the panel, "" takes it away."""
    manager = bpy.context.window_manager
    if manager is not None and addon_data(manager).problem != problem:
        addon_data(manager).problem = problem


@contextmanager
def busy() -> Iterator[None]:
    """The mouse pointer shows that Blender works; it is given back as it was."""
    window = bpy.context.window
    if window is None:
        yield
        return
    window.cursor_modal_set("WAIT")
    try:
        yield
    finally:
        window.cursor_modal_restore()


def redraw(*kinds: str) -> None:
    """Draw all editors of these types again, in every window."""
    manager: Any = bpy.context.window_manager
    for window in manager.windows:
        for area in window.screen.areas:
            if area.type in kinds:
                area.tag_redraw()


def redraw_image_editors(_owner: Any, _context: Any) -> None:
    """Update callback: show a changed property in every image editor."""
    redraw("IMAGE_EDITOR")
