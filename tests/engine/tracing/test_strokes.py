"""Thin strokes: one path of the stroke's own paint, as wide as the picture shows it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.layering.build import build_stack
from illustrators_depth.layering.edges.strokes import is_stroke
from illustrators_depth.settings import CompleteSettings
from illustrators_depth.tracing import trace_stack
from illustrators_depth.tracing.paints.paint import Flat, Gradient
from illustrators_depth.types import Image
from tests.engine.tracing.rendering import over_white, render

SIZE = 160


def ring(width: float) -> NDArray[np.float32]:
    """Coverage of a circle's outline, supersampled."""
    y, x = np.mgrid[: 8 * SIZE, : 8 * SIZE] / 8 + 1 / 16
    fine = np.abs(np.hypot(x - 81.3, y - 79.2) - 60.0) < width / 2
    return fine.reshape(SIZE, 8, SIZE, 8).mean(axis=(1, 3)).astype(np.float32)


def drawn(color: NDArray[np.float32], width: float):
    """A ring of a colour (or one colour per pixel) on a white page, traced."""
    cover = ring(width)[..., None]
    rgb = color * cover + 1.0 - cover
    rgba = np.concatenate([rgb, np.ones_like(cover)], axis=2).astype(np.float32)
    labels = (cover[..., 0] > min(0.3, width / 4)).astype(np.int32)
    stack = build_stack(
        Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    return trace_stack(stack), rgb


@pytest.mark.parametrize("width", [0.7, 1.0, 1.8, 3.0])
def test_a_stroke_is_one_path_of_its_own_width(width: float) -> None:
    color = np.array([0.1, 0.1, 0.4], np.float32)
    document, rgb = drawn(color, width)
    (path,) = document.groups[1].paths
    assert isinstance(path.paint, Flat)
    picture = over_white(render(document.to_svg()))
    ink = (1.0 - picture).sum() / (1.0 - rgb).sum()
    assert 0.7 < ink < 1.25, ink
    if width > 1.5:
        assert np.abs(np.subtract(path.paint.color, color)).max() < 0.03
    assert ((picture - rgb) ** 2).mean() < 2.5e-3


def test_a_stroke_with_a_gradient_is_one_path() -> None:
    along = np.linspace(0.0, 1.0, SIZE, dtype=np.float32)[None, :, None]
    color = np.array([1.0, 0.7, 0.1]) * (1 - along) + np.array([0.2, 0.7, 0.5]) * along
    document, rgb = drawn(np.broadcast_to(color, (SIZE, SIZE, 3)), 2.0)
    (path,) = document.groups[1].paths
    assert isinstance(path.paint, Gradient)
    assert ((over_white(render(document.to_svg())) - rgb) ** 2).mean() < 1e-3


def test_only_thin_things_are_strokes() -> None:
    y, x = np.mgrid[:80, :80]
    assert is_stroke(np.abs(np.hypot(x - 40, y - 40) - 30) < 1.5)
    assert not is_stroke(np.hypot(x - 40, y - 40) < 30)
    assert not is_stroke(np.ones((20, 20), bool))


def test_many_strokes_are_no_noise() -> None:
    """A spirograph has more outline than its pixels warrant; its lines stay all the same."""
    side = 512
    turn = np.linspace(0.0, 26.0 * np.pi, 8000)
    ratio = 22.0 / 13.0
    x = 0.63 * np.cos(turn) + 0.67 * np.cos(ratio * turn)
    y = 0.63 * np.sin(turn) - 0.67 * np.sin(ratio * turn)
    points = np.rint(side * (2.0 + 1.55 * np.stack([x, y], axis=1)) * 8).astype(np.int32)
    fine = np.ones((4 * side, 4 * side), np.float32)
    cv2.polylines(fine, [points], False, 0.0, 3, cv2.LINE_8, 3)
    cover = 1.0 - cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)[..., None]
    rgb = np.array([0.1, 0.1, 0.25], np.float32) * cover + 1.0 - cover
    rgba = np.concatenate([rgb, np.ones_like(cover)], axis=2).astype(np.float32)
    labels = (cover[..., 0] > 0.02).astype(np.int32)
    stack = build_stack(
        Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    ink = 1.0 - over_white(render(trace_stack(stack).to_svg())).mean(axis=2)
    assert 0.6 < float(ink.sum() / (1.0 - rgb.mean(axis=2)).sum()) < 1.4
    lines = cover[..., 0] > 0.5
    assert float((ink[lines] > 0.2).mean()) > 0.85


def test_a_net_is_one_path_of_its_ink() -> None:
    """Between close strokes what is left of the paper is a blend, and no paint of its own."""
    side, ink = 256, np.array([0.1, 0.15, 0.4], np.float32)
    fine = np.zeros((4 * side, 4 * side), np.float32)
    for turn in np.linspace(0.0, 2.0 * np.pi, 120):
        x = np.rint(512 + 460 * np.cos([turn, turn + 2.2])).astype(int)
        y = np.rint(512 + 460 * np.sin([turn, turn + 2.2])).astype(int)
        cv2.line(fine, (int(x[0]), int(y[0])), (int(x[1]), int(y[1])), 1.0, 3)
    cover = cv2.resize(fine, (side, side), interpolation=cv2.INTER_AREA)[..., None]
    rgb = ink * cover + 1.0 - cover
    rgba = np.concatenate([rgb, np.ones_like(cover)], axis=2).astype(np.float32)
    labels = (cover[..., 0] > 0.02).astype(np.int32)
    stack = build_stack(
        Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {"method": "clusters"}
    )
    document = trace_stack(stack)
    (path,) = document.groups[1].paths
    assert isinstance(path.paint, Flat)
    assert np.abs(np.subtract(path.paint.color, ink)).max() < 0.05
    away = over_white(render(document.to_svg())) - rgb
    assert float(np.sqrt((away**2).mean())) < 0.13
