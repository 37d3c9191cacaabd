"""New materials for layers that are built already."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import InputError

from ...addon_data import addon_data
from ...context import active_image
from ...editing.build_kinds import BUILDS
from ...editing.current_stack import current_stack
from ...scene.objects.build_collection import (
    CARD,
    LAYERS,
    PLANES,
    check_own,
    find_build,
    layer_objects,
)
from ...scene.planes.root import PlanesOptions
from ..common import reports_errors
from .solids import BuildOperator

__all__ = ["CLASSES"]


# Builds whose objects have a material each: name in `BUILDS` and kind of collection. New materials
# go to the first one that the picture has.
_BUILDS_WITH_MATERIALS = (("layers", LAYERS), ("planes", PLANES), ("card", CARD))


class ILLDEPTH_OT_renew_materials(BuildOperator, bpy.types.Operator):
    """Give all layers new materials of the chosen shader; changes made in the old ones are lost"""

    bl_idname = "illdepth.renew_materials"
    bl_label = "Renew Materials"
    bl_options = {"REGISTER", "UNDO"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        kind_and_collection = next(
            (x for x in _BUILDS_WITH_MATERIALS if find_build(image, x[1], scene)), None
        )
        if kind_and_collection is None:
            raise InputError(f"The image {image.name!r} has no layers or planes; build them first.")
        name, kind = kind_and_collection
        collection: Any = find_build(image, kind, scene)
        check_own(collection)
        stack = current_stack(scene, image)
        for item in layer_objects(collection):
            mesh: Any = item.data
            mesh.materials.clear()
        if kind == PLANES:
            # An update takes the shader from the default options instead of the scene.
            BUILDS[name].build(scene, image, PlanesOptions(shader=addon_data(scene).shader))
        else:
            BUILDS[name].update(scene, image, stack)  # makes materials where there are none
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_renew_materials,)
