"""One version for everything that is released together."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_one_version() -> None:
    found = {
        "blender_manifest.toml": tomllib.loads((ROOT / "blender_manifest.toml").read_text())[
            "version"
        ]
    }
    for folder, package in (
        ("engine", "illustrators_depth"),
        ("training", "illustrators_depth_training"),
    ):
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text())["project"]
        found[f"{folder}/pyproject.toml"] = project["version"]
        init = (ROOT / folder / package / "__init__.py").read_text()
        found[f"{package}.__version__"] = re.search(r'^__version__ = "(.+)"$', init, re.M)[1]  # type: ignore[index]
    assert len(set(found.values())) == 1, found


def test_licence_texts_are_the_same_file() -> None:
    """Each distribution has to carry the text; builds see only their own folder."""
    text = (ROOT / "LICENSE").read_bytes()
    assert (ROOT / "engine" / "LICENSE").read_bytes() == text
    assert (ROOT / "training" / "LICENSE").read_bytes() == text
