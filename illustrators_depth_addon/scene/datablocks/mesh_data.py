"""Fills Blender meshes from arrays.

`foreach_set` is called on the raw attributes, which is far quicker than on `mesh.vertices` and
`mesh.loops` (docs/decisions/014-fast-blender-data.md).
"""

from __future__ import annotations

from typing import Any

import bpy
import numpy as np
from numpy.typing import NDArray

__all__ = ["fill_mesh"]


def fill_mesh(
    mesh: bpy.types.Mesh,
    vertices: NDArray[np.float32],
    faces: NDArray[np.int32],
    uv: NDArray[np.float32],
) -> None:
    """Replace a mesh's geometry; its materials stay.

    Args:
        mesh: any mesh, empty or not.
        vertices: float32 (V, 3), Blender units.
        faces: int32 (F, k), k corners each (3 or 4), counter-clockwise seen from outside.
        uv: float32 (V, 2), one per vertex.
    """
    mesh.clear_geometry()
    count, corners = faces.shape
    mesh.vertices.add(len(vertices))
    mesh.loops.add(count * corners)
    mesh.polygons.add(count)
    attributes: Any = mesh.attributes
    attributes["position"].data.foreach_set("vector", _flat(vertices))
    attributes[".corner_vert"].data.foreach_set("value", faces.ravel().astype(np.int32))
    starts = np.arange(0, count * corners, corners, dtype=np.int32)
    mesh.polygons.foreach_set("loop_start", starts)
    layer = mesh.uv_layers.get("UVMap") or mesh.uv_layers.new(name="UVMap", do_init=False)
    attributes[layer.name].data.foreach_set("vector", _flat(uv[faces.ravel()]))
    mesh.update(calc_edges=True)


def _flat(array: NDArray[np.floating]) -> NDArray[np.float32]:
    return np.ascontiguousarray(array, np.float32).ravel()
