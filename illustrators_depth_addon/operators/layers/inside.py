"""Predict Inside: one layer becomes the layers that the network finds in it."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import IntProperty

from illustrators_depth.errors import InputError
from illustrators_depth.types import LayerStack

from ...context import active_image
from ...editing import layers as layer_edits
from ...session import SESSION
from ...session.inside import PredictInsideJob
from ...session.jobs import WorkerJob
from ...storage import layer_list
from ...translations import reported
from ..common import NamesPicture
from ..follow import StartsJob

__all__ = ["CLASSES"]


class ILLDEPTH_OT_predict_inside(StartsJob, NamesPicture, bpy.types.Operator):
    """Take the layer apart by a prediction of its own; its parts become a group of its name"""

    bl_idname = "illdepth.predict_inside"
    bl_label = "Predict Inside"
    bl_options = {"REGISTER", "UNDO"}

    layer: IntProperty(
        name="Layer",
        description="Identity of the layer, 0 for the active one",
        default=0,
        min=0,
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Layers are edited in Object Mode")
            return False
        return super().poll(context)

    def new_job(self, context: bpy.types.Context) -> PredictInsideJob:
        image, scene = active_image(context, self.image), context.scene
        layer_edits.check_editable(image)
        item = layer_list.active_item(image)
        uid = self.layer or (int(item.uid) if item is not None else 0)
        layer_edits.index_of(SESSION.layers.load(image), uid)  # says so where it is gone
        layer_edits.check_unlocked(image, [uid])
        if scene is None:
            raise InputError("There is no scene whose settings apply; open one.")
        return PredictInsideJob(scene, image, uid)

    def take(self, job: WorkerJob, result: tuple[bpy.types.Image, LayerStack]) -> set[Any]:
        image, stack = result
        scene: Any = bpy.context.scene
        layer_edits.edit(scene, image, lambda _: stack)
        count = job.request.result["layers"]
        self.report(
            {"INFO"}, reported("{name}: {count} layers inside", name=image.name, count=count)
        )
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_predict_inside,)
