"""Outlines cover what was measured, and the drawing shows what its paints leave out."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.editing import flatten
from illustrators_depth.layering.build import build_stack
from illustrators_depth.outlines import contour_rings
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.tracing import trace_stack
from illustrators_depth.tracing.coverage.cell_coverage import cell_coverage
from illustrators_depth.tracing.coverage.hairs import hair_field
from illustrators_depth.tracing.coverage.match_coverage import match_coverage
from illustrators_depth.types import Image
from tests.engine.tracing.rendering import over_white, render

SIZE = 120


def supersampled(inside) -> NDArray[np.float32]:
    """Coverage of a shape told by x and y, at 8 x 8 samples a pixel."""
    y, x = np.mgrid[: 8 * SIZE, : 8 * SIZE] / 8 + 1 / 16
    fine = inside(x, y).reshape(SIZE, 8, SIZE, 8)
    return fine.mean(axis=(1, 3)).astype(np.float32)


def covered_by(rings: list[NDArray[np.float64]]) -> NDArray[np.float64]:
    points = np.concatenate(rings)
    after = np.concatenate([np.roll(ring, -1, axis=0) for ring in rings])
    cover = cell_coverage(points, after, np.zeros(len(points), np.int64))
    rows, cols = np.mgrid[:SIZE, :SIZE].reshape(2, -1)
    return cover.at(np.zeros(SIZE * SIZE, np.int64), cols, rows).reshape(SIZE, SIZE)


def test_coverage_of_a_triangle_is_its_area_in_every_pixel() -> None:
    ring = np.array([[10.3, 8.2], [90.6, 40.1], [30.2, 100.9]])
    cover = covered_by([ring])
    scale = 64.0
    exact = np.zeros((SIZE * 16, SIZE * 16), np.uint8)
    cv2.fillPoly(exact, [np.rint(ring * 16 * scale - scale / 2).astype(np.int32)], 255, shift=6)
    mean = exact.reshape(SIZE, 16, SIZE, 16).mean(axis=(1, 3)) / 255.0
    assert np.abs(cover - mean).max() < 0.12
    assert cover.min() > -1e-9 and cover.max() < 1.0 + 1e-9
    edges = ring - np.roll(ring, -1, axis=0)
    area = 0.5 * abs(edges[0, 0] * edges[1, 1] - edges[0, 1] * edges[1, 0])
    assert float(cover.sum()) == pytest.approx(area, rel=1e-9)


@pytest.mark.parametrize("width", [0.35, 0.7, 1.3])
def test_a_line_and_a_gap_thinner_than_a_pixel_have_outlines(width: float) -> None:
    def line(x, y):
        return (np.abs(0.8 * (x - 60) - 0.6 * (y - 55)) < width / 2) & (x > 20) & (x < 100)

    for coverage in (supersampled(line), 1.0 - supersampled(line)):
        rings = contour_rings(hair_field(coverage))
        before = np.abs(covered_by(rings) - coverage).sum()
        rings = match_coverage(rings, [coverage], [None], [0] * len(rings))
        after = np.abs(covered_by(rings) - coverage).sum()
        ink = min(coverage.sum(), (1.0 - coverage).sum())
        assert after < 0.5 * before or after < 0.15 * ink
        assert after < 0.4 * ink


def test_a_ring_and_its_hole_move_onto_the_edge() -> None:
    def ring(x, y):
        return (np.hypot(x - 60.3, y - 58.7) < 40) & (np.hypot(x - 57, y - 60) > 30)

    coverage = supersampled(ring)
    rings = contour_rings(coverage)
    before = float(((covered_by(rings) - coverage) ** 2).sum())
    rings = match_coverage(rings, [coverage], [None], [0] * len(rings))
    after = float(((covered_by(rings) - coverage) ** 2).sum())
    assert after < 0.2 * before


def stack_of(rgb: NDArray[np.float32], labels: NDArray[np.int32]):
    rgba = np.concatenate([rgb, np.ones((*labels.shape, 1))], axis=2).astype(np.float32)
    depth = labels.astype(np.float32)
    return build_stack(Image(rgba), labels, depth, CompleteSettings(), {"method": "clusters"})


def rms(stack) -> float:
    away = over_white(render(trace_stack(stack).to_svg())) - flatten(stack).over()
    return 255.0 * float(np.sqrt((away**2).mean()))


def test_thin_lines_inside_a_layer_stay() -> None:
    """Lines that no region stands for: in the layer's pixels, and in none of its paints."""
    labels = np.zeros((SIZE, SIZE), np.int32)
    labels[20:100, 20:100] = 1
    rgb = np.where(labels[..., None] == 1, 0.95, 0.2) * np.ones(3)
    for col in range(30, 95, 12):
        rgb[30:90, col] = (0.1, 0.1, 0.1)
    assert rms(stack_of(rgb, labels)) < 4.0


def test_an_outline_between_two_layers_stays() -> None:
    y, x = np.mgrid[:SIZE, :SIZE] + 0.5
    away = np.hypot(x - 60, y - 60)
    labels = (away < 38).astype(np.int32)
    line = np.clip(1.1 - np.abs(away - 38), 0.0, 1.0)[..., None]
    rgb = np.where(labels[..., None] == 1, (0.9, 0.5, 0.2), (0.5, 0.7, 0.95))
    rgb = rgb * (1.0 - line) + 0.05 * line
    assert rms(stack_of(rgb, labels)) < 6.0


def test_a_soft_and_a_solid_part_of_one_layer_keep_their_opacity() -> None:
    labels = np.full((SIZE, SIZE), -1, np.int32)
    rgba = np.zeros((SIZE, SIZE, 4), np.float32)
    labels[20:100, 10:110] = 0
    rgba[20:100, 10:110] = (0.0, 0.0, 0.0, 0.2)
    rgba[30:60, 20:100] = (0.8, 0.3, 0.1, 1.0)
    depth = np.zeros((SIZE, SIZE), np.float32)
    stack = build_stack(Image(rgba), labels, depth, CompleteSettings(), {"method": "clusters"})
    drawing = trace_stack(stack)
    opacities = sorted(path.opacity for path in drawing.groups[0].paths)
    assert opacities == pytest.approx([0.2, 1.0], abs=0.02)
    assert np.abs(render(drawing.to_svg()) - rgba)[..., 3].mean() < 0.005
