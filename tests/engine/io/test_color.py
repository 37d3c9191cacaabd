"""Transfer curves: values that are looked up in a table are those of the curve, to the bit."""

from __future__ import annotations

import numpy as np

from illustrators_depth.io.color import srgb_to_linear


def test_many_values_become_what_each_becomes_alone() -> None:
    rng = np.random.default_rng(3)
    values = np.concatenate(
        [
            np.arange(256, dtype=np.float32) / np.float32(255),
            np.arange(4096, dtype=np.float32) / np.float32(4095),
            np.arange(65536, dtype=np.float32) / np.float32(65535),
            rng.uniform(-0.5, 1.5, 5000).astype(np.float32),
        ]
    )
    few = [srgb_to_linear(part) for part in np.array_split(values, 64)]
    np.testing.assert_array_equal(srgb_to_linear(values), np.concatenate(few))
    assert srgb_to_linear(values).max() == 1.0


def test_what_is_no_number_stays_none() -> None:
    values = np.full(5000, 0.5, np.float32)
    values[7] = np.nan
    light = srgb_to_linear(values)
    assert np.isnan(light[7])
    assert np.isfinite(np.delete(light, 7)).all()
