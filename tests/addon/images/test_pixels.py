"""Pixels between Blender and the engine: nothing is flipped, scaled or rounded on the way."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.read_image import read_image

bpy = pytest.importorskip("bpy")


def test_a_png_gives_the_same_numbers_as_read_image(image, picture_path):
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    taken = image_to_engine(image)
    np.testing.assert_array_equal(taken.rgba, read_image(picture_path).rgba)
    assert taken.name == "hill"


def test_a_transparent_png_keeps_straight_colour(scene, tmp_path):
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    rng = np.random.default_rng(0)
    bgra = rng.integers(0, 256, (7, 5, 4), np.uint8)
    bgra[..., 3] = np.maximum(bgra[..., 3], 1)
    path = tmp_path / "glass.png"
    cv2.imwrite(str(path), bgra)
    taken = image_to_engine(bpy.data.images.load(str(path)))
    np.testing.assert_array_equal(taken.rgba, read_image(path).rgba)


def test_a_sixteen_bit_png_comes_back_from_linear(scene, tmp_path):
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    ramp = np.linspace(0, 65535, 256, dtype=np.uint16)
    path = tmp_path / "deep.png"
    cv2.imwrite(str(path), np.repeat(np.stack([ramp] * 3, axis=-1)[None], 4, axis=0))
    image = bpy.data.images.load(str(path))
    assert image.is_float
    np.testing.assert_allclose(
        image_to_engine(image).rgba, read_image(path).rgba, rtol=0, atol=2e-3
    )


def test_pixels_survive_the_way_there_and_back(scene):
    from illustrators_depth.types import Image
    from illustrators_depth_addon.scene.images.packing import image_from_engine
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    rgba = np.random.default_rng(1).integers(0, 256, (9, 13, 4)).astype(np.float32)
    picture = Image(rgba / np.float32(255.0), name="noise")
    np.testing.assert_array_equal(image_to_engine(image_from_engine(picture)).rgba, picture.rgba)


def test_float_images_are_exact_and_survive_a_save(scene, tmp_path):
    from illustrators_depth_addon.scene.images.packing import encode_float, new_float, pack_file
    from illustrators_depth_addon.scene.images.pixels import read_pixels

    values = np.random.default_rng(2).normal(size=(11, 6)).astype(np.float32)
    made = pack_file(new_float("depth"), encode_float(values))
    made.use_fake_user = True
    assert made.colorspace_settings.is_data
    bpy.ops.wm.save_as_mainfile(filepath=str(tmp_path / "a.blend"))
    bpy.ops.wm.open_mainfile(filepath=str(tmp_path / "a.blend"))
    np.testing.assert_array_equal(read_pixels(bpy.data.images["depth"])[..., 0], values)


def test_an_image_without_its_file_is_one_sentence(scene, tmp_path, picture_path):
    from illustrators_depth_addon.scene.images.pixels import image_to_engine

    path = tmp_path / "gone.png"
    path.write_bytes(picture_path.read_bytes())
    image = bpy.data.images.load(str(path))
    path.unlink()
    image.reload()
    with pytest.raises(InputError, match=r"gone\.png"):
        image_to_engine(image)


@pytest.mark.parametrize(
    ("name", "stem"),
    [("fox.png", "fox"), ("fox.png.001", "fox"), ("fox", "fox"), ("a.b fox", "a.b fox")],
)
def test_names(scene, name, stem):
    from illustrators_depth_addon.scene.images.pixels import picture_name

    assert picture_name(bpy.data.images.new(name, 4, 4)) == stem


def test_undo_takes_a_picture_back_with_its_size(scene):
    from illustrators_depth_addon.scene.images.packing import pack_rgba
    from illustrators_depth_addon.scene.images.pixels import read_pixels

    rng = np.random.default_rng(4)
    first, second = (
        rng.integers(0, 256, (h, w, 4)).astype(np.float32) / np.float32(255.0)
        for h, w in ((9, 13), (20, 6))
    )

    def is_shown(wanted):
        shown = np.rint(read_pixels(bpy.data.images["sheet"]) * 255.0)
        np.testing.assert_array_equal(shown, np.rint(wanted * 255.0))

    pack_rgba("sheet", first).use_fake_user = True
    bpy.ops.ed.undo_push(message="first")
    is_shown(first)
    pack_rgba("sheet", second, reuse=bpy.data.images["sheet"])
    is_shown(second)
    bpy.ops.ed.undo_push(message="second")
    bpy.ops.ed.undo()
    is_shown(first)
    bpy.ops.ed.redo()
    is_shown(second)
    assert not bpy.data.images["sheet"].is_dirty


def test_undo_takes_pixels_back_with_the_file(predicted, addon):
    """Of one size and in use, an image kept the pixels of the step that was undone."""
    from illustrators_depth.types import DepthMap

    session = addon.session.SESSION
    first = session.depth.load(predicted).values
    second = np.ascontiguousarray(first[::-1] * 3.0 + 1.0)

    def is_kept(wanted):
        session.clear_memory()
        np.testing.assert_allclose(
            session.depth.load(bpy.data.images["hill.png"]).values, wanted, atol=1e-5
        )

    is_kept(first)
    bpy.ops.ed.undo_push(message="first")
    session.depth.store(predicted, DepthMap(second))
    is_kept(second)
    bpy.ops.ed.undo_push(message="second")
    bpy.ops.ed.undo()
    is_kept(first)
    bpy.ops.ed.redo()
    is_kept(second)


def test_a_copied_picture_gets_a_depth_of_its_own(predicted, addon):
    from illustrators_depth.types import DepthMap

    session = addon.session.SESSION
    first = session.depth.load(predicted).values
    copied = predicted.copy()
    assert copied.illdepth.depth == predicted.illdepth.depth
    other = np.ascontiguousarray(first[::-1] * 3.0 + 1.0)
    session.depth.store(copied, DepthMap(other))
    session.clear_memory()
    np.testing.assert_allclose(session.depth.load(predicted).values, first, atol=1e-5)
    session.clear_memory()
    np.testing.assert_allclose(session.depth.load(copied).values, other, atol=1e-5)


def test_a_noisy_picture_is_a_png_and_a_flat_one_a_targa(scene):
    from illustrators_depth_addon.scene.images.packing import pack_rgba

    flat = np.full((64, 64, 4), 0.2, np.float32)
    noise = np.random.default_rng(5).random((64, 64, 4)).astype(np.float32)
    assert pack_rgba("flat", flat).file_format == "TARGA"
    assert pack_rgba("noise", noise).file_format == "PNG"
