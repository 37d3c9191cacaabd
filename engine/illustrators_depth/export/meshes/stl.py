"""Binary STL: 50 bytes a triangle, written at once, without a mesh library's second of imports.

Format: "The STL Format" (3D Systems, 1989): 80 bytes of header, a count, then normal, three corners
and an attribute of zero for each triangle, little-endian.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from ...types import Mesh

__all__ = ["write_stl"]

_TRIANGLE = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
_HEADER = b"illustrators-depth, millimetres".ljust(80)


def write_stl(mesh: Mesh, path: Path) -> None:
    """Write all parts of a mesh; a triangle without area gets the normal 0."""
    triangles = np.zeros(len(mesh.faces), _TRIANGLE)
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    normal = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    length = np.linalg.norm(normal, axis=1, keepdims=True)
    triangles["normal"] = np.divide(normal, length, out=np.zeros_like(normal), where=length > 0.0)
    triangles["corners"] = corners
    with path.open("wb") as out:
        out.write(_HEADER + np.uint32(len(triangles)).astype("<u4").tobytes())
        out.write(triangles.data)
