"""Files that hold their layers, in Blender: opened, built, edited and read once more."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender's Python module (bpy) is not installed")
pytest.importorskip("resvg_py", reason="draws SVG")

HEAD = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120" '
    'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape">'
)
LAYER = 'g inkscape:groupmode="layer" inkscape:label'
VALLEY = (
    f'<{LAYER}="sky"><rect width="160" height="120" fill="#bde"/></g>'
    f'<{LAYER}="trees"><{LAYER}="left"><circle cx="40" cy="70" r="25" fill="#284"/></g>'
    f'<{LAYER}="right"><circle cx="100" cy="70" r="30" fill="#173"/></g></g>'
    f'<{LAYER}="fence"><rect y="80" width="160" height="12" fill="#a62"/></g>'
)


@pytest.fixture
def valley(tmp_path: Path) -> Path:
    (tmp_path / "valley.svg").write_text(f"{HEAD}{VALLEY}</svg>")
    return tmp_path / "valley.svg"


def stack_of(image: Any) -> Any:
    from illustrators_depth_addon.session import SESSION

    return SESSION.layers.load(image)


def opened(path: Path, build: str = "LAYERS") -> Any:
    done = bpy.ops.illdepth.import_image(filepath=str(path), build=build)
    assert done == {"FINISHED"}
    return bpy.context.scene.illdepth.image


def test_the_drop_takes_layered_files(addon: Any) -> None:
    endings = bpy.types.ILLDEPTH_FH_drop.bl_file_extensions.split(";")
    assert {".svg", ".ora", ".kra", ".psd"} <= set(endings)


def test_a_drawing_becomes_layers_and_objects(scene: Any, valley: Path) -> None:
    image = opened(valley)
    assert image.name == "valley.svg"
    assert tuple(image.size) == (512, 384)
    data = image.illdepth
    assert [item.name for item in data.layers] == ["sky", "left", "right", "fence"]
    assert data.predictor == "file" and data.layers_file == str(valley)
    np.testing.assert_allclose(
        data.layers[0].color, (0xBB / 255, 0xDD / 255, 0xEE / 255), atol=3e-3
    )
    build = bpy.data.collections["valley layers"]
    assert {o.name for o in build.objects if o.type == "MESH"} == {"valley: sky", "valley: fence"}
    (trees,) = build.children
    assert trees.name == "trees" and {o.name for o in trees.objects} == {
        "valley: left",
        "valley: right",
    }


def test_groups_follow_edits_in_the_build(scene: Any, valley: Path) -> None:
    image = opened(valley)
    build = bpy.data.collections["valley layers"]
    uid = {item.name: item.uid for item in image.illdepth.layers}
    from illustrators_depth_addon.editing import layers

    layers.merge(bpy.context.scene, image, [uid["left"], uid["fence"]])
    assert "valley: right" in build.children[0].objects
    layers.delete(bpy.context.scene, image, [uid["right"]])
    assert not build.children  # the last of the group is gone
    from illustrators_depth_addon.scene.objects.build_collection import layer_objects

    assert len(layer_objects(build)) == 2


def test_planes_stand_in_groups_too(scene: Any, valley: Path) -> None:
    opened(valley, "PLANES")
    (build,) = (c for c in bpy.data.collections if c.illdepth.kind == "PLANES")
    assert [child.name.partition(".")[0] for child in build.children] == ["trees"]
    assert len(build.children[0].objects) == 2


def test_sliders_leave_the_layers_of_a_file_alone(scene: Any, valley: Path) -> None:
    image = opened(valley)
    scene = bpy.context.scene
    scene.illdepth.automatic_layers, scene.illdepth.layers = False, 2
    assert bpy.ops.illdepth.update_layers(image=image.name) == {"FINISHED"}
    assert len(stack_of(image)) == 4
    assert stack_of(image).layers[0].mask.all()  # whole under the trees, as in the file


def test_exports_follow(scene: Any, valley: Path, tmp_path: Path) -> None:
    from illustrators_depth import read_layers

    opened(valley, "NONE")
    target = tmp_path / "out.ora"
    done = bpy.ops.illdepth.export_layers(filepath=str(target), kind="ORA")
    assert done == {"FINISHED"}
    assert [layer.group for layer in read_layers(target)] == [(), ("trees",), ("trees",), ()]


def test_reload_keeps_what_was_done_by_hand(scene: Any, valley: Path) -> None:
    image = opened(valley)
    scene = bpy.context.scene
    data = image.illdepth
    from illustrators_depth_addon.editing import layers

    uid = {item.name: item.uid for item in data.layers}
    layers.rename(scene, image, uid["left"], "oak")
    layers.show(scene, image, [uid["right"]], shown=False)
    item = next(x for x in data.layers if x.uid == uid["fence"])
    item.own_thickness, item.thickness_mm = True, 7.0
    bpy.data.objects["valley: fence"].location.x = 3.0
    material = bpy.data.objects["valley: fence"].data.materials[0]

    moved = VALLEY.replace('y="80"', 'y="20"').replace('cx="40"', 'cx="45"')
    extra = f'<{LAYER}="sun"><circle cx="20" cy="20" r="9" fill="#fd0"/></g>'
    valley.write_text(f"{HEAD}{moved}{extra}</svg>")
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}

    stack = stack_of(image)
    assert [layer.name for layer in stack] == ["sky", "oak", "right", "fence", "sun"]
    assert [layer.uid for layer in stack][:4] == list(uid.values())
    assert [layer.hidden for layer in stack] == [False, False, True, False, False]
    assert stack.layers[3].window[0] == round(20 * 3.2)  # where the file has it now
    item = next(x for x in data.layers if x.uid == uid["fence"])
    assert item.own_thickness and item.thickness_mm == pytest.approx(7.0)
    assert bpy.data.objects["valley: fence"].location.x == pytest.approx(3.0)
    assert bpy.data.objects["valley: fence"].data.materials[0] == material
    assert "valley: sun" in bpy.data.objects
    # and once more: what was done is still known
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}
    assert [layer.name for layer in stack_of(image)] == ["sky", "oak", "right", "fence", "sun"]


def test_what_a_layer_is_made_of_is_chosen(scene: Any, valley: Path) -> None:
    fence = '<rect y="80" width="160" height="12" fill="#a62"/>'
    both = f'{fence}<circle cx="9" cy="9" r="5" fill="#fd0" stroke="#333" stroke-width="2"/>'
    valley.write_text(f"{HEAD}{VALLEY.replace(fence, both)}</svg>")
    done = bpy.ops.illdepth.import_image(filepath=str(valley), split="paths")
    assert done == {"FINISHED"}
    image = bpy.context.scene.illdepth.image
    data = image.illdepth
    assert data.layers_split == "paths" and len(data.layers) == 5
    # read again as it was chosen, and then as it is chosen now
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}
    assert len(stack_of(image)) == 5
    for split, count in (("strokes", 6), ("groups", 4)):
        data.layers_split = split
        assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}
        assert len(stack_of(image)) == len(data.layers) == count
        assert data.layers_split == split
    build = bpy.data.collections["valley layers"]
    assert sum(o.type == "MESH" for o in build.all_objects) == 4
    with pytest.raises(TypeError, match="colour"):
        bpy.ops.illdepth.import_layers(filepath=str(valley), split="colour")


def test_reload_of_an_untouched_file_keeps_the_objects(scene: Any, valley: Path) -> None:
    image = opened(valley)
    before = {o.name: o.session_uid for o in bpy.data.objects if o.type == "MESH"}
    valley.write_text(f"{HEAD}{VALLEY.replace('#a62', '#62a')}</svg>")
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}
    assert {o.name: o.session_uid for o in bpy.data.objects if o.type == "MESH"} == before
    np.testing.assert_allclose(image.illdepth.layers[3].color, (0.4, 2 / 15, 2 / 3), atol=3e-3)


def test_a_page_of_another_size_is_taken(scene: Any, valley: Path) -> None:
    image = opened(valley)
    valley.write_text(
        f"{HEAD}{VALLEY}</svg>".replace('width="160" height="120"', 'width="640" height="480"', 1)
    )
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}
    assert tuple(image.size) == (640, 480)
    assert stack_of(image).width == 640


def test_predicted_after_all(scene: Any, valley: Path) -> None:
    image = opened(valley)
    image.illdepth.layers_split = "paths"
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
    assert image.illdepth.layers_file == ""
    assert image.illdepth.layers_split == "auto"
    with pytest.raises(RuntimeError, match="from a file"):
        bpy.ops.illdepth.reload_layers(image=image.name)


def test_a_bad_file_is_one_sentence(scene: Any, tmp_path: Path) -> None:
    (tmp_path / "bad.svg").write_text("<svg><g>")
    with pytest.raises(RuntimeError, match="not well-formed XML"):
        bpy.ops.illdepth.import_layers(filepath=str(tmp_path / "bad.svg"))
    assert not bpy.data.images and not bpy.data.collections


def test_a_file_that_is_gone_changes_nothing(scene: Any, valley: Path) -> None:
    image = opened(valley)
    valley.unlink()
    with pytest.raises(RuntimeError, match="There is no file"):
        bpy.ops.illdepth.reload_layers(image=image.name)
    assert len(stack_of(image)) == 4


def test_layers_of_a_file_are_saved_in_the_blend(scene: Any, valley: Path, tmp_path: Path) -> None:
    opened(valley)
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    image = bpy.data.images["valley.svg"]
    assert [layer.group for layer in stack_of(image)] == [(), ("trees",), ("trees",), ()]
    assert bpy.ops.illdepth.reload_layers(image=image.name) == {"FINISHED"}


def test_a_flat_photoshop_file_is_a_picture(scene: Any, tmp_path: Path) -> None:
    psd_tools = pytest.importorskip("psd_tools")
    from PIL import Image as PilImage

    flat = PilImage.new("RGB", (40, 30), (200, 90, 10))
    psd_tools.PSDImage.frompil(flat).save(tmp_path / "flat.psd")
    done = bpy.ops.illdepth.import_image(filepath=str(tmp_path / "flat.psd"), predict=False)
    assert done == {"FINISHED"}
    assert bpy.context.scene.illdepth.image.illdepth.layers_file == ""
    document = psd_tools.PSDImage.new("RGB", (40, 30))
    for name in ("page", "dot"):
        document.create_pixel_layer(flat, name=name)
    document.save(tmp_path / "two.psd")
    image = opened(tmp_path / "two.psd", "NONE")
    assert [item.name for item in image.illdepth.layers] == ["page", "dot"]
