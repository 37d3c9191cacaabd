"""Mesh files read back by another library: same triangles, right units, closed, named, textured."""

from __future__ import annotations

import io
import struct
import subprocess
import sys
import zipfile
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
import trimesh
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.export.meshes.mesh_file import MESH_SUFFIXES, write_mesh
from illustrators_depth.export.meshes.texture import layer_texture, window_uv
from illustrators_depth.geometry.relief import relief
from illustrators_depth.layering.decompose import decompose
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack, Mesh
from tests.engine.drawings import Drawing, stacked_discs

CORE = "{http://schemas.microsoft.com/3dmanufacturing/core/2015/02}"


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return stacked_discs()


@pytest.fixture(scope="module")
def stack(drawing: Drawing) -> LayerStack:
    return decompose(drawing.image, drawing.depth)


@pytest.fixture(scope="module")
def mesh(stack: LayerStack) -> Mesh:
    return relief(stack, ReliefSettings(size_mm=120.0))


@pytest.mark.parametrize("suffix", [".stl", ".ply", ".obj"])
def test_plain_formats_keep_every_triangle(tmp_path: Path, mesh: Mesh, suffix: str) -> None:
    path = write_mesh(mesh, tmp_path / f"m{suffix}")
    loaded = trimesh.load(path, force="mesh")
    assert len(loaded.faces) == len(mesh.faces)
    assert np.allclose(loaded.extents, mesh.size_mm, atol=1e-3)
    loaded.merge_vertices(merge_tex=True, merge_norm=True)
    assert loaded.is_watertight
    assert loaded.volume > 0
    assert [p.name for p in tmp_path.iterdir()] == [path.name]


def test_stl_is_what_trimesh_writes_without_its_imports(tmp_path: Path, mesh: Mesh) -> None:
    """Normals and corners to the last bit but one, and a start that a cold command can afford."""
    kind = np.dtype([("normal", "<f4", 3), ("corners", "<f4", (3, 3)), ("attribute", "<u2")])
    whole = trimesh.Trimesh(mesh.vertices, mesh.faces, process=False)
    theirs = np.frombuffer(whole.export(file_type="stl")[84:], kind)
    ours = np.frombuffer(write_mesh(mesh, tmp_path / "m.stl").read_bytes()[84:], kind)
    np.testing.assert_array_equal(ours["corners"], theirs["corners"])
    np.testing.assert_allclose(ours["normal"], theirs["normal"], atol=1e-5)
    assert not ours["attribute"].any()
    code = "import sys, illustrators_depth.export.meshes.stl; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_stl_is_binary(tmp_path: Path, mesh: Mesh) -> None:
    data = write_mesh(mesh, tmp_path / "m.stl").read_bytes()
    assert struct.unpack_from("<I", data, 80)[0] == len(mesh.faces)
    assert len(data) == 84 + 50 * len(mesh.faces)


def test_ply_and_obj_carry_colour(tmp_path: Path, mesh: Mesh) -> None:
    for suffix in (".ply", ".obj"):
        loaded = trimesh.load(
            write_mesh(mesh, tmp_path / f"m{suffix}"), force="mesh", process=False
        )
        text = (tmp_path / f"m{suffix}").read_bytes()
        if suffix == ".ply":
            colours = np.asarray(loaded.visual.vertex_colors)[:, :3]
            for part in mesh.parts:
                assert np.abs(colours[part.vertices] - np.array(part.color) * 255).max() <= 1
        else:
            assert text.count(b"\no ") + text.startswith(b"o ") == len(mesh.parts)
            assert text.count(b"\nvt ") == len(mesh.vertices)


