"""One closed slab per layer, or one solid with a step per layer."""

from __future__ import annotations

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


def stacked_slabs(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """Extrude every shown layer's completed mask into a slab of its own.

    Slab k (from 0) lies between k (thickness + gap) and that plus thickness. Layers whose mask is
    empty are left out.
    """
    scale = _scale(stack, settings)
    pitch = settings.thickness_mm + settings.gap_mm
    pieces = []
    for level, (index, layer) in enumerate(stack.shown()):
        polygons = _outline(layer.mask_crop, layer.window, stack.height, settings)
        low = level * pitch
        vertices, faces = extrude(_scaled(polygons, scale), low, low + settings.thickness_mm)
        pieces.append((layer.name, index, layer.color, vertices, faces))
    return _assemble(stack, scale, [p for p in pieces if len(p[4])])


def terraced_solid(stack: LayerStack, settings: ReliefSettings) -> Mesh:
    """One printable solid: a base, and a step of `thickness_mm` for every layer above the lowest.

    Step k covers every pixel whose shown layer is k or higher, so steps nest, nothing overhangs,
    and the total height is base + (layers - 1) x thickness.
    """
    scale = _scale(stack, settings)
    shown = stack.shown()
    rank = np.full(len(stack) + 1, -1, np.int32)  # the last entry serves label -1
    for level, (index, _) in enumerate(shown):
        rank[index] = level
    levels = _fill_hidden(stack, rank)
    steps = []
    for level in range(len(shown)):
        mask = levels >= level
        rows, cols = mask_window(mask, margin=4)
        window = (rows.start, cols.start, rows.stop, cols.stop)
        polygons = _outline(mask[rows, cols], window, stack.height, settings)
        if level == 0:
            low, high = 0.0, settings.base_mm
        else:
            high = settings.base_mm + level * settings.thickness_mm
            low = high - settings.thickness_mm
        vertices, faces = extrude(_scaled(polygons, scale), low, high)
        if len(faces):
            steps.append(_solid(vertices, faces))
    if not steps:
        raise InputError(f"The stack {stack.name!r} has no shown layer; unhide one.")
    union = manifold3d.Manifold.batch_boolean(steps, manifold3d.OpType.Add)
    mesh = union.simplify(_COLLAPSE * settings.size_mm).to_mesh64()
    faces = np.asarray(mesh.tri_verts, np.int32)
    vertices = separate_twins(
        np.asarray(mesh.vert_properties)[:, :3], faces, _COLLAPSE * settings.size_mm
    )
    return _assemble(stack, scale, [("relief", -1, (0.8, 0.8, 0.8), vertices, faces)])


def _solid(vertices: NDArray[np.float64], faces: NDArray[np.int32]) -> manifold3d.Manifold:
    return manifold3d.Manifold(
        manifold3d.Mesh64(
            vert_properties=np.ascontiguousarray(vertices), tri_verts=faces.astype(np.uint64)
        )
    )


def _fill_hidden(stack: LayerStack, rank: NDArray[np.int32]) -> NDArray[np.int32]:
    """Level of the top shown layer at every pixel: hidden layers reveal what continues below."""
    levels = rank[stack.labels]
    if any(layer.hidden for layer in stack):
        levels = np.full(stack.labels.shape, -1, np.int32)
        for level, (_, layer) in enumerate(stack.shown()):
            levels[layer.box][layer.mask_crop] = level
    return levels


def _scale(stack: LayerStack, settings: ReliefSettings) -> float:
    """Millimetres per pixel."""
    return settings.size_mm / max(stack.width, stack.height)


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


def _scaled(polygons: list[Polygon], scale: float) -> list[Polygon]:
    return [Polygon(p.outer * scale, tuple(h * scale for h in p.holes)) for p in polygons]


def _assemble(
    stack: LayerStack,
    scale: float,
    pieces: list[
        tuple[str, int, tuple[float, float, float], NDArray[np.floating], NDArray[np.int32]]
    ],
) -> Mesh:
    if not pieces:
        raise InputError(f"The stack {stack.name!r} has no shown layer; unhide one.")
    parts, vertex_lists, face_lists = [], [], []
    vertex_at = face_at = 0
    for name, index, color, vertices, faces in pieces:
        parts.append(
            MeshPart(
                name,
                index,
                slice(vertex_at, vertex_at + len(vertices)),
                slice(face_at, face_at + len(faces)),
                color,
            )
        )
        vertex_lists.append(vertices)
        face_lists.append(faces + vertex_at)
        vertex_at += len(vertices)
        face_at += len(faces)
    vertices = np.concatenate(vertex_lists)
    uv = vertices[:, :2] / (np.array([stack.width, stack.height]) * scale)
    return Mesh(
        vertices.astype(np.float32),
        np.concatenate(face_lists).astype(np.int32),
        np.clip(uv, 0.0, 1.0).astype(np.float32),
        tuple(parts),
    )
