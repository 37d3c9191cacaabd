"""Export from Blender: every kind, through the operators, read back by others; never by halves."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import trimesh
from PIL import Image as PilImage

from illustrators_depth.export.print_writer import PRINT_FORMATS
from illustrators_depth.export.stack_writer import LAYER_FORMATS

bpy = pytest.importorskip("bpy")


def export_print(path: Path, kind: str, **options: Any) -> None:
    options.setdefault("smallest_mm", 0.0)
    done = bpy.ops.illdepth.export_print(filepath=str(path), kind=kind, **options)
    assert done == {"FINISHED"}


def export_layers(path: Path, kind: str, **options: Any) -> None:
    done = bpy.ops.illdepth.export_layers(filepath=str(path), kind=kind, **options)
    assert done == {"FINISHED"}


def test_asked_and_measured(predicted: Any, tmp_path: Path) -> None:
    export_print(tmp_path / "a.stl", "STL", size_mm=120.0, total_mm=4.0, layer_height_mm=0.1)
    mesh = trimesh.load(tmp_path / "a.stl")
    assert mesh.extents == pytest.approx((120.0, 90.0, 4.0), abs=1e-3)
    assert mesh.is_watertight and mesh.volume > 0


def test_the_operator_and_the_command_agree(
    predicted: Any, addon: Any, tmp_path: Path, scene: Any
) -> None:
    from illustrators_depth.geometry import relief
    from illustrators_depth.printing import preset

    export_print(tmp_path / "a.stl", "STL", preset="TACTILE", smallest_mm=1.0)
    stack = addon.session.SESSION.layers.load(predicted)
    values = {**preset("tactile").to_dict(), "smallest_mm": 1.0}
    expected = relief(stack, type(preset("tactile")).from_dict(values))
    mesh = trimesh.load(tmp_path / "a.stl")
    assert mesh.extents == pytest.approx(expected.size_mm, abs=1e-4)
    assert len(mesh.faces) == len(expected.faces)


def test_every_print_kind(predicted: Any, addon: Any, tmp_path: Path) -> None:
    for kind, facts in PRINT_FORMATS.items():
        folder = tmp_path / kind
        folder.mkdir()
        export_print(folder / f"a{facts.suffix}", kind)
        made = sorted(p.name for p in folder.iterdir())
        assert made == (["a.json", "a.png"] if kind == "HEIGHTMAP" else [f"a{facts.suffix}"])
    layers = addon.session.SESSION.layers.load(predicted)
    parts = json.loads((tmp_path / "STL_LAYERS" / "a" / "parts.json").read_text())["parts"]
    assert [p["name"] for p in parts] == [layer.name for layer in layers]
    swaps = json.loads((tmp_path / "SWAPS_JSON" / "a.json").read_text())["swaps"]
    assert swaps[-1]["top_mm"] == pytest.approx(parts[-1]["top_mm"])
    levels = np.asarray(PilImage.open(tmp_path / "HEIGHTMAP" / "a.png"))
    assert levels.shape == (120, 160) and len(np.unique(levels)) == len(layers)


def test_every_layer_kind(predicted: Any, addon: Any, tmp_path: Path) -> None:
    for kind, facts in LAYER_FORMATS.items():
        folder = tmp_path / kind
        folder.mkdir()
        export_layers(folder / f"a{facts.suffix}", kind)
        assert [p.name for p in folder.iterdir()] == [f"a{facts.suffix}"]
    layers = addon.session.SESSION.layers.load(predicted)
    with PilImage.open(tmp_path / "PSD" / "a.psd") as opened:
        assert opened.n_frames == len(layers)
    assert len(list((tmp_path / "PNG" / "a").glob("*.png"))) == len(layers)
    assert (tmp_path / "SVG" / "a.svg").read_text().count("<g ") == len(layers)
    assert len(list((tmp_path / "PAPERCUT" / "a").glob("*.svg"))) == len(layers) + 1
    from illustrators_depth.io.depth_file import read_depth

    depth = addon.session.SESSION.depth.load(predicted)
    assert np.allclose(read_depth(tmp_path / "DEPTH_EXR" / "a.exr").values, depth.values)


def test_the_ending_follows_the_kind(predicted: Any, tmp_path: Path) -> None:
    export_print(tmp_path / "a.stl", "THREEMF")
    export_print(tmp_path / "b", "STL")
    export_print(tmp_path / "v1.2", "STL")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["a.3mf", "b.stl", "v1.2.stl"]


def test_nothing_is_replaced_unasked(predicted: Any, tmp_path: Path) -> None:
    (tmp_path / "a.stl").write_text("mine")
    with pytest.raises(RuntimeError, match=r"exists already; choose another name, or tick Over"):
        export_print(tmp_path / "a.stl", "STL")
    assert (tmp_path / "a.stl").read_text() == "mine"
    export_print(tmp_path / "a.stl", "STL", overwrite=True)
    assert trimesh.load(tmp_path / "a.stl").is_watertight
    folder = tmp_path / "layers"
    folder.mkdir()
    (folder / "notes.txt").write_text("mine")
    with pytest.raises(RuntimeError, match="not empty"):
        export_layers(folder, "PNG")
    assert [p.name for p in folder.iterdir()] == ["notes.txt"]


@pytest.mark.skipif(bpy.app.version < (5, 0, 0), reason="Blender 5 asks properties whether they do")
def test_every_path_takes_the_folder_of_the_blend(scene: Any, addon: Any) -> None:
    operators = ("import_image", "import_layers", "insert_image", "export_layers", "export_print",
                 "render_parallax_video")  # fmt: skip
    owners = [getattr(bpy.ops.illdepth, name).get_rna_type() for name in operators]
    paths = [owner.properties["filepath"] for owner in owners]
    paths.append(scene.illdepth.bl_rna.properties["model_path"])
    for path in paths:
        assert path.is_path_supports_blend_relative, path


@pytest.mark.parametrize("operator", ["export_print", "export_layers", "render_parallax_video"])
def test_beside_a_blend_that_was_never_saved_is_nowhere(
    predicted: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, operator: str
) -> None:
    """Blender takes the folder that it was started in, where nobody looks for the file."""
    monkeypatch.chdir(tmp_path)
    if operator == "render_parallax_video":
        bpy.ops.illdepth.build_planes()
    with pytest.raises(RuntimeError, match=r"//a lies beside the \.blend, which is not saved yet"):
        getattr(bpy.ops.illdepth, operator)(filepath="//a")
    assert not list(tmp_path.iterdir())
    if operator == "export_print":
        bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "saved.blend"))
        bpy.ops.illdepth.export_print(filepath="//a.stl", kind="STL")
        assert (tmp_path / "a.stl").is_file()


def test_a_failed_export_leaves_nothing(predicted: Any, tmp_path: Path) -> None:
    with pytest.raises(RuntimeError, match="higher total"):
        export_print(tmp_path / "a.stl", "STL", total_mm=0.9, base_mm=0.8)
    with pytest.raises(RuntimeError, match="mode terraced"):
        export_print(tmp_path / "a.txt", "SWAPS_TXT", mode="HEIGHTFIELD")
    with pytest.raises(RuntimeError, match="does not exist"):
        export_layers(tmp_path / "nowhere" / "a.psd", "PSD")
    with pytest.raises(RuntimeError, match="No file is named"):
        bpy.ops.illdepth.export_print(kind="STL")
    wide = {"nozzle_mm": 9.0, "size_mm": 20.0, "check_first": True}
    with pytest.raises(RuntimeError, match="nothing was written"):
        export_print(tmp_path / "a.stl", "STL", **wide)
    assert not list(tmp_path.iterdir())


def test_the_selector_confirms_files_only(addon: Any, predicted: Any, tmp_path: Path) -> None:
    """What Blender's file selector asked about may be replaced; a folder it does not ask about."""
    cls = addon.operators.export.file.ExportOperator
    operator = SimpleNamespace(
        KINDS=PRINT_FORMATS,
        kind="STL",
        overwrite=False,
        _used_selector=True,
        filepath=str(tmp_path / "a.stl"),
        suffix=".stl",
    )
    operator._path_with_suffix = lambda: cls._path_with_suffix(operator)
    assert cls.target(operator) == (tmp_path / "a.stl", False)
    (tmp_path / "a.stl").write_text("mine")
    assert cls.target(operator) == (tmp_path / "a.stl", True)
    operator._used_selector = False
    assert cls.target(operator) == (tmp_path / "a.stl", False)
    operator.kind, operator.suffix, operator.filepath = "STL_LAYERS", "", str(tmp_path)
    operator._used_selector = True
    assert cls.target(operator) == (tmp_path, False)


