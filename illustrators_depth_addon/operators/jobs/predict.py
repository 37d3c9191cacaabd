"""Picture -> depth and layers, in the worker process: modal in the window, waiting in scripts."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import StringProperty

from illustrators_depth.types import DepthMap

from ...addon_data import addon_data
from ...context import active_image, find_image
from ...scene.images import import_image
from ...session import SESSION
from ...session.jobs import WorkerJob
from ...session.prediction import PredictJob
from ...storage.depth import has_depth
from ...storage.layers import forget
from ...translations import reported
from ..common import PictureOperator, reports_errors
from .follow_up import FollowUpOperator, follow_up_build, predict_each
from .modal import JobOperator

__all__ = ["CLASSES"]


class ILLDEPTH_OT_predict(FollowUpOperator, JobOperator, PictureOperator, bpy.types.Operator):
    """Predict the depth of a picture and its layers, and keep both with the image"""

    bl_idname = "illdepth.predict"
    bl_label = "Predict Depth"
    bl_options = {"REGISTER", "UNDO"}

    build: follow_up_build()
    later: StringProperty(
        description="Images to predict afterwards, by their session_uid",
        options={"HIDDEN", "SKIP_SAVE"},
    )

    def handle_result(self, job: WorkerJob) -> set[Any]:
        try:
            return super().handle_result(job)
        finally:  # the next one may be sound where this was not
            if self.later:
                predict_each(self, [int(uid) for uid in self.later.split(",")], self.build)

    def new_job(self, context: bpy.types.Context) -> PredictJob:
        image = active_image(context, self.image)
        scene: Any = context.scene
        ignored = import_image.ignored_by_blender(image)
        if ignored:
            self.report(
                {"WARNING"},
                reported(
                    "Blender ignores the {what} in the file of {name!r}; import it with "
                    "Illustrator's Depth to see it as it was meant",
                    what=" and the ".join(ignored),
                    name=image.name,
                ),
            )
        self.prepare_follow_up(context)
        return PredictJob(scene, image)

    def use_result(self, job: WorkerJob, result: tuple[bpy.types.Image, DepthMap]) -> set[Any]:
        """Say what came of it, and build what is to follow."""
        (image, depth), answer = result, job.request.result
        self.report(
            {"INFO"},
            reported(
                "{name}: {count} layers, depth by {predictor} on {device}, {seconds:.1f} s",
                name=image.name,
                count=len(addon_data(image).layers),  # merged ones stay merged
                predictor=depth.predictor,
                device=depth.device,
                seconds=sum(answer["seconds"].values()),
            ),
        )
        self.run_follow_up(image)
        return {"FINISHED"}


class ILLDEPTH_OT_cancel(bpy.types.Operator):
    """Stop the running prediction or export; what was there before stays"""

    bl_idname = "illdepth.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if SESSION.jobs.current is None:
            cls.poll_message_set("No job is running")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[Any]:
        if SESSION.jobs.current is not None:
            SESSION.jobs.current.cancel()
        return {"FINISHED"}


class ILLDEPTH_OT_clear(bpy.types.Operator):
    """Forget the depth and the layers kept with the picture; builds in the scene stay"""

    bl_idname = "illdepth.clear"
    bl_label = "Clear Result"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not has_depth(find_image(context)):
            cls.poll_message_set("The picture has no depth yet")
            return False
        return True

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        forget(active_image(context, ""))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_predict, ILLDEPTH_OT_cancel, ILLDEPTH_OT_clear)
