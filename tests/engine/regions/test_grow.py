"""Growing at the front against what it is defined to be, pixel by pixel."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from illustrators_depth.regions.grow import grow

seeds = st.integers(0, 2**31)
sides = st.integers(1, 9)


def grown_by_definition(labels, color8, opaque, rounds, tolerance):
    """Every round, each pixel without a label asks its eight neighbours of the round before."""
    labels, carried = labels.copy(), color8.astype(int)
    limit = min(tolerance * tolerance, 4.0 * 255 * 255)
    for _ in range(rounds):
        before, colors = labels.copy(), carried.copy()
        for r, c in zip(*np.nonzero((before < 0) & opaque), strict=True):
            best = limit
            for dy, dx in ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (-1, 1), (1, -1), (1, 1)):
                y, x = r + dy, c + dx
                if 0 <= y < labels.shape[0] and 0 <= x < labels.shape[1] and before[y, x] >= 0:
                    cost = ((color8[r, c].astype(int) - colors[y, x]) ** 2).sum()
                    if cost < best:
                        best, labels[r, c], carried[r, c] = cost, before[y, x], colors[y, x]
    return labels


@settings(max_examples=60, deadline=None)
@given(sides, sides, seeds, st.integers(0, 12), st.sampled_from([32.0, 90.0, np.inf]))
def test_growing_is_what_it_is_defined_to_be(height, width, seed, rounds, tolerance):
    rng = np.random.default_rng(seed)
    color8 = (rng.integers(0, 3, (height, width, 3)) * 60).astype(np.uint8)
    labels = np.where(rng.random((height, width)) < 0.2, rng.integers(0, 5, (height, width)), -1)
    labels = labels.astype(np.int32)
    opaque = rng.random((height, width)) < 0.8
    expected = grown_by_definition(labels, color8, opaque, rounds, tolerance)
    grow(labels, color8, opaque, rounds, tolerance)
    assert np.array_equal(labels, expected)
