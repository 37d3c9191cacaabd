"""Pictures that could take too much: noise as pixels, areas drawn a few at a time."""

from __future__ import annotations

import re
from importlib import import_module
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from illustrators_depth.raster.tiling import strips
from illustrators_depth.tracing import trace_stack
from illustrators_depth.tracing.areas import canvas, layer_areas
from illustrators_depth.tracing.areas.area import Area
from illustrators_depth.tracing.coverage import detail
from illustrators_depth.tracing.pixel_runs import pixel_runs
from illustrators_depth.types import Layer, LayerStack

_RECTANGLE = re.compile(r"M(\d+) (\d+)h(\d+)v(\d+)h-(\d+)z")


def _painted(data: str, shape: tuple[int, int]) -> NDArray[np.int32]:
    """How often rectangles cover each pixel."""
    times = np.zeros(shape, np.int32)
    matches = list(_RECTANGLE.finditer(data))
    assert "".join(match[0] for match in matches) == data, "nothing but rectangles"
    for match in matches:
        x, y, width, height, back = map(int, match.groups())
        assert width == back
        times[y : y + height, x : x + width] += 1
    return times


@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.97, 1.0])
def test_runs_cover_each_pixel_once(share: float) -> None:
    mask = np.random.default_rng(3).random((37, 53)) < share
    times = _painted(pixel_runs(mask, top=4, left=6), (48, 64))
    expected = np.zeros((48, 64), np.int32)
    expected[4:41, 6:59] = mask
    assert np.array_equal(times, expected)


def test_runs_that_repeat_are_one_rectangle() -> None:
    mask = np.zeros((9, 9), np.bool_)
    mask[2:7, 1:4] = True
    mask[2:4, 6:8] = True
    mask[5:8, 6:8] = True
    assert pixel_runs(mask) == "M1 2h3v5h-3zM6 2h2v2h-2zM6 5h2v3h-2z"


def _checkerboard(side: int) -> LayerStack:
    even = np.add.outer(np.arange(side), np.arange(side)) % 2 == 0
    layers = []
    for name, own, mask, tone in (
        ("ground", ~even, np.ones_like(even), 0.0),
        ("squares", even, even, 1.0),
    ):
        rgba = np.full((side, side, 4), tone, np.float32)
        rgba[..., 3] = mask
        layers.append(Layer.from_full(name, 1.0, (tone,) * 3, own, mask, rgba))
    return LayerStack(even.astype(np.int32), tuple(layers))


def test_a_checkerboard_of_pixels_is_drawn_as_its_pixels() -> None:
    side = 300
    document = trace_stack(_checkerboard(side))
    ground, squares = document.groups
    assert len(ground.paths) == 1
    assert len(squares.paths) == 1
    times = _painted(squares.paths[0].data, (side, side))
    assert np.array_equal(times == 1, np.add.outer(np.arange(side), np.arange(side)) % 2 == 0)


def _discs(side: int, count: int) -> LayerStack:
    rows, cols = np.mgrid[:side, :side]
    labels = np.zeros((side, side), np.int32)
    layers = [_flat("ground", labels == 0, np.ones((side, side), np.bool_), 0.9)]
    for number in range(1, count):
        x, y = side * (number / count), side * (0.5 + 0.3 * np.sin(number))
        mask = (cols - x) ** 2 + (rows - y) ** 2 < (side / 6.0) ** 2
        labels[mask] = number
        layers.append(_flat(f"disc {number}", mask, mask, 0.8 * number / count))
    return LayerStack(labels, tuple(layers))


def _flat(name: str, seen: NDArray[np.bool_], mask: NDArray[np.bool_], tone: float) -> Layer:
    rgba = np.full((*mask.shape, 4), tone, np.float32)
    rgba[..., 3] = mask
    return Layer.from_full(name, 1.0, (tone,) * 3, seen, mask, rgba)


def test_areas_are_drawn_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    module = import_module("illustrators_depth.tracing.vectorize")
    stack = _discs(160, 9)
    whole = trace_stack(stack)
    followed: list[int] = []
    outlines = module._outlines

    def counted(areas: list[Area], *others: Any) -> list[str]:
        followed.append(sum(area.field.size for area in areas))
        texts: list[str] = outlines(areas, *others)
        return texts

    monkeypatch.setattr(module, "_outlines", counted)
    limit = 6_000
    monkeypatch.setattr(module, "_MAX_HELD_PIXELS", limit)
    parts = trace_stack(stack)
    assert len(followed) > 3
    widest = 160 * 160  # the ground, by which the limit is passed
    assert max(followed) <= limit + widest
    assert [len(g.paths) for g in parts.groups] == [len(g.paths) for g in whole.groups]
    for one, other in zip(parts.groups, whole.groups, strict=True):
        assert [p.paint for p in one.paths] == [p.paint for p in other.paths]
    assert len(parts.to_svg()) == pytest.approx(len(whole.to_svg()), rel=0.02)


def test_strips_of_a_drawing_show_no_seams(monkeypatch: pytest.MonkeyPatch) -> None:
    stack = _discs(120, 5)
    covered = np.random.default_rng(2).random((60, 50)).astype(np.float32)
    whole, field = trace_stack(stack).to_svg(), detail.drawable(covered)
    assert not np.array_equal(field, covered)
    for module in (detail, canvas, layer_areas):
        monkeypatch.setattr(module, "strips", lambda height, width: strips(height, width, width))
    assert np.array_equal(detail.drawable(covered), field)
    assert trace_stack(stack).to_svg() == whole
