"""A geometry-nodes group that raises a relief by the depth its vertices carry, live.

The depth is a 32-bit attribute of the mesh, 0 (farthest) to 1 (nearest), and below zero for what
belongs to the base. Compression lifts what is low and presses what is high, as bas-reliefs do.
"""

from __future__ import annotations

from typing import Any

from ..datablocks.node_groups import new_modifier_group, shared_group

__all__ = ["ATTRIBUTE", "INPUTS", "height_group"]

ATTRIBUTE = "depth"
_NAME = "Illustrator's Depth Height"

# Name, default, least, most, subtype, description.
INPUTS: tuple[tuple[str, float, float, float, str, str], ...] = (
    ("Height", 0.2, -1e4, 1e4, "DISTANCE", "Height of the nearest point over the farthest"),
    ("Mid Level", 0.0, 0.0, 1.0, "FACTOR", "The depth that stays where it is"),
    ("Gamma", 1.0, 0.05, 20.0, "NONE", "Above 1 lowers what is far, below 1 lifts it"),
    ("Compression", 0.0, 0.0, 1.0, "FACTOR", "Presses near parts together, as bas-reliefs do"),
    ("Base", 0.0, 0.0, 1e4, "DISTANCE", "Thickness of what lies under the farthest point"),
)
_COMPRESSION_STEEPNESS = 9.0  # how strongly the full compression bends: log10(1 + 9 d)


def height_group() -> Any:
    """The shared node group; made once per file."""
    existing = shared_group(_NAME)
    if existing is not None:
        return existing
    group = new_modifier_group(_NAME)
    for name, value, least, most, subtype, description in INPUTS:
        socket = group.interface.new_socket(
            name=name, in_out="INPUT", socket_type="NodeSocketFloat"
        )
        socket.subtype = subtype
        socket.default_value, socket.min_value, socket.max_value = value, least, most
        socket.description = description
    source = group.nodes.new("NodeGroupInput")
    inputs = source.outputs
    stored = group.nodes.new("GeometryNodeInputNamedAttribute")
    stored.data_type = "FLOAT"
    stored.inputs["Name"].default_value = ATTRIBUTE
    depth = stored.outputs["Attribute"]

    def math(operation: str, *values: Any) -> Any:
        node = group.nodes.new("ShaderNodeMath")
        node.operation = operation
        for socket, value in zip(node.inputs, values, strict=False):
            if isinstance(value, float):
                socket.default_value = value
            else:
                group.links.new(value, socket)
        return node.outputs[0]

    curved = math("POWER", math("MAXIMUM", depth, 0.0), inputs["Gamma"])
    compressed = math(
        "LOGARITHM",
        math("MULTIPLY_ADD", curved, _COMPRESSION_STEEPNESS, 1.0),
        1.0 + _COMPRESSION_STEEPNESS,
    )
    mixed = math(
        "MULTIPLY_ADD", math("SUBTRACT", compressed, curved), inputs["Compression"], curved
    )
    raised = math("MULTIPLY", math("SUBTRACT", mixed, inputs["Mid Level"]), inputs["Height"])
    base = math("MULTIPLY", math("LESS_THAN", depth, 0.0), inputs["Base"])
    offset = group.nodes.new("ShaderNodeCombineXYZ")
    group.links.new(math("SUBTRACT", raised, base), offset.inputs["Z"])
    place = group.nodes.new("GeometryNodeSetPosition")
    group.links.new(inputs["Geometry"], place.inputs["Geometry"])
    group.links.new(offset.outputs[0], place.inputs["Offset"])
    target = group.nodes.new("NodeGroupOutput")
    group.links.new(place.outputs[0], target.inputs[0])
    for column, node in enumerate(group.nodes):
        node.location = (column * 180.0, -(column % 3) * 160.0)
    return group
