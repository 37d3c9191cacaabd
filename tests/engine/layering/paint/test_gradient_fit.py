"""Gradients go on as gradients where they are hidden."""

from __future__ import annotations

import numpy as np
import pytest

from illustrators_depth.layering.build import build_stack
from illustrators_depth.layering.paint.gradient_fit import fitted_gradient
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.types import Image

_SIZE = 96


def linear() -> np.ndarray:
    y, x = np.mgrid[0:_SIZE, 0:_SIZE] / _SIZE
    return np.stack([0.2 + 0.6 * x, 0.9 - 0.5 * y, 0.3 + 0.2 * x + 0.3 * y], axis=2)


def radial() -> np.ndarray:
    y, x = np.mgrid[0:_SIZE, 0:_SIZE] / _SIZE - 0.5
    far = np.hypot(x, y)
    return np.stack([0.9 - far, 0.8 - 0.8 * far, 0.2 + 0.5 * far], axis=2)


@pytest.mark.parametrize(("truth", "off"), [(linear(), 1.5), (radial(), 24.0)])
def test_a_gradient_under_a_bar_is_that_gradient(truth: np.ndarray, off: float) -> None:
    bar = np.zeros((_SIZE, _SIZE), bool)
    bar[20:76, 50:] = True
    rgba = np.ones((_SIZE, _SIZE, 4), np.float32)
    rgba[..., :3] = np.where(bar[..., None], (0.1, 0.5, 0.1), truth)
    labels = bar.astype(np.int32)
    stack = build_stack(
        Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    wrong = np.abs(stack.layers[0].rgba[..., :3] - truth)[bar]
    assert wrong.max() * 255.0 <= off


def test_no_gradient_is_seen_in_two_flat_colours() -> None:
    colors = np.zeros((_SIZE, _SIZE, 3), np.float32)
    colors[:, 48:] = (0.9, 0.2, 0.4)
    assert fitted_gradient(colors, np.ones((_SIZE, _SIZE), bool)) is None


def test_colours_do_not_run_far_beyond_those_that_are_seen() -> None:
    colors = linear().astype(np.float32)
    known = np.zeros((_SIZE, _SIZE), bool)
    known[:, :20] = True
    field = fitted_gradient(colors, known)
    assert field is not None
    seen = colors[known][:, 0]
    assert field[..., 0].max() <= seen.max() + 0.26 * (seen.max() - seen.min())
