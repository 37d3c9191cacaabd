"""What the export operators share: a kind, a file selector that follows it, no overwriting."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar

import bpy
from bpy.props import BoolProperty, StringProperty

from illustrators_depth.errors import InputError
from illustrators_depth.export.file_format import FileFormat
from illustrators_depth.export.print_writer import PrintFile
from illustrators_depth.export.stack_writer import LayerFile

from ...addon_data import BLEND_RELATIVE
from ...context import active_image, file_path
from ...editing.current_stack import current_stack
from ...scene.images.pixels import picture_name
from ...session import SESSION
from ...session.export import ExportJob, Target, write_now
from ..common import PictureOperator, reports_errors, run_operator

__all__ = ["ExportOperator", "kind_items", "show_entry"]


def kind_items(kinds: Mapping[str, FileFormat]) -> tuple[tuple[str, str, str], ...]:
    """Kinds as items of an EnumProperty."""
    return tuple((name, kind.label, kind.about) for name, kind in kinds.items())


def show_entry(menu: Any, operator: str, text: str) -> None:
    """A line of File > Export."""
    menu.layout.operator(operator, text=text)


class ExportOperator(PictureOperator):
    """Asks for a path with the file selector; the suffix follows the chosen kind.

    A file is replaced only if the selector asked about it (`check_existing`) or `overwrite` is set;
    a folder that holds something only with `overwrite`.
    """

    KINDS: ClassVar[Mapping[str, FileFormat]]
    kind: Any  # an EnumProperty over KINDS, of each operator

    filepath: StringProperty(
        name="File",
        description="The file or folder to write",
        subtype="FILE_PATH",
        options=BLEND_RELATIVE,
    )
    filter_glob: StringProperty(default="*", options={"HIDDEN"})
    check_existing: BoolProperty(default=True, options={"HIDDEN"})
    overwrite: BoolProperty(
        name="Overwrite",
        description="Replace what is there without asking, also inside a folder",
        default=False,
        options={"SKIP_SAVE"},
    )

    _used_selector = False

    @property
    def suffix(self) -> str:
        return self.KINDS[self.kind].suffix

    @reports_errors
    def invoke(self, context: bpy.types.Context, _event: bpy.types.Event) -> set[Any]:
        image = active_image(context, self.image)
        self.image = image.name
        if not self.filepath:
            name = picture_name(image) + (self.suffix or f"-{self.kind.lower().replace('_', '-')}")
            folder = Path(bpy.data.filepath).parent if bpy.data.filepath else Path.home()
            self.filepath = str(folder / name)
        self._used_selector = True
        manager: Any = context.window_manager
        manager.fileselect_add(self)
        return {"RUNNING_MODAL"}

    def check(self, _context: bpy.types.Context) -> bool:
        """Keep the name's ending that of the chosen kind; True when it was changed."""
        named = self._path_with_suffix()
        if str(named) == self.filepath:
            return False
        self.filepath = str(named)
        return True

    def _path_with_suffix(self) -> Path:
        path = Path(bpy.path.abspath(self.filepath))
        suffixes = {kind.suffix for kind in self.KINDS.values() if kind.suffix}
        if path.suffix.lower() in suffixes:
            path = path.with_suffix(self.suffix)
        elif self.suffix:
            path = path.with_name(path.name + self.suffix)
        return path

    def write(
        self,
        context: bpy.types.Context,
        image: bpy.types.Image,
        file: LayerFile | PrintFile,
        check_first: bool = False,
    ) -> set[Any]:
        """Write the file: from the file selector in the worker, for scripts before this returns."""
        path, overwrite = self.target()
        scene: Any = context.scene
        stack = current_stack(scene, image)
        depth = SESSION.depth.load(image)
        target = Target(file, path, overwrite, check_first)
        if self._used_selector and not bpy.app.background:
            if SESSION.jobs.current is not None:
                raise InputError("Another job is running; let it finish or press Esc first.")
            SESSION.jobs.begin(ExportJob(image, stack, depth, target))
            run_operator(self, "follow", interactive=True)
        else:
            summary = write_now(stack, depth, target)
            self.report({"INFO"}, summary)  # type: ignore[attr-defined]
        return {"FINISHED"}

    def target(self) -> tuple[Path, bool]:
        """The path to write and whether it may be replaced; InputError when none is named."""
        if not Path(self.filepath).name:
            raise InputError("No file is named; give filepath the name of the file to write.")
        file_path(self.filepath)  # says what is wrong with it
        path = self._path_with_suffix()
        return path, self.overwrite or (
            self._used_selector and bool(self.suffix) and path.is_file()
        )
