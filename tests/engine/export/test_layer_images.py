"""The PNG sequence: names, order, and that stacking it gives the picture back."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import InputError
from illustrators_depth.export.layers.layer_images import layer_file_names, write_layers
from illustrators_depth.io.names import human_size, safe_name
from illustrators_depth.layering.decompose import decompose
from illustrators_depth.types import LayerStack
from tests.engine.drawings import Drawing, stacked_discs


@pytest.fixture(scope="module")
def drawing() -> Drawing:
    return stacked_discs()


@pytest.fixture(scope="module")
def stack(drawing: Drawing) -> LayerStack:
    return decompose(drawing.image, drawing.depth)


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_sequence_gives_the_picture_back(
    tmp_path: Path, drawing: Drawing, stack: LayerStack
) -> None:
    paths = write_layers(stack, tmp_path / "out")
    assert paths[-1].name == "stack.json"
    assert [p.name[:3] for p in paths[:-1]] == [f"{n:02d}_" for n in range(1, len(stack) + 1)]
    page = PilImage.new("RGBA", (stack.width, stack.height), (255, 255, 255, 255))
    for path in paths[:-1]:
        with PilImage.open(path) as layer:
            assert layer.mode == "RGBA"
            assert layer.size == page.size
            page = PilImage.alpha_composite(page, layer)
    error = np.abs(np.asarray(page)[..., :3] / 255.0 - drawing.image.over())
    assert error.mean() < 0.01
    assert np.quantile(error, 0.99) < 0.2  # only soft edges differ


def test_index_lists_what_is_there(tmp_path: Path, stack: LayerStack) -> None:
    folder = tmp_path / "out"
    write_layers(stack, folder)
    index = json.loads((folder / "stack.json").read_text())
    assert (index["width"], index["height"]) == (stack.width, stack.height)
    assert [e["file"] for e in index["layers"]] == list(layer_file_names(stack).values())
    assert names(folder) == sorted([e["file"] for e in index["layers"]] + ["stack.json"])
    depths = [e["depth"] for e in index["layers"]]
    assert depths == [float(layer.depth) for layer in stack]


def test_hidden_layers_are_left_out(tmp_path: Path, stack: LayerStack) -> None:
    top_hidden = stack.with_layers((*stack.layers[:-1], replace(stack.layers[-1], hidden=True)))
    assert len(write_layers(top_hidden, tmp_path / "out")) == len(stack)
    none = stack.with_layers(tuple(replace(layer, hidden=True) for layer in stack))
    with pytest.raises(InputError, match="hidden"):
        write_layers(none, tmp_path / "none")
    assert names(tmp_path) == ["out"]


def test_overwrite_replaces_only_its_own(tmp_path: Path, stack: LayerStack) -> None:
    folder = tmp_path / "out"
    write_layers(stack, folder)
    (folder / "notes.txt").write_text("mine")
    (folder / "99_mine.png").write_bytes(b"mine too")
    with pytest.raises(InputError, match="not empty"):
        write_layers(stack, folder)
    fewer = LayerStack(np.minimum(stack.labels, 0), stack.layers[:1], stack.name)
    write_layers(fewer, folder, overwrite=True)
    assert names(folder) == sorted(
        [layer_file_names(fewer)[0], "99_mine.png", "notes.txt", "stack.json"]
    )


def test_cancel_leaves_nothing(tmp_path: Path, stack: LayerStack) -> None:
    def stop(stage: str, fraction: float) -> None:
        if fraction > 0.3:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_layers(stack, tmp_path / "out", progress=stop)
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("dark brown 2", "dark-brown-2"),
        ("Café au lait", "cafe-au-lait"),
        ("../../etc/passwd", "etc-passwd"),
        ("CON:|<>?*", "con"),
        ("☃", "layer"),
        ("", "layer"),
        ("x" * 300, "x" * 40),
    ],
)
def test_safe_names(name: str, safe: str) -> None:
    assert safe_name(name) == safe


@pytest.mark.parametrize(
    ("size", "text"),
    [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (999_949, "999.9 kB"), (999_951, "1.0 MB"),
     (3_400_000, "3.4 MB"), (7_000_000_000, "7.0 GB")],
)  # fmt: skip
def test_sizes_for_people(size: int, text: str) -> None:
    assert human_size(size) == text
