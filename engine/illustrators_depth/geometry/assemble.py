"""Puts pieces together into one Mesh in millimetres."""

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
    """Number the pieces through, map them into the picture and scale them to `size_mm`.

    Raises InputError when there is no piece: no layer is shown.
    """
    if not pieces:
        raise NothingShownError(stack.name)
    parts, vertex_lists, face_lists = [], [], []
    vertex_at = face_at = 0
    for piece in pieces:
        own_vertices = slice(vertex_at, vertex_at + len(piece.vertices))
        own_faces = slice(face_at, face_at + len(piece.faces))
        parts.append(MeshPart(piece.name, piece.layer, own_vertices, own_faces, piece.color))
        vertex_lists.append(piece.vertices)
        face_lists.append(piece.faces + vertex_at)
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
