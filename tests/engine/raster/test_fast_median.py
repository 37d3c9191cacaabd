"""The quick median is NumPy's, whatever the numbers and their order."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.raster import fast_median
from illustrators_depth.raster.fast_median import median

RNG = np.random.default_rng(3)
MANY = 200_001
CASES = {
    "random": RNG.random(MANY, np.float32),
    "sorted": np.sort(RNG.random(MANY, np.float32)),
    "constant": np.full(MANY, 0.3, np.float32),
    "two values": np.repeat(np.float32([0.1, 0.7]), MANY // 2),
    "few values": RNG.integers(0, 5, MANY).astype(np.float32) / np.float32(3.0),
    "negative": -RNG.exponential(5.0, MANY).astype(np.float32),
    "every so manieth is another": np.where(np.arange(MANY) % 97 == 0, 1.0, 0.25).astype(
        np.float32
    ),
    "few": RNG.random(7, np.float32),
    "one": np.float32([0.5]),
    "plane": RNG.random((300, 401), np.float32),
}


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("odd", [True, False])
def test_it_is_the_median(name: str, odd: bool) -> None:
    values = CASES[name]
    if values.ndim == 1 and (len(values) % 2 == 1) != odd and len(values) > 1:
        values = values[:-1]
    before = values.copy()
    assert median(values) == float(np.median(values))
    np.testing.assert_array_equal(values, before)


def test_a_sample_that_misleads_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    values = RNG.random(MANY, np.float32)
    step = MANY // fast_median._SAMPLE_SIZE
    values[::step] = 2.0 + RNG.random(len(values[::step]), np.float32)
    assert median(values) == float(np.median(values)) < 1.0


def test_few_of_many_numbers_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("all numbers were sorted")

    monkeypatch.setattr(np, "median", refuse)
    assert 0.45 < median(CASES["random"]) < 0.55
