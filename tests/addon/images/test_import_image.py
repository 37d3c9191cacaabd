"""Opening a picture: File > Import, a drop, a script; the same picture as the engine reads."""

from __future__ import annotations

import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage
from PIL import ImageCms

from illustrators_depth.io.pictures.read_image import read_image
from tests.end_to_end.bad_files import BAD

bpy = pytest.importorskip("bpy")


def shown(image: Any) -> np.ndarray:
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    return image_to_engine(image).rgba


def test_import_opens_chooses_predicts_and_builds(scene, picture_path, addon):
    assert bpy.ops.illdepth.import_image(filepath=str(picture_path)) == {"FINISHED"}
    image = scene.illdepth.image
    assert image.name == "hill.png"
    assert image.packed_file is None  # a plain file stays a file
    assert addon.storage.layers.has_stack(image)
    assert bpy.data.collections["hill layers"].illdepth.image == image


def test_predict_and_build_can_be_left_out(scene, picture_path, addon):
    path = str(picture_path)
    bpy.ops.illdepth.import_image(filepath=path, predict=False)
    assert not addon.storage.depth.has_depth(scene.illdepth.image)
    bpy.ops.illdepth.import_image(filepath=path, build="NONE")
    assert addon.storage.layers.has_stack(scene.illdepth.image)
    assert not bpy.data.collections
    assert len([i for i in bpy.data.images if not i.illdepth.is_result]) == 1  # opened once
    bpy.ops.illdepth.import_image(filepath=path, build="DISPLACEMENT")
    assert "hill relief" in bpy.data.collections


def test_several_files_at_once(scene, picture_path, tmp_path):
    for name in ("a.png", "b.png"):
        shutil.copy(picture_path, tmp_path / name)
    bpy.ops.illdepth.import_image(
        directory=str(tmp_path), files=[{"name": "a.png"}, {"name": "b.png"}], predict=False
    )
    assert {"a.png", "b.png"} <= set(bpy.data.images.keys())
    assert scene.illdepth.image.name == "b.png"


def several(folder: Path, *names: str) -> dict[str, Any]:
    return {"directory": str(folder), "files": [{"name": name} for name in names]}


def test_each_of_several_files_is_predicted_and_built(scene, picture_path, tmp_path, addon):
    for name in ("a.png", "b.png"):
        shutil.copy(picture_path, tmp_path / name)
    bpy.ops.illdepth.import_image(**several(tmp_path, "a.png", "b.png"))
    for name in ("a.png", "b.png"):
        assert addon.storage.layers.has_stack(bpy.data.images[name]), name
    assert {"a layers", "b layers"} <= set(bpy.data.collections.keys())
    assert scene.illdepth.image.name == "b.png"


def test_one_bad_file_of_several_takes_none_of_the_others_along(scene, picture_path, tmp_path):
    shutil.copy(picture_path, tmp_path / "good.png")
    (tmp_path / "bad.png").write_bytes(b"no picture")
    bpy.ops.illdepth.import_image(**several(tmp_path, "bad.png", "good.png"), predict=False)
    assert scene.illdepth.image.name == "good.png"
    assert "bad.png" not in bpy.data.images
    (tmp_path / "worse.png").write_bytes(b"")
    bpy.ops.illdepth.import_image(**several(tmp_path, "bad.png", "worse.png"), predict=False)
    assert scene.illdepth.image.name == "good.png"


def test_pictures_beside_a_file_of_layers_are_predicted(scene, picture_path, tmp_path, addon):
    shutil.copy(picture_path, tmp_path / "a.png")
    drawing = '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30">{}</svg>'
    shapes = '<rect width="40" height="30" fill="#fff"/><circle cx="20" cy="15" r="9" fill="red"/>'
    (tmp_path / "b.svg").write_text(drawing.format(shapes))
    bpy.ops.illdepth.import_image(**several(tmp_path, "a.png", "b.svg"))
    assert addon.storage.layers.has_stack(bpy.data.images["a.png"])


