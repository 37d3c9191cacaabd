"""Renders the parallax camera's move into an MP4: in the window as Blender does, else waiting."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, StringProperty

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ...addon_data import BLEND_RELATIVE
from ...context import active_image, file_path, show_problem
from ...scene.animation import set_frame_range
from ...scene.datablocks.fcurves import curves_of
from ...scene.planes.build import shown_planes
from ...scene.planes.parallax import animate_camera, match_picture
from ...scene.render.video import render_video, set_up_video
from ...translations import reported
from ..common import reports_errors
from .parallax import PlanesOperator

__all__ = ["CLASSES"]


class ILLDEPTH_OT_render_parallax_video(PlanesOperator, bpy.types.Operator):
    """Render the parallax camera's move into an MP4, with a sway where it has no move yet"""

    bl_idname = "illdepth.render_parallax_video"
    bl_label = "Render Parallax Video"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The video's file",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", *BLEND_RELATIVE},
    )
    filter_glob: StringProperty(default="*.mp4", options={"HIDDEN"})
    overwrite: BoolProperty(
        name="Overwrite",
        description="Replace an existing file",
        default=False,
        options={"SKIP_SAVE"},
    )

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        image = active_image(context, self.image)
        self.filepath = self.filepath or f"{Path(image.name).stem} parallax.mp4"
        self.overwrite = True  # the file selector shows in red that a file exists
        manager: Any = context.window_manager
        manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        if not self.filepath:
            raise InputError("No file is named for the video; choose one.")
        path = file_path(self.filepath).with_suffix(".mp4")
        collection, root, camera, image = self.rig(context)
        if not any(curve.data_path == "location" for curve in curves_of(camera)):
            animate_camera(camera, root, image.size[0] / image.size[1])
            set_frame_range(scene, *_loop_frames(camera))
        match_picture(scene, camera, image, len(shown_planes(collection)))
        if bpy.app.background or context.window is None:
            render_video(scene, path, self.overwrite)
            self.report({"INFO"}, reported("{name} is rendered", name=path.name))
        else:
            _render_in_window(scene, path, self.overwrite)
        return {"FINISHED"}


def _loop_frames(camera: bpy.types.Object) -> tuple[int, int]:
    """First and last frame of the camera's loop; its last key is the first one again."""
    keys = [k.co[0] for c in curves_of(camera) for k in c.keyframe_points]
    return round(min(keys)), round(max(keys)) - 1


def _render_in_window(scene: bpy.types.Scene, path: Path, overwrite: bool) -> None:
    """Render as Blender's own button does: with its progress bar, and Esc to stop.

    The file is put in place, or dropped, by a timer: a handler of a render must not change the
    scene.
    """
    cleanup = ExitStack()
    partial = cleanup.enter_context(atomic_path(path, overwrite))
    cleanup.callback(set_up_video(scene, partial))
    handlers: Any = bpy.app.handlers
    outcomes: list[str] = []

    def on_complete(*_: Any) -> None:
        outcomes.append("complete")
        bpy.app.timers.register(finish)

    def on_cancel(*_: Any) -> None:
        outcomes.append("cancel")
        bpy.app.timers.register(finish)

    def finish() -> None:
        handlers.render_complete.remove(on_complete)
        handlers.render_cancel.remove(on_cancel)
        if outcomes[0] == "complete" and partial.is_file() and partial.stat().st_size:
            cleanup.close()
            show_problem("")
        else:
            stop = InterruptedError("the render was stopped")
            cleanup.__exit__(InterruptedError, stop, None)

    handlers.render_complete.append(on_complete)
    handlers.render_cancel.append(on_cancel)
    bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=scene.name)


CLASSES = (ILLDEPTH_OT_render_parallax_video,)
