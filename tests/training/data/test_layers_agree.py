"""Reading an SVG's layers in the engine gives the order that training is built from."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth_training.data.drawing.sample import Recipe, make_sample
from illustrators_depth_training.data.reasons import Discarded
from illustrators_depth_training.data.render.renderer import Renderer

LEAST_SHARE = 0.995
HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 200 150">'
SKY = '<rect width="200" height="150" fill="#bfe3ff"/>'
DRAWINGS = {
    "landscape": SKY + '<path d="M0 100Q60 40 120 100T200 90V150H0z" fill="#6a4"/>'
    '<circle cx="150" cy="40" r="22" fill="#fc3" stroke="#e80" stroke-width="5"/>'
    '<g transform="translate(50 60) rotate(8)"><path d="M0 60V0l30-25 30 25v60z" fill="#c53"/>'
    '<path d="M-8 0L30-32 68 0" fill="none" stroke="#622" stroke-width="7"/>'
    '<rect x="20" y="25" width="18" height="35" fill="#632"/></g>',
    "face": SKY
    + '<ellipse cx="100" cy="80" rx="60" ry="55" fill="#fc8" stroke="#000" stroke-width="4"/>'
    '<g fill="#fff" stroke="#000" stroke-width="2"><circle cx="80" cy="70" r="13"/>'
    '<circle cx="120" cy="70" r="13"/></g><circle cx="82" cy="72" r="5"/>'
    '<circle cx="122" cy="72" r="5"/><path d="M75 105q25 20 50 0" fill="none" stroke="#a22" '
    'stroke-width="5" stroke-linecap="round"/>',
    "clipped": SKY
    + '<clipPath id="c"><circle cx="100" cy="75" r="60"/></clipPath><g clip-path="url(#c)">'
    '<rect width="200" height="75" fill="#d33"/><rect y="75" width="200" height="75" fill="#fff"/>'
    '<rect x="30" y="68" width="140" height="14" fill="#111"/></g>'
    '<circle cx="100" cy="75" r="18" fill="#9df" stroke="#750" stroke-width="8"/>',
    "evenodd": SKY
    + '<path fill-rule="evenodd" fill="#24a" d="M20 20H180V130H20zM50 45H150V105H50z"/>'
    '<path d="M60 130L100 30l40 100z" fill="#fd2"/>',
}


def agreement(one: np.ndarray, other: np.ndarray) -> float:
    """Share of pixels that agree under the best mapping of numbers that keeps their order."""
    table = np.zeros((int(one.max()) + 1, int(other.max()) + 1), np.int64)
    np.add.at(table, (one.ravel(), other.ravel()), 1)
    best = np.zeros(table.shape[1], np.int64)
    for row in table:
        best = np.maximum.accumulate(best) + row
    return float(best.max()) / one.size


def share_of(renderer: Renderer, path: Path) -> float:
    stack = read_layers(path, split="strokes", size=512)
    recipe = Recipe(stack.width, stack.height)
    sample = make_sample(renderer, path.read_bytes(), recipe)
    return agreement(stack.discrete_depth().astype(int), sample.index)


@pytest.mark.parametrize("name", DRAWINGS)
def test_layers_are_the_index_of_training(renderer: Renderer, tmp_path: Path, name: str) -> None:
    (tmp_path / "a.svg").write_text(f"{HEAD}{DRAWINGS[name]}</svg>")
    assert share_of(renderer, tmp_path / "a.svg") >= LEAST_SHARE


def test_another_order_would_be_noticed(renderer: Renderer, tmp_path: Path) -> None:
    path = tmp_path / "a.svg"
    path.write_text(f"{HEAD}{DRAWINGS['landscape']}</svg>")
    stack = read_layers(path, split="strokes", size=512)
    sample = make_sample(renderer, path.read_bytes(), Recipe(stack.width, stack.height))
    turned = len(stack) + 1 - stack.discrete_depth().astype(int)
    assert agreement(turned, sample.index) < 0.9


@pytest.mark.parametrize("name", ["exit", "trashcan_empty", "tunisia"])
def test_real_drawings_agree(renderer: Renderer, name: str) -> None:
    home = Path.home() / ".cache/illustrators-depth/sources/apt/openclipart-svg"
    found = sorted(home.rglob(f"{name}.svg"))
    if not found:
        pytest.skip("Open Clip Art is not on this machine; `data build` fetches it")
    shares = []
    for path in found:
        try:
            shares.append(share_of(renderer, path))
        except Discarded:
            continue
    assert shares and max(shares) >= LEAST_SHARE
