"""The last step of every build operator: bring the build before the user's eyes."""

from __future__ import annotations

from typing import Any

import bpy

from ..scene.first_look import frame_in_views, hide_default_cube, select_build, stand_beside
from ..scene.scene_changes import SceneState
from ..settings.preferences import preferences
from ..translations import reported, translated

__all__ = ["present_build", "report_changes"]


def report_changes(operator: Any, before: SceneState) -> None:
    """Say what a build has changed in the scene besides its own objects."""
    changes = before.changes()
    if changes:
        told = ", ".join(f"{translated(key)} {old} > {new}" for key, old, new in changes)
        operator.report(
            {"INFO"},
            reported("Changed in the scene: {changes}; Match Picture off leaves it", changes=told),
        )


def present_build(
    operator: Any,
    scene: bpy.types.Scene,
    collection: bpy.types.Collection,
    is_new: bool,
    textured: bool = True,
    stays: bool = False,
) -> None:
    """Select a build; a new one also stands free of other objects and is framed in the 3D Views.

    Args:
        operator: for its report.
        scene: where the build is.
        collection: the build.
        is_new: whether it was made just now rather than updated.
        textured: whether its materials show the picture.
        stays: whether its place was given, by a camera's frame.
    """
    hidden = is_new and hide_default_cube(scene, collection)
    if hidden:
        operator.report({"INFO"}, reported("Blender's default cube is hidden; the eye shows it"))
    if is_new and not stays:
        stand_beside(scene, collection)
    select_build(collection)
    chosen = preferences()
    wanted = chosen is None or chosen.frame_builds
    if is_new and wanted and not bpy.app.background:
        frame_in_views(textured)
