"""Edits as text: the same results as the functions, and one clear error for every mistake."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.editing import (
    Placement,
    bring_forward,
    delete,
    hide,
    insert,
    merge,
    recolor,
    rename,
    reorder,
    send_back,
    show,
    split,
    threshold,
)
from illustrators_depth.editing.script import OPERATIONS, apply_operation, apply_operations
from illustrators_depth.errors import InputError
from tests.engine.editing.test_editing import assert_same, drawing, stack


@pytest.mark.parametrize(
    ("text", "same"),
    [
        ("merge 2 3 name='two discs'", lambda s: merge(s, [1, 2], "two discs")),
        ("merge 2,4", lambda s: merge(s, [1, 3])),
        ("reorder 6 5 4 3 2 1", lambda s: reorder(s, [5, 4, 3, 2, 1, 0])),
        ("bring-forward 2 steps=2", lambda s: bring_forward(s, 1, 2)),
        ("send_back 6", lambda s: send_back(s, 5)),
        ("hide 2 3", lambda s: hide(hide(s, 1), 2)),
        ("show 2", lambda s: show(s, 1)),
        ("rename 2 'the ball'", lambda s: rename(s, 1, "the ball")),
        ("rename 2 a=b", lambda s: rename(s, 1, "a=b")),
        ("recolor 2 #ff8000", lambda s: recolor(s, 1, (1.0, 128 / 255, 0.0))),
        ("delete 3", lambda s: delete(s, 2)),
        ("threshold 0.5", lambda s: threshold(s, 0.5)),
        (
            "split 2 by=threshold at=2.5",
            lambda s: split(s, 1, "threshold", at=2.5, depth=drawing().depth),
        ),
    ],
)
def test_text_and_function_agree(text: str, same) -> None:
    try:
        wanted = same(stack())
    except InputError as error:
        with pytest.raises(InputError) as caught:
            apply_operation(stack(), text, drawing().depth)
        assert str(caught.value) == str(error)
        return
    assert_same(apply_operation(stack(), text, drawing().depth), wanted)


def test_layers_may_be_named() -> None:
    named = stack().layers[2].name
    assert_same(apply_operation(stack(), f"delete '{named}'"), delete(stack(), 2))


def test_insert_from_a_file(tmp_path: Path) -> None:
    pixels = np.full((12, 10, 4), 255, np.uint8)
    PilImage.fromarray(pixels).save(tmp_path / "card game.png")
    text = f"insert '{tmp_path / 'card game.png'}' at=3 x=50 y=40.5 scale=2 rotate=10"
    wanted = insert(stack(), tmp_path / "card game.png", 2, Placement(50, 40.5, 2, 10))
    made = apply_operation(stack(), text)
    assert_same(made, wanted)
    assert made.layers[2].name == "card game"


def test_operations_follow_one_another() -> None:
    made = apply_operations(stack(), ["delete 1", "rename 1 bottom", "hide bottom"])
    assert len(made) == 5 and made.layers[0].name == "bottom" and made.layers[0].hidden


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "Unknown operation"),
        ("explode 3", "known: merge"),
        ("delete", "at least one layer"),
        ("delete 7", "numbered 1 to 6"),
        ("delete 0", "numbered 1 to 6"),
        ("delete nobody", "no layer is called 'nobody'"),
        ("rename 1", "2 words"),
        ("rename 1 'a/b'", "slash"),
        ("rename 1 'unclosed", "quotes"),
        ("recolor 1 orange", "#RRGGBB"),
        ("bring_forward 1 steps=x", "must be a number"),
        ("bring_forward 1 steps=1.5", "whole number"),
        ("insert nothing.png", "at=NUMBER"),
        ("insert nothing.png at=1", "nothing.png"),
        ("insert nothing.png at=9", "between 1 (the bottom) and 7 (the top), not 9"),
        ("insert nothing.png at=0", "between 1 (the bottom) and 7 (the top), not 0"),
        ("reorder 2 1", "name each of the 6 layers once, from the bottom up"),
        ("threshold high", "no number"),
        ("split 1 by=magic", "by parts, color or threshold"),
    ],
)
def test_mistakes_are_explained(text: str, says: str) -> None:
    with pytest.raises(InputError) as caught:
        apply_operation(stack(), text)
    assert says in str(caught.value)


def test_every_operation_has_a_usage_line() -> None:
    for name, usage in OPERATIONS.items():
        assert usage.startswith(name)
