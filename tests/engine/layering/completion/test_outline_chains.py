"""Visible outlines from junction to junction."""

from __future__ import annotations

import numpy as np

from illustrators_depth.layering.completion.outline_chains import (
    HIDDEN_END,
    covered_chains,
    outline_chains,
)


def crossing() -> np.ndarray:
    """An upright bar over a level one, on a ground."""
    numbers = np.ones((12, 16), np.uint8)
    numbers[4:8, 2:14] = 2
    numbers[1:11, 6:9] = 3
    return numbers


def test_an_outline_ends_where_a_higher_layer_hides_it() -> None:
    chains = outline_chains(crossing())
    assert chains.number.tolist() == [2, 2]  # the upper bar's outline is closed
    assert (chains.kinds == HIDDEN_END).all()
    ends = {tuple(map(tuple, corners)) for corners in chains.corners.tolist()}
    # With the layer on the left: around the left part counter-clockwise, and around the right one.
    assert ends == {((6.0, 4.0), (6.0, 8.0)), ((9.0, 8.0), (9.0, 4.0))}
    assert sorted(np.diff(chains.starts).tolist()) == [4 + 4 + 4, 5 + 4 + 5]


def test_steps_along_a_chain_are_short() -> None:
    rows, cols = np.mgrid[0:60, 0:60]
    numbers = np.ones((60, 60), np.uint8)
    numbers[np.hypot(rows - 30, cols - 30) < 20] = 2
    numbers[:, 28:34] = 3
    chains = outline_chains(numbers)
    for begin, end in zip(chains.starts[:-1], chains.starts[1:], strict=True):
        step = np.hypot(*np.diff(chains.points[begin:end], axis=0).T)
        assert step.max() <= 1.0


def test_covered_borders_lead_from_heads_to_tails() -> None:
    numbers = crossing()
    outlines, covered = outline_chains(numbers), covered_chains(numbers)
    own = covered.number == 3 - 2  # numbered from the top
    heads = {tuple(corner) for corner in outlines.corners[:, 1].tolist()}
    tails = {tuple(corner) for corner in outlines.corners[:, 0].tolist()}
    assert {tuple(corner) for corner in covered.corners[own, 0].tolist()} == heads
    assert {tuple(corner) for corner in covered.corners[own, 1].tolist()} == tails


def test_a_map_without_borders_has_no_chains() -> None:
    chains = outline_chains(np.ones((5, 7), np.uint8))
    assert len(chains.points) == 0 and len(chains.number) == 0
