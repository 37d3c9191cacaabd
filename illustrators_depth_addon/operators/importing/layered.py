"""Files that hold their layers (SVG, Photoshop, OpenRaster, Krita): opened and reloaded."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import StringProperty

from illustrators_depth.errors import InputError
from illustrators_depth.settings import ReadSettings

from ...addon_data import BLEND_RELATIVE, addon_data
from ...context import active_image
from ...editing.update_builds import update_builds
from ...session import SESSION
from ...session.jobs import WorkerJob
from ...session.layers_from_file import LayersFromFileJob
from ...settings.controls import control
from ...storage.source_layers import source_file
from ...translations import reported
from ..common import PictureOperator
from ..jobs.follow_up import FollowUpOperator, follow_up_build
from ..jobs.modal import JobOperator

__all__ = ["CLASSES"]


class _ReadLayersOperator(JobOperator):
    """What both operators share."""

    def report_layers(self, image: bpy.types.Image, job: WorkerJob) -> None:
        """Say what was read, and what could not be kept."""
        answer = job.request.result
        count = len(addon_data(image).layers)  # merged ones stay merged
        text = reported("{count} layers from {name}", count=count, name=image.name)
        self.report({"INFO"}, text)  # type: ignore[attr-defined]
        for note in answer["notes"]:
            self.report({"WARNING"}, str(note))  # type: ignore[attr-defined]


class ILLDEPTH_OT_import_layers(FollowUpOperator, _ReadLayersOperator, bpy.types.Operator):
    """Open a file that holds its layers; nothing has to be predicted"""

    bl_idname = "illdepth.import_layers"
    bl_label = "Import Layers"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The file of layers",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", *BLEND_RELATIVE},
    )
    split: control(ReadSettings, "split", labels={"auto": "Automatic"})
    build: follow_up_build()

    def new_job(self, context: bpy.types.Context) -> LayersFromFileJob:
        if not self.filepath:
            raise InputError("No file of layers is named; choose one.")
        self.prepare_follow_up(context)
        scene: Any = context.scene
        return LayersFromFileJob(scene, Path(bpy.path.abspath(self.filepath)), self.split)

    def use_result(self, job: WorkerJob, result: bpy.types.Image) -> set[Any]:
        self.report_layers(result, job)
        self.run_follow_up(result)
        return {"FINISHED"}


class ILLDEPTH_OT_reload_layers(_ReadLayersOperator, PictureOperator, bpy.types.Operator):
    """Read the layers from their file again; what was changed by hand stays"""

    bl_idname = "illdepth.reload_layers"
    bl_label = "Reload from File"
    bl_options = {"REGISTER", "UNDO"}

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if not any(source_file(image) for image in bpy.data.images):
            cls.poll_message_set("No picture here has its layers from a file")
            return False
        return super().poll(context)

    def new_job(self, context: bpy.types.Context) -> LayersFromFileJob:
        image = active_image(context, self.image)
        scene: Any = context.scene
        path = source_file(image)
        if not path:
            raise InputError(f"The layers of {image.name!r} do not come from a file; predict them.")
        split = addon_data(image).layers_split
        return LayersFromFileJob(scene, Path(bpy.path.abspath(path)), split, image)

    def use_result(self, job: WorkerJob, result: bpy.types.Image) -> set[Any]:
        scene: Any = bpy.context.scene
        update_builds(scene, result, SESSION.layers.load(result))
        self.report_layers(result, job)
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_import_layers, ILLDEPTH_OT_reload_layers)
