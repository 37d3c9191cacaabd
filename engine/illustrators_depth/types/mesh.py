"""Closed solids of triangles."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

__all__ = ["Mesh", "MeshPart"]

Float32Array = NDArray[np.float32]


@dataclass(frozen=True)
class MeshPart:
    """One closed piece of a Mesh: the slab of one layer, or the whole relief.

    Attributes:
        name: the layer's name, or "relief".
        layer: index into the stack's layers, -1 for a relief of all of them.
        vertices: slice of Mesh.vertices that belongs to this part.
        faces: slice of Mesh.faces that belongs to this part.
        color: sRGB 0..1.
    """

    name: str
    layer: int
    vertices: slice
    faces: slice
    color: tuple[float, float, float] = (0.8, 0.8, 0.8)


@dataclass(frozen=True, eq=False, repr=False)
class Mesh:
    """Triangles in millimetres; every part is closed, manifold and outward-facing.

    Attributes:
        vertices: float32 (V, 3), mm: x right, y up the picture, z towards the viewer; the picture's
            lower left corner is at x = y = 0 and the lowest face at z = 0.
        faces: int32 (F, 3), counter-clockwise seen from outside; no face spans two parts.
        uv: float32 (V, 2), 0..1, v up: where each vertex lies in the picture.
        parts: the pieces, bottom to top.
    """

    vertices: Float32Array
    faces: NDArray[np.int32]
    uv: Float32Array
    parts: tuple[MeshPart, ...]

    def __repr__(self) -> str:
        x, y, z = self.size_mm if len(self.vertices) else (0.0, 0.0, 0.0)
        size = f"{x:.4g} x {y:.4g} x {z:.4g} mm"
        return f"<Mesh {size}, {len(self.faces)} triangles, {len(self.parts)} parts>"

    @property
    def size_mm(self) -> tuple[float, float, float]:
        """Extent of the bounding box along x, y and z, in mm."""
        extent = self.vertices.max(axis=0) - self.vertices.min(axis=0)
        return float(extent[0]), float(extent[1]), float(extent[2])

    def split(self) -> tuple[Mesh, ...]:
        """One Mesh per part, with its own vertex numbering."""
        return tuple(self.part(i) for i in range(len(self.parts)))

    def part(self, index: int) -> Mesh:
        """The part at `index` as a Mesh of its own."""
        piece = self.parts[index]
        vertices = self.vertices[piece.vertices]
        faces = (self.faces[piece.faces] - piece.vertices.start).astype(np.int32)
        alone = replace(piece, vertices=slice(0, len(vertices)), faces=slice(0, len(faces)))
        return Mesh(vertices, faces, self.uv[piece.vertices], (alone,))
