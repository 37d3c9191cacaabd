"""A geometry-nodes group that shades curved walls smooth and keeps corners and rims crisp.

Blender's own "Smooth by Angle" is an asset that has to be loaded from disk; this is the same idea
in three nodes, without the mesh being cut open as the Edge Split modifier does.
"""

from __future__ import annotations

import math

import bpy

from ..datablocks.node_groups import new_modifier_group, shared_group

__all__ = ["smooth_edges_group"]

_NAME = "Illustrator's Depth Smooth Edges"
_MAX_SMOOTH_ANGLE = math.radians(35.0)


def smooth_edges_group() -> bpy.types.NodeTree:
    """The shared node group; made once per file."""
    existing = shared_group(_NAME)
    if existing is not None:
        return existing
    group = new_modifier_group(_NAME)
    source = group.nodes.new("NodeGroupInput")
    angle = group.nodes.new("GeometryNodeInputMeshEdgeAngle")
    compare = group.nodes.new("FunctionNodeCompare")
    compare.data_type, compare.operation = "FLOAT", "GREATER_THAN"
    compare.inputs[1].default_value = _MAX_SMOOTH_ANGLE
    crisp = group.nodes.new("GeometryNodeSetShadeSmooth")
    crisp.domain = "EDGE"
    crisp.inputs["Shade Smooth"].default_value = False
    target = group.nodes.new("NodeGroupOutput")
    for node, place in ((source, -400), (angle, -400), (compare, -200), (crisp, 0), (target, 200)):
        node.location = (place, -160 if node in (angle, compare) else 0)
    group.links.new(source.outputs[0], crisp.inputs["Geometry"])
    group.links.new(angle.outputs["Unsigned Angle"], compare.inputs[0])
    group.links.new(compare.outputs["Result"], crisp.inputs["Selection"])
    group.links.new(crisp.outputs[0], target.inputs[0])
    return group
