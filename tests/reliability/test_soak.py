"""The soak in short: the worker's memory is flat, and a leak would be seen."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parents[2] / "scripts"))

from soak import SoakResult, drawing, slope, soak


@pytest.mark.skipif(not Path("/proc/self/statm").is_file(), reason="reads /proc")
def test_thirty_small_pictures_leave_memory_flat() -> None:
    result = soak(30, 192)
    assert result.left == 0
    assert len(result.resident_kb) == 30
    # In so short a run the allocator still settles, so no slope is asked for: the second half may
    # not need more than the first did. A worker that kept its pictures would need 30 MB more.
    first, second = max(result.resident_kb[:15]), max(result.resident_kb[15:])
    assert second - first < 12_000, result.resident_kb


def test_a_leak_is_told_from_scatter() -> None:
    rng = np.random.default_rng(0)
    still = [int(v) for v in 200_000 + rng.normal(0, 500, 500)]
    leaking = [int(v) + 40 * i for i, v in enumerate(still)]
    for values, leaks in ((still, False), (leaking, True)):
        rise, error = slope(values)
        assert SoakResult(500, values, rise, error, 1.0, 0).leaks is leaks
    assert SoakResult(1, [1], 0.0, 0.0, 1.0, 2).leaks  # a file left behind


def test_pictures_differ() -> None:
    shapes = {drawing(seed, 64).rgba.shape for seed in range(8)}
    assert len(shapes) > 4
    assert drawing(5, 64).alpha.min() == 0.0
