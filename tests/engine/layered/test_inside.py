"""A flat layer of a file taken apart by a prediction of its own."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from illustrators_depth import (
    DepthMap,
    DepthSettings,
    LayerStack,
    load_stack,
    predict_inside,
    save_stack,
)
from illustrators_depth.cli.app import app
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.editing.take_apart import layer_picture, take_apart
from illustrators_depth.errors import InputError

from ..drawings import stacked_discs
from .test_groups import grouped_stack

HEURISTIC = DepthSettings(model="heuristic")


def with_a_picture() -> LayerStack:
    """The village, in which the house is a whole drawing of discs on a ground."""
    stack = grouped_stack()
    picture = stacked_discs().image
    side = min(picture.height, picture.width)
    rgba = picture.rgba[:side, :side]
    frame = (side + 20, side + 30)
    full = np.zeros((*frame, 4), np.float32)
    full[10 : 10 + side, 5 : 5 + side] = rgba
    mask = full[..., 3] >= 0.5
    house = replace(
        type(stack.layers[0]).from_full("house", 2.0, (0.5, 0.5, 0.5), mask, mask, full),
        uid=9,
        group=("village",),
    )
    page_mask = np.ones(frame, bool)
    page = np.ones((*frame, 4), np.float32)
    ground = type(house).from_full("page", 1.0, (1, 1, 1), page_mask & ~mask, page_mask, page)
    labels = mask.astype(np.int32)
    return LayerStack(labels, (replace(ground, uid=4), house), "art")


def test_a_layer_becomes_a_group_of_its_parts() -> None:
    stack = with_a_picture()
    apart = predict_inside(stack, 1, HEURISTIC)
    assert len(apart) > 3
    assert {x.group for x in apart.layers[1:]} == {("village", "house")}
    assert apart.layers[0].group == () and apart.layers[1].uid == 9
    assert len({x.uid for x in apart}) == len(apart)
    apart_by = np.abs(flatten(apart).rgba - flatten(stack).rgba).max(axis=2)
    assert (apart_by > 6 / 255).mean() < 1e-3
    assert apart.meta["history"][-1]["by"] == "prediction"


def test_a_glaze_does_not_show_twice() -> None:
    stack = with_a_picture()
    faded = stack.layers[1].rgba_crop.copy()
    faded[..., 3] *= 0.5
    stack = stack.with_layers((stack.layers[0], replace(stack.layers[1], rgba_crop=faded)))
    depth = DepthMap(np.indices(faded.shape[:2])[1].astype(np.float32) // 40)
    apart = take_apart(stack, 1, depth)
    np.testing.assert_allclose(flatten(apart).rgba, flatten(stack).rgba, atol=1e-5)
    shade = stack.with_layers((stack.layers[0], replace(stack.layers[1], blend="multiply")))
    apart = take_apart(shade, 1, depth)
    assert {x.blend for x in apart.layers[1:]} == {"multiply"}
    np.testing.assert_allclose(flatten(apart).rgba, flatten(shade).rgba, atol=1e-5)


def test_what_cannot_be_taken_apart() -> None:
    stack = grouped_stack()
    with pytest.raises(InputError, match="one layer alone"):
        take_apart(stack, 1, DepthMap(np.zeros((18, 18), np.float32)))
    with pytest.raises(InputError, match="18x18 pixels"):
        take_apart(stack, 1, DepthMap(np.zeros((8, 9), np.float32)))
    with pytest.raises(InputError, match="no layer 7"):
        layer_picture(stack, 7)


def test_the_command(tmp_path: Path) -> None:
    source = save_stack(with_a_picture(), tmp_path / "art.idl")
    out = tmp_path / "out.idl"

    def run(*more: str) -> Result:
        words = ["layers", str(source), "-o", str(out), "--model", "heuristic", *more]
        return CliRunner().invoke(app, words)

    done = run("--inside", "house")
    assert done.exit_code == 0, done.output
    assert {x.group for x in load_stack(out).layers[1:]} == {("village", "house")}
    for word, why in (("roof", "no layer is called"), ("8", "numbered 1 to 2")):
        bad = run("--inside", word, "--overwrite")
        assert isinstance(bad.exception, InputError) and why in str(bad.exception)
    assert len(load_stack(out)) > 3  # what was there stays


def test_a_picture_has_no_inside(tmp_path: Path) -> None:
    words = ["layers", str(tmp_path / "a.png"), "-o", str(tmp_path / "b.idl"), "--inside", "x"]
    bad = CliRunner().invoke(app, words)
    assert isinstance(bad.exception, InputError) and "--inside" in str(bad.exception)
    assert not (tmp_path / "b.idl").exists()
