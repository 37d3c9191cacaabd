"""What the operators share: a picture that can be named, and errors as reports."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import bpy
from bpy.props import StringProperty

from illustrators_depth.errors import EngineError

from ..context import active_image, busy, problem_of, sentence_of, tell
from ..log import LOGGER
from ..storage.depth import has_depth

__all__ = [
    "EditsLayers",
    "NamesPicture",
    "call",
    "depth_is_there",
    "reports_errors",
]

Method = TypeVar("Method", bound=Callable[..., set[Any]])


class NamesPicture:
    """An operator on the active picture, or on one that a script names (`context.active_image`)."""

    image: StringProperty(
        name="Image",
        description="Name of the image, empty for the active one",
        default="",
        # Or a button would work on the picture that was named the last time.
        options={"SKIP_SAVE", "SKIP_PRESET"},
    )


class EditsLayers(NamesPicture):
    """An operator that changes a picture's layers in Object Mode, as one undo step."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Layers are edited in Object Mode")  # type: ignore[attr-defined]
            return False
        return True

    def change(self, scene: Any, image: Any) -> None:
        """Change the layers; EngineError becomes the operator's report."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[Any]:
        return _change(self, context)


def depth_is_there() -> bool:
    """For `poll`, which does not know what picture a script names: whether any has its depth."""
    return any(has_depth(image) for image in bpy.data.images)


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


def reports_errors(method: Method) -> Method:
    """Turn an EngineError into an error report and {'CANCELLED'}; other exceptions are bugs.

    Blender counts an operator method's arguments, so the two shapes are spelled out.
    """

    def run(operator: Any, *args: Any) -> set[Any]:
        try:
            return method(operator, *args)
        except EngineError as error:
            LOGGER.debug("%s", operator.bl_idname, exc_info=error)
            operator.report({"ERROR"}, sentence_of(error))
            return {"CANCELLED"}

    @functools.wraps(method)
    def execute(self: Any, context: Any) -> set[Any]:
        with busy():
            return run(self, context)

    @functools.wraps(method)
    def invoke(self: Any, context: Any, event: Any) -> set[Any]:
        return run(self, context, event)

    return cast(Method, execute if method.__code__.co_argcount == 2 else invoke)


@reports_errors
def _change(operator: EditsLayers, context: bpy.types.Context) -> set[Any]:
    image = active_image(context, operator.image)
    tell("")
    operator.change(context.scene, image)
    return {"FINISHED"}