def test_glb_is_in_metres_with_named_textured_parts(
    tmp_path: Path, drawing: Drawing, stack: LayerStack, mesh: Mesh
) -> None:
    path = write_mesh(mesh, tmp_path / "m.glb", image=drawing.image, stack=stack)
    scene = trimesh.load(path)
    assert np.allclose(scene.extents * 1000.0, mesh.size_mm, atol=1e-3)
    assert len(scene.geometry) == len(mesh.parts)
    for i, part in enumerate(mesh.parts):
        piece = scene.geometry[f"{i + 1:02d} {part.name}"]
        assert len(piece.faces) == part.faces.stop - part.faces.start
        texture = np.asarray(piece.visual.material.baseColorTexture.convert("RGB"))
        assert texture.shape == (*stack.layers[part.layer].mask_crop.shape, 3)
        # A vertex looks up its own layer's colour, not what covers it in the picture.
        uv = piece.visual.uv
        x = np.clip((uv[:, 0] * texture.shape[1]).astype(int), 0, texture.shape[1] - 1)
        y = np.clip(((1 - uv[:, 1]) * texture.shape[0]).astype(int), 0, texture.shape[0] - 1)
        seen = texture[y, x] / 255.0
        assert np.abs(np.median(seen, axis=0) - part.color).max() < 0.15


def test_glb_of_one_solid_uses_the_picture(
    tmp_path: Path, drawing: Drawing, stack: LayerStack
) -> None:
    solid = relief(stack, ReliefSettings(mode="heightfield", size_mm=80.0, max_vertices=2000))
    scene = trimesh.load(write_mesh(solid, tmp_path / "m.glb", image=drawing.image, stack=stack))
    (piece,) = scene.geometry.values()
    texture = np.asarray(piece.visual.material.baseColorTexture.convert("RGB")) / 255.0
    assert np.abs(texture - drawing.image.over()).max() < 0.01


def test_glb_without_picture_has_plain_colours(tmp_path: Path, mesh: Mesh) -> None:
    scene = trimesh.load(write_mesh(mesh, tmp_path / "m.glb"))
    assert len(scene.geometry) == len(mesh.parts)
    for piece in scene.geometry.values():
        assert piece.visual.material.baseColorTexture is None


def test_3mf_against_the_specification(tmp_path: Path, mesh: Mesh) -> None:
    with zipfile.ZipFile(write_mesh(mesh, tmp_path / "m.3mf")) as archive:
        assert b"3D/3dmodel.model" in archive.read("_rels/.rels")
        root = ElementTree.parse(io.BytesIO(archive.read("3D/3dmodel.model"))).getroot()
        thumbnail = PilImage.open(io.BytesIO(archive.read("Metadata/thumbnail.png")))
    assert thumbnail.size == (256, 256)
    assert root.get("unit") == "millimeter"
    (solid,) = root.findall(f"{CORE}resources/{CORE}object")
    assert [i.get("objectid") for i in root.iter(f"{CORE}item")] == [solid.get("id")]
    colours = [b.get("displaycolor") for b in root.iter(f"{CORE}base")]
    assert len(colours) == len(mesh.parts)
    points = np.array([[float(v.get(a)) for a in "xyz"] for v in solid.iter(f"{CORE}vertex")])
    assert np.allclose(points, mesh.vertices, atol=1e-3)
    triangles = list(solid.iter(f"{CORE}triangle"))
    faces = np.array([[int(t.get(a)) for a in ("v1", "v2", "v3")] for t in triangles])
    assert np.array_equal(faces, mesh.faces)
    for part in mesh.parts:
        for triangle in triangles[part.faces]:
            color = colours[int(triangle.get("p1", solid.get("pindex")))]
            rgb = [int(color[i : i + 2], 16) for i in (1, 3, 5)]
            assert np.abs(np.array(rgb) - np.array(part.color) * 255).max() <= 0.51


