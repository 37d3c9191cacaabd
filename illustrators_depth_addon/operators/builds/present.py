"""The last step of every build operator: select the build, frame it, say what else has changed."""

from __future__ import annotations

from typing import Any

import bpy

from ...scene.framing import frame_in_views, hide_default_cube, place_beside, select_build
from ...scene.scene_changes import SceneState
from ...settings.preferences import preferences
from ...translations import reported, translated

__all__ = ["present_build", "report_changes"]


def report_changes(operator: Any, before: SceneState) -> None:
    """Say what a build has changed in the scene besides its own objects."""
    changes = before.changes()
    if changes:
        listed = ", ".join(f"{translated(key)} {old} > {new}" for key, old, new in changes)
        operator.report(
            {"INFO"},
            reported(
                "Changed in the scene: {changes}; Match Picture off leaves it", changes=listed
            ),
        )


def present_build(
    operator: Any,
    scene: bpy.types.Scene,
    collection: bpy.types.Collection,
    is_new: bool,
    textured: bool = True,
    is_placed: bool = False,
) -> None:
    """Select a build; a new one also stands free of other objects and is framed in the 3D Views.

    Args:
        operator: for its report.
        scene: where the build is.
        collection: the build.
        is_new: whether it was made just now rather than updated.
        textured: whether its materials show the picture.
        is_placed: whether its place was given, by a camera's frame.
    """
    if is_new and hide_default_cube(scene, collection):
        operator.report({"INFO"}, reported("Blender's default cube is hidden; the eye shows it"))
    if is_new and not is_placed:
        place_beside(scene, collection)
    select_build(collection)
    user_preferences = preferences()
    frames_builds = user_preferences is None or user_preferences.frame_builds
    if is_new and frames_builds and not bpy.app.background:
        frame_in_views(textured)
