"""Straight edges are straight, arcs are arcs: few segments, near the shape that was drawn."""

from __future__ import annotations

import io
import re
from itertools import pairwise

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import read_image
from illustrators_depth.layering import decompose
from illustrators_depth.tracing import trace_stack
from illustrators_depth.tracing.curves.follow_rings import HIDDEN_WEIGHT, follow_rings
from illustrators_depth.types import DepthMap

resvg = pytest.importorskip("resvg_py", reason="resvg-py is not installed")


def segments(data: str) -> int:
    """Lines and cubics of a path."""
    sizes = {"l": 2, "c": 6}
    parts = re.findall(r"([lc])([^a-zA-Z]*)", data)
    return sum(len(re.findall(r"-?(?:\d+\.?\d*|\.\d+)", t)) // sizes[c] for c, t in parts)


def ends(data: str) -> np.ndarray:
    """End points of a path's segments, float64 (n, 2)."""
    number = r"-?(?:\d+\.?\d*|\.\d+)"
    at = np.array([float(n) for n in re.findall(number, data.split("l")[0].split("c")[0])[:2]])
    points = [at]
    for letter, rest in re.findall(r"([lc])([^a-zA-Z]*)", data):
        steps = np.array([float(n) for n in re.findall(number, rest)]).reshape(-1, 2)
        for step in steps[::1] if letter == "l" else steps[2::3]:
            at = at + step
            points.append(at)
    return np.array(points)


def traced(body: str, side: int = 200) -> str:
    """Path data of the one shape of a black drawing on white."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
    svg = f'{head}<rect width="{side}" height="{side}" fill="#fff"/>{body}</svg>'
    picture = PilImage.open(io.BytesIO(bytes(resvg.svg_to_bytes(svg_string=svg))))
    image = read_image(picture)
    dark = image.over().mean(axis=2) < 0.5
    stack = decompose(image, DepthMap(dark.astype(np.float32) * 5.0))
    (path,) = trace_stack(stack).groups[1].paths
    return path.data


@pytest.mark.parametrize("angle", [0.0, 7.0, 23.0, 45.0, 61.0])
def test_a_parallelogram_is_four_lines(angle: float) -> None:
    turn = np.radians(angle)
    spin = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    corners = np.array([(-70, -20), (50, -20), (70, 20), (-50, 20)]) @ spin.T + (100.3, 99.8)
    points = " ".join(f"{x:.4f},{y:.4f}" for x, y in corners)
    data = traced(f'<polygon points="{points}"/>')
    assert 4 <= segments(data) <= 8 and "c" not in data
    away = np.linalg.norm(ends(data)[:, None] - corners[None], axis=2)
    assert away.min(axis=0).max() < 0.3  # every corner is there
    edges = [(a, (b - a) / np.linalg.norm(b - a)) for a, b in pairwise([*corners, corners[0]])]
    off = [min(abs(np.cross(p - a, u)) for a, u in edges) for p in ends(data)]
    assert max(off) < 0.2


@pytest.mark.parametrize("shape", [(60.0, 60.0), (70.0, 30.0), (9.0, 9.0)])
def test_an_ellipse_is_four_curves(shape: tuple[float, float]) -> None:
    data = traced(f'<ellipse cx="99.6" cy="100.2" rx="{shape[0]}" ry="{shape[1]}"/>')
    assert segments(data) == 4
    local = (ends(data) - (99.6, 100.2)) / shape
    assert np.abs(np.linalg.norm(local, axis=1) - 1.0).max() * max(shape) < 0.25


def test_half_a_disc_is_a_line_and_few_curves() -> None:
    data = traced('<path d="M30 100A70 70 0 0 1 170 100Z"/>')
    assert segments(data) <= 6 and data.count("l") == 1


def test_a_third_layer_over_an_edge_does_not_break_it() -> None:
    """A bump of less than a pixel, where another shape met the edge, is no corner."""
    line = np.arange(0.0, 200.0, 0.75)
    top = np.stack([line, np.full_like(line, 10.0)], axis=1)
    top[100:106, 1] += 0.5
    ring = np.concatenate([top, [(200.0, 60.0), (0.0, 60.0)]])
    (curves,) = follow_rings([ring], 0.2, 45.0)
    assert len(curves) == 4


def test_hidden_wiggles_are_followed_loosely() -> None:
    angle = np.linspace(0.0, np.pi, 300)
    arc = np.stack([100 + 80 * np.cos(angle), 100 + 80 * np.sin(angle)], axis=1)
    back = np.linspace(20.0, 180.0, 300)
    wiggle = 100.0 - 30.0 + 0.6 * np.sin(back * 0.9)
    ring = np.concatenate([arc, [(20.0, 70.0)], np.stack([back, wiggle], axis=1), [(180.0, 70.0)]])
    weight = np.ones(len(ring))
    weight[301:-1] = HIDDEN_WEIGHT
    seen = follow_rings([ring], 0.2, 45.0)[0]
    covered = follow_rings([ring], 0.2, 45.0, [weight])[0]
    assert len(covered) <= 8 < len(seen)
