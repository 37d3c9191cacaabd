"""A .blend of another version, and disks that are full while one with layers is saved."""

from __future__ import annotations

import io
import json
import tempfile
import zipfile
from pathlib import Path
from typing import Any

import pytest

from tests.reliability.faults import small_disk

bpy = pytest.importorskip("bpy")


def of_version(content: bytes, version: object) -> bytes:
    """An .idl file's bytes with another format version, and a field that it may bring."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(content)) as old, zipfile.ZipFile(buffer, "w") as new:
        for name in old.namelist():
            data = old.read(name)
            if name == "stack.json":
                data = json.dumps({**json.loads(data), "version": version, "new": [1]}).encode()
            new.writestr(old.getinfo(name), data)
    return buffer.getvalue()


def reopened(addon: Any, path: Path) -> Any:
    """The drawing of a file that is opened as by a new Blender."""
    bpy.ops.wm.save_as_mainfile(filepath=str(path))
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    addon.session.SESSION.clear_memory()
    bpy.ops.wm.open_mainfile(filepath=str(path))
    return bpy.data.images["hill.png"]


@pytest.mark.parametrize("version", [2, "2.1"])
def test_layers_of_a_next_version_are_named_and_kept(
    built: Any, addon: Any, tmp_path: Path, version: object
) -> None:
    from illustrators_depth_addon.storage import layer_file

    content = of_version(built["illdepth_stack"], version)
    layer_file.store_content(built, layer_file.content_key(content), content)
    image = reopened(addon, tmp_path / "next.blend")
    vertices = {o.name: len(o.data.vertices) for o in bpy.data.objects if o.type == "MESH"}
    for operator in ("build_layers", "update_layers", "build_planes"):
        with pytest.raises(RuntimeError, match=f"format version {version}.*update it") as raised:
            getattr(bpy.ops.illdepth, operator)()
        assert "Traceback" not in str(raised.value)
        assert str(raised.value).strip().count("\n") == 0
    image = reopened(addon, tmp_path / "again.blend")
    assert bytes(image["illdepth_stack"]) == content
    meshes = {o.name: len(o.data.vertices) for o in bpy.data.objects if o.type == "MESH"}
    assert meshes == vertices and len(meshes) > 1
    bpy.context.scene.illdepth.model = "heuristic"
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}  # which makes them anew
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}


def test_settings_of_a_next_version_are_named(built: Any, addon: Any, tmp_path: Path) -> None:
    recipe = {"decompose": {"layers": 3, "brand_new": 1}, "complete": {}, "uids": []}
    built["illdepth_recipe"] = json.dumps(recipe)
    del built["illdepth_stack"]
    built.illdepth.stack_key = "of a next version"  # nothing in memory is of this key
    reopened(addon, tmp_path / "next.blend")
    with pytest.raises(RuntimeError, match="brand_new") as raised:
        bpy.ops.illdepth.build_layers()
    assert "Traceback" not in str(raised.value)


def test_a_full_disk_while_the_file_is_saved(
    built: Any, scene: Any, addon: Any, tmp_path: Path
) -> None:
    """The layers are still there, can be worked on, and saved elsewhere.

    Whether Blender itself notices differs by version: where it says "Saved" of a file that is cut,
    the panel says what happened.
    """
    wanted = bytes(built["illdepth_stack"])
    said = ""
    with small_disk(tmp_path, 8) as disk:
        try:
            bpy.ops.wm.save_as_mainfile(filepath=str(disk / "a.blend"))
        except RuntimeError as error:
            said = str(error)
    assert said or "a.blend was cut short" in bpy.context.window_manager.illdepth.problem
    assert bytes(built["illdepth_stack"]) == wanted
    scene.illdepth.layers = 3
    assert bpy.ops.illdepth.update_layers() == {"FINISHED"}
    image = reopened(addon, tmp_path / "b.blend")
    assert len(addon.session.SESSION.layers.load(image)) == 3


def test_a_full_temporary_disk_while_the_file_is_saved(
    built: Any, scene: Any, addon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The bytes of late layers cannot be encoded: the file has how to make them again."""
    files = addon.session.SESSION.layer_files
    files.defers_in_background = True
    try:
        scene.illdepth.layers = 3
        assert bpy.ops.illdepth.update_layers() == {"FINISHED"}
        with small_disk(tmp_path, 8) as disk:
            (disk / "fill").write_bytes(bytes(8 << 10))
            monkeypatch.setattr(tempfile, "tempdir", str(disk))
            bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "c.blend"))
            monkeypatch.undo()
    finally:
        files.defers_in_background = False
        files.close()
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    addon.session.SESSION.clear_memory()
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "c.blend"))
    image = bpy.data.images["hill.png"]
    assert image.get("illdepth_recipe")
    assert len(addon.session.SESSION.layers.load(image)) == 3


@pytest.mark.parametrize("compress", [False, True])
def test_a_whole_file_is_told_from_one_that_was_cut(
    built: Any, addon: Any, tmp_path: Path, compress: bool
) -> None:
    saved_file = __import__(f"{addon.__name__}.storage.saved_file", fromlist=["is_whole"])
    path = tmp_path / "a.blend"
    bpy.ops.wm.save_as_mainfile(filepath=str(path), compress=compress)
    assert saved_file.is_whole(path)
    assert "cut short" not in bpy.context.window_manager.illdepth.problem
    whole = path.read_bytes()
    for length in (0, 5, len(whole) // 2, len(whole) - 100):
        path.write_bytes(whole[:length])
        assert not saved_file.is_whole(path)
    assert not saved_file.is_whole(tmp_path / "none.blend")
