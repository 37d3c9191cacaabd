"""Joins closed pieces into one Mesh in millimetres."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..errors import NothingShownError
from ..settings import ReliefSettings
from ..types import LayerStack, Mesh, MeshPart

__all__ = ["Piece", "assemble"]


@dataclass(frozen=True)
class Piece:
    """One closed piece before it is scaled.

    Attributes:
        name, layer, color: as in MeshPart.
        vertices: float (n, 3), x and y in pixels (y up), z in millimetres.
        faces: int32 (m, 3), outward.
    """

    name: str
    layer: int
    color: tuple[float, float, float]
    vertices: NDArray[np.floating]
    faces: NDArray[np.int32]


def assemble(stack: LayerStack, settings: ReliefSettings, pieces: Sequence[Piece]) -> Mesh:
    """Join pieces into one mesh, scaled to `size_mm`, with texture coordinates in the picture.

    Args:
        stack: what the pieces were made from; its size in pixels is the frame.
        settings: `size_mm`, and what has that size: the frame or, with `fit="drawing"`, the pieces
            together, which then begin at 0, 0.
        pieces: become the mesh's parts, in their order.

    Raises NothingShownError (an InputError) when there is no piece.
    """
    if not pieces:
        raise NothingShownError(stack.name)
    parts, vertex_lists, face_lists = [], [], []
    vertex_count = face_count = 0
    for piece in pieces:
        vertex_range = slice(vertex_count, vertex_count + len(piece.vertices))
        face_range = slice(face_count, face_count + len(piece.faces))
        parts.append(MeshPart(piece.name, piece.layer, vertex_range, face_range, piece.color))
        vertex_lists.append(piece.vertices)
        face_lists.append(piece.faces + vertex_count)
        vertex_count, face_count = vertex_range.stop, face_range.stop
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
