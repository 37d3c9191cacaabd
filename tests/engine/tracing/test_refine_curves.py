"""Fitted curves are moved to where they cover what was measured, and stay what they are."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from illustrators_depth.layering import decompose
from illustrators_depth.tracing import trace_stack
from illustrators_depth.tracing.coverage.detail import drawable
from illustrators_depth.tracing.coverage.refine_curves import refine_curves
from illustrators_depth.tracing.curves.follow_rings import follow_rings
from illustrators_depth.tracing.paints.inks import ink_parts
from tests.engine.drawings import paint
from tests.engine.tracing.rendering import numbers_of

SIZE = 120


def supersampled(inside) -> NDArray[np.float32]:
    """Coverage of a shape told by x and y, at 8 x 8 samples a pixel."""
    y, x = np.mgrid[: 8 * SIZE, : 8 * SIZE] / 8 + 1 / 16
    return inside(x, y).reshape(SIZE, 8, SIZE, 8).mean(axis=(1, 3)).astype(np.float32)


def points_on(curves: NDArray[np.float64]) -> NDArray[np.float64]:
    t = np.linspace(0.0, 1.0, 20)[None, :, None]
    a, b, c, d = (curves[:, i, None] for i in range(4))
    s = 1.0 - t
    return (a * s**3 + 3 * b * s * s * t + 3 * c * s * t * t + d * t**3).reshape(-1, 2)


def refined(ring: NDArray[np.float64], field: NDArray[np.float32]) -> NDArray[np.float64]:
    curves = follow_rings([ring], 0.15, 45.0)
    return refine_curves(curves, [field], [None], [(0, 0)], [0])[0]


def test_a_circle_drawn_too_small_gets_its_radius() -> None:
    field = supersampled(lambda x, y: np.hypot(x - 61.3, y - 58.7) < 20.0)
    turn = np.linspace(0.0, 2.0 * np.pi, 90, endpoint=False)
    ring = np.stack([61.3 + 19.75 * np.cos(turn), 58.7 + 19.75 * np.sin(turn)], axis=1)
    curves = refined(ring, field)
    radius = np.hypot(*(points_on(curves) - (61.3, 58.7)).T)
    assert len(curves) == 4
    assert np.abs(radius - 20.0).max() < 0.06
    assert abs(radius.mean() - 20.0) < 0.03
    # Its joints are as smooth as before.
    into, out = curves[:, 3] - curves[:, 2], np.roll(curves[:, 1] - curves[:, 0], -1, axis=0)
    sine = (into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0]) / (
        np.hypot(*into.T) * np.hypot(*out.T)
    )
    assert np.abs(sine).max() < np.sin(np.radians(4.0))


def test_the_sides_of_a_rectangle_stay_lines_and_move_to_its_edges() -> None:
    field = supersampled(lambda x, y: (x > 20.4) & (x < 90.6) & (y > 30.2) & (y < 70.9))
    ring = np.array([[20.6, 30.0], [90.4, 30.0], [90.4, 70.7], [20.6, 70.7]])
    curves = refined(ring, field)
    assert len(curves) == 4
    for a, b, c, d in curves:
        assert np.allclose(b, a + (d - a) / 3.0) and np.allclose(c, a + (d - a) * 2.0 / 3.0)
    corners = curves[:, 0]
    assert np.abs(corners.min(axis=0) - (20.4, 30.2)).max() < 0.1
    assert np.abs(corners.max(axis=0) - (90.6, 70.9)).max() < 0.1


def test_a_ring_that_is_right_or_unknown_stays() -> None:
    field = supersampled(lambda x, y: (x > 20) & (x < 90) & (y > 30) & (y < 70))
    ring = np.array([[20.0, 30.0], [90.0, 30.0], [90.0, 70.0], [20.0, 70.0]])
    curves = follow_rings([ring], 0.15, 45.0)
    same = refine_curves(curves, [field], [None], [(0, 0)], [0])[0]
    assert np.abs(same - curves[0]).max() < 1e-6
    nothing = np.zeros(field.shape, np.bool_)
    moved = refine_curves([curves[0] + 0.3], [field], [nothing], [(0, 0)], [0])[0]
    assert np.abs(moved - curves[0] - 0.3).max() < 1e-6
    assert refine_curves([], [], [], [], []) == []


def test_a_layer_has_no_specks_along_the_edge_of_one_above_it() -> None:
    y, x = np.mgrid[: 4 * SIZE, : 4 * SIZE] / 4 + 1 / 8
    plate = (np.abs(x - 60) < 45) & (np.abs(y - 60) < 45)
    disc = np.hypot(x - 61, y - 58) < 21
    # White on black on white: the edge of the disc could be the page that shines through.
    drawing = paint((SIZE, SIZE), [((0, 0, 0), plate), ((250, 250, 245), disc)])
    document = trace_stack(decompose(drawing.image, drawing.depth))
    drawn = "".join(path.data for group in document.groups for path in group.paths)
    assert drawn.count("M") <= 4
    assert len(numbers_of(drawn)) < 120


def test_a_blend_of_two_inks_is_no_ink_but_an_even_area_is() -> None:
    black, orange, brown = (0.0, 0.0, 0.0), (1.0, 0.75, 0.5), (0.5, 0.375, 0.25)
    picture = np.ones((30, 60, 4), np.float32)
    drawn = picture.copy()
    picture[4:26, 4:28, :3] = orange
    picture[4:12, 6:26:6, :3] = black
    picture[14:26, 6:26:6, :3] = brown  # half a pixel of the line
    visible = (picture != drawn).any(axis=2)
    found = ink_parts(picture, drawn, visible, (0, 0), False, 8)
    assert found is not None
    assert len(found[0]) == 2
    picture[8:22, 34:48, :3] = brown
    visible = (picture != drawn).any(axis=2)
    found = ink_parts(picture, drawn, visible, (0, 0), False, 8)
    assert found is not None
    assert len(found[0]) == 3
    number = int(found[1][15, 40])
    color = found[0][number].at(np.zeros(1), np.zeros(1))[0]
    assert np.abs(color - brown).max() < 0.02


def test_partly_covered_areas_are_drawn_wholly_and_edges_and_strokes_as_they_are() -> None:
    field = np.zeros((20, 30), np.float32)
    field[4:16, 3:5] = 0.5  # a stroke across two pixels
    field[4:16, 10:18], field[4:16, 18] = 1.0, 0.4  # an area and its edge
    assert (drawable(field) == field).all()
    field[4:16, 22:28] = 0.6
    shown = drawable(field)
    assert (shown[4:16, 22:28] == 1.0).all()
    assert (shown[:, :22] == field[:, :22]).all()
