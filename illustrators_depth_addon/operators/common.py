"""Base classes of the operators: which picture or layer they work on, and errors as reports."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any, TypeVar, cast

import bpy
from bpy.props import IntProperty, StringProperty

from illustrators_depth.errors import EngineError, InputError

from ..context import active_image, busy, problem_of, sentence_of, show_problem
from ..log import LOGGER
from ..storage import layer_list
from ..storage.depth import has_depth

__all__ = [
    "DepthOperator",
    "LayerEditOperator",
    "LayerOperator",
    "PictureOperator",
    "any_depth",
    "is_object_mode",
    "reports_errors",
    "run_operator",
    "split_layout",
]

Method = TypeVar("Method", bound=Callable[..., set[Any]])


class PictureOperator:
    """An operator on the active picture, or on one that a script names (`context.active_image`)."""

    image: StringProperty(
        name="Image",
        description="Name of the image, empty for the active one",
        default="",
        # Or a button would work on the picture that was named the last time.
        options={"SKIP_SAVE", "SKIP_PRESET"},
    )


class DepthOperator(PictureOperator):
    """An operator on a picture that has its depth."""

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if not any_depth():
            cls.poll_message_set("The picture has no depth yet; press Predict first")  # type: ignore[attr-defined]
            return False
        return True


class LayerOperator(PictureOperator):
    """An operator on the active layer, or on one that a script names."""

    layer: IntProperty(
        name="Layer",
        description="Identity of the layer, 0 for the active one",
        default=0,
        min=0,
        options={"SKIP_SAVE"},
    )

    def uid(self, image: bpy.types.Image) -> int:
        """The layer that is meant; InputError when there is none."""
        if self.layer:
            return int(self.layer)
        item = layer_list.active_item(image)
        if item is None:
            raise InputError(f"The image {image.name!r} has no layers yet; press Predict first.")
        return int(item.uid)

    def uids(self, image: bpy.types.Image) -> list[int]:
        """The layer that is named, else those checked in the list, else the active one."""
        checked = [] if self.layer else layer_list.chosen(image)
        return checked or [self.uid(image)]


def is_object_mode(operator: Any, context: bpy.types.Context) -> bool:
    """For `poll` of an operator class that changes layers: whether it may, and why not."""
    if context.mode != "OBJECT":
        operator.poll_message_set("Layers are edited in Object Mode")
        return False
    return True


class LayerEditOperator(PictureOperator):
    """An operator that changes a picture's layers in Object Mode, as one undo step."""

    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_object_mode(cls, context)

    def change(self, scene: Any, image: Any) -> None:
        """Change the layers; EngineError becomes the operator's report."""
        raise NotImplementedError

    def execute(self, context: bpy.types.Context) -> set[Any]:
        return _change(self, context)


def any_depth() -> bool:
    """Whether any picture has its depth; `poll` cannot know which one a script names."""
    return any(has_depth(image) for image in bpy.data.images)


def split_layout(layout: Any) -> Any:
    """A layout with names to the left of the controls and no animation dots, as native panels."""
    layout.use_property_split = True
    layout.use_property_decorate = False
    return layout


def run_operator(operator: Any, name: str, *, interactive: bool = False, **options: Any) -> None:
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
def _change(operator: LayerEditOperator, context: bpy.types.Context) -> set[Any]:
    image = active_image(context, operator.image)
    show_problem("")
    operator.change(context.scene, image)
    return {"FINISHED"}
