"""Borders between regions: which regions touch, how long, and where their border ends."""

from __future__ import annotations

import numpy as np

from illustrators_depth.borders import border_pairs


def test_two_halves_and_a_bar_across_them() -> None:
    labels = np.zeros((20, 30), np.int32)
    labels[:, 15:] = 1
    labels[8:12] = 2  # crosses both
    pairs = border_pairs(labels)
    by_regions = {tuple(r): n for n, r in enumerate(pairs.regions.tolist())}
    assert set(by_regions) == {(0, 1), (0, 2), (1, 2)}
    assert pairs.length[by_regions[(0, 2)]] == 30  # 15 edges above the bar, 15 below
    assert pairs.length[by_regions[(0, 1)]] == 16
    # The border of the halves ends at the frame, above and below.
    ends = pairs.ends[by_regions[(0, 1)]]
    assert {float(y) for y in ends[:, 0]} == {0.5, 19.5}
    assert not pairs.closed.any()


def test_longest_first_and_no_more_than_asked_for() -> None:
    labels = np.repeat(np.arange(6, dtype=np.int32), 4)[None].repeat(10, axis=0)
    labels[5:, :4] = 9
    pairs = border_pairs(labels, max_pairs=3)
    assert len(pairs) == 3
    assert (np.diff(pairs.length) <= 0).all()


def test_an_island_has_no_end() -> None:
    labels = np.zeros((16, 16), np.int32)
    labels[5:10, 4:12] = 1
    pairs = border_pairs(labels)
    assert pairs.closed.tolist() == [True]
    apart = np.hypot(*(pairs.ends[0, 0] - pairs.ends[0, 1]))
    assert apart > 8  # from one side of the island to the other
    assert pairs.box[0].tolist() == [5, 4, 10, 12]


def test_transparent_pixels_belong_to_no_pair() -> None:
    labels = np.full((8, 8), -1, np.int32)
    labels[2:4, 2:6] = 0
    assert len(border_pairs(labels)) == 0
    assert len(border_pairs(np.full((3, 3), -1, np.int32))) == 0
    assert len(border_pairs(np.zeros((3, 3), np.int32))) == 0
