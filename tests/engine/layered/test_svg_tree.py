"""Drawings whose tree is changed before it is taken apart: switches, strokes apart from fills."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth.editing.flatten import flatten
from illustrators_depth.errors import InputError
from illustrators_depth.types import LayerStack

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">'
PAGE = '<rect id="page" width="100" height="100" fill="#ffe"/>'
pytest.importorskip("resvg_py")


def read(tmp_path: Path, body: str, split: str) -> LayerStack:
    (tmp_path / "a.svg").write_text(f"{HEAD}{body}</svg>")
    return read_layers(tmp_path / "a.svg", split=split, size=200)


def test_a_drawing_of_illustrator_is_more_than_its_switch(tmp_path: Path) -> None:
    body = (
        '<switch><foreignObject requiredExtensions="http://ns.adobe.com/AdobeIllustrator/10.0/" '
        f'width="1" height="1"/><g>{PAGE}<g id="a"><circle cx="30" cy="30" r="20"/></g>'
        '<g id="b"><circle cx="60" cy="60" r="20" fill="#a00"/></g></g></switch>'
    )
    stack = read(tmp_path, body, "groups")
    assert [layer.name for layer in stack] == ["page", "a", "b"]
    assert all(layer.outline is not None for layer in stack)


def test_an_opacity_of_one_is_none_however_it_is_written(tmp_path: Path) -> None:
    circles = '<circle cx="30" cy="30" r="20"/><circle cx="60" cy="60" r="20" fill="#a00"/>'
    for one in ("1", "1.0000000", "100%"):
        assert len(read(tmp_path, f'<g style="opacity:{one}">{circles}</g>', "paths")) == 2
    assert len(read(tmp_path, f'<g style="opacity:0.9">{circles}</g>', "paths")) == 1


def test_strokes_are_layers_of_their_own(tmp_path: Path) -> None:
    body = (
        f'{PAGE}<circle id="sun" cx="50" cy="50" r="30" fill="#fa0" '
        'stroke="#a00" stroke-width="8"/>'
        '<rect x="5" y="5" width="20" height="20" style="fill:#00a;stroke:#000;stroke-width:4;'
        'paint-order:stroke"/><path d="M80 10L95 95" stroke="#0a0" fill="none"/>'
    )
    whole, apart = (read(tmp_path, body, split) for split in ("paths", "strokes"))
    names = [layer.name for layer in apart]
    assert names[:3] == ["page", "sun", "sun stroke"]
    assert len(whole) == 4 and len(apart) == 6
    # The stroke goes first where the drawing says so.
    assert apart.layers[3].color == pytest.approx((0.0, 0.0, 0.0), abs=0.01)
    assert apart.layers[4].color == pytest.approx((0.0, 0.0, 2 / 3), abs=0.01)
    np.testing.assert_allclose(flatten(apart).rgba, flatten(whole).rgba, atol=1.6 / 255)
    # The fill goes on under its stroke.
    center = slice(0, None)
    assert apart.layers[1].mask[100, center].sum() == pytest.approx(120, abs=1)


def test_what_is_faded_together_stays_together(tmp_path: Path) -> None:
    body = PAGE + '<circle cx="50" cy="50" r="30" opacity=".5" stroke="#a00" stroke-width="8"/>'
    assert len(read(tmp_path, body, "strokes")) == 2


def test_a_style_sheet_that_is_not_followed_is_one_sentence(tmp_path: Path) -> None:
    body = f"<style>g &gt; circle{{fill:#a00}}</style>{PAGE}"
    with pytest.raises(InputError, match="read it by paths"):
        read(tmp_path, body, "strokes")
