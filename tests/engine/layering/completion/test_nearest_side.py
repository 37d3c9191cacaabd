"""What is hidden where no outline tells goes to the nearer side, and not far."""

from __future__ import annotations

import numpy as np

from illustrators_depth.layering.completion.guesses import settle_unclear


def test_a_head_is_round_under_any_hairline() -> None:
    row, col = np.mgrid[0:200, 0:160]
    face = (np.hypot((col - 79.5) / 50.0, (row - 130.5) / 60.0) < 1.0) & (row < 190)
    hairline = 110 - 18 * np.abs(np.sin((col - 29.5) / 100.0 * 2 * np.pi))  # two bays, a point
    hair = (np.hypot((col - 79.5) / 72.0, (row - 100.5) / 90.0) < 1.0) & (row < hairline)
    visible = face & ~hair
    settled = settle_unclear(visible, hair, visible, hair, width=20.0)
    head = visible | settled
    top = head.argmax(axis=0)
    assert settled.any() and not (settled & ~hair).any()
    assert top[79] < 110 - 12  # it reaches into the hair
    # No dip between the bays: the middle is no lower than the bays to its sides.
    assert top[79] <= max(top[54], top[105])


def test_nothing_is_settled_where_the_layer_is_not_seen() -> None:
    empty = np.zeros((40, 50), bool)
    hidden = empty.copy()
    hidden[10:30, 10:40] = True
    assert not settle_unclear(empty, hidden, empty, hidden, width=5.0).any()
