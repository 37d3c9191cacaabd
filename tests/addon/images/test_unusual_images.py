"""Images that are not a plain picture file: predicted, or refused in one sentence."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from tests.addon.images.test_import_image import turned_jpeg

bpy = pytest.importorskip("bpy")


def predict(image: Any) -> None:
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}


def refused(image: Any, words: str) -> None:
    with pytest.raises(RuntimeError, match=words) as raised:
        bpy.ops.illdepth.predict(image=image.name)
    message = str(raised.value).strip()
    assert message.count("\n") == 0
    assert message.endswith(".")
    assert repr(image.name) in message


@pytest.mark.parametrize("size", [(1, 1), (1, 9), (9, 1)])
def test_the_smallest_images(scene, addon, size):
    image = bpy.data.images.new("tiny", *size)
    image.generated_color = (0.2, 0.4, 0.9, 1.0)
    predict(image)
    assert len(addon.session.SESSION.layers.load(image)) == 1
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    assert bpy.ops.illdepth.build_displacement() == {"FINISHED"}


def test_a_generated_image(scene, addon):
    image = bpy.data.images.new("grid", 64, 48)
    image.generated_type = "COLOR_GRID"
    predict(image)
    assert addon.session.SESSION.depth.load(image).shape == (48, 64)


def test_a_float_image_with_light_above_one(scene, addon):
    image = bpy.data.images.new("float", 40, 30, float_buffer=True)
    pixels = np.ones((30, 40, 4), np.float32)
    pixels[8:20, 10:30, :3] = (9.0, 0.1, -0.2)
    image.pixels.foreach_set(pixels.ravel())
    predict(image)
    assert len(addon.session.SESSION.layers.load(image)) == 2


def test_a_float_image_with_nan(scene):
    image = bpy.data.images.new("broken", 4, 3, float_buffer=True)
    pixels = np.ones((3, 4, 4), np.float32)
    pixels[1, 1, 0] = np.nan
    image.pixels.foreach_set(pixels.ravel())
    refused(image, "holds NaN or infinite values; repair it")


def test_a_transparent_image(scene):
    image = bpy.data.images.new("clear", 8, 8, alpha=True)
    image.pixels.foreach_set(np.zeros(256, np.float32))
    refused(image, "fully transparent")


def test_a_huge_image(scene):
    image = bpy.data.images.new("poster", 20_000, 20_000)  # its pixels are not made until needed
    refused(image, "400 million pixels.*scale it down")


def test_a_packed_image_whose_file_is_gone(scene, image, addon, tmp_path, picture_path):
    path = tmp_path / "gone.png"
    path.write_bytes(picture_path.read_bytes())
    packed = bpy.data.images.load(str(path))
    packed.pack()
    path.unlink()
    predict(packed)
    assert addon.storage.layers.has_stack(packed)


def test_a_file_that_is_gone(scene, tmp_path, picture_path):
    path = tmp_path / "gone.png"
    path.write_bytes(picture_path.read_bytes())
    lost = bpy.data.images.load(str(path))
    path.unlink()
    lost.reload()
    refused(lost, r"has no pixels.*gone\.png")


@pytest.mark.parametrize(
    ("source", "words"),
    [("SEQUENCE", "an image sequence"), ("MOVIE", "a movie"), ("TILED", "UDIM tiles")],
)
def test_what_is_not_one_picture(image, source, words):
    image.source = source
    refused(image, words)


def test_a_movie_file(scene, tmp_path):
    path = tmp_path / "clip.avi"
    film = cv2.VideoWriter(str(path), cv2.VideoWriter.fourcc(*"MJPG"), 5, (64, 48))
    for shade in (10, 200):
        film.write(np.full((48, 64, 3), shade, np.uint8))
    film.release()
    refused(bpy.data.images.load(str(path)), "a movie; save one frame")
    with pytest.raises(RuntimeError, match="not a picture"):
        bpy.ops.illdepth.import_image(filepath=str(path))


def test_the_render_result(scene):
    camera = bpy.data.objects.new("Camera", bpy.data.cameras.new("Camera"))
    scene.collection.objects.link(camera)
    scene.camera = camera
    scene.render.engine, scene.cycles.samples = "CYCLES", 1
    scene.render.resolution_x = scene.render.resolution_y = 8
    bpy.ops.render.render()
    refused(bpy.data.images["Render Result"], "a render or a viewer; save it as PNG")


def test_a_linked_image(scene, picture_path, tmp_path):
    image = bpy.data.images.load(str(picture_path))
    image.use_fake_user = True
    image.pack()
    library = tmp_path / "library.blend"
    bpy.data.libraries.write(str(library), {image})
    bpy.data.images.remove(image)
    with bpy.data.libraries.load(str(library), link=True) as (there, here):
        here.images = list(there.images)
    linked = bpy.data.images["hill.png"]
    assert linked.library is not None
    refused(linked, "linked from another file")


def test_a_turned_photo_opened_by_blender_is_predicted_as_shown(scene, addon, tmp_path, capfd):
    """Blender shows it on its side; what is predicted fits that, and a warning says so."""
    path = Path(tmp_path / "phone.jpg")
    turned_jpeg(path)
    image = bpy.data.images.load(str(path))
    assert tuple(image.size) == (60, 20)
    predict(image)
    assert addon.session.SESSION.depth.load(image).shape == (20, 60)
    assert "ignores the rotation in the file of 'phone.jpg'" in capfd.readouterr().out
    bpy.ops.illdepth.import_image(filepath=str(path), predict=False)
    upright = scene.illdepth.image
    assert upright != image
    capfd.readouterr()
    predict(upright)
    assert addon.session.SESSION.depth.load(upright).shape == (60, 20)
    assert "ignores" not in capfd.readouterr().out


def test_two_scenes_have_settings_and_pictures_of_their_own(scene, image, addon):
    other = bpy.data.scenes.new("Other")
    other.illdepth.model, other.illdepth.layers = "heuristic", 2
    other.illdepth.method = "bins"
    bpy.context.window.scene = other
    predict(image)
    assert len(addon.session.SESSION.layers.load(image)) == 2
    assert other.illdepth.image == image
    assert scene.illdepth.image is None
    bpy.context.window.scene = scene
    predict(image)
    assert len(addon.session.SESSION.layers.load(image)) > 2


def test_a_picture_without_its_scene_world_or_view_layer_objects(scene, image):
    """An empty file has nothing but a scene; building makes what it needs."""
    assert not bpy.data.objects
    predict(image)
    bpy.ops.illdepth.build_layers()
    assert bpy.data.objects
