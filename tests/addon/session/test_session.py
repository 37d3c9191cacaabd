"""Whole conversions from scripts: everything that can be built, side by side, in one file."""

from __future__ import annotations

import pytest

from illustrators_depth_addon.scene.objects.build_collection import build_root_of

bpy = pytest.importorskip("bpy")


def test_all_builds_stand_side_by_side_and_face_up(predicted, scene, addon):
    api = _session()
    assert {"layers", "displacement", "planes", "card", "compositor"} <= set(api.BUILDS)
    made = api.build(scene, predicted, api.BUILDS)
    assert len(made) == len(api.BUILDS) - 1  # the compositor has no objects
    assert addon.scene.compositor.build.find_compositor(predicted) is not None
    roots = [build_root_of(collection) for collection in made]
    assert [r.location.x for r in roots] == sorted({r.location.x for r in roots})
    bpy.context.view_layer.update()
    for collection in made:
        flat = [o for o in collection.objects if o.illdepth.layer >= 0]
        for item in flat:
            faces = item.to_mesh().polygons  # curves have theirs only as they are shown
            assert max((item.matrix_world.to_3x3() @ f.normal).z for f in faces) > 0.9
    again = api.build(scene, predicted, api.BUILDS)
    assert again == made
    assert len([o for o in bpy.data.objects if o.type == "CAMERA"]) == 1


def test_an_unknown_build_is_named_before_anything_is_made(predicted, scene):
    from illustrators_depth.errors import InputError

    with pytest.raises(InputError, match="statue"):
        _session().build(scene, predicted, ("planes", "statue"))
    assert not bpy.data.collections


def _session():
    from illustrators_depth_addon import api

    return api
