"""New materials for layers that are built already."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import InputError

from ..context import active_image
from ..editing.decompose import current_stack
from ..scene.builds import LAYERS, check_own, find_build, layer_objects
from ..scene.stacked import build_stacked
from ..settings import scene as scene_settings
from .build import BuildOperator
from .common import reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_renew_materials(BuildOperator, bpy.types.Operator):
    """Give all stacked layers new materials as set here; changes made in the old ones are lost"""

    bl_idname = "illdepth.renew_materials"
    bl_label = "Renew Materials"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        collection = find_build(image, LAYERS, scene)
        if collection is None:
            raise InputError(f"The image {image.name!r} has no stacked layers; build them first.")
        check_own(collection)
        stack = current_stack(scene, image)
        for item in layer_objects(collection):
            mesh: Any = item.data
            mesh.materials.clear()
        relief = scene_settings.relief_settings(scene)
        look = scene_settings.stacked_options(scene, image)
        build_stacked(scene, image, stack, relief, look)  # makes materials where there are none
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_renew_materials,)
