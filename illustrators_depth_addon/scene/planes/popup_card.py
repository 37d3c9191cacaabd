"""A layer stack as a pop-up card: two boards on a hinge, the layers standing between them.

The bottom layer is glued to the back board. Every other layer stands parallel to it, as far out on
the floor as its place in the stack, held by a paper strip to what is behind it: board, layer, floor
and strip are the four sides of a parallelogram, which is how such cards fold. One angle drives all
of it, by plain arithmetic: 90 degrees is the open card, 0 the closed one, everything flat.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import bpy
import cv2
import numpy as np

from illustrators_depth.types import Layer, LayerStack

from ...addon_data import addon_data
from ..datablocks.custom_properties import add_angle, add_length, drive
from ..datablocks.materials import build_material
from ..datablocks.mesh_data import fill_mesh
from ..objects.build_collection import CARD, build_root, layer_objects
from ..objects.layer_roles import match_objects, remove_object, remove_others
from ..objects.names import give_name, layer_tail, part_name
from .build import PlaneShape, layer_plane, plane_size
from .offsets import add_up_offsets
from .root import ALIGN, OFFSET, PlanesOptions

__all__ = ["AHEAD", "ANGLE", "CardOptions", "build_popup_card"]

ANGLE = "fold_angle"
# Of a layer, driven: how far out on the floor it stands.
AHEAD = "ahead"
# Which part of the card an object is that is no layer: "back", "floor" or "strip NAME".
_PART = "card_part"

_SHEET_SHARE = 0.002  # what one sheet is thick, in picture heights: keeps the closed card in order
_BOARD_COLOR = (0.93, 0.91, 0.86)
_MAX_STRIP_SHARE = 0.04  # width of a strip at most, in picture heights


@dataclass(frozen=True)
class CardOptions:
    """How a pop-up card is made; what can be changed afterwards is of a newly made one.

    Attributes:
        height: of the picture, Blender units.
        angle: between the boards, radians; pi / 2 is open, 0 closed.
        offset_amount: from each layer to the next on the floor, Blender units; 0 for a floor as
            deep as the picture is tall.
        align_axis: what the picture faces, one of `planes.ALIGN`.
        strips: add the strips of paper that hold the layers.
        shader: one of `materials.SHADERS`.
    """

    height: float = 1.0
    angle: float = math.pi / 2.0
    offset_amount: float = 0.0
    align_axis: str = "-Y"
    strips: bool = True
    shader: str = "PRINCIPLED"


def build_popup_card(
    scene: bpy.types.Scene,
    source: bpy.types.Image,
    stack: LayerStack,
    options: CardOptions | None = None,
) -> bpy.types.Collection:
    """Build, or rebuild in place, a pop-up card of a layer stack in a collection.

    A layer keeps its object, transform, modifiers and material when rebuilt: it is known by its uid
    or else by its name.

    Args:
        scene: where a new collection is linked.
        source: the picture's datablock; the collection remembers it.
        stack: the layers; hidden ones get no new object.
        options: size, angle and look of what is newly made.

    Returns:
        The collection. Its empty, in the middle of the hinge, carries the live properties
        "fold_angle" (radians) and "offset".
    """
    options = options or CardOptions()
    collection, root = build_root(scene, source, CARD)
    if root.get(ANGLE) is None:
        root.rotation_euler = ALIGN[options.align_axis]
        offset = options.offset_amount or options.height / max(1, len(stack.shown()))
        add_length(root, OFFSET, offset, "Distance from each layer to the next")
        add_length(root, "height", options.height, "Height of the picture", least=1e-3)
        add_angle(root, ANGLE, options.angle, "Angle between the boards: 0 is closed", math.pi / 2)
    plane_options = PlanesOptions(bleed=0.0, shader=options.shader)
    size = plane_size(root, stack)
    existing = layer_objects(collection)
    matched = match_objects(existing, stack)
    items: list[bpy.types.Object] = []
    standing: list[tuple[bpy.types.Object, Layer]] = []
    for index, layer in enumerate(stack.layers):
        if layer.hidden and layer.uid not in matched:
            continue
        item, shape = layer_plane(
            collection, root, stack, index, matched.get(layer.uid), size, plane_options
        )
        below = standing[-1][0] if standing else None
        _drive_position(item, below, root, shape, size, len(standing))
        items.append(item)
        if not layer.hidden:
            standing.append((item, layer))
    remove_others(existing, items)
    parts = {o[_PART]: o for o in collection.objects if o.get(_PART) is not None}
    if standing:
        _fit_boards(collection, root, parts, size, standing[-1][0], len(standing))
    if options.strips:
        for place in range(1, len(standing)):
            _fit_strip(collection, root, parts, size, standing[: place + 1])
    for item in parts.values():
        remove_object(item)
    return collection


def _drive_position(
    item: bpy.types.Object,
    below: bpy.types.Object | None,
    root: bpy.types.Object,
    shape: PlaneShape,
    size: tuple[float, float],
    place: int,
) -> None:
    """Drive where a layer stands: out on the floor, which turns about the hinge at the origin."""
    if item.get(AHEAD) is None:
        add_length(item, AHEAD, 0.0, "How far out on the floor this layer stands")
    add_up_offsets(item, AHEAD, root, below, extra_of=item)
    ahead, angle = (item, f'["{AHEAD}"]'), (root, f'["{ANGLE}"]')
    item.delta_location[0] = shape.center[0]
    foot = shape.center[1] + size[1] / 2.0
    lift = (place + 1) * _SHEET_SHARE * size[1]
    drive(item, ("delta_location", 1), f"{foot!r} + ahead * cos(angle)", ahead=ahead, angle=angle)
    drive(item, ("delta_location", 2), f"{lift!r} + ahead * sin(angle)", ahead=ahead, angle=angle)


def _fit_boards(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    parts: dict[str, bpy.types.Object],
    size: tuple[float, float],
    top: bpy.types.Object,
    count: int,
) -> None:
    """The two boards: the back one behind the picture, the floor as deep as the layers need."""
    back = _card_part(collection, root, parts.pop("back", None), "back")
    _fill_rectangle(back, size[0], (0.0, size[1]))
    floor = _card_part(collection, root, parts.pop("floor", None), "floor")
    _fill_rectangle(floor, size[0], (0.0, 1.0))
    angle = (root, f'["{ANGLE}"]')
    drive(floor, ("delta_rotation_euler", 0), "angle", angle=angle)
    # Closed, the floor lies on top of all layers.
    lift = (count + 1) * _SHEET_SHARE * size[1]
    drive(floor, ("delta_location", 2), f"{lift!r} * cos(angle)", angle=angle)
    drive(
        floor,
        ("delta_scale", 1),
        "ahead + offset",
        ahead=(top, f'["{AHEAD}"]'),
        offset=(root, f'["{OFFSET}"]'),
    )


def _fit_strip(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    parts: dict[str, bpy.types.Object],
    size: tuple[float, float],
    standing: list[tuple[bpy.types.Object, Layer]],
) -> None:
    """The strip that holds the last of `standing`, glued to the nearest sheet behind it."""
    item, layer = standing[-1]
    name = f"strip {layer.name}"
    row, column, clearance = _deepest(layer)
    behind = next(
        (i for i in range(len(standing) - 2, -1, -1) if standing[i][1].mask[row, column]), -1
    )
    strip = _card_part(collection, root, parts.pop(name, None), name)
    scale = size[1] / layer.frame[0]
    _fill_rectangle(strip, min(_MAX_STRIP_SHARE * size[1], clearance * scale), (0.0, 1.0))
    x = (column + 0.5) * scale - size[0] / 2.0
    y = size[1] - (row + 0.5) * scale
    lift = (len(standing) - 0.5) * _SHEET_SHARE * size[1]
    ahead, angle = (item, f'["{AHEAD}"]'), (root, f'["{ANGLE}"]')
    strip.delta_location[0] = x
    drive(strip, ("delta_rotation_euler", 0), "angle", angle=angle)
    if behind < 0:
        strip.driver_remove("delta_location", 1)
        strip.driver_remove("delta_location", 2)
        strip.delta_location[1:] = (y, lift)
        drive(strip, ("delta_scale", 1), "ahead", ahead=ahead)
        return
    back = (standing[behind][0], f'["{AHEAD}"]')
    drive(strip, ("delta_location", 1), f"{y!r} + back * cos(angle)", back=back, angle=angle)
    drive(strip, ("delta_location", 2), f"{lift!r} + back * sin(angle)", back=back, angle=angle)
    drive(strip, ("delta_scale", 1), "ahead - back", ahead=ahead, back=back)


def _deepest(layer: Layer) -> tuple[int, int, float]:
    """Row, column and distance to the rim (pixels) of the point deepest inside a layer."""
    inside = np.pad(layer.mask_crop.astype(np.uint8), 1)
    clearance = cv2.distanceTransform(inside, cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(clearance.argmax()), clearance.shape)
    top, left = layer.window[:2]
    return top + int(row), left + int(column), float(clearance[row, column])


def _card_part(
    collection: bpy.types.Collection,
    root: bpy.types.Object,
    item: bpy.types.Object | None,
    name: str,
) -> bpy.types.Object:
    """An object of the card that is no layer: `item`, or a new one of plain board."""
    if item is not None:
        tail = layer_tail(f"card {name}")
        give_name(item, addon_data(collection).image, tail, known_as=f"card {name}")
        return item
    source, tail = addon_data(collection).image, layer_tail(f"card {name}")
    name_in_file = part_name(source, tail)
    mesh: Any = bpy.data.meshes.new(name_in_file)
    mesh.materials.append(_board_material(collection))
    item = bpy.data.objects.new(name_in_file, mesh)
    item.parent = root
    holder: Any = item
    holder[_PART] = name
    collection.objects.link(item)
    give_name(item, source, tail)
    return item


def _board_material(collection: bpy.types.Collection) -> bpy.types.Material:
    """What the card is made of: one material, also for parts that are added later."""
    for item in collection.objects:
        mesh: Any = item.data
        if item.get(_PART) is not None and len(mesh.materials):
            return mesh.materials[0]
    return build_material("card board", _BOARD_COLOR)


def _fill_rectangle(item: bpy.types.Object, width: float, reach: tuple[float, float]) -> None:
    """A rectangle about the y axis, from reach[0] to reach[1] along it."""
    left, right = -width / 2.0, width / 2.0
    corners = [[left, reach[0], 0], [right, reach[0], 0], [right, reach[1], 0], [left, reach[1], 0]]
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], np.float32)
    faces = np.array([[0, 1, 2, 3]], np.int32)
    fill_mesh(item.data, np.array(corners, np.float32), faces, uv)  # type: ignore[arg-type]