def test_3mf_lists_its_parts_as_slicers_do(tmp_path: Path, mesh: Mesh) -> None:
    """Every triangle in one volume, every volume with the extruder of its material."""
    at_hand = ("a=#000000", "b=#ffffff")
    with zipfile.ZipFile(write_mesh(mesh, tmp_path / "m.3mf", filaments=at_hand)) as archive:
        root = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
        config = ElementTree.fromstring(archive.read("Metadata/Slic3r_PE_model.config"))
    assert [b.get("name") for b in root.iter(f"{CORE}base")] == ["a", "b"]
    (solid,) = config.findall("object")
    assert solid.get("id") == next(root.iter(f"{CORE}object")).get("id")
    triangles = list(root.iter(f"{CORE}triangle"))
    end = 0
    for volume, part in zip(solid.findall("volume"), mesh.parts, strict=True):
        facts = {m.get("key"): m.get("value") for m in volume.findall("metadata")}
        assert facts["name"] == part.name and facts["volume_type"] == "ModelPart"
        first, last = int(volume.get("firstid")), int(volume.get("lastid"))
        assert first == end and last - first + 1 == len(mesh.faces[part.faces])
        end = last + 1
        material = triangles[first].get("p1", next(root.iter(f"{CORE}object")).get("pindex"))
        assert int(facts["extruder"]) == int(material) + 1
    assert end == len(triangles)


def test_3mf_has_one_material_for_colours_that_look_alike(tmp_path: Path, mesh: Mesh) -> None:
    colors = [(1.0, 1.0, 1.0), (0.0, 0.0, 0.0), (0.999, 1.0, 0.998)]
    parts = tuple(replace(p, color=colors[k % 3]) for k, p in enumerate(mesh.parts))
    path = write_mesh(replace(mesh, parts=parts), tmp_path / "m.3mf")
    with zipfile.ZipFile(path) as archive:
        root = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
    assert len(list(root.iter(f"{CORE}base"))) == 2


def test_3mf_names_are_escaped(tmp_path: Path, mesh: Mesh) -> None:
    odd = replace(mesh, parts=(replace(mesh.parts[0], name='<"&\x00\ud800☃>'), *mesh.parts[1:]))
    with zipfile.ZipFile(write_mesh(odd, tmp_path / "m.3mf")) as archive:
        root = ElementTree.fromstring(archive.read("3D/3dmodel.model"))
        config = ElementTree.fromstring(archive.read("Metadata/Slic3r_PE_model.config"))
    assert next(root.iter(f"{CORE}base")).get("name") == '<"&☃>'
    assert config.find("object/volume/metadata").get("value") == '<"&☃>'


def test_texture_has_no_dark_fringe(stack: LayerStack) -> None:
    """Outside a layer's coverage the texture goes on with its colour instead of black."""
    for layer in stack:
        texture = layer_texture(layer) / 255.0
        outside = layer.rgba_crop[..., 3] < 0.5
        if outside.any():
            assert np.abs(np.median(texture[outside], axis=0) - layer.color).max() < 0.1


def test_window_uv_agrees_with_the_picture(stack: LayerStack) -> None:
    layer = stack.layers[-1]
    top, left, bottom, right = layer.window
    corners = np.array(
        [
            [left / stack.width, 1 - top / stack.height],
            [right / stack.width, 1 - bottom / stack.height],
        ],
        np.float32,
    )
    assert np.allclose(window_uv(corners, layer), [[0, 1], [1, 0]], atol=1e-5)


def test_refusals(tmp_path: Path, mesh: Mesh) -> None:
    with pytest.raises(InputError, match=r"\.stl"):
        write_mesh(mesh, tmp_path / "m.fbx")
    empty = Mesh(
        np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int32), np.zeros((0, 2), np.float32), ()
    )
    with pytest.raises(InputError, match="no geometry"):
        write_mesh(empty, tmp_path / "m.stl")
    for suffix in MESH_SUFFIXES:
        (tmp_path / f"old{suffix}").write_text("old")
        with pytest.raises(InputError, match="exists"):
            write_mesh(mesh, tmp_path / f"old{suffix}")
        assert (tmp_path / f"old{suffix}").read_text() == "old"