def turned_jpeg(path: Path) -> None:
    picture = PilImage.fromarray(np.repeat(np.arange(0, 240, 4, np.uint8)[None, :, None], 20, 0)
                                 .repeat(3, 2))  # fmt: skip
    exif = picture.getexif()
    exif[0x0112] = 6
    picture.save(path, exif=exif, quality=95)


def test_an_exif_rotation_is_applied(scene, tmp_path):
    """Blender itself shows such a file lying on its side."""
    path = tmp_path / "phone.jpg"
    turned_jpeg(path)
    bpy.ops.illdepth.import_image(filepath=str(path), predict=False)
    image = scene.illdepth.image
    assert tuple(image.size) == (20, 60)
    assert image.packed_file is not None
    assert image.name == "phone.jpg"
    np.testing.assert_array_equal(shown(image), read_image(path).rgba)


def test_a_wide_profile_is_converted(scene, tmp_path):
    path = tmp_path / "lab.tif"
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    page = PilImage.new("LAB", (16, 12), (120, 160, 90))
    page.save(path, icc_profile=profile)
    bpy.ops.illdepth.import_image(filepath=str(path), predict=False)
    np.testing.assert_array_equal(shown(scene.illdepth.image), read_image(path).rgba)


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".webp", ".tif", ".bmp", ".gif"])
def test_every_format_is_the_picture_that_the_engine_reads(scene, tmp_path, suffix):
    path = tmp_path / f"art{suffix}"
    page = np.zeros((30, 40, 3), np.uint8)
    cv2.rectangle(page, (8, 8), (30, 20), (40, 90, 230), -1)
    PilImage.fromarray(page).save(path)
    bpy.ops.illdepth.import_image(filepath=str(path), predict=False)
    # JPEG decoders round differently.
    limit = 3 / 255 if suffix in (".jpg", ".webp") else 0.0
    assert np.abs(shown(scene.illdepth.image) - read_image(path).rgba).max() <= limit


@pytest.mark.parametrize("case", BAD)
def test_a_bad_file_is_one_sentence_and_leaves_nothing(scene, tmp_path, case):
    name, make, words = BAD[case]
    make(tmp_path / name)
    with pytest.raises(RuntimeError, match=words) as raised:
        bpy.ops.illdepth.import_image(filepath=str(tmp_path / name))
    assert "Traceback" not in str(raised.value)
    assert not bpy.data.images
    assert scene.illdepth.image is None


def test_a_failed_prediction_keeps_the_picture(scene, picture_path):
    scene.illdepth.model, scene.illdepth.model_path = "FILE", "/nowhere/model.onnx"
    with pytest.raises(RuntimeError, match=r"/nowhere/model\.onnx"):
        bpy.ops.illdepth.import_image(filepath=str(picture_path))
    assert scene.illdepth.image.name == "hill.png"


def test_no_file_is_a_sentence(scene):
    with pytest.raises(RuntimeError, match="No picture file is named"):
        bpy.ops.illdepth.import_image()


@pytest.mark.parametrize(
    ("area", "region", "wanted"),
    [
        ("VIEW_3D", "WINDOW", True),
        ("IMAGE_EDITOR", "WINDOW", True),
        ("VIEW_3D", "UI", False),
        ("NODE_EDITOR", "WINDOW", False),
    ],
)
def test_where_a_picture_may_be_dropped(addon, area, region, wanted):
    handler = bpy.types.ILLDEPTH_FH_drop
    context = SimpleNamespace(area=SimpleNamespace(type=area), region=SimpleNamespace(type=region))
    assert handler.poll_drop(context) is wanted
    assert {".png", ".jpg", ".webp"} <= set(handler.bl_file_extensions.split(";"))


def test_the_import_menu_has_the_entry_once(addon):
    from illustrators_depth_addon.operators.importing.image import draw_import_menu

    draws = bpy.types.TOPBAR_MT_file_import._dyn_ui_initialize()
    assert draws.count(draw_import_menu) == 1
    addon.unregister()
    assert draw_import_menu not in bpy.types.TOPBAR_MT_file_import._dyn_ui_initialize()
    addon.register()
