"""A picture file into the scene: File > Import, or dropped into an editor."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import bpy
from bpy.props import BoolProperty, CollectionProperty, EnumProperty, StringProperty

from illustrators_depth.errors import InputError
from illustrators_depth.layered import holds_layers, is_drawing
from illustrators_depth.settings import ReadSettings

from ...addon_data import BLEND_RELATIVE, addon_data
from ...context import sentence_of
from ...scene.images.import_image import EXTENSIONS, import_picture
from ...session import SESSION
from ...settings.controls import control
from ...translations import reported
from ..common import reports_errors, run_operator, split_layout
from ..jobs.follow_up import BUILD_ITEMS, predict_each

__all__ = ["CLASSES", "draw_import_menu"]


class ILLDEPTH_OT_import_image(bpy.types.Operator):
    """Open an illustration as the picture to take apart, upright and in its true colors"""

    bl_idname = "illdepth.import_image"
    bl_label = "Import Illustration"
    bl_options = {"REGISTER", "UNDO"}

    filepath: StringProperty(
        name="File",
        description="The picture's file",
        subtype="FILE_PATH",
        options={"SKIP_SAVE", *BLEND_RELATIVE},
    )
    directory: StringProperty(subtype="DIR_PATH", options={"SKIP_SAVE", "HIDDEN"})
    files: CollectionProperty(
        type=bpy.types.OperatorFileListElement, options={"SKIP_SAVE", "HIDDEN"}
    )
    filter_glob: StringProperty(
        default=";".join(f"*{suffix}" for suffix in EXTENSIONS), options={"HIDDEN"}
    )
    predict: BoolProperty(
        name="Predict at Once",
        description="Predict depth and layers as soon as the picture is open",
        default=True,
    )
    build: EnumProperty(
        name="Build",
        description="What to build as soon as the layers are known",
        items=BUILD_ITEMS,
        default="LAYERS",
    )
    split: control(ReadSettings, "split", labels={"auto": "Automatic"})

    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        manager: Any = context.window_manager
        if self._paths():  # dropped: the file is known, ask for the rest
            return set(manager.invoke_props_dialog(self))
        manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def draw(self, context: bpy.types.Context) -> None:
        layout = split_layout(self.layout)
        layout.prop(self, "predict")
        column = layout.column()
        column.enabled = self.predict
        column.prop(self, "build")
        space: Any = context.space_data
        browsing = space is not None and space.type == "FILE_BROWSER"  # no file is chosen yet
        if browsing or any(map(is_drawing, self._paths())):
            layout.prop(self, "split")

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        paths = self._paths()
        if not paths:
            raise InputError("No picture file is named; choose one.")
        layered = [path for path in paths if holds_layers(path)]
        if layered:
            self._open_layers(layered)
        images = self._open_pictures([path for path in paths if path not in layered])
        if not images:
            return {"FINISHED"} if layered else {"CANCELLED"}
        scene: Any = context.scene
        addon_data(scene).image = images[-1]
        space: Any = context.space_data
        if space is not None and space.type == "IMAGE_EDITOR":
            space.image = images[-1]
        if len(images) > 1:
            self.report(
                {"INFO"},
                reported(
                    "{count} pictures are open; {name} is the chosen one",
                    count=len(images),
                    name=images[-1].name,
                ),
            )
        if self.predict and SESSION.jobs.current is not None:
            self.report({"WARNING"}, "A prediction is running; press Predict when it has finished")
        elif self.predict:
            predict_each(self, [image.session_uid for image in images], self.build)
        return {"FINISHED"}

    def _open_pictures(self, paths: list[Path]) -> list[bpy.types.Image]:
        """The pictures' datablocks; of several files those that cannot be read are named.

        Raises InputError where there is one file and it cannot be read.
        """
        images = []
        for path in paths:
            try:
                images.append(import_picture(path))
            except InputError as error:
                if len(paths) == 1:
                    raise
                self.report({"WARNING"}, sentence_of(error))
        return images

    def _open_layers(self, paths: list[Path]) -> None:
        """Read files that hold their layers: all of them where this waits, one in a window."""
        build = self.build if self.predict else "NONE"
        to_read = paths if bpy.app.background else paths[-1:]
        for path in to_read:
            run_operator(
                self,
                "import_layers",
                interactive=True,
                filepath=str(path),
                split=self.split,
                build=build,
            )
        if len(to_read) < len(paths):
            self.report(
                {"WARNING"},
                reported(
                    "One file of layers is read at a time: {name}; import the others afterwards",
                    name=paths[-1].name,
                ),
            )

    def _paths(self) -> list[Path]:
        """The chosen files: several from the file browser or a drop, one from a script."""
        if self.directory and len(self.files):
            folder = Path(bpy.path.abspath(self.directory))
            return [folder / item.name for item in self.files if item.name]
        return [Path(bpy.path.abspath(self.filepath))] if self.filepath else []


class ILLDEPTH_FH_drop(bpy.types.FileHandler):
    """Offers "Illustrator's Depth" when a picture is dropped into the 3D View or Image Editor."""

    bl_idname = "ILLDEPTH_FH_drop"
    bl_label = "Illustrator's Depth"
    bl_import_operator = "illdepth.import_image"
    bl_file_extensions = ";".join(EXTENSIONS)

    @classmethod
    def poll_drop(cls, context: bpy.types.Context) -> bool:
        area: Any = context.area
        region: Any = context.region
        return (
            area is not None
            and area.type in ("VIEW_3D", "IMAGE_EDITOR")
            and region is not None
            and region.type == "WINDOW"
        )


def draw_import_menu(menu: Any, _context: bpy.types.Context) -> None:
    """Draw the entry in Blender's menu File > Import."""
    menu.layout.operator(
        "illdepth.import_image", text="Illustration to Layers (.png/.jpg/.webp/...)"
    )


CLASSES = (ILLDEPTH_OT_import_image, ILLDEPTH_FH_drop)
