"""Full shapes and hiding pairs: drawings whose answer is known by hand, and another renderer."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth_training.data.build import build
from illustrators_depth_training.data.config import load_config
from illustrators_depth_training.data.drawing.sample import Sample
from illustrators_depth_training.data.drawing.shapes import occlusions
from illustrators_depth_training.data.shards import find_shards, read_shard
from illustrators_depth_training.samples.drawings import DrawingSet

Make = Callable[..., Sample]

RED = '<rect x="8" y="8" width="40" height="40" fill="#ff0000"/>'
BLUE = '<rect x="24" y="24" width="32" height="32" fill="#0000ff"/>'


def test_a_hidden_corner_belongs_to_the_lower_shape(make: Make) -> None:
    sample = make(RED + BLUE)
    assert sample.page
    assert sample.shapes[0].all()
    expected = np.zeros((64, 64), bool)
    expected[8:48, 8:48] = True
    np.testing.assert_array_equal(sample.shapes[1], expected)
    # 24 x 24 pixels hide; the border runs along two sides of 24.
    assert sample.occlusions == [(2, 3, 24 * 24, 48)]


def test_neighbours_and_separate_shapes_hide_nothing(make: Make) -> None:
    side_by_side = RED + '<rect x="48" y="8" width="12" height="40" fill="#0000ff"/>'
    assert make(side_by_side).occlusions == []
    apart = RED + '<rect x="52" y="52" width="8" height="8" fill="#00ff00"/>'
    assert make(apart).occlusions == []


def test_a_pair_hides_although_a_third_layer_lies_between(make: Make) -> None:
    body = RED + '<rect x="12" y="12" width="30" height="30" fill="#ffffff"/>'
    body += '<rect x="20" y="20" width="10" height="10" fill="#000000"/>'
    assert make(body).occlusions == [
        (2, 3, 900, 120),
        (2, 4, 100, 0),
        (3, 4, 100, 40),
    ]


def test_merged_operations_are_one_shape(make: Make) -> None:
    body = RED + '<rect x="2" y="50" width="20" height="10" fill="#ff0000"/>' + BLUE
    sample = make(body)
    assert sample.layers == 3
    assert sample.shapes[1].sum() == 40 * 40 + 20 * 10


def test_drawn_background_counts_and_the_page_does_not(make: Make) -> None:
    backdrop = '<rect width="64" height="64" fill="#80c0ff"/>'
    drawn = make(backdrop + BLUE)
    assert not drawn.page
    assert drawn.occlusions == [(1, 2, 32 * 32, 4 * 32)]
    assert make(BLUE).occlusions == []
    white = make('<rect width="64" height="64" fill="#ffffff"/>' + BLUE)
    assert white.page
    assert white.occlusions == []


def test_clips_masks_and_glazes_shape_their_layers(make: Make) -> None:
    clip = '<clipPath id="c"><rect x="0" y="0" width="32" height="64"/></clipPath>'
    half = f'{clip}{RED}<g clip-path="url(#c)">{BLUE}</g>'
    sample = make(half)
    assert sample.shapes[2].sum() == 8 * 32
    assert sample.occlusions == [(2, 3, 8 * 24, 8 + 24 + 24)]
    glaze = make(RED + '<rect x="10" y="10" width="20" height="20" fill="#000" opacity="0.3"/>')
    assert glaze.occlusions == [(2, 3, 400, 80)]
    fade = (
        '<linearGradient id="g"><stop stop-color="#00f"/><stop offset="1" stop-color="#00f" '
        'stop-opacity="0"/></linearGradient>'
        '<rect x="8" y="8" width="40" height="20" fill="url(#g)"/>'
    )
    soft = make(RED + fade)  # it owns what is at least half opaque
    assert soft.shapes[2].sum() == 20 * 20
    assert soft.occlusions == [(2, 3, 400, 20 + 20)]


def test_turned_strokes_are_not_cut_off(make: Make) -> None:
    sharp = (
        '<g transform="rotate(30 32 32) scale(1.5) translate(-10 -10)"><path d="M20 20 L40 22 '
        'L20 24" fill="none" stroke="#2040ff" stroke-width="5" stroke-miterlimit="20"/></g>'
    )
    sample = make(RED + sharp, size=128)
    np.testing.assert_array_equal(sample.shapes[2], sample.index == 3)


@pytest.mark.parametrize(
    ("overlap", "length", "counts"),
    [(15, 100, False), (16, 100, True), (16, 800, True), (16, 801, False)],
)
def test_small_overlaps_do_not_count(overlap: int, length: int, counts: bool) -> None:
    """At least 16 pixels at 512 x 512, and 2 % of the smaller shape."""
    shapes = np.zeros((3, 512, 512), bool)
    shapes[0] = True
    shapes[1, 0:200, 0:200] = True
    row = np.zeros(512 * 512, bool)
    row[200 - overlap : 200] = True
    row[512 * 300 : 512 * 300 + length - overlap] = True
    shapes[2] = row.reshape(512, 512)
    index = np.where(shapes[2], 3, np.where(shapes[1], 2, 1)).astype(np.int32)
    pairs = occlusions(shapes, index, page=True)
    assert [pair[:3] for pair in pairs] == ([(2, 3, overlap)] if counts else [])


def test_shapes_agree_with_geometry(make: Make) -> None:
    """Discs and turned rectangles in a crowd, against their formulas at the pixels' centres."""
    rng = np.random.default_rng(5)
    rows, columns = np.mgrid[0:256, 0:256] / 4 + 0.125
    bodies, truths = [], []
    for number in range(20):
        x, y, r = rng.uniform(10, 54), rng.uniform(10, 54), rng.uniform(4, 16)
        fill = f"#{number * 9 + 20:02x}{255 - number * 10:02x}{(number * 47) % 256:02x}"
        if number % 2:
            bodies.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{fill}"/>')
            truths.append(np.hypot(columns - x, rows - y) < r)
            continue
        turn = rng.uniform(0, 360)
        bodies.append(
            f'<rect x="{-r}" y="{-r / 3}" width="{2 * r}" height="{2 * r / 3}" fill="{fill}" '
            f'transform="translate({x} {y}) rotate({turn})"/>'
        )
        c, s = np.cos(np.radians(turn)), np.sin(np.radians(turn))
        along, across = c * (columns - x) + s * (rows - y), c * (rows - y) - s * (columns - x)
        truths.append((np.abs(along) < r) & (np.abs(across) < r / 3))
    sample = make("".join(bodies), size=256)
    assert sample.layers == 21
    disagree = [
        (sample.shapes[n + 1] ^ truth).sum() / truth.sum() for n, truth in enumerate(truths)
    ]
    assert np.mean(disagree) < 0.01
    shapes = np.stack([np.ones((256, 256), bool), *truths])
    expected = {pair[:2] for pair in occlusions(shapes, sample.index, page=True)}
    pairs = {pair[:2] for pair in sample.occlusions}
    assert len(pairs ^ expected) <= 0.01 * len(expected)


