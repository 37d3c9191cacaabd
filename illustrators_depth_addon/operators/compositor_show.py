"""A layer of the compositor on or off: up to 4.4 its socket is a number, here it is an eye."""

from __future__ import annotations

from typing import Any

import bpy
from bpy.props import IntProperty, StringProperty

from illustrators_depth.errors import InputError

from ..context import active_image
from ..scene.compositor.build import find_compositor, group_nodes
from ..scene.compositor.interface import layer_controls
from .common import NamesPicture, reports_errors

__all__ = ["CLASSES"]


class ILLDEPTH_OT_compositor_show(NamesPicture, bpy.types.Operator):
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
        known = layer_controls(nodes[0]) if nodes else []
        meant = [x for x in known if (x[0] == self.uid if self.uid else x[1] == self.layer)]
        if not meant:
            raise InputError(
                f"The scene's compositor shows no layer {self.layer or self.uid!r} of "
                f"{image.name!r}; build the compositor, or choose another layer."
            )
        _, name, controls = meant[0]
        socket = controls["Show"]
        if socket.is_linked:
            raise InputError(f"A node decides whether {name!r} is shown; unlink it first.")
        socket.default_value = not socket.default_value > 0.5
        return {"FINISHED"}


CLASSES = (ILLDEPTH_OT_compositor_show,)
