"""Hidden parts are looked for only as far as what is hidden reaches, with the same answer."""

from __future__ import annotations

import cv2
import numpy as np

from illustrators_depth.layering.completion.contour import complete_contour
from illustrators_depth.layering.completion.hidden_reach import hidden_reach, highest_in_cells
from illustrators_depth.layering.visibility import VisibilityIndex


def crowd(seed: int, height: int = 210, width: int = 333) -> np.ndarray:
    """Labels of discs and bars over one another, some cut off by the frame."""
    rng = np.random.default_rng(seed)
    labels = np.zeros((height, width), np.int32)
    for layer in range(1, 14):
        at = (int(rng.integers(-10, width)), int(rng.integers(-10, height)))
        if layer % 3:
            cv2.circle(labels, at, int(rng.integers(12, 50)), layer, -1)
        else:
            end = (int(rng.integers(0, width)), int(rng.integers(0, height)))
            cv2.line(labels, at, end, layer, int(rng.integers(8, 30)))
    return np.unique(labels, return_inverse=True)[1].reshape(labels.shape).astype(np.int32)


def test_what_is_left_out_changes_nothing() -> None:
    for seed in range(5):
        seen = VisibilityIndex(crowd(seed))
        # Where something above is everywhere, the whole frame is looked at.
        everywhere = np.full_like(seen.highest, 255)
        for number in range(2, seen.count + 1):
            if not seen.has_above(number - 1):
                continue
            masks = np.zeros((2, *seen.numbers.shape), bool)
            for way, highest in enumerate((seen.highest, everywhere)):
                chains = seen.chains, seen.covered
                window = seen.window(number - 1)
                box, mask = complete_contour(seen.numbers, *chains, number, window, highest)
                masks[(way, *box)] = mask
            np.testing.assert_array_equal(masks[0], masks[1])


def test_what_only_the_layer_touches_is_its_own_to_the_end() -> None:
    labels = np.zeros((160, 400), np.int32)
    labels[:, 20:40] = labels[:, 180:200] = 1
    labels[:, 40:180] = labels[20:60, 300:340] = 2
    seen = VisibilityIndex(labels)
    chains = seen.chains, seen.covered
    window = slice(0, 160), slice(20, 40)  # the other strip's part in it is out of sight
    box, mask = complete_contour(seen.numbers, *chains, 2, window, seen.highest)
    assert mask[:, 20 - box[1].start : 180 - box[1].start].all()
    assert box[1].stop < 300


def test_the_box_ends_where_nothing_above_is() -> None:
    numbers = np.ones((160, 200), np.uint8)
    numbers[40:60, 40:60] = 2
    numbers[50:70, 55:75] = 3
    numbers[120:150, 150:190] = 3  # far from the second layer
    window = slice(40, 60), slice(40, 60)
    rows, cols = hidden_reach(highest_in_cells(numbers), numbers, 2, window, [])
    assert rows.start <= 36 and 74 <= rows.stop < 112
    assert cols.start <= 36 and 79 <= cols.stop < 142
