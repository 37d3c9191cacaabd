"""Faint shapes that run into strong edges survive compression; steep gradients make no more."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.regions import flat_regions
from illustrators_depth.regions.faint_edges import split_at_faint_edges
from tests.engine.drawings import disc, paint


def _jpeg(rgba: NDArray[np.float32], quality: int) -> NDArray[np.float32]:
    bgr = np.rint(rgba[..., 2::-1] * 255.0).astype(np.uint8)
    data = cv2.imencode(".jpg", bgr, [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    out = np.ones_like(rgba)
    out[..., :3] = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1] / np.float32(255.0)
    return out


@pytest.mark.parametrize("quality", [60, 75])
def test_a_faint_shape_that_runs_into_a_strong_edge_survives_compression(quality: int) -> None:
    size = (320, 320)
    moon = disc(size, 160, 160, 130.3)
    shapes = [((255, 230, 164), moon)]
    for x, y, radius in ((250.4, 90.2, 60.3), (90.3, 250.1, 50.4), (160.2, 150.3, 30.3)):
        shapes.append(((245, 219, 158), np.minimum(moon, disc(size, x, y, radius))))
    rgba = paint(size, shapes, (20, 20, 30)).image.rgba
    clean, lossy = flat_regions(rgba), flat_regions(_jpeg(rgba, quality))
    assert clean.count == 5
    assert (lossy.areas >= 100).sum() == 5
    for region in range(clean.count):
        inside = clean.labels == region
        label = np.bincount(lossy.labels[inside]).argmax()
        other = lossy.labels == label
        assert (inside & other).sum() > 0.8 * (inside | other).sum()


def test_parts_of_one_core_are_kept_apart_by_a_step_but_not_by_a_slope() -> None:
    for values, count in (
        (np.repeat([200.0, 215.0], 30), 2),
        (np.linspace(200.0, 215.0, 60), 1),
        (np.clip(np.arange(60.0) * 4.0 - 20.0, 20.0, 196.0), 1),
    ):
        color8 = np.repeat(np.rint(values).astype(np.uint8)[None, :, None], 40, axis=0)
        color8 = np.repeat(color8, 3, axis=2)
        sure = np.ones((40, 60), bool)
        sure[:, 29:31] = False
        split = split_at_faint_edges(np.zeros((40, 60), np.int32), color8, sure)
        assert split.min() == 0 and split.max() == count - 1


def test_what_belongs_to_no_core_and_cores_without_a_sure_part_stay_what_they_are() -> None:
    labels = np.full((20, 30), -1, np.int32)
    labels[:, :12], labels[:4, 20:] = 0, 1
    sure = labels == 0
    split = split_at_faint_edges(labels, np.full((20, 30, 3), 90, np.uint8), sure)
    assert (split == labels).all()
