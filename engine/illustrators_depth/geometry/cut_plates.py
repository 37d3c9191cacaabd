"""A print too large for its printer, cut into solids that fit and key into one another."""

from __future__ import annotations

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..types import Mesh, MeshPart
from .plates import Tile, plate_tiles

__all__ = ["cut_for_plate"]

# How far a key reaches into the next piece, and the air around it that a printer needs.
KEY_MM, CLEARANCE_MM = 8.0, 0.15
# Slivers below this are nothing that could be printed.
MIN_VOLUME_MM3 = 0.5


def cut_for_plate(mesh: Mesh, plate_mm: tuple[float, ...]) -> Mesh:
    """Cut every part along upright seams with dovetail keys.

    Keys stand where the part's underside is solid all around them. Coordinates stay those of the
    whole, so that the pieces lie beside one another as they will be joined.

    Args:
        mesh: closed parts.
        plate_mm: width and depth of the printer's plate; empty for none.

    Returns:
        The mesh itself where it fits; else one part per piece, row by row from the lower left, its
        row and column after its part's name.

    Raises InputError when the plate is too small, or a part is no closed solid.
    """
    size = (mesh.size_mm[0], mesh.size_mm[1])
    tiles = plate_tiles(size, plate_mm, KEY_MM, CLEARANCE_MM)
    if tiles[0].is_all:
        return mesh
    low = mesh.vertices.min(axis=0)
    vertices: list[NDArray[np.float32]] = []
    faces: list[NDArray[np.int32]] = []
    parts: list[MeshPart] = []
    at = face_at = 0
    for part, own in zip(mesh.parts, mesh.split(), strict=True):
        solid = _solid(own).translate((-float(low[0]), -float(low[1]), 0.0))
        bottom, top = float(own.vertices[:, 2].min()), float(own.vertices[:, 2].max())
        underside = solid.slice(bottom + min(0.05, 0.1 * (top - bottom)))
        for tile in tiles:
            piece = solid ^ _prism(tile, underside, bottom, top)
            if piece.volume() < MIN_VOLUME_MM3:
                continue
            data = piece.to_mesh()
            points = np.asarray(data.vert_properties, np.float32)[:, :3]
            points = points + np.array([low[0], low[1], 0.0], np.float32)
            triangles = np.asarray(data.tri_verts, np.int32)
            name = f"{part.name}{tile.label}"
            own_vertices = slice(at, at + len(points))
            own_faces = slice(face_at, face_at + len(triangles))
            parts.append(MeshPart(name, part.layer, own_vertices, own_faces, part.color))
            vertices.append(points)
            faces.append(triangles + at)
            at, face_at = own_vertices.stop, own_faces.stop
    points = np.concatenate(vertices)
    return Mesh(points, np.concatenate(faces).astype(np.int32), _uv(mesh, points), tuple(parts))


def _solid(own: Mesh) -> manifold3d.Manifold:
    solid = manifold3d.Manifold(
        manifold3d.Mesh(
            vert_properties=np.ascontiguousarray(own.vertices),
            tri_verts=np.ascontiguousarray(own.faces, np.uint32),
        )
    )
    if solid.status() != manifold3d.Error.NoError:
        raise InputError(f"{own.parts[0].name!r} is no closed solid, so it cannot be cut.")
    return solid


def _prism(
    tile: Tile, underside: manifold3d.CrossSection, bottom: float, top: float
) -> manifold3d.Manifold:
    """The tile's outline, keys included, from below the part to above it."""
    height = top - bottom + 2.0
    return tile.outline(underside).extrude(height).translate((0.0, 0.0, bottom - 1.0))


def _uv(mesh: Mesh, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Where points lie in the picture: as the vertices they were cut from, by one linear map."""
    uv = np.empty((len(points), 2))
    for axis in (0, 1):
        first, last = np.argmin(mesh.vertices[:, axis]), np.argmax(mesh.vertices[:, axis])
        ends = mesh.vertices[[first, last], axis].astype(np.float64)
        uv[:, axis] = np.interp(points[:, axis], ends, mesh.uv[[first, last], axis])
    return uv.astype(np.float32)
