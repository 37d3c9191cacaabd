"""Every link inside the documentation leads somewhere, every picture is there."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest
import yaml
from PIL import Image as PilImage

from .markdown import PAGES, ROOT, anchors, blocks, links


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_and_pictures(page: Path) -> None:
    broken = []
    for target in links(page):
        if target.startswith(("http://", "https://", "mailto:")):
            continue
        file, _, anchor = target.partition("#")
        place = (page.parent / file).resolve() if file else page
        if not place.exists() or not place.is_relative_to(ROOT):
            broken.append(f"{target}: no such file")
        elif anchor and place.suffix == ".md" and anchor not in anchors(place):
            broken.append(f"{target}: no such heading")
        elif place.suffix in (".png", ".jpg", ".webp"):
            PilImage.open(place).verify()
    assert not broken


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_data_in_blocks_is_well_formed(page: Path) -> None:
    for block in blocks(page):
        if block.language == "json":
            json.loads(block.text)
        elif block.language == "yaml":
            assert yaml.safe_load(block.text) is not None, block


def test_the_pages_that_were_promised_are_there() -> None:
    names = {page.stem for page in (ROOT / "docs").glob("*.md")}
    assert {"python", "cli", "training", "architecture", "faq", "data", "editing"} <= names


@pytest.mark.parametrize(
    "package",
    [
        "engine/illustrators_depth",
        "illustrators_depth_addon",
        "training/illustrators_depth_training",
        ".",
    ],
)
def test_the_architecture_page_names_every_folder(package: str) -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tracked = subprocess.run(
        ["git", "ls-files", package], cwd=ROOT, capture_output=True, text=True, check=True
    ).stdout.split()
    if not tracked:
        pytest.skip("this is not a git checkout")
    inside = {Path(file).relative_to(package).parts for file in tracked}
    folders = {parts[0] for parts in inside if len(parts) > 1 and not parts[0].startswith(".")}
    missing = sorted(name for name in folders - {"docs"} if f"{name}/" not in text)
    assert not missing, f"docs/architecture.md does not say what {missing} is for"
