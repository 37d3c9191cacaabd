"""The SVG beside the flattened layers, in resvg and in Inkscape; its size; its cut-out mode."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import predict_depth, read_image
from illustrators_depth.editing import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.layering import decompose
from illustrators_depth.product_settings import VectorizeSettings
from illustrators_depth.tracing import trace_stack, vectorize
from illustrators_depth.types import DepthMap, LayerStack
from tests.engine.drawings import stacked_discs
from tests.engine.tracing.rendering import over_white, render

CASES = Path(__file__).parents[2] / "cases"


@lru_cache(maxsize=1)
def discs() -> LayerStack:
    drawing = stacked_discs((128, 160))
    return decompose(drawing.image, drawing.depth)


def cropped(name: str, box: tuple[int, int, int, int]) -> LayerStack:
    image = read_image(PilImage.open(CASES / name).convert("RGB").crop(box))
    return decompose(image, predict_depth(image))


def rms(one: np.ndarray, other: np.ndarray) -> float:
    return float(np.sqrt(((one - other) ** 2).mean())) * 255.0


@pytest.mark.parametrize(
    ("name", "box", "most"),
    [
        ("text.png", (20, 200, 420, 390), 10.0),  # letters of 10 to 24 px, with dots and counters
        ("line.png", (300, 100, 620, 340), 4.0),  # lines of one and two pixels
    ],
)
def test_small_print_and_thin_lines_stay(
    name: str, box: tuple[int, int, int, int], most: float
) -> None:
    stack = cropped(name, box)
    assert rms(over_white(render(vectorize(stack))), flatten(stack).over()) < most


def test_strokes_of_several_colours_keep_them() -> None:
    """Lines that cross, in three colours: one layer of strokes, a path for each ink."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="160" height="160">'
        '<rect width="160" height="160" fill="#fff"/><g fill="none" stroke-width="2">'
        '<path d="M5 20C60 140 100 10 155 130" stroke="#b01818"/>'
        '<path d="M5 130Q80 -60 150 150" stroke="#1830a0"/>'
        '<path d="M10 80H150M80 10V150" stroke="#107038"/></g></svg>'
    )
    picture = over_white(render(svg))
    image = read_image(PilImage.fromarray(np.rint(picture * 255).astype(np.uint8)))
    dark = picture.min(axis=2) < 0.7
    stack = decompose(image, DepthMap(dark.astype(np.float32) * 5.0))
    document = trace_stack(stack)
    drawn = over_white(render(document.to_svg()))
    assert rms(drawn, picture) < 9.0
    for place in ((80, 25), (25, 80)):  # on the green lines
        rows, cols = (slice(at - 1, at + 1) for at in place)
        red, green, blue = drawn[rows, cols].mean(axis=(0, 1))
        assert green > max(red, blue) + 0.1


@pytest.mark.skipif(shutil.which("inkscape") is None, reason="Inkscape is not installed")
def test_inkscape_shows_the_layers(tmp_path: Path) -> None:
    source = tmp_path / "a.svg"
    source.write_text(vectorize(discs()), encoding="utf-8")
    subprocess.run(
        ["inkscape", str(source), "--export-type=png", f"--export-filename={tmp_path / 'a.png'}"],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    shown = np.asarray(PilImage.open(tmp_path / "a.png").convert("RGB"), np.float32) / 255.0
    assert rms(shown, flatten(discs()).over()) < 4.0


def test_cutout_shapes_do_not_overlap() -> None:
    document = trace_stack(discs(), VectorizeSettings(mode="cutout"))
    covered = [
        render(replace(document, groups=(group,)).to_svg())[..., 3] for group in document.groups
    ]
    assert (np.sum([c > 0.9 for c in covered], axis=0) <= 1).all()
    assert np.sum(covered, axis=0).mean() == pytest.approx(1.0, abs=0.01)
    assert rms(over_white(render(document.to_svg())), flatten(discs()).over()) < 12.0


def test_stacked_shapes_reach_under_one_another() -> None:
    document = trace_stack(discs())
    ground = render(replace(document, groups=document.groups[:1]).to_svg())[..., 3]
    assert (ground > 0.9).all()


@pytest.mark.parametrize(
    ("meta", "width_mm", "size"),
    [
        ({}, 0.0, ("160", "128")),
        ({}, 200.0, ("200mm", "160mm")),
        ({"dpi": [300.0, 300.0]}, 0.0, ("13.5467mm", "10.8373mm")),
        ({"dpi": [300.0, 300.0]}, 40.0, ("40mm", "32mm")),
    ],
)
def test_size_in_print(meta: dict[str, object], width_mm: float, size: tuple[str, str]) -> None:
    stack = replace(discs(), meta=meta)
    root = ElementTree.fromstring(vectorize(stack, VectorizeSettings(width_mm=width_mm)).encode())
    assert (root.get("width"), root.get("height")) == size
    assert root.get("viewBox") == "0 0 160 128"


@pytest.mark.parametrize(
    "wrong",
    [
        {"width_mm": -1.0}, {"width_mm": 0.01}, {"width_mm": 1e9}, {"width_mm": float("nan")},
        {"mode": "glued"}, {"max_colors": 0},
    ],
)  # fmt: skip
def test_wrong_options_are_one_sentence(wrong: dict[str, object]) -> None:
    with pytest.raises(InputError, match=next(iter(wrong))):
        trace_stack(discs(), replace(VectorizeSettings(), **wrong))


def test_max_colors_bounds_the_paths_of_a_layer() -> None:
    stack = cropped("poster.png", (300, 300, 500, 500))
    document = trace_stack(stack, VectorizeSettings(max_colors=2))
    assert all(len(group.paths) <= 2 for group in document.groups)


def test_pixel_art_keeps_every_pixel() -> None:
    image = read_image(CASES / "pixel.png")
    stack = decompose(image, predict_depth(image))
    drawn = over_white(render(vectorize(stack)))
    assert np.abs(drawn - flatten(stack).over()).max() < 1.5 / 255.0
