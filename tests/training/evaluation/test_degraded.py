"""Degraded drawings: the same bytes everywhere, and each what its name says."""

from __future__ import annotations

import zlib
from pathlib import Path

import numpy as np
import pytest
from stacks import disc_under_bar, random_shapes, stack_of, write_set

from illustrators_depth_training.evaluation.degraded import DEGRADATIONS, DegradedDrawings, degrade
from illustrators_depth_training.evaluation.evaluate import choose, evaluate
from illustrators_depth_training.evaluation.table_rows import named_predictor
from illustrators_depth_training.samples.drawings import Drawing, DrawingSet

# CRC-32 of the picture and of the index of `drawing` below. A change here changes what every
# published number of the degraded suite was measured on.
_CHECKSUMS = {
    "jpeg60": (0xA0573001, 0x6EA41449),
    "canvas": (0xDAB70A91, 0x6EA41449),
    "paper": (0xA92442E3, 0x6EA41449),
    "backdrop": (0xD81239E8, 0x6EA41449),
    "shaded": (0x5E339B44, 0x6EA41449),
    "grey": (0x10D7C123, 0x6EA41449),
    "192px": (0x7ABA7EBA, 0x19449FB1),
}


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    rgb, index, _ = stack_of(random_shapes(3, side=256, count=6), 3)
    return Drawing(rgb, index, {"key": "fixed", "layers": int(index.max())})


@pytest.mark.parametrize("name", DEGRADATIONS)
def test_the_same_bytes_everywhere(drawing: Drawing, name: str) -> None:
    one, two = degrade(drawing, name), degrade(drawing, name)
    assert one.rgb.tobytes() == two.rgb.tobytes()
    sums = zlib.crc32(one.rgb.tobytes()), zlib.crc32(one.index.astype("<i4").tobytes())
    assert sums == _CHECKSUMS[name]


def test_the_truth_stays_but_for_its_size(drawing: Drawing) -> None:
    for name in DEGRADATIONS:
        worse = degrade(drawing, name)
        assert worse.rgb.dtype == np.uint8 and worse.rgb.shape[:2] == worse.index.shape
        if name == "192px":
            assert worse.index.shape == (192, 192)
            assert set(np.unique(worse.index)) <= set(np.unique(drawing.index))
        else:
            np.testing.assert_array_equal(worse.index, drawing.index)
            assert (worse.rgb != drawing.rgb).any(), name


def test_each_is_what_its_name_says(drawing: Drawing) -> None:
    page = drawing.index == 1
    backdrop = degrade(drawing, "backdrop").rgb
    np.testing.assert_array_equal(backdrop[~page], drawing.rgb[~page])
    assert len(np.unique(backdrop[page], axis=0)) > 20
    shaded = degrade(drawing, "shaded").rgb
    np.testing.assert_array_equal(shaded[page], drawing.rgb[page])
    grey = degrade(drawing, "grey").rgb
    assert (grey[..., 0] == grey[..., 2]).all()
    canvas = degrade(drawing, "canvas").rgb[page].astype(int)
    assert canvas.std() > 5


def test_other_drawings_get_other_light(drawing: Drawing) -> None:
    other = Drawing(drawing.rgb, drawing.index, {**drawing.meta, "key": "another"})
    assert (degrade(drawing, "backdrop").rgb != degrade(other, "backdrop").rgb).any()


def test_a_predictor_is_measured_on_them(tmp_path: Path) -> None:
    stacks = [stack_of(disc_under_bar()), stack_of(random_shapes(1), 1)]
    drawings = DrawingSet(write_set(tmp_path, stacks), "val")
    worse = DegradedDrawings(drawings, "canvas")
    found = evaluate(
        named_predictor("darkness"), worse, choose(worse, 0), "set", "val", condition="canvas"
    )
    report = found.to_json()
    assert report["condition"] == "canvas" and report["pictures"] == 2
    assert np.isfinite(report["mean"]["occlusion_order"])
