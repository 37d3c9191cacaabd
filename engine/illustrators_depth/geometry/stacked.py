"""One closed slab per layer, or one solid with a step per layer."""

from __future__ import annotations

from dataclasses import replace

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..nouns import LayerStack, Mesh, MeshPart
from ..outlines import Polygon, contour_polygons, mask_window, smooth_field
from ..settings import ReliefSettings
from .extrude import extrude
from .separate import separate_twins

__all__ = ["stacked_slabs", "terraced_solid"]

# Outlines of neighbouring steps run along each other, a hair apart. Features below this share of
# the picture's size (5 micrometres of 200 mm) are collapsed, so that no two points fall together
# when an STL rounds them to 32 bits.
_COLLAPSE = 2.5e-5


# What _assemble takes per part: name, layer, colour, vertices (x, y in pixels, z in mm), faces.
_Piece = tuple[str, int, tuple[float, float, float], NDArray[np.floating], NDArray[np.int32]]


def stacked_slabs(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """Extrude every shown layer's completed mask into a slab of its own.

    Slab k (from 0) lies between k (thickness + gap) and that plus thickness. Layers whose mask is
    empty are left out.
    """
    pitch = settings.thickness_mm + settings.gap_mm
    pieces: list[_Piece] = []
    for level, (index, layer) in enumerate(stack.shown()):
        polygons = _outline(layer.mask_crop, layer.window, stack.height, settings)
        low = level * pitch
        vertices, faces = extrude(polygons, low, low + settings.thickness_mm)
        if len(faces):
            pieces.append((layer.name, index, layer.color, vertices, faces))
    return _assemble(stack, settings, pieces)


def terraced_solid(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """One printable solid: a base, and a step of `thickness_mm` for every layer above the lowest.

    Step k covers every pixel whose shown layer is k or higher, so steps nest, nothing overhangs,
    and the total height is base + (layers - 1) x thickness.
    """
    levels = _levels(stack)
    steps = []
    for level in range(len(stack.shown())):
        mask = levels >= level
        rows, cols = mask_window(mask, margin=4)
        window = (rows.start, cols.start, rows.stop, cols.stop)
        polygons = _outline(mask[rows, cols], window, stack.height, settings)
        high = settings.base_mm + level * settings.thickness_mm
        low = high - settings.thickness_mm if level else 0.0
        vertices, faces = extrude(polygons, low, high)
        if len(faces):
            steps.append(_solid(vertices, faces))
    if not steps:
        return _assemble(stack, settings, [])
    collapse = _COLLAPSE * max(stack.width, stack.height)
    mesh = manifold3d.Manifold.batch_boolean(steps, manifold3d.OpType.Add).simplify(collapse)
    arrays = mesh.to_mesh64()
    faces = np.asarray(arrays.tri_verts, np.int32)
    vertices = np.asarray(arrays.vert_properties)[:, :3]
    whole = _assemble(stack, settings, [("relief", -1, (0.8, 0.8, 0.8), vertices, faces)])
    apart = separate_twins(whole.vertices, whole.faces, _COLLAPSE * settings.size_mm)
    return replace(whole, vertices=apart)


def _solid(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> manifold3d.Manifold:
    return manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=np.ascontiguousarray(vertices), tri_verts=faces.astype(np.uint64)
        )
    )


def _levels(stack: LayerStack) -> NDArray[np.int32]:
    """Level of the top shown layer at every pixel, counted from 0 over shown layers; -1 = none."""
    shown = stack.shown()
    if len(shown) == len(stack):
        return stack.labels
    # Hidden layers reveal what continues below them.
    levels = np.full(stack.labels.shape, -1, np.int32)
    for level, (_, layer) in enumerate(shown):
        levels[layer.box][layer.mask_crop] = level
    return levels


def _outline(
    mask: NDArray[np.bool_],
    window: tuple[int, int, int, int],
    frame_height: int,
    settings: ReliefSettings,
) -> list[Polygon]:
    """Smooth outline of a mask given in a window, in full-frame pixels (y up)."""
    _, left, bottom, _ = window
    polygons = contour_polygons(smooth_field(mask, settings.smoothing), settings.simplify)
    shift = np.array([float(left), float(frame_height - bottom)])
    return [Polygon(p.outer + shift, tuple(h + shift for h in p.holes)) for p in polygons]


def _assemble(stack: LayerStack, settings: ReliefSettings, pieces: list[_Piece]) -> Mesh:
    """Number the pieces through, map them into the picture and scale them to millimetres."""
    if not pieces:
        raise InputError(f"The stack {stack.name!r} has no shown layer; unhide one.")
    parts, vertex_lists, face_lists = [], [], []
    vertex_at = face_at = 0
    for name, index, color, vertices, faces in pieces:
        own_vertices = slice(vertex_at, vertex_at + len(vertices))
        own_faces = slice(face_at, face_at + len(faces))
        parts.append(MeshPart(name, index, own_vertices, own_faces, color))
        vertex_lists.append(vertices)
        face_lists.append(faces + vertex_at)
        vertex_at, face_at = own_vertices.stop, own_faces.stop
    points = np.concatenate(vertex_lists).astype(np.float64)
    uv = np.clip(points[:, :2] / [stack.width, stack.height], 0.0, 1.0)
    if settings.fit == "drawing":
        points[:, :2] -= points[:, :2].min(axis=0)
        longest = float(points[:, :2].max())
    else:
        longest = float(max(stack.width, stack.height))
    points[:, :2] *= settings.size_mm / longest
    return Mesh(
        points.astype(np.float32),
        np.concatenate(face_lists).astype(np.int32),
        uv.astype(np.float32),
        tuple(parts),
    )
