"""What is hidden on one side of a mirror image is known from the other side."""

from __future__ import annotations

import numpy as np
from hidden_shapes import completed, grid, labels_of
from numpy.typing import NDArray

from illustrators_depth.layering.completion.hidden_ends import hidden_ends
from illustrators_depth.layering.completion.outline_chains import outline_chains
from illustrators_depth.layering.completion.symmetry import MirrorAxis, mirror_axis


def butterfly() -> NDArray[np.bool_]:
    """Wavy wings, the same on the left of x = 120 and on the right."""
    y, x = grid(200, 240)
    off = np.abs(x - 120)
    return off < 60 + 18 * np.sin(y / 9.0) - 0.01 * (y - 100) ** 2


def axis_of(labels: NDArray[np.int32]) -> MirrorAxis | None:
    numbers = labels + 1
    chains = outline_chains(numbers)
    return mirror_axis(chains, hidden_ends(chains, 2, 1), numbers, 2)


def test_a_hidden_wing_is_like_the_other_one() -> None:
    wings = butterfly()
    y, x = grid(200, 240)
    leaf = ((x - 178) / 30) ** 2 + ((y - 110) / 38) ** 2 < 1
    labels = labels_of(wings, leaf)
    assert axis_of(labels) == MirrorAxis(0, 240)
    wrong = (completed(labels, 1) != wings) & leaf
    assert np.count_nonzero(wings & leaf) > 1000 and np.count_nonzero(wrong) < 12
    # Turned by a quarter: the axis is level.
    mask = completed(np.ascontiguousarray(labels.T), 1)
    assert np.count_nonzero((mask.T ^ wings) & leaf) < 12


def test_a_bar_has_no_axis_that_could_lie_anywhere() -> None:
    y, x = grid(160, 240)
    bar = (np.abs(y - 80) < 12) & (x > 30) & (x < 200)
    cover = np.hypot(x - 190, y - 80) < 40
    assert axis_of(labels_of(bar, cover)) is None


def test_what_is_not_the_same_on_both_sides_has_no_axis() -> None:
    y, x = grid(200, 240)
    wings = butterfly() | (np.hypot(x - 40, y - 60) < 22)
    leaf = ((x - 178) / 30) ** 2 + ((y - 140) / 38) ** 2 < 1
    assert axis_of(labels_of(wings, leaf)) is None
