"""A real renderer for the data tests, and small drawings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from illustrators_depth.errors import UnavailableError
from illustrators_depth_training.data.drawing.cleaning import CleaningRules
from illustrators_depth_training.data.drawing.sample import Recipe, Sample, make_sample
from illustrators_depth_training.data.render.install import ensure_node_packages
from illustrators_depth_training.data.render.renderer import Renderer

Make = Callable[..., Sample]


@pytest.fixture(scope="session")
def node() -> Path:
    """The folder with the renderer's node packages; skips where node or npm is missing."""
    try:
        return ensure_node_packages()
    except UnavailableError as error:
        pytest.skip(str(error))


@pytest.fixture(scope="session")
def renderer(node: Path) -> Iterator[Renderer]:
    with Renderer() as shared:
        yield shared


@pytest.fixture
def make(renderer: Renderer) -> Make:
    """Build the sample of an SVG body on a 64 x 64 page at 64 pixels, unless told otherwise."""

    def build(
        body: str, box: str = "0 0 64 64", size: int = 64, frame: str = "viewbox", **rules: object
    ) -> Sample:
        svg = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{box}">{body}</svg>'
        recipe = Recipe(size, size, CleaningRules(**rules))  # type: ignore[arg-type]
        return make_sample(renderer, svg.encode(), recipe, frame)

    return build


@pytest.fixture
def folder_of_drawings(tmp_path: Path) -> Path:
    """Sixty different drawings of three squares, and one that must be discarded."""
    folder = tmp_path / "art"
    folder.mkdir()
    for i in range(60):
        x, y = 3 * (i % 10), 5 * (i // 10)
        text = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
            f'<rect x="{x}" y="{y}" width="30" height="26" fill="#2040{i * 4:02x}"/>'
            f'<circle cx="{x + 20}" cy="{y + 20}" r="{6 + i % 5}" fill="#f0{i * 3:02x}10"/>'
            f'<rect x="{60 - x}" y="{50 - y // 2}" width="4" height="9" fill="#10a0{i * 4:02x}"/>'
            "</svg>"
        )
        (folder / f"drawing-{chr(97 + i // 26)}{chr(97 + i % 26)}.svg").write_text(text)
    (folder / "empty.svg").write_text('<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"/>')
    return folder
