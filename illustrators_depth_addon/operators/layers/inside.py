"""Predict Inside: one layer becomes the layers that the network finds in it."""

from __future__ import annotations

from typing import Any

import bpy

from illustrators_depth.errors import InputError
from illustrators_depth.types import LayerStack

from ...context import active_image
from ...editing import layers as layer_edits
from ...session import SESSION
from ...session.jobs import WorkerJob
from ...session.predict_inside import PredictInsideJob
from ...translations import reported
from ..common import LayerOperator, is_object_mode
from ..jobs.modal import JobOperator

__all__ = ["CLASSES"]


class ILLDEPTH_OT_predict_inside(JobOperator, LayerOperator, bpy.types.Operator):
    """Take the layer apart by a prediction of its own; its parts become a group of its name"""

    bl_idname = "illdepth.predict_inside"
    bl_label = "Predict Inside"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        return is_object_mode(cls, context) and super().poll(context)

    def new_job(self, context: bpy.types.Context) -> PredictInsideJob:
        image, scene = active_image(context, self.image), context.scene
        layer_edits.check_editable(image)
        uid = self.uid(image)
        layer_edits.index_of(SESSION.layers.load(image), uid)  # says so where it is gone
        layer_edits.check_unlocked(image, [uid])
        if scene is None:
            raise InputError("There is no scene whose settings apply; open one.")
        return PredictInsideJob(scene, image, uid)

    def use_result(self, job: WorkerJob, result: tuple[bpy.types.Image, LayerStack]) -> set[Any]:
        image, stack = result
        scene: Any = bpy.context.scene
        layer_edits.edit(scene, image, lambda _: stack)
        count = job.request.result["layers"]
        self.report(
            {"INFO"}, reported("{name}: {count} layers inside", name=image.name, count=count)
        )
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_predict_inside,)
