"""The ink of strokes is read from their rims only where one ink explains them."""

from __future__ import annotations

import numpy as np

from illustrators_depth.layering.edges.strokes import ink_color


def _blends(ink: tuple[float, float, float], coverage: np.ndarray) -> np.ndarray:
    full = np.array([*ink, 1.0])
    return (coverage[:, None] * full + (1.0 - coverage[:, None]) * np.ones(4)).astype(np.float32)


def test_blends_of_one_ink_give_the_ink() -> None:
    coverage = np.linspace(0.1, 1.0, 400)
    pixels = _blends((0.1, 0.15, 0.5), coverage)
    found = ink_color(pixels, np.ones_like(pixels))
    assert found is not None
    np.testing.assert_allclose(found, (0.1, 0.15, 0.5), atol=0.06)


def test_leaves_with_a_black_outline_are_of_no_one_ink() -> None:
    coverage = np.linspace(0.1, 1.0, 200)
    pixels = np.concatenate([_blends((0, 0, 0), coverage), _blends((0.9, 0.5, 0.1), coverage)])
    assert ink_color(pixels, np.ones_like(pixels)) is None
