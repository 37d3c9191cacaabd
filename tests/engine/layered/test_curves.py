"""Outlines of SVG layers come from the drawing's own curves, not from pixels."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth import read_layers, relief
from illustrators_depth.editing import merge
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.outlines.drawn_outline import drawn_area, drawn_shapes
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import Layer, LayerStack

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
PAGE = '<rect width="100" height="100" fill="#ffe"/>'
PRINT_MM = 200.0


def read(tmp_path: Path, body: str, head: str = 'viewBox="0 0 100 100"') -> LayerStack:
    path = tmp_path / "drawing.svg"
    path.write_text(f"{HEAD} {head}>{PAGE}{body}</svg>")
    return read_layers(path, split="paths")


def area_of(layer: Layer) -> float:
    """In units of a drawing 100 wide."""
    area = drawn_area(layer)
    assert area is not None
    return float(area.area()) * (100.0 / layer.frame[1]) ** 2


def test_a_circle_is_round_in_print(tmp_path: Path) -> None:
    stack = read(tmp_path, '<circle cx="50" cy="50" r="40" fill="#a00"/>')
    mesh = relief(stack, ReliefSettings(mode="stacked", size_mm=PRINT_MM))
    vertices = mesh.vertices[mesh.parts[1].vertices]
    radii = np.hypot(vertices[:, 0] - 100.0, vertices[:, 1] - 100.0)
    assert abs(radii - 80.0).max() < 0.005
    # Chords stay near the circle, too.
    around = np.sort(np.arctan2(vertices[:, 1] - 100.0, vertices[:, 0] - 100.0)[::2])
    assert 80.0 * (1.0 - np.cos(np.diff(around).max() / 2.0)) < 0.05


def test_without_smoothing_outlines_stay_those_of_pixels(tmp_path: Path) -> None:
    stack = read(tmp_path, '<circle cx="50" cy="50" r="40" fill="#a00"/>')
    plain = stack.with_layers(tuple(replace(layer, outline=None) for layer in stack))
    settings = ReliefSettings(mode="stacked", smoothing=0.0)
    one, other = relief(stack, settings), relief(plain, settings)
    assert np.array_equal(one.vertices, other.vertices)


PI = np.pi


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ('<path d="M10 10h80v80h-80z"/>', 6400.0),
        ('<path d="M10,10 90 10 90,90l-80-0z" fill="#080"/>', 6400.0),
        ('<path d="M10 50a40 40 0 1180 0 40 40 0 01-80 0z"/>', 1600.0 * PI),
        ('<path d="M50 10A20 40 0 0 1 50 90A20 40 0 0 1 50 10"/>', 800.0 * PI),
        ('<path d="M20 50Q20 20 50 20T80 50L80 80 20 80z"/>', 3300.0),
        ('<path d="M10 10H90V90H10zM30 30H70V70H30z" fill-rule="evenodd"/>', 4800.0),
        ('<path d="M10 10H90V90H10zM30 30H70V70H30z"/>', 6400.0),
        ('<rect x="10" y="10" width="80" height="60" rx="10"/>', 4800.0 - 400.0 + 100.0 * PI),
        ('<ellipse cx="50" cy="50" rx="40" ry="20"/>', 800.0 * PI),
        ('<polygon points="10,10 90,10 50,90"/>', 3200.0),
        ('<line x1="10" y1="50" x2="90" y2="50" stroke="#00f" stroke-width="5"/>', 400.0),
        (
            '<polyline points="10,80 50,20 90,80" fill="none" stroke="#000" stroke-width="4" '
            'stroke-linecap="round" stroke-linejoin="round"/>',
            None,
        ),
        (
            '<path d="M20 20H80V80H20z" fill="none" stroke="#000" stroke-width="10"/>',
            70.0**2 - 50.0**2,
        ),
        (
            '<path d="M20 20H80V80H20z" fill="none" stroke="#000" stroke-width="10" '
            'stroke-linejoin="round"/>',
            70.0**2 - 50.0**2 - 100.0 + 25.0 * PI,
        ),
        (
            '<path d="M20 20H80V80H20z" fill="none" stroke="#000" stroke-width="10" '
            'stroke-linejoin="bevel"/>',
            70.0**2 - 50.0**2 - 50.0,
        ),
        ('<path d="M20 50H80" stroke="#000" stroke-width="10mm"/>', 60.0 * 10 * 96 / 25.4),
        (
            '<path d="M20 50H80" stroke="#000" stroke-width="10" stroke-linecap="square"/>',
            700.0,
        ),
        ('<g transform="rotate(30 50 50) scale(.5)"><rect x="60" y="60" width="80" '
         'height="80"/></g>', 1600.0),
        ('<g transform="translate(100) scale(-1 1)"><path d="M10 10h40v40h-40z"/></g>', 1600.0),
        ('<circle cx="50" cy="50" r="30" stroke="#00f" stroke-width="10" fill="#f00"/>',
         35.0**2 * PI),
        ('<style>.a{fill:none;stroke:#000;stroke-width:8}</style>'
         '<circle class="a" cx="50" cy="50" r="30"/>', (34.0**2 - 26.0**2) * PI),
        ('<clipPath id="c"><rect width="50" height="100"/></clipPath>'
         '<circle cx="50" cy="50" r="40" clip-path="url(#c)"/>', 800.0 * PI),
        ('<defs><circle id="o" cx="0" cy="0" r="20"/></defs>'
         '<use xlink:href="#o" x="50" y="50"/>', 400.0 * PI),
        ('<circle cx="100" cy="100" r="40"/>', 400.0 * PI),
    ],
)  # fmt: skip
def test_shapes_have_the_area_that_they_say(
    tmp_path: Path, body: str, expected: float | None
) -> None:
    layer = read(tmp_path, body).layers[-1]
    drawn = float(layer.rgba_crop[..., 3].sum()) * (100.0 / layer.frame[1]) ** 2
    assert area_of(layer) == pytest.approx(drawn, rel=0.01)
    if expected is not None:
        assert area_of(layer) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        ('<pattern id="p" width="9" height="9" patternUnits="userSpaceOnUse">'
         '<path d="M0 0h5v9h-5z"/></pattern>'
         '<rect x="9" y="9" width="50" height="50" fill="url(#p)"/>', "a pattern"),
        ('<mask id="m"><rect width="50" height="100" fill="#fff"/></mask>'
         '<circle cx="50" cy="50" r="40" mask="url(#m)"/>', "a mask"),
        ('<path d="M10 50H90" stroke="#000" stroke-width="9" stroke-dasharray="9 5"/>', "dashes"),
        ('<style>g > circle{fill:none}</style><circle cx="50" cy="50" r="40"/>', "the style"),
        ('<linearGradient id="f"><stop stop-opacity="0"/><stop offset="1"/></linearGradient>'
         '<circle cx="50" cy="50" r="40" fill="url(#f)"/>', "its pixels"),
        ('<clipPath id="a"><rect width="50" height="50" clip-path="url(#a)"/></clipPath>'
         '<circle cx="50" cy="50" r="40" clip-path="url(#a)"/>', "a clip path inside itself"),
        ('<clipPath id="a" clip-path="url(#b)"><rect width="50" height="50"/></clipPath>'
         '<clipPath id="b" clip-path="url(#a)"><rect width="50" height="50"/></clipPath>'
         '<circle cx="50" cy="50" r="40" clip-path="url(#a)"/>', "a clip path inside itself"),
        ("".join(f'<clipPath id="c{n}" clip-path="url(#c{n + 1})"><rect width="50" height="50"/>'
                 '</clipPath>' for n in range(40))
         + '<circle cx="50" cy="50" r="40" clip-path="url(#c0)"/>', "inside too many others"),
    ],
)  # fmt: skip
def test_what_has_no_curves_is_outlined_by_pixels(tmp_path: Path, body: str, reason: str) -> None:
    stack = read(tmp_path, body)
    assert stack.layers[-1].outline is None
    assert any(n.startswith("Outlines from pixels") and reason in n for n in stack.meta["notes"])


def test_outlines_travel_in_the_layer_file(tmp_path: Path) -> None:
    stack = read(tmp_path, '<circle cx="50" cy="50" r="40" fill="#a00"/>')
    back = load_stack(save_stack(stack, tmp_path / "a.idl"))
    for one, other in zip(stack, back, strict=True):
        shapes, same = drawn_shapes(one), drawn_shapes(other)
        assert shapes is not None and same is not None
        pairs = zip(shapes[0], same[0], strict=True)
        assert all(np.array_equal(ring, again) for ring, again in pairs)


def test_an_edit_of_the_mask_drops_the_outline(tmp_path: Path) -> None:
    stack = read(tmp_path, '<circle cx="40" cy="50" r="30"/><circle cx="60" cy="50" r="30"/>')
    renamed = stack.with_layers(tuple(replace(layer, name="x") for layer in stack))
    assert all(drawn_shapes(layer) is not None for layer in renamed)
    merged = merge(stack, [1, 2]).layers[-1]
    assert drawn_shapes(merged) is None
    layer = replace(stack.layers[0], mask_crop=np.zeros_like(stack.layers[0].mask_crop))
    assert drawn_shapes(layer) is None
