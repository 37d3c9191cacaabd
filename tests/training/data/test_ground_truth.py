"""From a drawing's operations to its index map: one small drawing per rule."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from illustrators_depth_training.data.drawing import index_map
from illustrators_depth_training.data.drawing.sample import Recipe, Sample, make_sample
from illustrators_depth_training.data.reasons import Discarded
from illustrators_depth_training.data.render.renderer import Renderer

Make = Callable[..., Sample]

RED = '<rect x="8" y="8" width="40" height="40" fill="#ff0000"/>'
BLUE = '<rect x="24" y="24" width="32" height="32" fill="#0000ff"/>'


def test_paint_order_is_the_index(make: Make) -> None:
    sample = make(RED + BLUE)
    assert sample.layers == 3
    assert sample.palette == ((255, 255, 255), (255, 0, 0), (0, 0, 255))
    expected = np.ones((64, 64), int)
    expected[8:48, 8:48] = 2
    expected[24:56, 24:56] = 3
    np.testing.assert_array_equal(sample.index, expected)


def test_repainting_the_index_gives_the_crisp_picture(make: Make, renderer: Renderer) -> None:
    body = RED + '<circle cx="40" cy="30" r="17.3" fill="#00aa55" stroke="#102030"/>' + BLUE
    sample = make(body, size=96)
    assert sample.flat
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="96" viewBox="0 0 64 64">'
        f"{body}</svg>"
    )
    palette = np.array(sample.palette, np.uint8)
    np.testing.assert_array_equal(palette[sample.index - 1], renderer.crisp(svg, 96, 96))


def test_fill_and_stroke_are_two_layers(make: Make) -> None:
    sample = make('<rect x="12" y="12" width="40" height="40" fill="#f00" stroke="#00f" '
                  'stroke-width="4"/>')  # fmt: skip
    assert sample.palette == ((255, 255, 255), (255, 0, 0), (0, 0, 255))
    assert sample.index[32, 12] == 3


def test_paint_order_attribute_swaps_fill_and_stroke(make: Make) -> None:
    sample = make('<rect x="12" y="12" width="40" height="40" fill="#f00" stroke="#00f" '
                  'stroke-width="8" paint-order="stroke"/>')  # fmt: skip
    assert sample.palette[1:] == ((0, 0, 255), (255, 0, 0))
    assert sample.index[32, 13] == 3  # the fill covers the stroke's inner half


def test_consecutive_operations_of_one_color_merge(make: Make) -> None:
    body = RED + '<rect x="40" y="8" width="20" height="20" fill="#f00"/>' + BLUE
    assert make(body).layers == 3
    assert make(body, merge=False, discard_invisible_boundaries=False).layers == 4


def test_hidden_layers_are_dropped(make: Make) -> None:
    body = '<rect x="28" y="28" width="8" height="8" fill="#0f0"/>' + RED + BLUE
    assert make(body).layers == 3
    kept = make(body, drop_invisible=False)
    assert kept.layers == 4
    assert set(np.unique(kept.index)) == {1, 3, 4}


def test_invisible_boundaries_are_discarded(make: Make) -> None:
    body = RED + BLUE + '<rect x="4" y="4" width="30" height="30" fill="#f00"/>'
    with pytest.raises(Discarded, match="invisible-boundary"):
        make(body)
    assert make(body, discard_invisible_boundaries=False).layers == 4


def test_same_color_apart_is_kept_as_two_layers(make: Make) -> None:
    body = RED + BLUE + '<rect x="36" y="36" width="8" height="8" fill="#f00"/>'
    assert make(body).layers == 4


def test_white_bottom_is_the_background(make: Make) -> None:
    page = '<rect width="64" height="64" fill="#fff"/>'
    assert make(page + RED).layers == 2
    with pytest.raises(Discarded, match="invisible-boundary"):
        make(RED + '<rect x="30" y="30" width="40" height="40" fill="#fff"/>')


def test_full_bleed_background_is_index_one(make: Make) -> None:
    sample = make('<rect width="64" height="64" fill="#123456"/>' + RED)
    assert sample.palette == ((18, 52, 86), (255, 0, 0))
    assert sample.index[0, 0] == 1


def test_single_layer_and_empty_are_discarded(make: Make) -> None:
    with pytest.raises(Discarded, match="single-layer"):
        make('<rect width="64" height="64" fill="#123456"/>')
    with pytest.raises(Discarded, match="empty"):
        make('<rect x="100" y="100" width="9" height="9"/>')


def test_gradient_is_one_layer(make: Make) -> None:
    sample = make(
        '<linearGradient id="g"><stop stop-color="red"/><stop offset="1" stop-color="blue"/>'
        '</linearGradient><rect x="8" y="8" width="48" height="48" fill="url(#g)"/>'
    )
    assert sample.layers == 2
    assert sample.palette[1] is None
    assert not sample.flat
    assert (sample.index[8:56, 8:56] == 2).all()


def test_fading_gradient_owns_where_its_alpha_is_half(make: Make) -> None:
    sample = make(
        '<linearGradient id="g"><stop stop-color="red"/>'
        '<stop offset="1" stop-color="red" stop-opacity="0"/></linearGradient>'
        '<rect width="64" height="64" fill="url(#g)"/>'
    )
    columns = (sample.index == 2).all(axis=0)
    assert columns[:31].all()
    assert not columns[33:].any()


def test_mask_decides_ownership(make: Make) -> None:
    hard = make(
        '<mask id="m"><rect x="0" y="0" width="32" height="64" fill="#fff"/></mask>'
        f'<g mask="url(#m)">{RED}</g>'
    )
    soft = make(
        '<mask id="m"><rect width="32" height="64" fill="#fff"/>'
        '<rect x="32" width="32" height="64" fill="#555"/></mask>'
        f'<g mask="url(#m)">{RED}</g>'
    )
    for sample in (hard, soft):
        assert (sample.index[8:48, 8:32] == 2).all()
        assert (sample.index[:, 32:] == 1).all()
    assert hard.flat
    assert not soft.flat


def test_clip_path_stays(make: Make) -> None:
    sample = make(
        '<clipPath id="c"><circle cx="28" cy="28" r="12"/></clipPath>'
        f'<g clip-path="url(#c)">{RED}</g>'
    )
    assert sample.index[28, 28] == 2
    assert sample.index[10, 10] == 1


def test_filter_owns_where_it_covers_half(make: Make) -> None:
    sample = make(
        '<filter id="f"><feOffset dx="10"/></filter>'
        '<rect x="8" y="8" width="20" height="40" fill="#f00" filter="url(#f)"/>'
    )
    assert (sample.index[8:48, 20:28] == 2).all()
    assert (sample.index[:, 8:16] == 1).all()


def test_glaze_on_one_layer_is_a_layer(make: Make) -> None:
    sample = make(RED + '<circle cx="24" cy="24" r="8" fill="#000" opacity="0.3"/>')
    assert sample.layers == 3
    assert sample.index[24, 24] == 3


def test_glaze_over_several_layers_only_tints(make: Make) -> None:
    glaze = '<rect x="4" y="20" width="56" height="14" fill="#000" opacity="0.3"/>'
    sample = make(RED + BLUE + glaze)
    assert sample.layers == 3
    assert not sample.flat
    assert sample.rgb[28, 12].tolist() != [255, 0, 0]


def test_half_opaque_operation_owns_its_pixels(make: Make) -> None:
    assert make(RED + BLUE + '<rect y="20" width="64" height="9" opacity="0.6"/>').layers == 4


def test_thin_strokes_are_voted_on(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """A third of a pixel at a slope leaves no dots; a crisp render alone would leave dozens."""
    line = '<path d="M2 10 L62 50" fill="none" stroke="#000" stroke-width=".35"/>'
    body = line + '<rect x="50" width="12" height="8" fill="#f00"/>'
    assert (make(body, hairlines=False).index == 2).sum() == 96  # the rectangle only
    monkeypatch.setattr(index_map, "SUPERSAMPLING", 1)
    assert (make(body, hairlines=False).index == 2).sum() > 20


def test_majority_of_a_block() -> None:
    owners = np.full((6, 6), 1, np.int32)
    owners[:3, :3] = [[7, 7, 7], [7, 7, 2], [1, 1, 2]]
    owners[3:, 3:] = [[4, 4, 4], [5, 5, 5], [6, 6, 6]]
    colors = np.zeros((6, 6, 3), np.uint8)
    colors[..., 0] = owners
    reduced, shades = index_map._majority(owners, colors, 3)
    assert reduced.tolist() == [[7, 1], [1, 6]]  # on a tie the upper one
    np.testing.assert_array_equal(shades[..., 0], reduced)


def test_wide_page_is_centred_with_white_outside(make: Make) -> None:
    """What lies beyond the page is not drawn, and belongs to the background."""
    sample = make('<rect x="-50" y="-50" width="200" height="200" fill="#0a0"/>', box="0 0 64 32")
    assert (sample.rgb[:16] == 255).all()
    assert (sample.rgb[48:] == 255).all()
    assert (sample.rgb[16:48] == [0, 170, 0]).all()
    assert (sample.index[:16] == 1).all()
    assert (sample.index[16:48] == 2).all()


def test_content_frame_crops_a_large_page(make: Make) -> None:
    body = '<rect x="500" y="300" width="40" height="40" fill="#f00"/>' \
           '<rect x="510" y="310" width="20" height="20" fill="#00f"/>'  # fmt: skip
    small = make(body, box="0 0 1000 1000")
    large = make(body, box="0 0 1000 1000", frame="content")
    assert (small.index > 1).mean() < 0.01
    assert 0.7 < (large.index > 1).mean() < 0.9


def test_content_frame_keeps_full_bleed(make: Make) -> None:
    body = '<rect width="64" height="64" fill="#ddeeff"/>' + RED
    np.testing.assert_array_equal(make(body).index, make(body, frame="content").index)


@pytest.mark.parametrize(("width", "height"), [(256, 256), (200, 120), (512, 300)])
def test_any_size_and_aspect(renderer: Renderer, width: int, height: int) -> None:
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{RED}{BLUE}</svg>'
    sample = make_sample(renderer, svg.encode(), Recipe(width, height))
    assert sample.rgb.shape == (height, width, 3)
    assert sample.index.shape == (height, width)
    assert sample.layers == 3


def test_hairline_drawings_are_discarded(make: Make) -> None:
    rays = "".join(f'<path d="M32 32 L{x} 0"/>' for x in range(0, 64, 6))
    body = f'<g stroke="#000" stroke-width=".2">{rays}</g>' + (
        '<rect x="30" y="30" width="4" height="4" fill="#f00"/>'
    )
    with pytest.raises(Discarded, match="hairlines"):
        make(body)
    assert make(body, hairlines=False).layers >= 2


def test_few_invisible_borders_are_told_instead_of_discarded(renderer: Renderer) -> None:
    """A source may allow more of them; the pairs that meet in one colour are then named."""
    body = (
        '<rect x="4" y="4" width="24" height="56" fill="#f00"/>'
        '<rect x="40" y="4" width="20" height="20" fill="#00f"/>'
        '<rect x="28" y="56" width="30" height="4" fill="#f00"/>'
    )
    svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">{body}</svg>'
    with pytest.raises(Discarded, match="invisible-boundary"):
        make_sample(renderer, svg.encode(), Recipe(64, 64))
    sample = make_sample(renderer, svg.encode(), Recipe(64, 64), invisible_boundary=0.05)
    assert sample.layers == 4
    assert sample.invisible == ((2, 4),)
    assert sample.occlusions == []
