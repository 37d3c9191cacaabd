"""What the panels draw, on a layout that checks each control instead of showing it."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")


class OperatorOptions:
    """What a button sets on its operator: the property must exist and take the value."""

    def __init__(self, rna: Any) -> None:
        object.__setattr__(self, "rna", rna)

    def __setattr__(self, name: str, value: Any) -> None:
        assert name in self.rna.properties, name
        if self.rna.properties[name].type == "ENUM":
            assert value in self.rna.properties[name].enum_items, value


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

    row = column = box = _same

    def separator(self, factor: float = 1.0) -> None: ...

    def menu(self, name: str, *, text: str = "", icon: str = "NONE") -> None:
        self._icon(icon)
        assert issubclass(getattr(bpy.types, name), bpy.types.Menu)

    def template_list(
        self, cls: str, _id: str, data: Any, lines: str, active: Any, index: str, **_: Any
    ) -> None:
        """As Blender does: the class's own drawing of every line, in its order."""
        assert index in active.bl_rna.properties
        drawer = SimpleNamespace(filter_name="", bitflag_filter_item=1 << 30, doubtful_first=False)
        items = getattr(data, lines)
        order = getattr(bpy.types, cls).filter_items(drawer, None, data, lines)[1]
        for place in range(len(items)):
            item = items[order.index(place)]
            getattr(bpy.types, cls).draw_item(drawer, None, self, data, item, 0, active, index)

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
        if text:
            self.seen.append(text)

    def operator(
        self, name: str, *, text: str = "", icon: str = "NONE", emboss: bool = True
    ) -> OperatorOptions:
        self._icon(icon)
        group, _, operator = name.partition(".")
        assert operator in dir(getattr(bpy.ops, group)), name
        self.seen.append(text or name)
        return OperatorOptions(getattr(getattr(bpy.ops, group), operator).get_rna_type())

    def operator_menu_enum(self, name: str, choices: str, *, text: str = "") -> None:
        rna = self.operator(name, text=text).rna
        assert rna.properties[choices].type == "ENUM"

    def template_ID(self, data: Any, name: str) -> None:  # noqa: N802
        self.prop(data, name)

    def label(self, *, text: str = "", icon: str = "NONE", translate: bool = True) -> None:
        self._icon(icon)
        self.seen.append(text)

    def progress(self, *, factor: float, text: str) -> None:
        assert 0.0 <= factor <= 1.0
        self.seen.append(text)


def draw(space: Any = None) -> list[str]:
    seen: list[str] = []
    context = SimpleNamespace(
        scene=bpy.context.scene,
        window_manager=bpy.context.window_manager,
        space_data=space,
        region=SimpleNamespace(width=320),
    )
    from illustrators_depth_addon import panels

    for cls in panels.CLASSES:
        if not issubclass(cls, bpy.types.Panel) or cls.bl_space_type != "VIEW_3D":
            continue
        if getattr(cls, "poll", lambda _: True)(context):
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
    assert {"Height", "Mid Level", "Gamma", "Compression", "Base"} <= set(seen)
    layers = [layer.name for layer in addon.session.SESSION.layers.load(predicted)]
    named = [s.removesuffix(" name") for s in seen if s.endswith(" name")]
    assert named[: len(layers)] == layers[::-1]  # the top layer is the first line
    assert named[len(layers) :] == [layers[predicted.illdepth.active_layer]]  # once more below it


def test_scenes_and_compositor_have_their_sliders(predicted, addon):
    builds = {"Planes": "planes", "Pop-up Card": "popup_card", "Compositor": "compositor"}
    assert {f"Build {label}" for label in builds} <= set(draw())
    for operator in builds.values():
        getattr(bpy.ops.illdepth, f"build_{operator}")()
    seen = draw()
    assert {f"Update {label}" for label in builds} <= set(seen)
    assert {'hill planes ["distance"]', 'hill card ["fold_angle"]', "Animate"} <= set(seen)
    layers = addon.session.SESSION.layers.load(predicted)
    assert seen.count("Opacity default_value") == len(layers)
    assert seen.count("illdepth.compositor_show") == len(layers)
    assert "Show default_value" not in seen  # a number field up to 4.4
    assert f"Above {layers.layers[predicted.illdepth.active_layer].name}" in seen
    assert seen.index("Opacity") < seen.index("Opacity default_value")  # above the columns, once
    assert (seen.count("Opacity"), seen.count("Blur")) == (1, 1)


def test_animated_properties_say_which_build_is_theirs(predicted):
    bpy.ops.illdepth.build_layers()
    alone = draw()
    bpy.ops.illdepth.build_curves()
    seen = draw()
    assert seen[seen.index("Curves") + 1] == 'hill curves ["thickness"]'
    assert seen.count("Layers") == alone.count("Layers") + 1


def test_what_a_layer_is_made_of_is_asked_of_drawings_only(predicted):
    data = predicted.illdepth
    for name, shown in (("", False), ("valley.svg", True), ("boat.SVGZ", True), ("a.psd", False)):
        data.layers_file = name
        seen = draw()
        assert ("illdepth.reload_layers" in seen) == bool(name)
        assert any(s.endswith("layers_split") for s in seen) == shown, name


def test_the_menu_of_the_list_draws(predicted):
    seen: list[str] = []
    menu = SimpleNamespace(layout=Layout(seen))
    bpy.types.ILLDEPTH_MT_layers.draw(menu, None)
    assert {"Move to Top", "Split by Depth", "Hide Checked"} <= set(seen)


def test_a_problem_is_shown_in_lines_that_fit(predicted):
    bpy.context.window_manager.illdepth.problem = "The layer 'sun' is locked; unlock it to change"
    try:
        seen = draw()
    finally:
        bpy.context.window_manager.illdepth.problem = ""
    start = seen.index("The layer 'sun' is locked; unlock it to")
    assert seen[start + 1] == "change"


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
    from illustrators_depth_addon.context import find_image

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


def test_the_number_of_layers_is_automatic_or_a_number(predicted, scene):
    scene.illdepth.image = predicted
    seen = draw()
    assert " automatic_layers" in seen and "Number" not in seen
    scene.illdepth.automatic_layers = False
    assert scene.illdepth.layers == len(predicted.illdepth.layers)
    assert "Number" in draw()
    scene.illdepth.automatic_layers = True
    assert scene.illdepth.layers == 0


def test_lengths_of_paper_are_shown_in_millimeters(scene):
    """Blender shows this unit in mm, whatever the scene's units, and reads "2 cm" as 20."""
    for group in (scene.illdepth, scene.illdepth_print):
        lengths = [p for p in group.bl_rna.properties if p.identifier.endswith("_mm")]
        assert lengths and {p.unit for p in lengths} == {"CAMERA"}
    assert bpy.utils.units.to_string("METRIC", "CAMERA", 200.0) == "200 mm"
