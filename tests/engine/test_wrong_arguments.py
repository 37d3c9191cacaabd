"""Whatever a caller gets wrong is one InputError that names the argument."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from illustrators_depth import (
    DecomposeSettings,
    DepthMap,
    InputError,
    LayerStack,
    PrinterSettings,
    ReliefSettings,
    VectorizeSettings,
    check_print,
    decompose,
    load_stack,
    predict_depth,
    read_depth,
    read_image,
    relief,
    save_stack,
    vectorize,
    write_depth,
    write_layers,
    write_mesh,
    write_relief,
    write_stack,
)
from illustrators_depth.editing import (
    Placement,
    bring_forward,
    flatten,
    insert,
    merge,
    recolor,
    reorder,
    split,
    threshold,
)
from illustrators_depth.papercut import papercut
from tests.engine.drawings import stacked_discs


@lru_cache(maxsize=1)
def made() -> tuple[LayerStack, DepthMap]:
    drawing = stacked_discs()
    return decompose(drawing.image, drawing.depth), drawing.depth


def image() -> Any:
    return stacked_discs().image


wrong: Any = "wrong"
number: Any = 3

CASES: list[tuple[str, Callable[[LayerStack, DepthMap], object]]] = [
    ("settings must be a DecomposeSettings", lambda _, d: decompose(image(), d, wrong)),
    ("complete must be a CompleteSettings", lambda _, d: decompose(image(), d, None, wrong)),
    ("depth must be a DepthMap", lambda *_: decompose(image(), wrong)),
    ("settings must be a DepthSettings", lambda *_: predict_depth(image(), settings=wrong)),
    ("model of DepthSettings must be text", lambda *_: predict_depth(image(), number)),
    ("device of DepthSettings must be text", lambda *_: predict_depth(image(), device=number)),
    ("settings must be a ReadSettings", lambda *_: read_image(image(), wrong)),
    ("stack must be a LayerStack", lambda _, d: relief(d)),  # type: ignore[arg-type]
    ("settings must be a ReliefSettings", lambda s, _: relief(s, wrong)),
    ("size_mm of ReliefSettings", lambda s, _: relief(s, ReliefSettings(size_mm=wrong))),
    ("depth must be a DepthMap", lambda s, _: relief(s, ReliefSettings(mode="heightfield"), wrong)),
    ("stack must be a LayerStack", lambda *_: vectorize(wrong)),
    ("settings must be a VectorizeSettings", lambda s, _: vectorize(s, wrong)),
    ("decimals of VectorizeSettings", lambda s, _: vectorize(s, VectorizeSettings(decimals=2.5))),  # type: ignore[arg-type]
    ("settings must be a PapercutSettings", lambda s, _: papercut(s, wrong)),
    ("stack must be a LayerStack", lambda *_: write_stack(wrong, "a.psd")),
    ("path must be a path", lambda s, _: write_stack(s, number)),
    ("depth must be a DepthMap", lambda s, _: write_stack(s, "a.exr", depth=wrong)),
    ("stack must be a LayerStack", lambda *_: save_stack(wrong, "a.idl")),
    ("path must be a path", lambda *_: load_stack(number)),
    ("path must be a path", lambda *_: read_depth(number)),
    ("depth must be a DepthMap", lambda _, d: write_depth(d.values, "a.npy")),  # type: ignore[arg-type]
    ("mesh must be a Mesh", lambda s, _: write_mesh(s, "a.stl")),  # type: ignore[arg-type]
    ("stack must be a LayerStack", lambda *_: write_layers(wrong, "a")),
    ("settings must be a ReliefSettings", lambda s, _: write_relief(s, wrong, "a.stl")),
    ("mesh must be a Mesh", lambda s, _: check_print(s, wrong, ReliefSettings())),
    ("list of their numbers", lambda s, _: merge(s, number)),
    ("list of their numbers", lambda s, _: reorder(s, wrong)),
    ("stack must be a LayerStack", lambda *_: merge(wrong, [0, 1])),
    ("at least one step", lambda s, _: bring_forward(s, 0, wrong)),
    ("three numbers", lambda s, _: recolor(s, 0, wrong)),
    ("2 to 64 colours", lambda s, _: split(s, 1, by="color", count=wrong)),
    ("finite number", lambda s, d: split(s, 1, by="threshold", at=wrong, depth=d)),
    ("between 0 and 1, not 'wrong'", lambda s, _: threshold(s, wrong)),
    ("stack must be a LayerStack", lambda _s, _: insert(wrong, image(), 0)),
    ("placement must be a Placement", lambda s, _: insert(s, image(), 0, wrong)),
    ("x must be a finite number", lambda s, _: insert(s, image(), 0, Placement(x=wrong))),
    ("stack must be a LayerStack", lambda *_: flatten(wrong)),
]


@pytest.mark.parametrize(("words", "call"), CASES)
def test_the_argument_is_named(
    words: str,
    call: Callable[[LayerStack, DepthMap], object],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=words):
        call(*made())
    assert list(tmp_path.iterdir()) == []


def test_what_python_and_numpy_call_numbers_will_do() -> None:
    stack, _ = made()
    one: Any = np.int64(1)
    assert bring_forward(stack, one, one).layers[2].name == stack.layers[1].name
    tenth: Any = np.float32(0.1)
    assert vectorize(stack, VectorizeSettings(tolerance=tenth)).startswith("<?xml")
    listed: Any = [0.3, 0.6]
    assert len(decompose(image(), made()[1], DecomposeSettings(thresholds=listed))) <= 3
    filaments = PrinterSettings.from_dict({"filaments": ["red=#ff0000"]}).filaments
    assert filaments == ("red=#ff0000",)


def test_a_model_may_be_a_path(tmp_path: Path) -> None:
    _, depth = made()
    write_depth(depth, tmp_path / "depth.npy")
    np.testing.assert_array_equal(
        predict_depth(image(), tmp_path / "depth.npy").values, depth.values
    )


def test_nouns_are_compared_and_kept_by_identity() -> None:
    """Two arrays have no one truth value; a stack can be a key all the same."""
    stack, depth = made()
    copy = pickle.loads(pickle.dumps(stack))
    assert stack == stack and stack != copy
    assert {stack: 1, depth: 2}[stack] == 1
    np.testing.assert_array_equal(copy.labels, stack.labels)


def test_nouns_introduce_themselves_briefly() -> None:
    stack, depth = made()
    mesh = relief(stack)
    for noun in (stack, stack.layers[0], depth, stack.labels.shape, mesh, flatten(stack)):
        assert len(repr(noun)) < 250
    assert repr(stack).startswith("<LayerStack 'drawing', 160 x 128, bottom to top: ")
    assert repr(depth) == "<DepthMap 160 x 128, truth on none>"
