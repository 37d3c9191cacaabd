"""Questions about one layer of a label map, answered without its pixels, against the pixels."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from illustrators_depth.layering.complete_shape import complete_shape
from illustrators_depth.layering.downsampled_labels import working_step
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.raster.cells import enlarged
from illustrators_depth.raster.window import mask_window
from illustrators_depth.settings import CompleteSettings


def label_map(height: int, width: int, count: int, seed: int) -> np.ndarray:
    """Blotches of every layer and of nothing, in long and short runs."""
    rng = np.random.default_rng(seed)
    rough = rng.integers(-1, count, (1 + height // 4, 1 + width // 7))
    labels = np.kron(rough, np.ones((4, 7), int))[:height, :width].astype(np.int32)
    labels.ravel()[rng.permutation(labels.size)[:count]] = np.arange(count)
    return labels


maps = st.builds(
    label_map, st.integers(2, 40), st.integers(3, 40), st.integers(1, 6), st.integers(0, 999)
)


@settings(max_examples=60, deadline=None)
@given(maps)
def test_windows_and_neighbours(labels):
    seen = VisibilityIndex(labels)
    assert np.array_equal(seen.numbers, labels + 1)
    for index in range(seen.count):
        assert seen.window(index) == mask_window(labels == index, 0)
        assert seen.has_above(index) == (labels > index).any()
        assert seen.has_below(index) == (labels < index).any()


@settings(max_examples=60, deadline=None)
@given(maps, st.integers(0, 10**6), st.integers(0, 6))
def test_digest_changes_with_what_a_layer_depends_on_and_only_then(labels, place, other):
    changed = labels.copy()
    changed.ravel()[place % labels.size] = other % (labels.max() + 1)
    if changed.max() < labels.max():
        return
    before, after = VisibilityIndex(labels), VisibilityIndex(changed)
    for index in range(before.count):
        same = all(
            np.array_equal(part(labels), part(changed))
            for part in (lambda a, i=index: a == i, lambda a, i=index: a > i)
        )
        assert (before.digest(index) == after.digest(index)) == same


@pytest.mark.parametrize("count", [3, 300])
def test_cells_count_pixels(count):
    step, rows, cols = 3, 385, 12
    labels = label_map(rows * step, cols * step, count, 5)
    seen = VisibilityIndex(labels)
    assert seen.numbers.dtype == (np.uint8 if count < 256 else np.uint16)
    assert seen.cells.step == step
    for index in (0, count // 2, count - 1):
        blocks = labels.reshape(rows, step, cols, step)
        known = (blocks <= index).sum(axis=(1, 3))
        own = (blocks == index).sum(axis=(1, 3))
        share = seen.cells.membership(index)
        some = known > 0
        assert np.abs(share[some] - own[some] / known[some]).max() < 1e-6


def test_enlarged_is_the_same_in_every_box():
    step = working_step(1201, 911)
    values = np.random.default_rng(0).random((401, 304)).astype(np.float32)
    whole = enlarged(values, step, (slice(0, 1201), slice(0, 911)))
    assert step == 3 and whole.shape == (1201, 911)
    assert whole[1, 1] == pytest.approx(values[0, 0]) and whole[601, 301] == values[200, 100]
    for box in ((slice(0, 9), slice(5, 6)), (slice(1100, 1201), slice(7, 911))):
        assert np.abs(enlarged(values, step, box) - whole[box]).max() < 1e-3


@settings(max_examples=60, deadline=None)
@given(maps, st.sampled_from(["smooth", "nearest", "none"]), st.integers(0, 4))
def test_masks_hold_what_is_seen_and_what_only_higher_layers_hide(labels, method, margin):
    seen = VisibilityIndex(labels)
    for index in range(seen.count):
        box, mask = complete_shape(seen, index, CompleteSettings(method=method), margin)
        full = np.zeros(labels.shape, bool)
        full[box] = mask
        assert full[labels == index].all()
        assert not full[labels < index].any()
        assert box == mask_window(full, margin)


def test_means_are_those_of_the_pixels() -> None:
    rng = np.random.default_rng(1)
    labels = rng.integers(-1, 5, (40, 30)).astype(np.int32)
    values = rng.random((40, 30), np.float32)
    means = VisibilityIndex(labels).means(values)
    np.testing.assert_allclose(means, [values[labels == k].mean() for k in range(5)], rtol=1e-5)
