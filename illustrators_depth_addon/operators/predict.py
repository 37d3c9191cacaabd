"""Picture -> depth and layers, in the worker process: modal in the window, waiting in scripts."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import EnumProperty

from ..scene import import_image
from ..session import jobs
from ..session import worker as engine_worker
from ..session.jobs import Running, Task
from ..storage import image_cache
from ..translations import reported
from .common import NamesPicture, active_image, call, find_image, reports_errors
from .follow import FollowsTask

__all__ = ["BUILD_ITEMS", "CLASSES"]

# What can follow a prediction at once: identifier -> operator of the same name in `illdepth`.
BUILD_ITEMS = (
    ("NONE", "Nothing", "Only predict; build later"),
    ("LAYERS", "Layers", "One object per layer"),
    ("DISPLACEMENT", "Displacement", "A relief raised by the depth"),
    ("PLANES", "Planes", "Image planes with alpha and a parallax camera"),
    ("POPUP_CARD", "Pop-up Card", "A card that folds by its angle"),
    ("COMPOSITOR", "Compositor", "A compositor group that stacks the layers"),
)


class ILLDEPTH_OT_predict(FollowsTask, NamesPicture, bpy.types.Operator):
    """Predict the depth of a picture and its layers, and keep both with the image"""

    bl_idname = "illdepth.predict"
    bl_label = "Predict Depth"
    bl_options = {"REGISTER", "UNDO"}

    build: EnumProperty(
        name="Build",
        description="What to build as soon as the layers are known",
        items=BUILD_ITEMS,
        default="NONE",
        options={"SKIP_SAVE"},
    )

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if jobs.current() is not None:
            cls.poll_message_set("A job is running; Esc cancels it")
            return False
        return True

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        """Predict and wait: for scripts and background mode, where modal operators never run."""
        begun = self._begin(context, wait=True)
        manager: Any = context.window_manager
        manager.progress_begin(0.0, 1.0)
        try:
            engine_worker.worker().wait(
                begun.job, on_progress=lambda job: manager.progress_update(job.fraction)
            )
        finally:
            manager.progress_end()
            jobs.end(begun)
        return self._store(begun)

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        if bpy.app.background or context.window is None:
            return self.execute(context)
        return self.follow(context, self._begin(context))

    def finished(self, task: Task) -> set[Any]:
        assert isinstance(task, Running)
        return self._store(task)

    def _begin(self, context: bpy.types.Context, wait: bool = False) -> Running:
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
        return jobs.begin(scene, image, wait)

    def _store(self, begun: Running) -> set[Any]:
        image, depth = begun.store()
        layers, seconds = begun.job.result["layers"], sum(begun.job.result["seconds"].values())
        self.report(
            {"INFO"},
            reported(
                "{name}: {count} layers, depth by {predictor} on {device}, {seconds:.1f} s",
                name=image.name,
                count=layers,
                predictor=depth.predictor,
                device=depth.device,
                seconds=seconds,
            ),
        )
        if self.build != "NONE":
            call(self, f"build_{self.build.lower()}", image=image.name)
        return {"FINISHED"}


class ILLDEPTH_OT_cancel(bpy.types.Operator):
    """Stop the running prediction or export; what was there before stays"""

    bl_idname = "illdepth.cancel"
    bl_label = "Cancel"
    bl_options = {"INTERNAL"}

    @classmethod
    def poll(cls, _context: bpy.types.Context) -> bool:
        if jobs.current() is None:
            cls.poll_message_set("No job is running")
            return False
        return True

    def execute(self, context: bpy.types.Context) -> set[Any]:
        begun = jobs.current()
        if begun is not None:
            begun.cancel()
        return {"FINISHED"}


class ILLDEPTH_OT_clear(bpy.types.Operator):
    """Forget the depth and the layers kept with the picture; builds in the scene stay"""

    bl_idname = "illdepth.clear"
    bl_label = "Clear Result"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not image_cache.has_depth(find_image(context)):
            cls.poll_message_set("The picture has no depth yet")
            return False
        return True

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image_cache.forget(active_image(context, ""))
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_predict, ILLDEPTH_OT_cancel, ILLDEPTH_OT_clear)
