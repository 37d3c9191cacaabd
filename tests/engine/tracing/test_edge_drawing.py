"""Curves are refined until all areas together look like the picture."""

from __future__ import annotations

import numpy as np
from PIL import Image as PilImage

from illustrators_depth import decompose, read_image
from illustrators_depth.editing import flatten
from illustrators_depth.predictors.heuristic import HeuristicPredictor
from illustrators_depth.tracing import vectorize
from illustrators_depth.tracing.areas.area import Area
from illustrators_depth.tracing.areas.edge_drawing import EdgeDrawing
from illustrators_depth.tracing.coverage.cell_coverage import cell_coverage, cells_of_keys
from illustrators_depth.tracing.coverage.detail import drawable
from illustrators_depth.tracing.paints.paint import Flat, Gradient, fit_paint
from tests.engine.tracing.rendering import over_white, render

_FILLS = ("#333", "#c00", "#ccc", "#36c", "#fd5")


def test_outlines_of_a_pixel_around_discs_are_as_in_the_picture() -> None:
    """Disc, outline and page meet within two pixels: errors of one area add to another's."""
    discs = "".join(
        f'<circle cx="{20 + 24 * (i % 6)}" cy="{22 + 25 * (i // 6)}" r="{8 + i % 4}"'
        f' fill="{_FILLS[i % 5]}" stroke="#000" stroke-width="1.1"/>'
        for i in range(24)
    )
    drawing = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="120">'
        f'<rect width="160" height="120" fill="#fff"/>{discs}</svg>'
    )
    pixels = np.rint(over_white(render(drawing)) * 255).astype(np.uint8)
    image = read_image(PilImage.fromarray(pixels))
    stack = decompose(image, HeuristicPredictor().predict(image))
    traced = over_white(render(vectorize(stack)))
    rms = 255 * float(np.sqrt(((traced - flatten(stack).over()) ** 2).mean()))
    assert rms < 6.8


def _square(left: float, right: float) -> tuple[np.ndarray, np.ndarray]:
    """An upright box from row 4 to 16 as straight pieces, its inside on the right (y down)."""
    points = np.array([[left, 4.0], [right, 4.0], [right, 16.0], [left, 16.0]])
    return points, np.roll(points, -1, axis=0)


def _area(tone: float, covered: np.ndarray) -> Area:
    return Area(covered, covered > 0.5, 0, 0, Flat((tone,) * 3), 1.0)


def test_what_is_missing_is_shared_by_the_outlines_that_can_mend_it() -> None:
    """A box that lacks half a pixel to its right is told so there, the page below it is not."""
    page = np.ones((20, 20), np.float32)
    box = np.zeros((20, 20), np.float32)
    box[4:16, 4:10] = 1.0
    picture = np.ones((20, 20, 4), np.float32)
    picture[4:16, 4:10, :3] = 0.0
    picture[4:16, 10, :3] = 0.5
    drawing = EdgeDrawing(picture, [_area(1.0, page), _area(0.0, box)], [0, 1])
    frame = np.array([[0.0, 0.0], [20.0, 0.0], [20.0, 20.0], [0.0, 20.0]])
    own, following = _square(4.0, 10.25)
    points = np.concatenate([frame, own])
    after = np.concatenate([np.roll(frame, -1, axis=0), following])
    cover = cell_coverage(points, after, np.repeat([0, 1], 4))
    assert drawing.begin(cover)
    keys, missing = drawing.missing(cover)
    number, cols, rows = cells_of_keys(keys)
    beside = (number == 1) & (cols == 10) & (rows >= 4) & (rows < 16)
    assert np.allclose(missing[beside], 0.25, atol=1e-5)
    inside = (number == 1) & (cols == 8) & (rows == 10)
    assert np.allclose(missing[inside], 0.0, atol=1e-5)
    hidden = (number == 0) & (cols < 9) & (cols > 4) & (rows > 5) & (rows < 15)
    assert np.isnan(missing[hidden]).all()


def test_a_tint_is_no_coverage() -> None:
    """An area covered evenly by an eighth has no outline: it is left to a paint of its own."""
    tint = np.full((12, 12), 0.12, np.float32)
    assert not drawable(tint).any()


def test_a_large_area_may_have_a_gradient_that_explains_most_of_it() -> None:
    """A hill shaded along its wavy top: one gradient is no exact answer, and better than none."""
    rows, cols = np.mgrid[:120, :160].reshape(2, -1)
    shade = (rows + 12.0 * np.sin(cols / 10.0) + 32.0 * np.cos(cols / 5.0)) / 200.0
    color = np.repeat(shade[:, None], 3, axis=1).astype(np.float32)
    paint, rest = fit_paint(cols + 0.5, rows + 0.5, color, gradients=True)
    assert isinstance(paint, Gradient)
    assert 0.6 < 1.0 - rest**2 / float(color.var()) < 0.75
    few = rows * 160 + cols < 160 * 20
    small, _ = fit_paint(cols[few] + 0.5, rows[few] + 0.5, color[few], gradients=True)
    assert isinstance(small, Flat)
