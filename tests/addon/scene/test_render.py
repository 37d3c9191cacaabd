"""The preview of few samples: as good to look at as one of many."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

bpy = pytest.importorskip("bpy")


def test_few_samples_look_like_many(scene: Any, predicted: Any, tmp_path: Path) -> None:
    from illustrators_depth_addon.scene.render.still import (
        RenderOptions,
        render_still,
        set_up_render,
    )
    from illustrators_depth_addon.scene.render.studio import build_studio

    bpy.ops.illdepth.build_layers()
    objects = [o for o in bpy.data.collections["hill layers"].objects if o.type == "MESH"]
    build_studio(scene, objects)
    seen = []
    for samples in (RenderOptions().samples, 96):
        set_up_render(scene, RenderOptions(width=240, height=180, samples=samples, seconds=0.0))
        assert scene.cycles.use_denoising
        path = tmp_path / f"{samples}.png"
        render_still(scene, path)
        pixels: Any = cv2.imread(str(path))
        seen.append(pixels.astype(float))
    difference = np.abs(seen[0] - seen[1])
    assert difference.mean() < 1.5
    assert (difference.max(axis=-1) > 24).mean() < 0.01
