"""The CNC height map, read back by Pillow and by its sidecar's numbers."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.export.heightmap import relief_heights, write_heightmap
from illustrators_depth.layering import decompose
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import DepthMap, LayerStack
from tests.engine.drawings import Drawing, stacked_discs
from tests.engine.geometry.test_relief import stack_of


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return stacked_discs()


@pytest.fixture(scope="module")
def stack(drawing: Drawing) -> LayerStack:
    return decompose(drawing.image, drawing.depth)


def read(path: Path) -> tuple[np.ndarray, dict[str, float], PilImage.Image]:
    opened = PilImage.open(path)
    assert opened.mode == "I;16"
    return np.asarray(opened), json.loads(path.with_suffix(".json").read_text()), opened


def test_steps_are_exact_millimetres(tmp_path: Path, stack: LayerStack) -> None:
    settings = ReliefSettings(mode="terraced", size_mm=120.0, base_mm=0.8, thickness_mm=0.6)
    levels, facts, opened = read(write_heightmap(stack, settings, tmp_path / "h.png"))
    assert levels.shape == stack.labels.shape
    mm = levels * facts["mm_per_level"]
    assert np.abs(mm - (0.8 + 0.6 * stack.labels)).max() <= facts["mm_per_level"]
    assert facts["width_mm"] == pytest.approx(120.0)
    assert facts["height_mm"] == pytest.approx(120.0 * stack.height / stack.width)
    assert levels.max() == 65535 and facts["white_mm"] == pytest.approx(mm.max())
    # Programs that go by the PNG's own resolution get the same size.
    dpi = opened.info["dpi"][0]
    assert stack.width / dpi * 25.4 == pytest.approx(120.0, rel=1e-3)


def test_a_smooth_relief_is_linear(tmp_path: Path, stack: LayerStack) -> None:
    ramp = np.linspace(0, 7, stack.width, dtype=np.float32)[None].repeat(stack.height, 0)
    settings = ReliefSettings(mode="heightfield", base_mm=1.0, total_mm=5.0)
    path = write_heightmap(stack, settings, tmp_path / "h.png", depth=DepthMap(ramp))
    levels, facts, _ = read(path)
    mm = levels[0] * facts["mm_per_level"]
    assert np.allclose(mm, np.linspace(1.0, 5.0, stack.width), atol=1e-4)


def test_refusals_leave_nothing(tmp_path: Path, stack: LayerStack) -> None:
    with pytest.raises(InputError, match="have gaps"):
        write_heightmap(stack, ReliefSettings(), tmp_path / "h.png")
    assert not list(tmp_path.iterdir())
    (tmp_path / "h.json").write_text("mine")
    with pytest.raises(InputError, match="exists"):
        write_heightmap(stack, ReliefSettings(mode="terraced"), tmp_path / "h.png")
    assert [p.name for p in tmp_path.iterdir()] == ["h.json"]


def test_narrow_parts_are_measured_in_the_frame() -> None:
    """A height map shows the whole frame: a bar of 8 of its 400 pixels has 2 of its 100 mm."""
    labels = np.full((400, 400), -1, np.int32)
    labels[150:250, 150:250] = 0
    labels[170:178, 150:250] = 1
    settings = ReliefSettings(mode="terraced", size_mm=100.0)
    for smallest_mm, heights in ((1.4, 3), (2.6, 2)):  # that of the page included
        found = relief_heights(stack_of(labels), replace(settings, smallest_mm=smallest_mm))
        assert len(np.unique(found)) == heights
