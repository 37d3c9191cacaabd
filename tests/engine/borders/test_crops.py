"""What lies along a border, as the border network is given it."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.borders import border_crops, border_pairs
from illustrators_depth.borders.crops import CONTEXT_PX, END_PX, FEATURES


def crossing() -> tuple[np.ndarray, np.ndarray]:
    """A vertical bar (region 1) over a horizontal one (2, and 3 beyond it) on a page (0)."""
    labels = np.zeros((120, 160), np.int32)
    labels[50:70, 10:150] = 2
    labels[50:70, 80:150] = 3
    labels[10:110, 60:80] = 1
    colors = np.array([[255, 255, 255], [200, 30, 30], [20, 60, 200], [20, 60, 200]], np.uint8)
    return colors[labels], labels


def test_crops_show_both_regions_and_the_picture() -> None:
    rgb, labels = crossing()
    pairs = border_pairs(labels)
    crops = border_crops(rgb, labels, pairs)
    assert crops.context.shape == (len(pairs), 5, CONTEXT_PX, CONTEXT_PX)
    assert crops.ends.shape == (len(pairs), 2, 5, END_PX, END_PX)
    assert crops.features.shape == (len(pairs), 2, FEATURES)
    assert np.isfinite(crops.features).all()
    number = pairs.regions.tolist().index([1, 2])
    for mask in crops.context[number, 3:]:
        assert mask.max() == 255 and mask.min() == 0
    for end in crops.ends[number]:
        red = (end[:3] == np.array([200, 30, 30])[:, None, None]).all(axis=0)
        # Where the mask of region 1 is, the picture is red.
        np.testing.assert_array_equal(red, end[3] == 255)


def test_exchanging_the_regions_exchanges_what_is_said_of_them() -> None:
    rgb, labels = crossing()
    renumbered = np.array([3, 2, 1, 0], np.int32)[labels]  # the larger number is now the smaller
    one, other = border_pairs(labels), border_pairs(renumbered)
    first = border_crops(rgb, labels, one)
    second = border_crops(rgb, renumbered, other)
    for n, regions in enumerate(one.regions.tolist()):
        m = other.regions.tolist().index(sorted(3 - r for r in regions))
        np.testing.assert_allclose(first.features[n], second.features[m, ::-1], atol=1e-6)
        np.testing.assert_array_equal(first.context[n, 3], second.context[m, 4])
        np.testing.assert_array_equal(first.context[n, 4], second.context[m, 3])


@pytest.mark.parametrize("shape", [(1, 40), (40, 1), (3, 900), (2, 2)])
def test_pictures_of_extreme_shape(shape: tuple[int, int]) -> None:
    labels = np.zeros(shape, np.int32)
    labels.ravel()[labels.size // 2 :] = 1
    rgb = np.zeros((*shape, 3), np.uint8)
    pairs = border_pairs(labels, min_length=1)
    crops = border_crops(rgb, labels, pairs)
    assert len(crops.context) == len(pairs) == 1
