"""What the panels draw, on a layout that checks each control instead of showing it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")


class Layout:
    """Stands in for Blender's UILayout, which exists only inside a window.

    A control whose property, operator or icon does not exist fails the test, as it would fail
    silently (an empty panel) in Blender.
    """

    ICONS = frozenset(
        bpy.types.UILayout.bl_rna.functions["label"].parameters["icon"].enum_items.keys()
    )

    def __init__(self, seen: list[str]) -> None:
        self.seen = seen

    def _same(self, **options: Any) -> Layout:
        return self

    row = column = _same

    def separator(self) -> None: ...

    def _icon(self, icon: str) -> None:
        assert icon in self.ICONS, icon

    def prop(
        self,
        data: Any,
        name: str,
        *,
        expand: bool = False,
        icon: str = "NONE",
        text: str = "",
        **_: Any,
    ) -> None:
        self._icon(icon)
        if name.startswith('["'):
            assert data.get(name[2:-2]) is not None
        else:
            assert name in data.bl_rna.properties, name
        self.seen.append(f"{data.name} {name}" if hasattr(data, "name") else name)

    def operator(self, name: str, *, text: str = "", icon: str = "NONE") -> None:
        self._icon(icon)
        group, _, operator = name.partition(".")
        assert operator in dir(getattr(bpy.ops, group)), name
        self.seen.append(text or name)

    def template_ID(self, data: Any, name: str) -> None:  # noqa: N802
        self.prop(data, name)

    def label(self, *, text: str = "", icon: str = "NONE") -> None:
        self._icon(icon)
        self.seen.append(text)

    def progress(self, *, factor: float, text: str) -> None:
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)


def draw(space: Any = None) -> list[str]:
    seen: list[str] = []
    context = SimpleNamespace(
        scene=bpy.context.scene, window_manager=bpy.context.window_manager, space_data=space
    )
    from illustrators_depth_addon import panels

    for cls in panels.CLASSES:
        if cls.bl_space_type == "VIEW_3D" and getattr(cls, "poll", lambda _: True)(context):
            cls.draw(SimpleNamespace(layout=Layout(seen)), context)
    return seen


def test_sub_panels_hang_on_a_panel_of_the_same_editor(addon):
    for cls in addon.panels.CLASSES:
        parent = getattr(cls, "bl_parent_id", "")
        if parent:
            assert getattr(bpy.types, parent).bl_space_type == cls.bl_space_type
            assert cls.bl_idname.startswith(parent)


def test_without_a_picture(scene):
    seen = draw()
    assert "Choose a picture" in seen
    assert "Build Layers" not in seen


def test_a_picture_without_depth(scene, image):
    scene.illdepth.image = image
    seen = draw()
    assert "Predict" in seen
    assert "Build Layers" not in seen


def test_after_prediction_and_builds(predicted, addon):
    seen = draw()
    assert {"Predict Again", "Depth by heuristic on none"} <= set(seen)
    assert {"Build Layers", "Build Displacement"} <= set(seen)
    bpy.ops.illdepth.build_layers()
    bpy.ops.illdepth.build_displacement()
    seen = draw()
    assert {"Update Layers", "Update Displacement"} <= set(seen)
    assert "Height strength" in seen
    layers = [layer.name for layer in addon.image_cache.load_layers(predicted)]
    named = [s.removesuffix(" name") for s in seen if s.endswith(" name")]
    assert named == layers[::-1]  # the top layer is the first line
    assert seen.count("Thickness thickness") == len(layers)


def test_while_a_prediction_runs(scene, image):
    scene.illdepth.image = image
    state = bpy.context.window_manager.illdepth
    state.running, state.fraction, state.text = True, 0.4, "Depth, 3 s left"
    try:
        seen = draw()
        assert "Depth, 3 s left" in seen
        assert "Predict" not in seen
        assert "illdepth.cancel" in seen
    finally:
        state.running = False


def test_the_image_editor_works_on_its_own_image(scene, image):
    other = bpy.data.images.new("other", 4, 4)
    scene.illdepth.image = image
    from illustrators_depth_addon.operators.common import find_image

    editor = SimpleNamespace(type="IMAGE_EDITOR", image=other)
    context = SimpleNamespace(scene=scene, space_data=editor)
    assert find_image(context) == other
    editor.image = None
    assert find_image(context) == image


def test_preferences_draw(addon):
    seen: list[str] = []
    preferences = SimpleNamespace(
        layout=Layout(seen),
        engine="EXTERNAL",
        report="Devices: cpu",
        bl_rna=addon.preferences.ILLDEPTH_AP_preferences.bl_rna,
    )
    addon.preferences.ILLDEPTH_AP_preferences.draw(preferences, None)
    assert {"engine", "python", "illdepth.test_engine", "Devices: cpu"} <= set(seen)
