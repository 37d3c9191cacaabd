"""Meshes as files, one writer per ending: STL, 3MF and OBJ by our own, GLB and PLY by trimesh.

A Mesh in millimetres comes in; a file appears whole or not at all.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError, check_kind
from ...io.atomic import atomic_path
from ...io.user_path import check_suffix, user_path
from ...types import Image, LayerStack, Mesh, MeshPart

if TYPE_CHECKING:
    import trimesh
    from numpy.typing import NDArray

__all__ = ["MESH_SUFFIXES", "check_mesh_suffix", "write_mesh"]

_METRES_PER_MM = 0.001


@dataclass(frozen=True)
class _MeshRequest:
    """What a writer is asked for; the attributes are those of `write_mesh`."""

    mesh: Mesh
    path: Path
    title: str
    image: Image | None
    stack: LayerStack | None
    filaments: Sequence[str]


def check_mesh_suffix(path: str | Path) -> str:
    """The suffix of a mesh file to write, lower case; InputError when it is not supported."""
    return check_suffix(path, MESH_SUFFIXES, "a mesh")


def write_mesh(
    mesh: Mesh,
    path: str | Path,
    overwrite: bool = False,
    image: Image | None = None,
    stack: LayerStack | None = None,
    filaments: Sequence[str] = (),
) -> Path:
    """Write a mesh, atomically; what is kept depends on the suffix.

    - `.stl`: binary, millimetres, all parts.
    - `.glb`: metres (as glTF demands), y up, one named node per part, textured: a part that is a
      layer of `stack` with the layer's own picture, any other part with `image`; without them each
      part has its plain colour.
    - `.3mf`: millimetres, one object; its parts are volumes in slicers, each printed in the nearest
      of `filaments` (as in PrinterSettings), without them in one of its own colour.
    - `.obj`: millimetres, one named object per part, texture coordinates, vertex colours.
    - `.ply`: binary, millimetres, coloured vertices.

    Returns the path written. Raises InputError for another suffix, for an empty mesh, and as
    `atomic_path` does.
    """
    check_kind(mesh, Mesh, "mesh", "call relief first")
    final = user_path(path)
    suffix = check_mesh_suffix(final)
    if len(mesh.faces) == 0 or not mesh.parts:
        raise InputError(f"There is no geometry to write to {final.name}; show at least one layer.")
    title = stack.name if stack is not None else final.stem
    with atomic_path(final, overwrite) as temporary:
        _WRITERS[suffix](_MeshRequest(mesh, temporary, title, image, stack, filaments))
    return final


def _rgba8(part: MeshPart) -> NDArray[np.uint8]:
    return np.array([*(round(255 * c) for c in part.color), 255], np.uint8)


def _glb_scene(mesh: Mesh, image: Image | None, stack: LayerStack | None) -> trimesh.Scene:
    import trimesh
    from PIL import Image as PilImage
    from trimesh.visual.material import PBRMaterial

    from ...io.color import srgb_to_linear
    from .texture import image_texture, layer_texture, window_uv

    def material(name: str, pixels: NDArray[np.uint8] | None, part: MeshPart) -> PBRMaterial:
        kind: dict[str, Any] = {"name": name, "metallicFactor": 0.0, "roughnessFactor": 0.8}
        if pixels is not None:
            kind["baseColorTexture"] = PilImage.fromarray(pixels)
        else:
            linear = srgb_to_linear(np.array(part.color, np.float32))  # glTF factors are linear
            kind["baseColorFactor"] = [*(float(c) for c in linear), 1.0]
        return PBRMaterial(**kind)

    shared = material("picture", image_texture(image), mesh.parts[0]) if image is not None else None
    scene = trimesh.Scene()
    for index, part in enumerate(mesh.parts):
        single = mesh.part(index)
        uv = single.uv
        if stack is not None and 0 <= part.layer < len(stack.layers):
            layer = stack.layers[part.layer]
            look = material(part.name, layer_texture(layer), part)
            uv = window_uv(uv, layer)
        else:
            look = shared or material(part.name, None, part)
        piece = trimesh.Trimesh(single.vertices * _METRES_PER_MM, single.faces, process=False)
        piece.visual = trimesh.visual.TextureVisuals(uv=uv, material=look)
        name = f"{index + 1:02d} {part.name}" if len(mesh.parts) > 1 else part.name
        scene.add_geometry(piece, node_name=name, geom_name=name)
    return scene


def _write_stl(request: _MeshRequest) -> None:
    from .stl import write_stl

    write_stl(request.mesh, request.path)


def _write_glb(request: _MeshRequest) -> None:
    scene = _glb_scene(request.mesh, request.image, request.stack)
    scene.export(request.path, file_type="glb")


def _write_3mf(request: _MeshRequest) -> None:
    from .threemf import write_3mf

    write_3mf(request.mesh, request.path, request.title, request.filaments)


def _write_ply(request: _MeshRequest) -> None:
    import trimesh

    mesh = request.mesh
    colors = np.zeros((len(mesh.vertices), 4), np.uint8)
    for part in mesh.parts:
        colors[part.vertices] = _rgba8(part)
    # process=False: neither vertices nor faces may be merged or reordered.
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_colors=colors, process=False)
    whole.export(request.path, file_type="ply")


def _write_obj(request: _MeshRequest) -> None:
    """Plain OBJ: trimesh keeps neither part names nor colours beside texture coordinates."""
    from ...io.names import safe_name

    mesh = request.mesh
    with request.path.open("w", encoding="ascii", newline="\n") as out:
        out.write("# millimetres; x right, y up the picture, z towards the viewer\n")
        for index, part in enumerate(mesh.parts):
            out.write(f"o {index + 1:02d}_{safe_name(part.name)}\n")
            vertices = mesh.vertices[part.vertices]
            color = np.broadcast_to(np.array(part.color), (len(vertices), 3))
            np.savetxt(out, np.hstack([vertices, color]), "v %.6g %.6g %.6g %.4f %.4f %.4f")
            np.savetxt(out, mesh.uv[part.vertices], "vt %.6f %.6f")
            faces = mesh.faces[part.faces].repeat(2, axis=1) + 1  # vertex/texture pairs
            np.savetxt(out, faces, "f %d/%d %d/%d %d/%d")


# Ending -> writer: a further kind of mesh file is a module and a line here.
_WRITERS: dict[str, Callable[[_MeshRequest], None]] = {
    ".stl": _write_stl,
    ".glb": _write_glb,
    ".3mf": _write_3mf,
    ".obj": _write_obj,
    ".ply": _write_ply,
}
MESH_SUFFIXES = tuple(_WRITERS)
"""Endings that `write_mesh` knows."""
