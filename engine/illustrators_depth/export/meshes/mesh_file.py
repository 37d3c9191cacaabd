"""Meshes as files: STL, GLB, OBJ, PLY through trimesh, 3MF from our own writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from ...errors import InputError, check_kind
from ...io.atomic import atomic_path
from ...io.user_path import user_path
from ...types import Image, LayerStack, Mesh, MeshPart

if TYPE_CHECKING:
    import trimesh
    from numpy.typing import NDArray

__all__ = ["MESH_SUFFIXES", "check_mesh_suffix", "write_mesh"]

MESH_SUFFIXES = (".stl", ".glb", ".3mf", ".obj", ".ply")

_METRES_PER_MM = 0.001


def check_mesh_suffix(path: str | Path) -> str:
    """The suffix of a mesh file to write, lower case; InputError when it is not supported."""
    suffix = Path(path).suffix.lower()
    if suffix not in MESH_SUFFIXES:
        raise InputError(
            f"{Path(path).name}: a mesh is written as {', '.join(MESH_SUFFIXES)}; choose one of "
            "these endings."
        )
    return suffix


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
    with atomic_path(final, overwrite) as temporary:
        if suffix == ".stl":
            from .stl import write_stl

            write_stl(mesh, temporary)
        elif suffix == ".ply":
            colours = np.zeros((len(mesh.vertices), 4), np.uint8)
            for part in mesh.parts:
                colours[part.vertices] = _rgba8(part)
            _whole(mesh, colours).export(temporary, file_type="ply")
        elif suffix == ".obj":
            _write_obj(mesh, temporary)
        elif suffix == ".3mf":
            from .threemf import write_3mf

            title = stack.name if stack is not None else final.stem
            write_3mf(mesh, temporary, title, filaments)
        else:
            _glb_scene(mesh, image, stack).export(temporary, file_type="glb")
    return final


def _whole(mesh: Mesh, colours: NDArray[np.uint8] | None = None) -> trimesh.Trimesh:
    import trimesh

    # process=False: neither vertices nor faces may be merged or reordered.
    return trimesh.Trimesh(mesh.vertices, mesh.faces, vertex_colors=colours, process=False)


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
        alone = mesh.part(index)
        uv = alone.uv
        if stack is not None and 0 <= part.layer < len(stack.layers):
            layer = stack.layers[part.layer]
            look = material(part.name, layer_texture(layer), part)
            uv = window_uv(uv, layer)
        else:
            look = shared or material(part.name, None, part)
        piece = trimesh.Trimesh(alone.vertices * _METRES_PER_MM, alone.faces, process=False)
        piece.visual = trimesh.visual.TextureVisuals(uv=uv, material=look)
        name = f"{index + 1:02d} {part.name}" if len(mesh.parts) > 1 else part.name
        scene.add_geometry(piece, node_name=name, geom_name=name)
    return scene


def _write_obj(mesh: Mesh, path: Path) -> None:
    """Plain OBJ: trimesh keeps neither part names nor colours beside texture coordinates."""
    from ...io.names import safe_name

    with path.open("w", encoding="ascii", newline="\n") as out:
        out.write("# millimetres; x right, y up the picture, z towards the viewer\n")
        for index, part in enumerate(mesh.parts):
            out.write(f"o {index + 1:02d}_{safe_name(part.name)}\n")
            vertices = mesh.vertices[part.vertices]
            colour = np.broadcast_to(np.array(part.color), (len(vertices), 3))
            np.savetxt(out, np.hstack([vertices, colour]), "v %.6g %.6g %.6g %.4f %.4f %.4f")
            np.savetxt(out, mesh.uv[part.vertices], "vt %.6f %.6f")
            faces = mesh.faces[part.faces].repeat(2, axis=1) + 1  # vertex/texture pairs
            np.savetxt(out, faces, "f %d/%d %d/%d %d/%d")
