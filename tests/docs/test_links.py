"""Every link inside the documentation leads somewhere, every picture is there."""

from __future__ import annotations

import json
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
