"""Registering and unregistering leaves Blender as it was."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import illustrators_depth

bpy = pytest.importorskip("bpy")

OWNERS = ("Scene", "Image", "Collection", "Object", "WindowManager")


def ours() -> set[str]:
    return {name for name in dir(bpy.types) if name.startswith("ILLDEPTH_")}


def test_register_twice_and_unregister_twice(addon):
    everything = ours()
    assert {"ILLDEPTH_OT_predict", "ILLDEPTH_PT_view3d"} <= everything
    for _ in range(2):
        addon.unregister()
        assert ours() == set()
        assert not any(hasattr(getattr(bpy.types, owner), "illdepth") for owner in OWNERS)
        addon.register()
        assert ours() == everything
        assert all(hasattr(getattr(bpy.types, owner), "illdepth") for owner in OWNERS)


def test_results_survive_disabling_and_enabling(predicted, addon):
    addon.unregister()
    addon.register()
    image = bpy.data.images["hill.png"]
    assert addon.storage.layers.has_stack(image)
    assert bpy.ops.illdepth.build_layers(image=image.name) == {"FINISHED"}


def test_house_rules_of_blender(addon):
    """Ids, labels and descriptions as Blender's own guidelines ask for them."""
    for name in ours():
        cls = getattr(bpy.types, name)
        if name.startswith("ILLDEPTH_OT_"):
            assert cls.bl_idname == f"illdepth.{name.removeprefix('ILLDEPTH_OT_')}"
            assert not cls.bl_rna.description.endswith(".")
            if name.startswith("ILLDEPTH_OT_export"):
                # As Blender's own exporters: nothing in the file changes, nothing is run again.
                assert cls.bl_options == {"PRESET"}
            elif "INTERNAL" not in cls.bl_options:
                assert {"REGISTER", "UNDO"} <= cls.bl_options
        inherited = {p.identifier for p in cls.bl_rna.base.properties}
        for item in cls.bl_rna.properties:
            if item.identifier in inherited:
                continue
            assert not item.description.endswith("."), (name, item.identifier)


def test_settings_default_to_the_engines(scene):
    from illustrators_depth import (
        CompleteSettings,
        DecomposeSettings,
        DepthSettings,
        ReliefSettings,
    )
    from illustrators_depth_addon.settings import scene as panel

    scene.illdepth.property_unset("model")
    assert panel.depth_settings(scene) == DepthSettings()
    assert panel.decompose_settings(scene) == DecomposeSettings()
    assert panel.complete_settings(scene) == CompleteSettings()
    assert panel.relief_settings(scene) == ReliefSettings()


def test_blender_shuts_down_cleanly_afterwards(addon):
    """Classes that outlive Blender's own shutdown crash the bpy module of 4.2 and hang 4.5's."""
    roots = [str(Path(m.__file__).parents[1]) for m in (addon, illustrators_depth)]
    code = (
        f"import sys; sys.path[:0] = {roots!r}\n"
        "import bpy, illustrators_depth_addon as addon\n"
        "addon.register(); addon.unregister(); addon.register()\n"
        "bpy.context.scene.illdepth.layers = 3\n"
        "addon.unregister()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
