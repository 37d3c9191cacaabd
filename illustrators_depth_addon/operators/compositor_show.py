"""A layer of the compositor on or off: up to 4.4 its socket is a number, here it is an eye."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import StringProperty

from illustrators_depth.errors import InputError

from ..context import active_image
from ..scene.compositor import find_compositor, group_nodes
from ..scene.compositor_interface import layer_controls
from .common import NamesPicture, reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_compositor_show(NamesPicture, bpy.types.Operator):
    """Show the layer in the compositor, or leave it out"""

    bl_idname = "illdepth.compositor_show"
    bl_label = "Show in Compositor"
    bl_options = {"REGISTER", "UNDO"}

    layer: StringProperty(name="Layer", description="Name of the layer", options={"SKIP_SAVE"})

    @reports_errors
    def execute(self, context: bpy.types.Context) -> set[Any]:
        image = active_image(context, self.image)
        scene: Any = context.scene
        group = find_compositor(image)
        nodes = group_nodes(scene, group) if group is not None else []
        controls = dict(layer_controls(nodes[0])) if nodes else {}
        if self.layer not in controls:
            raise InputError(
                f"The scene's compositor shows no layer {self.layer!r} of {image.name!r}; build "
                "the compositor, or choose another layer."
            )
        socket = controls[self.layer]["Show"]
        if socket.is_linked:
            raise InputError(f"A node decides whether {self.layer!r} is shown; unlink it first.")
        socket.default_value = not socket.default_value > 0.5
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_compositor_show,)