def test_hidden_layers_and_own_thickness(predicted: Any, addon: Any, tmp_path: Path) -> None:
    line = predicted.illdepth.layers[1]
    line.own_thickness, line.thickness_mm = True, 3.0
    plain = {"preset": "CUSTOM", "base_mm": 1.0, "thickness_mm": 0.5, "layer_height_mm": 0.0}
    count = len(predicted.illdepth.layers)
    export_print(tmp_path / "a.stl", "STL", own_thickness=True, **plain)
    top = trimesh.load(tmp_path / "a.stl").extents[2]
    assert top == pytest.approx(1.0 + 3.0 + 0.5 * (count - 2), abs=1e-3)
    predicted.illdepth.layers[1].shown = False
    export_print(tmp_path / "b.stl", "STL", own_thickness=True, **plain)
    assert trimesh.load(tmp_path / "b.stl").extents[2] == pytest.approx(1.0 + 0.5 * (count - 2))


def test_presets_set_the_controls(scene: Any) -> None:
    group = scene.illdepth_print
    group.size_mm = 77.0
    group.preset = "TACTILE"
    assert (group.mode, group.max_steps) == ("TERRACED", 5)
    assert group.smallest_mm == pytest.approx(3.2) and group.size_mm == 77.0
    group.preset = "RELIEF"
    assert group.mode == "HEIGHTFIELD" and group.total_mm == 4.0


