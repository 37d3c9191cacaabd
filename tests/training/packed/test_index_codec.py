"""Index maps as events come back as they were, and what is no map is told apart."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from stacks import random_shapes, stack_of

from illustrators_depth_training.packed.index_codec import decode_index, encode_index

MAPS = arrays(
    np.int32,
    array_shapes(min_dims=2, max_dims=2, max_side=12),
    elements=st.one_of(st.integers(0, 4), st.integers(0, 100_000)),
)


@settings(max_examples=300, deadline=None)
@given(MAPS, st.integers(1, 5))
def test_maps_come_back(index: np.ndarray, enlarged: int) -> None:
    """Of single pixels and of areas, with few numbers and with large ones."""
    index = np.repeat(np.repeat(index, enlarged, axis=0), enlarged, axis=1)
    decoded = decode_index(encode_index(index), index.shape)
    assert decoded is not None and decoded.dtype == np.int32
    np.testing.assert_array_equal(decoded, index)


def test_drawings_have_few_events_in_a_small_type() -> None:
    index = stack_of(random_shapes(5, 128))[1]
    events = encode_index(index)
    assert events.dtype.itemsize <= 2
    borders = np.count_nonzero(index[:, 1:] != index[:, :-1])
    assert 0 < len(events) < borders


@pytest.mark.parametrize(
    "event",
    [
        (200, 0, 0, 5),  # a row below the map
        (0, 8, 0, 5),  # a border that the row above does not have
        (0, 0, 1, 5),  # left of the map
        (0, 0, 400, 5),  # right of it
    ],
)
def test_events_of_no_such_map_are_refused(event: tuple[int, ...]) -> None:
    assert decode_index(np.array([event], np.uint16), (8, 8)) is None


def test_events_of_one_row_must_go_to_the_right() -> None:
    events = np.array([(0, 0, 8, 5), (0, 0, 4, 6)], np.uint16)
    assert decode_index(events, (8, 8)) is None
