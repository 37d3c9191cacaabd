"""SVG drawings: every layer whole, as resvg draws it alone."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError

pytest.importorskip("resvg_py", reason="draws SVG")

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 50"'
PAGE = '<rect width="100" height="50" fill="#ffffff"/>'
BAR = '<rect x="10" y="20" width="80" height="10" fill="#0000ff"/>'
POST = '<rect x="40" y="5" width="10" height="40" fill="#ff0000"/>'


def drawing(path: Path, inner: str, attributes: str = "") -> Path:
    path.write_text(f"{HEAD} {attributes}>{inner}</svg>")
    return path


def test_what_is_hidden_is_there(tmp_path: Path) -> None:
    stack = read_layers(drawing(tmp_path / "a.svg", PAGE + BAR + POST), size=400)
    assert (stack.height, stack.width) == (200, 400)
    assert len(stack) == 3
    bar = stack.layers[1]
    assert bar.mask[100, 45 * 4]  # under the post
    assert not bar.visible[100, 45 * 4]
    assert bar.mask.sum() == 320 * 40
    assert stack.labels[100, 45 * 4] == 2 and stack.labels[100, 60] == 1
    np.testing.assert_allclose(bar.color, (0, 0, 1), atol=1e-6)


def test_consecutive_shapes_of_one_colour_are_one_layer(tmp_path: Path) -> None:
    two = BAR + BAR.replace('y="20"', 'y="40"')
    file = drawing(tmp_path / "a.svg", PAGE + two + POST)
    assert len(read_layers(file)) == 3
    assert len(read_layers(file, split="paths")) == 4
    inherited = '<g fill="#00f"><path d="M0 0h9v9z"/><path d="M20 0h9v9z"/></g>'
    assert len(read_layers(drawing(tmp_path / "b.svg", PAGE + inherited))) == 2


def test_groups_are_layers_with_names(tmp_path: Path) -> None:
    label = 'xmlns:inkscape="http://www.inkscape.org/namespaces/inkscape"'
    inner = (
        f'<g id="sky">{PAGE}</g>'
        f'<g inkscape:label="A bar" transform="translate(0 5)">{BAR}{POST}</g>'
        f'<g id="off" style="display:none"><circle cx="9" cy="9" r="8"/></g>'
    )
    stack = read_layers(drawing(tmp_path / "a.svg", inner, label), size=200)
    assert [layer.name for layer in stack] == ["sky", "A bar", "off"]
    assert [layer.hidden for layer in stack] == [False, False, True]
    assert stack.layers[2].mask.sum() > 300  # drawn all the same, to be shown later
    assert stack.layers[1].mask[50 + 10, 100]  # the group's transform holds


def test_what_is_referred_to_stays(tmp_path: Path) -> None:
    xlink = 'xmlns:xlink="http://www.w3.org/1999/xlink"'
    inner = (
        '<defs><linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/>'
        f'</linearGradient></defs>{PAGE}<circle id="c" cx="20" cy="25" r="10" fill="url(#g)"/>'
        '<use xlink:href="#c" x="50"/>'
    )
    stack = read_layers(drawing(tmp_path / "a.svg", inner, xlink), size=200)
    assert len(stack) == 3
    assert stack.layers[2].mask[50, 140] and not stack.layers[2].mask[50, 40]
    left, right = stack.layers[1].rgba[50, 24], stack.layers[1].rgba[50, 56]
    assert left[0] > left[2] and right[2] > right[0]


@pytest.mark.parametrize(
    ("size", "pixels", "dpi"),
    [
        ('width="20cm" height="20cm"', (756, 756), 96.0),
        ('width="200mm"', (756, 378), 96.0),
        ('width="600" height="300"', (600, 300), None),
    ],
)
def test_the_page_size_is_kept(
    tmp_path: Path, size: str, pixels: tuple[int, int], dpi: float | None
) -> None:
    stack = read_layers(drawing(tmp_path / "a.svg", PAGE + BAR, size))
    assert (stack.width, stack.height) == pixels
    if dpi is None:
        assert "dpi" not in stack.meta
    else:
        assert stack.meta["dpi"][0] == pytest.approx(dpi, rel=2e-3)
        assert stack.width / stack.meta["dpi"][0] * 25.4 == pytest.approx(200)


HOSTILE = {
    "outside": ('<image href="http://example.org/a.png"/>', "outside the file"),
    "recursive": ('<g id="a"><use href="#a"/></g>', "refers to itself"),
    "deep": ("<g>" * 200 + "</g>" * 200, "nested deeper"),
    "nothing": ("<defs/>", "draws nothing"),
    "all hidden": (BAR.replace("<rect", '<rect display="none"'), "hidden"),
    "cut off": ("<g>", "XML"),
}


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_drawings_are_one_sentence(tmp_path: Path, case: str) -> None:
    inner, words = HOSTILE[case]
    with pytest.raises(InputError, match=words) as raised:
        read_layers(drawing(tmp_path / "bad.svg", inner))
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("around", ["{}", "<switch>{}</switch>"])
def test_shapes_for_english_speakers_are_drawn(tmp_path: Path, around: str) -> None:
    shape = around.format(BAR.replace("<rect", '<rect systemLanguage="en-GB, en"'))
    plain = flatten(read_layers(drawing(tmp_path / "plain.svg", PAGE + BAR)))
    told = flatten(read_layers(drawing(tmp_path / "told.svg", PAGE + shape)))
    np.testing.assert_array_equal(told.rgba, plain.rgba)


def test_arguments(tmp_path: Path) -> None:
    file = drawing(tmp_path / "a.svg", PAGE + BAR)
    with pytest.raises(InputError, match="split"):
        read_layers(file, split="colour")
    with pytest.raises(InputError, match="size"):
        read_layers(file, size=-1)
    with pytest.raises(InputError, match="million pixels"):
        read_layers(file, size=4000, max_pixels=1_000_000)
    with pytest.raises(InputError, match="path must be"):
        read_layers(3)  # type: ignore[arg-type]


MIXED = (
    '<defs><linearGradient id="g" x1="0%" x2="100%"><stop stop-color="#f00"/>'
    '<stop offset="100%" stop-color="#00f" stop-opacity=".3"/></linearGradient>'
    '<clipPath id="c"><circle cx="70" cy="20" r="13"/></clipPath></defs>'
    '<g opacity=".7"><path d="M3 3L14 6L9 17z" fill="url(#g)"/><path d="M8 8h9v9z"/></g>'
    '<path d="M60 8L90 41" stroke="#084" stroke-width=".3"/>'
    '<rect x="50" y="10" width="40" height="20" clip-path="url(#c)" fill="#a50"/>'
    '<path d="M2 46q6-9 13 0t9-2" fill="none" stroke="#225" stroke-width="1.7"/>'
)


@pytest.mark.parametrize("size", [400, 777, 1024])
def test_drawn_in_parts_as_in_one(tmp_path: Path, size: int) -> None:
    import xml.etree.ElementTree as ElementTree

    from illustrators_depth.layered.svg import render

    text = drawing(tmp_path / "a.svg", MIXED).read_text()
    frame = (round(size * 0.5), size)
    parts = render.draw_svg(ElementTree.fromstring(text), frame, "a.svg").astype(int)
    whole = render._draw(ElementTree.fromstring(text), frame, "a.svg").astype(int)
    assert (whole[..., 3] > 0).mean() < 0.5  # or there would be nothing to leave out
    lifted = [p[..., :3] * p[..., 3:] // 255 for p in (parts, whole)]
    assert abs(parts[..., 3] - whole[..., 3]).max() <= 2
    assert abs(lifted[0] - lifted[1]).max() <= 2


def test_blending_ends_at_a_group_that_is_a_picture_of_its_own(tmp_path: Path) -> None:
    tint = BAR.replace("<rect", '<rect style="mix-blend-mode:multiply"')
    for group, blends in (
        (tint, ["normal", "multiply"]),
        (f'<g opacity=".5">{tint}</g>', ["normal", "normal"]),
        (f'<g style="mix-blend-mode:screen">{BAR}</g>', ["normal", "screen"]),
        (f'<g style="isolation:isolate">{tint}{POST}</g>', ["normal", "normal"]),
        (BAR.replace("<rect", '<rect mix-blend-mode="multiply"'), ["normal", "normal"]),
    ):
        stack = read_layers(drawing(tmp_path / "a.svg", PAGE + group))
        assert [layer.blend for layer in stack] == blends, group


def test_an_attribute_by_two_names_is_one_sentence(tmp_path: Path) -> None:
    space = 'xmlns:xlink="http://www.w3.org/1999/xlink" xmlns:x="http://www.w3.org/1999/xlink"'
    text = f'<svg xmlns="http://www.w3.org/2000/svg" {space} width="9" height="9">{BAR}</svg>'
    twice = text.replace("<rect", '<rect x:href="#a" xlink:href="#b"')
    (tmp_path / "a.svg").write_text(twice)
    with pytest.raises(InputError, match="not well-formed XML"):
        read_layers(tmp_path / "a.svg")
