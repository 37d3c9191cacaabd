"""What is made of an SVG keeps its curves: the layered SVG, paper-cut, terraced prints."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import trimesh

from illustrators_depth import read_layers, relief, vectorize
from illustrators_depth.editing import recolor
from illustrators_depth.papercut import papercut
from illustrators_depth.product_settings import PapercutSettings
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack

DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<rect width="100" height="100" fill="#ffffee"/>
<g id="badge"><circle cx="50" cy="50" r="40" fill="#aa0000"/>
<path d="M50 20L70 70 30 70z" fill="#0000aa"/></g></svg>"""


@pytest.fixture
def stack(tmp_path: Path) -> LayerStack:
    (tmp_path / "badge.svg").write_text(DRAWING)
    return read_layers(tmp_path / "badge.svg", split="groups", size=256)


def numbers(data: str) -> list[float]:
    return [float(n) for n in re.findall(r"-?(?:\d+\.?\d*|\.\d+)", data)]


def paths(svg: str) -> list[tuple[str, str]]:
    return re.findall(r'<path fill="(#\w+)"[^>]* d="([^"]+)"', svg)


def test_the_layered_svg_has_the_shapes_in_their_colours(stack: LayerStack) -> None:
    assert [fill for fill, _ in paths(vectorize(stack))] == ["#ffffee", "#aa0000", "#0000aa"]


def test_corners_stand_where_the_drawing_has_them(stack: LayerStack) -> None:
    triangle = numbers(paths(vectorize(stack))[2][1])
    start = np.array(triangle[:2])
    corners = np.array([[50.0, 20.0], [70.0, 70.0], [30.0, 70.0]]) * 2.56
    assert np.linalg.norm(corners - start, axis=1).min() < 0.05
    # Straight lines only: three sides, two numbers each, beside the start.
    assert len(triangle) == 8 or len(triangle) == 6
    ends = start + np.cumsum(np.array(triangle[2:]).reshape(-1, 2), axis=0)
    for corner in corners:
        assert np.linalg.norm(np.vstack([start, ends]) - corner, axis=1).min() < 0.05


def test_a_colour_that_was_changed_is_the_one_that_is_written(stack: LayerStack) -> None:
    plain = recolor(stack, 0, (0.0, 1.0, 0.0))
    assert paths(vectorize(plain))[0][0] == "#00ff00"


def test_paper_is_cut_along_the_curves(stack: LayerStack) -> None:
    settings = PapercutSettings(size_mm=200.0, bridge_mm=0.0, support=False, hole_mm=0.0)
    sheet = papercut(stack, settings)[1]
    frame = settings.frame_mm
    center = np.array([frame + 100.0, frame + 100.0])
    inner = min(sheet.outlines, key=lambda curve: abs(np.ptp(curve[..., 0]) - 160.0))
    radii = np.linalg.norm(inner[:, 0] - center, axis=1)
    assert abs(radii - 80.0).max() < 0.05


def test_bridges_hold_a_shape_of_curves(stack: LayerStack) -> None:
    settings = PapercutSettings(size_mm=200.0, bridge_mm=4.0, support=False, hole_mm=0.0)
    sheet = papercut(stack, settings)[1]
    # Without bridges the disc is a ring of its own inside of the frame's.
    free = papercut(stack, PapercutSettings(size_mm=200.0, bridge_mm=0.0, support=False))[1]
    assert len(sheet.outlines) == len(free.outlines) - 1


def test_a_terraced_print_follows_the_curves(stack: LayerStack) -> None:
    mesh = relief(stack, ReliefSettings(mode="terraced", size_mm=200.0))
    top = mesh.vertices[:, 2]
    middle = np.unique(np.round(top, 4))[1:-1]
    radii = np.hypot(mesh.vertices[:, 0] - 100.0, mesh.vertices[:, 1] - 100.0)
    rim = (radii > 70.0) & (radii < 90.0) & np.isin(np.round(top, 4), middle)
    assert np.count_nonzero(rim) > 50
    away = abs(radii[rim] - 80.0)
    assert np.percentile(away, 90) < 0.02
    assert away.max() < 0.15  # a pixel is 0.78 mm; the ends of its rows are told by coverage
    plain = stack.with_layers(tuple(replace(layer, outline=None) for layer in stack))
    by_pixels = relief(plain, ReliefSettings(mode="terraced", size_mm=200.0)).vertices
    at = np.hypot(by_pixels[:, 0] - 100.0, by_pixels[:, 1] - 100.0)
    at = at[(at > 70.0) & (at < 90.0) & np.isin(np.round(by_pixels[:, 2], 4), middle)]
    assert np.percentile(abs(at - 80.0), 90) > 0.04
    assert trimesh.Trimesh(mesh.vertices, mesh.faces, process=False).is_watertight
