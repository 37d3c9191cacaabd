"""Every example looks as it did: previews of layers and solids against stored ones, by SSIM."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.editing import recolor, reorder
from illustrators_depth.layering import decompose
from illustrators_depth.types import DepthMap
from tests.visual.previews import EXAMPLES, STORED, apart, compare, preview, read_png, small_picture


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda p: p.stem)
def test_looks_as_it_did(path: Path) -> None:
    found = compare(read_png(STORED / f"{path.stem}.png"), preview(path))
    assert found.same, (
        f"{found}: run `make visual` and look at its page; if the change is meant, "
        "`make visual UPDATE=1` stores it"
    )


def test_a_change_that_an_eye_sees_is_seen() -> None:
    """One layer of another colour, two layers swapped, a picture of another size."""
    image = small_picture(next(p for p in EXAMPLES if p.stem == "parrot"))
    ramp = np.broadcast_to(np.arange(image.width, dtype=np.float32), image.alpha.shape)
    stack = decompose(image, DepthMap(np.ascontiguousarray(ramp)))
    before = apart(stack)
    assert compare(before, apart(stack)).same
    largest = max(range(len(stack)), key=lambda i: int(stack.layers[i].mask.sum()))
    assert not compare(before, apart(recolor(stack, largest, (0.1, 0.1, 0.6)))).same
    order = [*range(1, len(stack)), 0]
    assert not compare(before, apart(reorder(stack, order))).same
    assert not compare(before, before[:-1]).same
    grain = np.random.default_rng(0).integers(-2, 3, before.shape)
    near = np.clip(before.astype(int) + grain, 0, 255).astype(np.uint8)
    assert compare(before, near).same  # what another processor rounds differently
