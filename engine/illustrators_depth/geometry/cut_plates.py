"""A print too large for its printer, cut into solids that fit and key into one another."""

from __future__ import annotations

import manifold3d
import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from ..types import Mesh, MeshPart
from .plates import PlatePiece, plate_pieces

__all__ = ["cut_for_plate"]

# How far a key reaches into the next piece, and the air around it that a printer needs.
KEY_MM, CLEARANCE_MM = 8.0, 0.15
# Slivers of a smaller volume cannot be printed, and are left out.
MIN_VOLUME_MM3 = 0.5
# Where the underside is looked at: so far above the lowest point, in thin parts at this share of
# their height. At the lowest point itself rounding decides what is solid.
_SLICE_MM, _SLICE_SHARE = 0.05, 0.1
# A piece's outline is cut from so far below the part to so far above it.
_PRISM_MARGIN_MM = 1.0


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

    Raises InputError when the plate is too small for pieces with keys, or a part is no closed
    solid.
    """
    size = (mesh.size_mm[0], mesh.size_mm[1])
    pieces = plate_pieces(size, plate_mm, KEY_MM, CLEARANCE_MM)
    if pieces[0].is_whole:
        return mesh
    origin = mesh.vertices.min(axis=0)
    vertices: list[NDArray[np.float32]] = []
    faces: list[NDArray[np.int32]] = []
    parts: list[MeshPart] = []
    vertex_count = face_count = 0
    for part, part_mesh in zip(mesh.parts, mesh.split(), strict=True):
        solid = _solid(part_mesh).translate((-float(origin[0]), -float(origin[1]), 0.0))
        bottom, top = float(part_mesh.vertices[:, 2].min()), float(part_mesh.vertices[:, 2].max())
        underside = solid.slice(bottom + min(_SLICE_MM, _SLICE_SHARE * (top - bottom)))
        for piece in pieces:
            cut_solid = solid ^ _prism(piece, underside, bottom, top)
            if cut_solid.volume() < MIN_VOLUME_MM3:
                continue
            data = cut_solid.to_mesh()
            points = np.asarray(data.vert_properties, np.float32)[:, :3]
            points = points + np.array([origin[0], origin[1], 0.0], np.float32)
            triangles = np.asarray(data.tri_verts, np.int32)
            name = f"{part.name}{piece.label}"
            vertex_range = slice(vertex_count, vertex_count + len(points))
            face_range = slice(face_count, face_count + len(triangles))
            parts.append(MeshPart(name, part.layer, vertex_range, face_range, part.color))
            vertices.append(points)
            faces.append(triangles + vertex_count)
            vertex_count, face_count = vertex_range.stop, face_range.stop
    points = np.concatenate(vertices)
    return Mesh(points, np.concatenate(faces).astype(np.int32), _uv(mesh, points), tuple(parts))


def _solid(part_mesh: Mesh) -> manifold3d.Manifold:
    solid = manifold3d.Manifold(
        manifold3d.Mesh(
            vert_properties=np.ascontiguousarray(part_mesh.vertices),
            tri_verts=np.ascontiguousarray(part_mesh.faces, np.uint32),
        )
    )
    if solid.status() != manifold3d.Error.NoError:
        raise InputError(f"{part_mesh.parts[0].name!r} is no closed solid, so it cannot be cut.")
    return solid


def _prism(
    piece: PlatePiece, underside: manifold3d.CrossSection, bottom: float, top: float
) -> manifold3d.Manifold:
    """The piece's outline, keys included, from below the part to above it."""
    prism = piece.outline(underside).extrude(top - bottom + 2.0 * _PRISM_MARGIN_MM)
    return prism.translate((0.0, 0.0, bottom - _PRISM_MARGIN_MM))


def _uv(mesh: Mesh, points: NDArray[np.float32]) -> NDArray[np.float32]:
    """Texture coordinates of points, float32 (n, 2), by the linear map from x and y of `mesh`."""
    uv = np.empty((len(points), 2))
    for axis in (0, 1):
        first, last = np.argmin(mesh.vertices[:, axis]), np.argmax(mesh.vertices[:, axis])
        ends = mesh.vertices[[first, last], axis].astype(np.float64)
        uv[:, axis] = np.interp(points[:, axis], ends, mesh.uv[[first, last], axis])
    return uv.astype(np.float32)
