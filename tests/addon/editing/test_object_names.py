"""What is built carries the picture's name, follows it and its layer's, and keeps the user's."""

from __future__ import annotations

import json
import struct

import pytest

from tests.addon.built import layer_objects_of

bpy = pytest.importorskip("bpy")

KINDS = ("layers", "planes", "popup_card", "displacement")


@pytest.fixture
def names(addon):
    return addon.scene.objects.names


def rename_picture(addon, scene, image, name):
    """What Blender's message about a new name sets off in a window."""
    image.name = name
    addon.editing.object_sync.follow_picture(scene, image)
    addon.editing.object_sync.follow_names(scene, image)


def test_objects_and_meshes_begin_with_the_pictures_name(built, addon):
    for item, row in zip(layer_objects_of(built), built.illdepth.layers, strict=True):
        assert item.name == item.data.name == f"hill: {row.name}"


def test_every_build_follows_the_pictures_new_name(predicted, scene, addon):
    scene.illdepth.image = predicted
    for kind in KINDS:
        assert getattr(bpy.ops.illdepth, f"build_{kind}")() == {"FINISHED"}
    assert all(o.name.startswith("hill") for o in bpy.data.objects)
    rows = [row.name for row in predicted.illdepth.layers]
    rename_picture(addon, scene, predicted, "Tal.png")
    for block in (*bpy.data.objects, *scene.collection.children):
        assert block.name.startswith("Tal"), block.name
    assert [o.name for o in layer_objects_of(predicted)] == [f"Tal: {name}" for name in rows]
    assert [row.name for row in predicted.illdepth.layers] == rows
    assert {"Tal layers", "Tal planes", "Tal card", "Tal relief"} <= set(bpy.data.objects.keys())
    assert "Tal planes camera" in bpy.data.objects


def test_in_scripts_the_next_update_follows_the_pictures_new_name(built, addon):
    built.name = "Tal.png"
    bpy.ops.illdepth.build_layers()
    assert all(o.name.startswith("Tal: ") for o in layer_objects_of(built))
    assert bpy.data.collections["Tal layers"].objects["Tal layers"].type == "EMPTY"


def test_an_object_renamed_keeps_the_pictures_name(built, scene, addon):
    sync = addon.editing.object_sync
    first, second = layer_objects_of(built)[:2]
    first.name, second.name = "lawn", "hill: fog"
    sync.follow_names(scene, built)
    assert [row.name for row in built.illdepth.layers][:2] == ["lawn", "fog"]
    assert (first.name, first.data.name, second.name) == ("hill: lawn", "hill: lawn", "hill: fog")
    first.name = "lawn"
    sync.follow_names(scene, built)
    assert (first.name, built.illdepth.layers[0].name) == ("hill: lawn", "lawn")


def test_names_of_the_users_own_stay(built, scene, addon):
    """Without a window nothing follows what objects are called; only our own names change."""
    item, root = layer_objects_of(built)[0], bpy.data.objects["hill layers"]
    item.name, item.data.name, root.name = "my own", "my mesh", "my root"
    built.illdepth.layers[0].name = "lawn"
    addon.editing.object_sync.follow_picture(scene, built)
    built.name = "Tal.png"
    bpy.ops.illdepth.build_layers()
    assert (item.name, item.data.name, root.name) == ("my own", "my mesh", "my root")


@pytest.mark.parametrize(
    ("picture", "layer"),
    [("x" * 80, "sky"), ("hill", "y" * 80), ("ä" * 60, "雲" * 40), ("z" * 80, "雲" * 40)],
)
def test_long_names_are_cut_between_letters(names, picture, layer):
    name = names.fit_name(picture, names.layer_tail(layer))
    assert len(name.encode()) <= 59
    head, _, tail = name.partition(": ")
    for part, whole in ((head, picture), (tail, layer)):
        assert part == whole or (part.endswith("…") and whole.startswith(part[:-1]))
    assert len(head.encode()) >= min(len(picture.encode()), 17)


def test_a_short_layer_is_never_cut_for_a_long_picture(names):
    assert names.fit_name("x" * 80, names.layer_tail("sky")).endswith("…: sky")


def test_layers_of_long_names_are_told_apart_and_keep_their_rows(built, scene, addon):
    sync, rows = addon.editing.object_sync, built.illdepth.layers
    rows[0].name, rows[1].name = "雲" * 40 + "1", "雲" * 40 + "2"
    built.name = "ä" * 31 + ".png"
    for _ in range(2):
        sync.follow_picture(scene, built)
        sync.follow_names(scene, built)
    assert [row.name for row in rows][:2] == ["雲" * 40 + "1", "雲" * 40 + "2"]
    first, second = (o.name for o in layer_objects_of(built)[:2])
    assert first != second and all(len(n.encode()) <= 63 for n in (first, second))


def test_files_of_earlier_versions_take_the_new_names_and_keep_handwork(built, scene, addon):
    parts = layer_objects_of(built)
    for item in parts:
        data = item.illdepth
        data.given_name = data.name_tail = ""
        item.name = item.data.name = data.layer_name
    parts[1].name, parts[2].location.x = "my own", 3.0
    parts[2].modifiers.new("Mine", "WIREFRAME")
    material = parts[3].data.materials[0]
    material.name = "gold"
    addon.editing.object_sync.follow_picture(scene, built)
    bpy.ops.illdepth.build_layers()
    assert layer_objects_of(built) == parts
    rows = [row.name for row in built.illdepth.layers]
    assert [o.name for o in parts] == [
        f"hill: {rows[0]}", "my own", f"hill: {rows[2]}", f"hill: {rows[3]}"
    ]  # fmt: skip
    assert parts[2].location.x == pytest.approx(3.0) and "Mine" in parts[2].modifiers
    assert parts[3].data.materials[0] == material and material.name == "gold"


def test_a_copy_of_the_user_is_not_renamed(built, scene, addon):
    copy = layer_objects_of(built)[0].copy()
    bpy.data.collections["hill layers"].objects.link(copy)
    bpy.ops.illdepth.build_layers()
    before = copy.name
    rename_picture(addon, scene, built, "Tal.png")
    assert copy.name == before


def test_exports_carry_the_names(built, addon, tmp_path):
    """glTF keeps them as they are; USD takes no colons, and tells them apart all the same."""
    wanted = {o.name for o in layer_objects_of(built)}
    bpy.ops.export_scene.gltf(filepath=str(tmp_path / "hill.glb"))
    raw = (tmp_path / "hill.glb").read_bytes()
    length = struct.unpack_from("<I", raw, 12)[0]
    scene = json.loads(raw[20 : 20 + length])
    assert wanted <= {node["name"] for node in scene["nodes"]}
    assert wanted <= {mesh["name"] for mesh in scene["meshes"]}
    bpy.ops.wm.usd_export(filepath=str(tmp_path / "hill.usda"))
    text = (tmp_path / "hill.usda").read_text("utf-8")
    for name in wanted:
        plain = "".join(c if c.isascii() and c.isalnum() else "_" for c in name)
        assert f'def Xform "{plain}"' in text
