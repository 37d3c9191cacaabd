"""Middle lines of strokes: where they run, how wide they are, what is a line at all."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from illustrators_depth.outlines.centrelines import (
    centrelines,
    is_line,
    is_network,
    likeness,
    thinned,
)


def drawn(draw) -> np.ndarray:
    canvas = np.zeros((120, 160), np.uint8)
    draw(canvas)
    return canvas > 0


@pytest.mark.parametrize("width", [1, 3, 7, 12])
def test_a_straight_stroke(width):
    mask = drawn(lambda c: cv2.line(c, (20, 60), (140, 60), 255, width))
    (line,) = centrelines(mask)
    assert not line.closed
    assert np.abs(line.points[:, 1] - 60.5).max() <= 1.0
    assert np.ptp(line.points[:, 0]) >= 120 - width
    assert np.median(line.widths) == pytest.approx(np.count_nonzero(mask[:, 80]), abs=1.0)


def test_a_ring_is_closed():
    mask = drawn(lambda c: cv2.circle(c, (80, 60), 40, 255, 5))
    (line,) = centrelines(mask)
    assert line.closed
    radii = np.hypot(*(line.points - (80.5, 60.5)).T)
    assert np.abs(radii - 40.0).max() <= 1.5
    across = np.count_nonzero(mask) / (2.0 * np.pi * 40.0)
    assert np.median(line.widths) == pytest.approx(across, abs=1.0)


def test_lines_end_at_junctions_and_corners_leave_no_spurs():
    def cross(c):
        cv2.line(c, (20, 60), (140, 60), 255, 6)
        cv2.line(c, (80, 10), (80, 110), 255, 6)

    lines = centrelines(drawn(cross))
    assert len([line for line in lines if len(line.points) > 20]) == 4
    assert all(len(line.points) > 20 or len(line.points) <= 6 for line in lines)
    (bar,) = centrelines(drawn(lambda c: cv2.rectangle(c, (20, 50), (140, 64), 255, -1)))
    assert len(bar.points) > 90


def test_thinning_keeps_what_hangs_together():
    rng = np.random.default_rng(4)
    for _ in range(5):
        noise = cv2.GaussianBlur(rng.random((90, 90)).astype(np.float32), (0, 0), 4)
        mask = noise > np.median(noise)
        thin = thinned(mask)
        assert not (thin & ~mask).any()
        assert (
            cv2.connectedComponents(thin.astype(np.uint8), connectivity=8)[0]
            == (cv2.connectedComponents(mask.astype(np.uint8), connectivity=8)[0])
        )


def test_a_plate_with_holes_is_no_network_of_lines():
    def plate(c):
        cv2.rectangle(c, (10, 10), (150, 110), 255, -1)
        for x in range(20, 150, 20):
            cv2.line(c, (x, 30), (x, 90), 0, 3)

    mask = drawn(plate)
    assert not is_network(centrelines(mask), mask.shape)
    mask = drawn(lambda c: [cv2.line(c, (x, 10), (160 - x, 110), 255, 3) for x in (10, 60, 140)])
    assert is_network(centrelines(mask), mask.shape)
    for width in (1, 4, 9):
        mask = drawn(lambda c, w=width: cv2.ellipse(c, (80, 60), (60, 40), 0, 20, 250, 255, w))
        assert likeness(centrelines(mask), mask) > 0.85


def test_what_is_a_line():
    assert is_line(drawn(lambda c: cv2.line(c, (20, 60), (140, 80), 255, 6)))
    assert is_line(drawn(lambda c: cv2.circle(c, (80, 60), 40, 255, 5)))
    assert not is_line(drawn(lambda c: cv2.circle(c, (80, 60), 40, 255, -1)))
    assert not is_line(drawn(lambda c: cv2.rectangle(c, (20, 20), (60, 50), 255, -1)))