def test_defaults_are_the_standard_preset(scene: Any, addon: Any) -> None:
    from illustrators_depth.printing import preset

    values = addon.settings.printing.field_values(scene.illdepth_print)
    made = addon.settings.printing.relief_settings(values)
    assert made == preset("standard")
    from illustrators_depth.product_settings import PrinterSettings

    assert addon.settings.printing.printer_settings(values) == PrinterSettings()


def test_check_print_reports(predicted: Any, scene: Any, addon: Any) -> None:
    group = scene.illdepth_print
    assert bpy.ops.illdepth.check_print() == {"FINISHED"}
    assert group.report.startswith("measured 200 x 150 x ")
    key = addon.settings.printing.report_key(scene, predicted)
    assert group.report_key == key
    group.layer_height_mm = 0.0
    group.thickness_mm = 0.01
    assert addon.settings.printing.report_key(scene, predicted) != key
    bpy.ops.illdepth.check_print()
    assert "error: " in group.report and "would be left out" in group.report


def test_export_menu_has_both(scene: Any, addon: Any) -> None:
    seen: list[str] = []
    menu = SimpleNamespace(layout=SimpleNamespace(operator=lambda name, text: seen.append(name)))  # noqa: ARG005
    for draw in (
        addon.operators.export.layers.draw_export_menu,
        addon.operators.export.printing.draw_export_menu,
    ):
        draw(menu, None)
        assert draw in bpy.types.TOPBAR_MT_file_export._dyn_ui_initialize()
    assert seen == ["illdepth.export_layers", "illdepth.export_print"]


def test_a_picture_without_depth(scene: Any, image: Any, tmp_path: Path) -> None:
    scene.illdepth.image = image
    assert not bpy.ops.illdepth.export_print.poll()
    assert not bpy.ops.illdepth.export_layers.poll()
    scene.illdepth.image = None
    with pytest.raises(RuntimeError, match="no depth yet"):
        export_print(tmp_path / "a.stl", "STL", image=image.name)


def test_the_panel_shows_the_report_until_something_changes(predicted: Any, scene: Any) -> None:
    from tests.addon.panels.test_panels import draw

    assert {"illdepth.check_print", "illdepth.export_print", "Photoshop"} <= set(draw())
    scene.illdepth_print.layer_height_mm, scene.illdepth_print.thickness_mm = 0.0, 0.01
    bpy.ops.illdepth.check_print()
    seen = draw()
    assert any(line.startswith("measured 200") for line in seen)
    assert "Changed since this check" not in seen
    scene.illdepth_print.thickness_mm = 0.4
    assert "Changed since this check" in draw()
