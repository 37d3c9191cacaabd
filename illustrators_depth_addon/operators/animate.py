"""One-click animations of builds, and the parallax video."""

from __future__ import annotations

import math
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, EnumProperty, FloatProperty, IntProperty, StringProperty

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path

from ..context import active_image, tell
from ..scene.animation import RevealOptions, explode, fold_card, reveal_layers, set_frame_range
from ..scene.builds import CARD, LAYERS, PLANES, find_build
from ..scene.fcurves import curves_of
from ..scene.planes.build import shown_planes
from ..scene.planes.parallax import animate_camera, match_picture
from ..scene.render.video import render_video, set_up_video
from ..translations import reported
from .common import NamesPicture, reports_errors
from .parallax import OnPlanes

__all__ = ["CLASSES"]

_KINDS = {"LAYERS": LAYERS, "PLANES": PLANES}


class _Animation(NamesPicture):
    """What the one-click animations share: their frames."""

    frame_start: IntProperty(name="Start", description="First frame of the animation", default=1)
    frame_end: IntProperty(name="End", description="Last frame of the animation", default=96)
    set_range: BoolProperty(
        name="Set Frame Range",
        description="Let the scene play just these frames",
        default=True,
    )

    def build_of(self, context: bpy.types.Context, *kinds: str) -> bpy.types.Collection:
        """The picture's first build of one of these kinds; InputError when there is none."""
        if self.frame_end <= self.frame_start:
            raise InputError(
                f"The animation ends at frame {self.frame_end}, before it starts at "
                f"{self.frame_start}."
            )
        image = active_image(context, self.image)
        for kind in kinds:
            found = find_build(image, kind, context.scene)
            if found is not None:
                return found
        raise InputError(f"The image {image.name!r} has nothing built to animate; build it first.")

    def play(self, context: bpy.types.Context) -> set[Any]:
        scene: Any = context.scene
        if self.set_range:
            set_frame_range(scene, self.frame_start, self.frame_end)
        return {"FINISHED"}


class _OfABuild(_Animation):
    build: EnumProperty(
        name="Build",
        description="Which build is animated",
        items=(
            ("AUTO", "Automatic", "Stacked layers, or planes where there are none"),
            ("LAYERS", "Layers", "The stacked layers"),
            ("PLANES", "Planes", "The image planes"),
        ),
        default="AUTO",
    )

    def chosen(self, context: bpy.types.Context) -> bpy.types.Collection:
        kinds = [_KINDS[self.build]] if self.build in _KINDS else list(_KINDS.values())
        return self.build_of(context, *kinds)


class ILLDEPTH_OT_layer_reveal(_OfABuild, bpy.types.Operator):
    """Let the layers rise into place one after another, replacing an earlier reveal"""

    bl_idname = "illdepth.layer_reveal"
    bl_label = "Layer Reveal"
    bl_options = {"REGISTER", "UNDO"}

    from_below: BoolProperty(
        name="Lowest Layer Too",
        description="Let the lowest layer rise, too, instead of being there from the start",
        default=False,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        options = RevealOptions(self.frame_start, self.frame_end, self.from_below)
        reveal_layers(self.chosen(context), options)
        return self.play(context)


class ILLDEPTH_OT_explode(_OfABuild, bpy.types.Operator):
    """Let the layers come apart, replacing earlier keyframes of their distance"""

    bl_idname = "illdepth.explode"
    bl_label = "Explode"
    bl_options = {"REGISTER", "UNDO"}

    amount: FloatProperty(
        name="Amount",
        description="How far the layers end apart in all, as a share of the picture's width",
        min=0.0,
        soft_max=2.0,
        default=0.75,
        subtype="FACTOR",
    )
    back: BoolProperty(
        name="And Back",
        description="Come together again in the second half",
        default=False,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        explode(self.chosen(context), self.frame_start, self.frame_end, self.amount, self.back)
        return self.play(context)


class ILLDEPTH_OT_fold_card(_Animation, bpy.types.Operator):
    """Let the pop-up card open or close, replacing earlier keyframes of its angle"""

    bl_idname = "illdepth.fold_card"
    bl_label = "Fold Card"
    bl_options = {"REGISTER", "UNDO"}

    way: EnumProperty(
        name="Way",
        description="Whether the card opens or closes",
        items=(("OPEN", "Open", "The card opens"), ("CLOSE", "Close", "The card closes")),
        default="OPEN",
    )
    angle: FloatProperty(
        name="Open Angle",
        description="Angle between the boards of the open card",
        min=0.0,
        max=math.pi / 2.0,
        default=math.pi / 2.0,
        subtype="ANGLE",
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        card = self.build_of(context, CARD)
        fold_card(card, self.frame_start, self.frame_end, self.way == "OPEN", self.angle)
        return self.play(context)


class ILLDEPTH_OT_render_parallax_video(OnPlanes, bpy.types.Operator):
    """Render the parallax camera's move into an MP4, with a sway where it has no move yet"""

    bl_idname = "illdepth.render_parallax_video"
    bl_label = "Render Parallax Video"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File", description="The video's file", subtype="FILE_PATH", options={"SKIP_SAVE"}
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
        path = Path(bpy.path.abspath(self.filepath)).with_suffix(".mp4")
        collection, root, camera, image = self.rig(context)
        if not any(curve.data_path == "location" for curve in curves_of(camera)):
            animate_camera(camera, root, image.size[0] / image.size[1])
            set_frame_range(scene, *_loop_of(camera))
        match_picture(scene, camera, image, len(shown_planes(collection)))
        if bpy.app.background or context.window is None:
            render_video(scene, path, self.overwrite)
            self.report({"INFO"}, reported("{name} is rendered", name=path.name))
        else:
            _render_in_the_window(scene, path, self.overwrite)
        return {"FINISHED"}


def _loop_of(camera: bpy.types.Object) -> tuple[int, int]:
    """First and last frame of the camera's loop; its last key is the first one again."""
    keys = [k.co[0] for c in curves_of(camera) for k in c.keyframe_points]
    return round(min(keys)), round(max(keys)) - 1


def _render_in_the_window(scene: bpy.types.Scene, path: Path, overwrite: bool) -> None:
    """Render as Blender's own button does: with its progress bar, and Esc to stop.

    What is under way ends in a timer: handlers of a render must not change the scene.
    """
    under_way = ExitStack()
    partial = under_way.enter_context(atomic_path(path, overwrite))
    under_way.callback(set_up_video(scene, partial))
    handlers: Any = bpy.app.handlers
    ends: list[str] = []

    def complete(*_: Any) -> None:
        ends.append("complete")
        bpy.app.timers.register(finish)

    def cancel(*_: Any) -> None:
        ends.append("cancel")
        bpy.app.timers.register(finish)

    def finish() -> None:
        handlers.render_complete.remove(complete)
        handlers.render_cancel.remove(cancel)
        if ends[0] == "complete" and partial.is_file() and partial.stat().st_size:
            under_way.close()
            tell("")
        else:
            stop = InterruptedError("the render was stopped")
            under_way.__exit__(InterruptedError, stop, None)

    handlers.render_complete.append(complete)
    handlers.render_cancel.append(cancel)
    bpy.ops.render.render("INVOKE_DEFAULT", animation=True, scene=scene.name)


CLASSES = (
    ILLDEPTH_OT_layer_reveal,
    ILLDEPTH_OT_explode,
    ILLDEPTH_OT_fold_card,
    ILLDEPTH_OT_render_parallax_video,
)
