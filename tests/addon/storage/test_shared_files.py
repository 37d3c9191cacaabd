"""Several scenes, and data linked from other files: each build changes what is its own."""

from __future__ import annotations

from typing import Any

import pytest

bpy = pytest.importorskip("bpy")

BUILDS = ("build_layers", "build_planes", "build_popup_card", "build_compositor")


@pytest.fixture
def built(predicted: Any) -> Any:
    """The predicted drawing, chosen in the scene, its stacked layers built."""
    bpy.context.scene.illdepth.image = predicted
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    return bpy.data.collections["hill layers"]


@pytest.fixture
def linked(built: Any, scene: Any, addon: Any, tmp_path: Any) -> Any:
    """The drawing and its build linked into another file; returns the picture."""
    library = str(tmp_path / "library.blend")
    bpy.ops.wm.save_as_mainfile(filepath=library)
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.images, wanted.collections = ["hill.png"], ["hill layers"]
    image = bpy.data.images["hill.png"]
    assert image.library is not None and addon.storage.layers.has_stack(image)
    bpy.context.scene.illdepth.image = image
    return image


def corners(collection: Any) -> dict[str, int]:
    return {o.name: len(o.data.vertices) for o in collection.objects if o.type == "MESH"}


def fails(operator: str, words: str) -> None:
    with pytest.raises(RuntimeError, match=words):
        getattr(bpy.ops.illdepth, operator)()


def test_a_copied_scene_updates_its_own_build(built: Any, scene: Any, addon: Any) -> None:
    before = corners(built)
    bpy.ops.scene.new(type="FULL_COPY")
    copy = next(x for x in bpy.data.scenes if x != scene)
    (own,) = copy.collection.children
    assert own != built
    copy.illdepth.layers = 2
    with bpy.context.temp_override(scene=copy, view_layer=copy.view_layers[0]):
        assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
        copy.illdepth.layers = 3
        assert bpy.ops.illdepth.update_layers() == {"FINISHED"}
        addon.editing.live_update.bevel_changed(copy, copy.illdepth.image)
    assert list(copy.collection.children) == [own]
    assert len(corners(own)) == 3
    assert corners(built) == before


def test_both_scenes_lock_their_layers(built: Any, scene: Any, predicted: Any) -> None:
    bpy.ops.scene.new(type="FULL_COPY")
    predicted.illdepth.layers[0].locked = True
    locked = [o.name for o in bpy.data.objects if o.hide_select]
    assert len(locked) == 2


def test_a_linked_picture_gets_builds_of_this_file(linked: Any) -> None:
    theirs = bpy.data.collections["hill layers"]
    before = corners(theirs)
    for build in BUILDS:
        assert getattr(bpy.ops.illdepth, build)() == {"FINISHED"}
    made = [c for c in bpy.data.collections if c.library is None]
    assert len(made) == 3
    assert all(o.library is None for c in made for o in c.objects)
    assert [g.library for g in bpy.data.node_groups if "compositor" in g.name] == [None]
    assert corners(theirs) == before


@pytest.mark.parametrize("operator", (*BUILDS, "clear", "update_layers"))
def test_a_linked_picture_keeps_its_layers(linked: Any, addon: Any, operator: str) -> None:
    bpy.context.scene.illdepth.layers = 2
    fails(operator, "'hill.png' is linked from another file.*local")
    assert len(addon.session.SESSION.layers.load(linked)) == len(linked.illdepth.layers) > 2


def test_an_overridden_build_is_left_alone(linked: Any) -> None:
    theirs = bpy.data.collections["hill layers"]
    scene = bpy.context.scene
    scene.collection.children.link(theirs)
    mine = theirs.override_hierarchy_create(scene, bpy.context.view_layer, do_fully_editable=True)
    assert mine.override_library is not None
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    made = [c for c in bpy.data.collections if c.library is None and c.override_library is None]
    assert len(made) == 1


@pytest.mark.parametrize("operator", ("build_layers", "renew_materials"))
def test_objects_made_local_without_their_meshes_are_refused(linked: Any, operator: str) -> None:
    theirs = bpy.data.collections["hill layers"]
    mine = bpy.data.collections.new("mine")
    mine.illdepth.kind, mine.illdepth.image = "LAYERS", linked
    bpy.context.scene.collection.children.link(mine)
    for item in theirs.objects:
        mine.objects.link(item.copy())
    meshes = [item.data for item in mine.objects if item.type == "MESH"]
    assert len(meshes) > 2 and all(mesh.library is not None for mesh in meshes)
    materials = [len(mesh.materials) for mesh in meshes]
    fails(operator, "is linked from another file; make it local with its data")
    assert [len(mesh.materials) for mesh in meshes] == materials