def test_built_sets_carry_pairs_and_on_request_shapes(
    node: Path, folder_of_drawings: Path, tmp_path: Path
) -> None:
    path = tmp_path / "set.yaml"
    path.write_text(
        f"sources: [{{source: 'dir:{folder_of_drawings}/**/*.svg', kind: icons}}]\n"
        "val_fraction: 0.2\n"
    )
    config = load_config(path)
    build(config, tmp_path / "plain", width=48, workers=1)
    build(config, tmp_path / "full", width=48, workers=1, full_shapes=True)
    plain = DrawingSet(tmp_path / "plain", "val")
    full = DrawingSet(tmp_path / "full", "val")
    assert plain[0].shapes is None
    assert plain.meta == full.meta
    for number in range(len(full)):
        drawing = full[number]
        assert drawing.meta["kind"] == "icons"
        shapes = drawing.shapes
        assert shapes is not None
        assert shapes.shape == (drawing.meta["layers"], 48, 48)
        rows, columns = np.indices((48, 48))
        assert shapes[drawing.index - 1, rows, columns].all()  # what shows belongs to its shape
        again = occlusions(shapes, drawing.index, page=drawing.meta["page"])
        assert [list(pair) for pair in again] == drawing.meta["occlusions"]
    # Readers that know nothing of shapes see the same pairs.
    assert [p.key for f in find_shards(tmp_path / "full", "val") for p in read_shard(f)]
    with pytest.raises(InputError, match="other sources, settings or size"):
        build(config, tmp_path / "plain", width=48, workers=1, full_shapes=True)


def test_thin_strokes_are_as_wide_alone_as_in_the_picture(make: Make) -> None:
    body = RED + '<path d="M4 12 L60 50" fill="none" stroke="#0000ff" stroke-width="0.6"/>'
    sample = make(body)
    assert (sample.index == 3).sum() > 20
    assert sample.shapes[2][sample.index == 3].all()
    assert sample.shapes[2].sum() < 2 * (sample.index == 3).sum()
