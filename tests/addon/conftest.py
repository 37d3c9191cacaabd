"""Blender's module with the add-on registered, and a fresh file for every test."""

from __future__ import annotations

import atexit
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import cv2
import numpy as np
import pytest

bpy = pytest.importorskip("bpy", reason="Blender's Python module (bpy) is not installed")


@pytest.fixture(scope="session")
def addon() -> Iterator[ModuleType]:
    """The add-on, registered. Left registered at exit, Blender 4.2 crashes and 4.5 hangs."""
    import illustrators_depth_addon

    illustrators_depth_addon.register()
    atexit.register(illustrators_depth_addon.unregister)
    yield illustrators_depth_addon
    atexit.unregister(illustrators_depth_addon.unregister)
    illustrators_depth_addon.unregister()


@pytest.fixture
def scene(addon: ModuleType) -> Any:
    """An empty scene in a fresh file, set to the predictor that needs no network."""
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    scene = bpy.context.scene
    scene.illdepth.model = "heuristic"
    return scene


@pytest.fixture(scope="session")
def picture_path(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """A small flat drawing as a PNG: ground, hill, sun with a smaller disc on it."""
    page = np.full((120, 160, 3), (235, 215, 190), np.uint8)
    cv2.rectangle(page, (0, 80), (159, 119), (70, 140, 60), -1)
    cv2.circle(page, (90, 60), 36, (40, 60, 220), -1, cv2.LINE_AA)
    cv2.circle(page, (98, 58), 14, (30, 200, 240), -1, cv2.LINE_AA)
    path = tmp_path_factory.mktemp("picture") / "hill.png"
    cv2.imwrite(str(path), page)
    return path


@pytest.fixture
def image(scene: Any, picture_path: Any) -> Any:
    """The drawing opened in Blender."""
    return bpy.data.images.load(str(picture_path))


@pytest.fixture
def predicted(image: Any) -> Any:
    """The drawing with its depth and layers predicted by the operator."""
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
    return image


@pytest.fixture
def built(predicted: Any, scene: Any) -> Any:
    """The drawing with its stacked layers built (light grey, green, red, yellow), and chosen."""
    scene.illdepth.image = predicted
    assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
    return predicted


@pytest.fixture
def render(scene: Any, tmp_path: Any) -> Any:
    """Renders the scene as it is set up, into float RGBA, row 0 on top: `render(samples=4)`."""

    def still(samples: int = 4) -> Any:
        scene = bpy.context.scene  # another one than at first when a file was opened
        scene.render.engine = "CYCLES"
        scene.cycles.device = "CPU"
        scene.cycles.samples = samples
        scene.cycles.use_denoising = False
        scene.render.dither_intensity = 0.0
        scene.render.image_settings.file_format = "PNG"
        scene.render.image_settings.color_mode = "RGBA"
        scene.render.filepath = str(tmp_path / "still.png")
        bpy.ops.render.render(write_still=True, scene=scene.name)
        pixels = cv2.imread(scene.render.filepath, cv2.IMREAD_UNCHANGED)
        return pixels[..., [2, 1, 0, 3]].astype(np.float32) / 255.0

    return still
