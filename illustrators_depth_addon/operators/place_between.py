"""Selected 3D objects between two layers: in space, or in a slot of the compositor."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, IntProperty

from illustrators_depth.errors import InputError

from ..context import active_image
from ..editing.current_stack import current_stack
from ..scene.between import place_between
from ..scene.compositor.insert_render import insert_render
from ..scene.objects.build_collection import LAYERS, PLANES, find_build
from .builds.base import BuildOperator
from .common import reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_place_between(BuildOperator, bpy.types.Operator):
    """Move the selected objects between two layers: one covers them, they cover the other"""

    bl_idname = "illdepth.place_between"
    bl_label = "Place Selected Between Layers"
    bl_options = {"REGISTER", "UNDO"}

    layer: IntProperty(
        name="Layers Below",
        description="How many layers lie below the objects, counted from the bottom",
        min=0,
        default=1,
    )
    build: EnumProperty(
        name="Build",
        description="Which build the objects are placed in",
        items=(
            ("AUTO", "Automatic", "Planes if there are any, else stacked layers"),
            (PLANES, "Planes", "Image planes"),
            (LAYERS, "Stacked Layers", "Layers with thickness"),
        ),
        default="AUTO",
    )
    spread: BoolProperty(
        name="Make Room",
        description="Widen the gap where the objects do not fit",
        default=True,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        kinds = (PLANES, LAYERS) if self.build == "AUTO" else (self.build,)
        builds = [
            c for c in (find_build(image, kind, context.scene) for kind in kinds) if c is not None
        ]
        if not builds:
            raise InputError(
                f"The image {image.name!r} has no layers or planes in the scene; build them first."
            )
        selected: Any = context.selected_objects
        place_between(builds[0], selected, self.layer, self.spread)
        return {"FINISHED"}


class ILLDEPTH_OT_insert_render(BuildOperator, bpy.types.Operator):
    """Render the selected objects between two layers of the compositor"""

    bl_idname = "illdepth.insert_render"
    bl_label = "Render Selected Between Layers"
    bl_options = {"REGISTER", "UNDO"}

    layer: IntProperty(
        name="Layers Below",
        description="How many layers lie below the objects, hidden ones counted",
        min=0,
        default=1,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        stack = current_stack(scene, image)
        selected: Any = context.selected_objects
        insert_render(scene, image, stack, selected, self.layer)
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_place_between, ILLDEPTH_OT_insert_render)
