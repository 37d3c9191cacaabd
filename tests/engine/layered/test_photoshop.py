"""Photoshop files, written by psd-tools and by ourselves."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth import decompose, predict_depth, read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.export.layers.psd import write_psd

from ..drawings import stacked_discs

psd_tools = pytest.importorskip("psd_tools", reason="reads Photoshop files")


def test_what_we_wrote_comes_back(tmp_path: Path) -> None:
    image = stacked_discs().image
    stack = decompose(image, predict_depth(image, model="heuristic"))
    again = read_layers(write_psd(stack, tmp_path / "poster.psd"))
    assert [layer.name for layer in again] == [layer.name for layer in stack]
    np.testing.assert_allclose(flatten(again).rgba, flatten(stack).rgba, atol=1.01 / 255)


def test_groups_and_hidden_layers(tmp_path: Path) -> None:
    document = psd_tools.PSDImage.new("RGB", (30, 20), color=(255, 255, 255))
    page = PilImage.new("RGB", (30, 20), (250, 240, 200))
    dot = PilImage.new("RGB", (6, 6), (200, 0, 0))
    document.create_pixel_layer(page, name="page")
    group = document.create_group(name="balloon")
    inner = document.create_pixel_layer(dot, name="dot", top=4, left=5)
    inner.move_to_group(group)
    secret = document.create_pixel_layer(dot, name="secret", top=12, left=20)
    secret.visible = False
    document.save(tmp_path / "a.psd")
    stack = read_layers(tmp_path / "a.psd")
    found = {layer.name: layer for layer in stack}
    assert set(found) == {"page", "dot", "secret"}
    assert found["dot"].window == (4, 5, 10, 11)
    assert found["dot"].group == ("balloon",) and found["page"].group == ()
    assert found["secret"].hidden and not found["secret"].visible.any()
    assert stack.labels[5, 6] == stack.layers.index(found["dot"])


def test_bad_files_are_one_sentence(tmp_path: Path) -> None:
    image = stacked_discs().image
    stack = decompose(image, predict_depth(image, model="heuristic"))
    good = write_psd(stack, tmp_path / "good.psd").read_bytes()
    (tmp_path / "short.psd").write_bytes(good[:20])
    with pytest.raises(InputError, match="not a whole Photoshop file"):
        read_layers(tmp_path / "short.psd")
    (tmp_path / "cut.psd").write_bytes(good[: len(good) // 3])
    with pytest.raises(InputError, match=r"damaged|no layers"):
        read_layers(tmp_path / "cut.psd")
    wide = bytearray(good)
    wide[14:22] = (30_000).to_bytes(4, "big") * 2
    (tmp_path / "wide.psd").write_bytes(bytes(wide))
    with pytest.raises(InputError, match="million pixels"):
        read_layers(tmp_path / "wide.psd", max_pixels=64_000_000)


def test_a_clipped_layer_ends_where_its_base_does(tmp_path: Path) -> None:
    document = psd_tools.PSDImage.new("RGB", (30, 20), color=(255, 255, 255))
    page = PilImage.new("RGB", (30, 20), (250, 240, 200))
    document.create_pixel_layer(page, name="page")
    ball = PilImage.new("RGBA", (10, 10), (200, 0, 0, 255))
    document.create_pixel_layer(ball, name="ball", top=5, left=5)
    shade = document.create_pixel_layer(page, name="shade")
    shade.clipping = True
    document.save(tmp_path / "a.psd")
    stack = read_layers(tmp_path / "a.psd")
    assert stack.layers[2].name == "shade"
    assert stack.layers[2].window == (5, 5, 15, 15)


def test_lab_colours_and_layers_beyond_the_page(tmp_path: Path) -> None:
    document = psd_tools.PSDImage.new("LAB", (40, 30))
    red = PilImage.merge("LAB", [PilImage.new("L", (20, 60), v) for v in (136, 208, 195)])
    document.create_pixel_layer(red, name="red", top=-15, left=30)
    document.save(tmp_path / "lab.psd")
    (layer,) = read_layers(tmp_path / "lab.psd").layers
    assert layer.window == (0, 30, 30, 40)
    assert layer.color == pytest.approx((1.0, 0.0, 0.0), abs=0.02)


def test_a_layer_clipped_to_a_group_is_named(tmp_path: Path) -> None:
    document = psd_tools.PSDImage.new("RGB", (30, 20), color=(255, 255, 255))
    dot = PilImage.new("RGB", (6, 6), (200, 0, 0))
    group = document.create_group(name="balloon")
    document.create_group(name="nothing inside")
    document.create_pixel_layer(dot, name="dot", top=4, left=5).move_to_group(group)
    document.create_pixel_layer(dot, name="over", top=4, left=8).clipping = True
    document.save(tmp_path / "a.psd")
    stack = read_layers(tmp_path / "a.psd")
    assert [layer.name for layer in stack] == ["dot", "over"]
    assert "'over' is not clipped to the group below it." in stack.meta["notes"]
