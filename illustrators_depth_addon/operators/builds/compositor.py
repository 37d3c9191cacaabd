"""Operators on the compositor: build its group of layers, switch one layer on or off.

Up to Blender 4.4 the socket that shows a layer is a number, so the panel has an eye instead.
"""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import BoolProperty, IntProperty, StringProperty

from illustrators_depth.errors import InputError

from ...context import active_image
from ...editing.build_kinds import BUILDS
from ...editing.current_stack import current_stack
from ...scene.compositor.build import CompositorOptions, find_compositor, group_nodes
from ...scene.compositor.interface import layer_controls
from ...scene.scene_changes import SceneState
from ...translations import reported
from ..common import PictureOperator, reports_errors
from .base import BuildOperator
from .present import report_changes

__all__ = ["CLASSES"]

_COMPOSITOR = CompositorOptions()


class ILLDEPTH_OT_build_compositor(BuildOperator, bpy.types.Operator):
    """Build a compositor group that stacks the layers, or update the one built before"""

    bl_idname = "illdepth.build_compositor"
    bl_label = "Build Compositor"
    bl_options = {"REGISTER", "UNDO", "PRESET"}

    inserts: IntProperty(
        name="Inserts",
        description="How many pictures can be inserted between layers",
        min=1,
        max=8,
        default=_COMPOSITOR.inserts,
    )
    connect: BoolProperty(
        name="Connect",
        description="Show the group in the scene's compositor",
        default=_COMPOSITOR.connect,
    )
    match_colors: BoolProperty(
        name="Match Picture",
        description="Render at the picture's size and in its own colors",
        default=_COMPOSITOR.match_colors,
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        options = CompositorOptions(self.inserts, self.connect, self.match_colors)
        before = SceneState(scene)
        BUILDS["compositor"].build(scene, image, options)
        report_changes(self, before)
        group, stack = find_compositor(image), current_stack(scene, image)
        assert group is not None
        self.report({"INFO"}, reported("{name}: {count} layers", name=group.name, count=len(stack)))
        return {"FINISHED"}


class ILLDEPTH_OT_compositor_show(PictureOperator, bpy.types.Operator):
    """Show the layer in the compositor, or leave it out"""

    bl_idname = "illdepth.compositor_show"
    bl_label = "Show in Compositor"
    bl_options = {"REGISTER", "UNDO"}

    uid: IntProperty(name="Layer", description="Identity of the layer", options={"SKIP_SAVE"})
    layer: StringProperty(
        name="Name",
        description="Name of the layer, for scripts that do not know its identity",
        options={"SKIP_SAVE"},
    )

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        group = find_compositor(image)
        nodes = group_nodes(scene, group) if group is not None else []
        layers = layer_controls(nodes[0]) if nodes else []
        if self.uid:
            matches = [layer for layer in layers if layer[0] == self.uid]
        else:
            matches = [layer for layer in layers if layer[1] == self.layer]
        if not matches:
            raise InputError(
                f"The scene's compositor shows no layer {self.layer or self.uid!r} of "
                f"{image.name!r}; build the compositor, or choose another layer."
            )
        _, name, controls = matches[0]
        socket = controls["Show"]
        if socket.is_linked:
            raise InputError(f"A node decides whether {name!r} is shown; unlink it first.")
        socket.default_value = not socket.default_value > 0.5
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_build_compositor, ILLDEPTH_OT_compositor_show)
