"""What the operators share: which picture is meant, and errors as reports."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any, TypeVar, cast

import bpy
from bpy.props import StringProperty

from illustrators_depth.errors import EngineError, InputError

from ..addon_data import addon_data
from ..log import LOGGER
from ..properties.callbacks import is_picture
from ..storage import image_cache
from ..translations import reported

__all__ = [
    "NamesPicture",
    "active_image",
    "call",
    "depth_is_there",
    "find_image",
    "problem_of",
    "reports_errors",
]

Method = TypeVar("Method", bound=Callable[..., set[Any]])


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


def active_image(context: bpy.types.Context, name: str) -> bpy.types.Image:
    """The image datablock called `name`, or `find_image`'s when the name is empty.

    Raises InputError when there is none.
    """
    if name:
        image = bpy.data.images.get(name)
        if image is None:
            raise InputError(f"There is no image called {name!r} in this file; open it first.")
        return image
    found = find_image(context)
    if found is None:
        raise InputError("No picture is chosen; choose one in the Illustrator's Depth panel.")
    return found


class NamesPicture:
    """An operator on the active picture, or on one that a script names; see `active_image`."""

    image: StringProperty(
        name="Image",
        description="Name of the image, empty for the active one",
        default="",
        # Or a button would work on the picture that was named the last time.
        options={"SKIP_SAVE", "SKIP_PRESET"},
    )


def depth_is_there() -> bool:
    """For `poll`, which does not know what picture a script names: whether any has its depth."""
    return any(image_cache.has_depth(image) for image in bpy.data.images)


def call(operator: Any, name: str, *, interactive: bool = False, **options: Any) -> None:
    """Run another of our operators inside this one's undo step; its error is reported as ours.

    With `interactive` it is invoked as by a button, where there is a window.
    """
    run = getattr(getattr(bpy.ops, "illdepth"), name)  # noqa: B009 - the stubs know no `illdepth`
    try:
        if interactive and not bpy.app.background:
            run("INVOKE_DEFAULT", **options)
        else:
            run(**options)
    except RuntimeError as error:
        operator.report({"ERROR"}, problem_of(error))


def problem_of(error: RuntimeError) -> str:
    """The sentence in what Blender raises for an error report, or for a poll that says no."""
    text = str(error).strip().removeprefix("Error: ")
    refused = re.match(r"Operator bpy\.ops\.\S+\.poll\(\) ", text)
    return text if refused is None else reported(text[refused.end() :])


def reports_errors(method: Method) -> Method:
    """Turn an EngineError into an error report and {'CANCELLED'}; other exceptions are bugs.

    Blender counts an operator method's arguments, so the two shapes are spelled out.
    """

    def run(operator: Any, *args: Any) -> set[Any]:
        try:
            return method(operator, *args)
        except EngineError as error:
            LOGGER.debug("%s", operator.bl_idname, exc_info=error)
            operator.report({"ERROR"}, str(error))
            return {"CANCELLED"}

    @functools.wraps(method)
    def execute(self: Any, context: Any) -> set[Any]:
        return run(self, context)

    @functools.wraps(method)
    def invoke(self: Any, context: Any, event: Any) -> set[Any]:
        return run(self, context, event)

    return cast(Method, execute if method.__code__.co_argcount == 2 else invoke)
