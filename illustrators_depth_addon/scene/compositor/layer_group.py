"""What happens to one layer in the compositor: moved, blurred, faded, and laid over those below.

A layer comes as the part of the picture that it covers, and turns about the middle of that part.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import bpy

from .nodes import BOOL_SOCKET, blend_over, blur, math

__all__ = ["CONTROLS", "PLACE", "Control", "layer_group"]

_NAME = "Illustrator's Depth Layer"
# Where the middle of the layer's part lies from the picture's, in pixels.
PLACE = ("Place X", "Place Y")


@dataclass(frozen=True)
class Control:
    """One control of a layer: a socket of the same name on every group that has layers."""

    name: str
    value: float | bool
    description: str
    least: float | None = None
    most: float | None = None
    subtype: str = "NONE"

    def add(self, interface: Any, panel: Any = None, start: float | bool | None = None) -> None:
        """Add the socket to a group's interface; `start` replaces a switch's default."""
        switch = isinstance(self.value, bool)
        kind = BOOL_SOCKET if switch else "NodeSocketFloat"
        socket = interface.new_socket(
            name=self.name, in_out="INPUT", socket_type=kind, parent=panel
        )
        socket.description = self.description
        value = start if switch and start is not None else self.value
        socket.default_value = value if kind == "NodeSocketBool" else float(value)
        if kind == "NodeSocketBool":
            return
        if self.least is not None:
            socket.min_value = self.least
        if self.most is not None:
            socket.max_value = self.most
        if switch:
            socket.min_value, socket.max_value = 0.0, 1.0
        if self.subtype != "NONE":
            socket.subtype = self.subtype


CONTROLS = (
    Control("Show", True, "Whether the layer is there"),
    Control("Opacity", 1.0, "How much the layer covers", 0.0, 1.0, "FACTOR"),
    Control("Blur", 0.0, "Size of the blur in pixels", 0.0, 500.0),
    Control("X", 0.0, "Moved to the right, in pixels"),
    Control("Y", 0.0, "Moved up, in pixels"),
    Control("Rotation", 0.0, "Turned about the layer's middle", subtype="ANGLE"),
    Control("Scale", 1.0, "Scaled about the layer's middle", 0.0),
)


def layer_group() -> Any:
    """The shared node group; made once per file."""
    existing = bpy.data.node_groups.get(_NAME)
    if existing is not None and existing.bl_idname == "CompositorNodeTree":
        return existing
    group: Any = bpy.data.node_groups.new(_NAME, "CompositorNodeTree")
    for name in ("Below", "Image"):
        socket = group.interface.new_socket(
            name=name, in_out="INPUT", socket_type="NodeSocketColor"
        )
        socket.default_value = (0.0, 0.0, 0.0, 0.0)
    group.interface.new_socket(name="Image", in_out="OUTPUT", socket_type="NodeSocketColor")
    for name in PLACE:
        group.interface.new_socket(name=name, in_out="INPUT", socket_type="NodeSocketFloat")
    for control in CONTROLS:
        control.add(group.interface)
    source = group.nodes.new("NodeGroupInput")
    inputs = source.outputs
    moved = group.nodes.new("CompositorNodeTransform")
    group.links.new(inputs["Image"], moved.inputs["Image"])
    for name, target in (("X", "X"), ("Y", "Y"), ("Rotation", "Angle"), ("Scale", "Scale")):
        group.links.new(inputs[name], moved.inputs[target])
    positioned = group.nodes.new("CompositorNodeTranslate")
    group.links.new(moved.outputs[0], positioned.inputs["Image"])
    for name, target in zip(PLACE, "XY", strict=True):
        group.links.new(inputs[name], positioned.inputs[target])
    blurred = blur(group, positioned.outputs[0], inputs["Blur"])
    opacity = math(group, "MULTIPLY", inputs["Show"], inputs["Opacity"])
    blended = blend_over(group, inputs["Below"], blurred, opacity)
    output = group.nodes.new("NodeGroupOutput")
    group.links.new(blended, output.inputs[0])
    places = (
        (source, -600),
        (moved, -400),
        (positioned, -200),
        (blurred.node, -50),
        (blended.node, 100),
        (output, 300),
    )
    for node, x in places:
        node.location = (x, 0)
    opacity.node.location = (-100, 260)
    return group
