"""Drawings read back as pixels: paint order, visible merged layers, and nothing else counts."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
import torch
from torchmetrics.functional.image import structural_similarity_index_measure

from illustrators_depth.errors import UnavailableError
from illustrators_depth_training.data.reasons import Discarded
from illustrators_depth_training.data.render.install import ensure_node_packages
from illustrators_depth_training.vector import SvgReader
from illustrators_depth_training.vector.metrics import index_metrics, picture_metrics

BOX = '<rect x="{0}" y="{0}" width="{1}" height="{1}" fill="{2}"/>'


@pytest.fixture(scope="module")
def reader() -> Iterator[SvgReader]:
    try:
        ensure_node_packages()
    except UnavailableError as error:
        pytest.skip(str(error))
    with SvgReader() as shared:
        yield shared


def page(*bodies: str, box: str = "0 0 64 64") -> bytes:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">'
    return (head + "".join(bodies) + "</svg>").encode()


def test_index_follows_paint_order_and_counts_what_shows(reader: SvgReader) -> None:
    svg = page(
        BOX.format(4, 8, "#000000"),  # covered by the next: does not count
        BOX.format(2, 60, "#ff0000"),
        '<g transform="translate(8 8)">' + BOX.format(0, 40, "#00ff00") + "</g>",
        BOX.format(50, 4, "#00ff00"),  # next in order and of the same colour: the same layer
        BOX.format(20, 8, "#0000ff"),
    )
    read = reader.read(svg, 64, 64)
    assert read.layers == 4  # the page shows at the rim
    assert [int(read.index[y, y]) for y in (0, 4, 10, 24, 52)] == [1, 2, 3, 4, 3]
    assert read.rgb[24, 24].tolist() == [0, 0, 255]


def test_a_drawing_that_fills_its_page_hides_the_page(reader: SvgReader) -> None:
    read = reader.read(page(BOX.format(0, 64, "#102030"), BOX.format(9, 9, "red")), 64, 64)
    assert read.layers == 2 and read.index.min() == 1


def test_any_viewbox_is_fitted_to_the_picture(reader: SvgReader) -> None:
    svg = page(BOX.format(0, 512, "#ff0000"), box="0 0 1024 1024")
    read = reader.read(svg, 64, 64)
    assert (read.index[:31, :31] == 2).all() and (read.index[33:, 33:] == 1).all()


def test_nothing_painted_is_a_white_page_and_no_svg_is_a_reason(reader: SvgReader) -> None:
    blank = reader.read(page(), 64, 48)
    assert blank.layers == 1 and blank.rgb.shape == (48, 64, 3) and (blank.rgb == 255).all()
    with pytest.raises(Discarded, match=r"broken-xml|not-svg"):
        reader.read(b"<html>", 64, 64)
    with pytest.raises(Discarded, match="external-reference"):
        reader.read(page('<use href="http://example.org/x.svg#a"/>'), 64, 64)


def test_metrics_of_the_truth_are_perfect_and_of_raw_indices(reader: SvgReader) -> None:
    read = reader.read(page(BOX.format(8, 48, "#ff0000"), BOX.format(20, 8, "#00ff00")), 64, 64)
    right = index_metrics(read, read.index, 3)
    assert right["order"] == 1.0 and right["mae"] == 0.0 and right["path_error"] == 0.0
    above = index_metrics(read, read.index + 2, 5)
    assert above["order"] == 1.0, "an offset changes no order"
    assert above["mae"] == 2.0 and above["mse"] == 4.0, "but raw indices are off by two"
    assert above["path_error"] == pytest.approx(0.4) and above["path_excess"] < 0


def test_picture_metrics_against_their_definitions() -> None:
    rng = np.random.default_rng(0)
    picture = rng.integers(40, 215, (48, 64, 3), np.uint8)
    assert picture_metrics(picture, picture) == {"rgb_mse": 0.0, "ssim": pytest.approx(1.0)}
    lighter = (picture + 25).astype(np.uint8)
    found = picture_metrics(lighter, picture)
    assert found["rgb_mse"] == pytest.approx((25 / 255) ** 2, rel=1e-4)
    # An independent implementation.
    planes = [torch.from_numpy(p / 255.0).permute(2, 0, 1)[None] for p in (lighter, picture)]
    theirs = float(structural_similarity_index_measure(*planes, data_range=1.0))
    assert found["ssim"] == pytest.approx(theirs, abs=1e-3)
    noise = rng.integers(40, 215, (48, 64, 3), np.uint8)
    assert picture_metrics(noise, picture)["ssim"] < 0.2 < found["ssim"] < 1.0
