"""What the build operators share: Object Mode, one way to build, and one way to show the result."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from ...context import active_image
from ...editing.build_kinds import BUILDS
from ...editing.current_stack import current_stack
from ...scene.objects.build_collection import find_build
from ...translations import reported, translatable
from ..common import PictureOperator
from .present import present_build

__all__ = ["BuildOperator", "BuildResult"]


@dataclass(frozen=True)
class BuildResult:
    """What an operator has built.

    Attributes:
        scene: where it stands.
        image: the picture.
        collection: of its objects.
        is_new: whether it was made just now rather than updated.
    """

    scene: Any
    image: bpy.types.Image
    collection: bpy.types.Collection
    is_new: bool


class BuildOperator(PictureOperator):
    """An operator that builds from a picture with depth; Blender allows it in Object Mode alone."""

    count_report = translatable("{name}: {count} layers")

    @classmethod
    def poll(cls, context: bpy.types.Context) -> bool:
        if context.mode != "OBJECT":
            cls.poll_message_set("Builds are made in Object Mode")  # type: ignore[attr-defined]
            return False
        return True

    def build(self, context: bpy.types.Context, name: str, options: Any = None) -> BuildResult:
        """Build one of BUILDS that has objects, or update it; `options` as in `Build.build`."""
        scene: Any = context.scene
        image, kind = active_image(context, self.image), BUILDS[name]
        is_new = find_build(image, kind.collection_kind, scene) is None
        collection: Any = kind.build(scene, image, options)
        return BuildResult(scene, image, collection, is_new)

    def present(
        self, result: BuildResult, *, textured: bool = True, is_placed: bool = False
    ) -> None:
        """Select and frame the build, see `present_build`."""
        present_build(self, result.scene, result.collection, result.is_new, textured, is_placed)

    def report_count(self, result: BuildResult) -> set[Any]:
        """Say how many layers the build shows; returns what `execute` ends with."""
        count = len(current_stack(result.scene, result.image).shown())
        sentence = reported(self.count_report, name=result.collection.name, count=count)
        self.report({"INFO"}, sentence)  # type: ignore[attr-defined]
        return {"FINISHED"}
