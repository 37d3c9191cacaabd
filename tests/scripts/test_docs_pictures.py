"""The pictures that scripts render for the docs are there, and are shown by a page."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGES = (ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md")))


def keys_of(script: str, name: str) -> list[str]:
    """Keys of a dictionary that a script assigns at its top level; nothing of it is run."""
    tree = ast.parse((ROOT / "scripts" / script).read_text(encoding="utf-8"))
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        targets = [node.target] if isinstance(node, ast.AnnAssign) else targets
        if any(isinstance(x, ast.Name) and x.id == name for x in targets):
            value = getattr(node, "value", None)
            assert isinstance(value, ast.Dict)
            return [str(ast.literal_eval(key)) for key in value.keys if key is not None]
    raise AssertionError(f"{script} assigns no {name}")


@pytest.mark.parametrize("name", keys_of("docs_pictures.py", "PICTURES"))
def test_every_rendered_picture_is_there_and_shown(name: str) -> None:
    assert (ROOT / "docs" / "images" / f"{name}.jpg").is_file()
    shown = [page for page in PAGES if f"images/{name}.jpg" in page.read_text(encoding="utf-8")]
    assert shown, f"no page shows {name}.jpg"


def test_every_example_of_the_gallery_is_there() -> None:
    tree = ast.parse((ROOT / "scripts" / "docs_pictures.py").read_text(encoding="utf-8"))
    names = next(
        ast.literal_eval(node.value)
        for node in tree.body
        if isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") == "GALLERY"
    )
    assert len(set(names)) == 9
    assert all((ROOT / "examples" / name).is_file() for name in names)
