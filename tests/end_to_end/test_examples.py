"""The shipped examples: of the kinds they claim, readable, small, and each with its source."""

from __future__ import annotations

from pathlib import Path

import pytest

from illustrators_depth.io.pictures.describe import describe_picture
from illustrators_depth.io.pictures.read_image import read_image

EXAMPLES = Path(__file__).parents[2] / "examples"
PICTURES = sorted(p for p in EXAMPLES.iterdir() if p.suffix != ".md")


def sources() -> dict[str, list[str]]:
    """Cells of SOURCES.md's table by file name."""
    text = (EXAMPLES / "SOURCES.md").read_text(encoding="utf-8")
    rows = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("| `")]
    return {row[0].strip(" `"): [cell.strip() for cell in row[1:]] for row in rows}


def test_every_picture_has_source_and_licence() -> None:
    listed = sources()
    assert sorted(listed) == [p.name for p in PICTURES]
    assert len(PICTURES) >= 8
    for kind, source, drawings, author, licence in listed.values():
        assert kind and drawings and author
        assert any(c.isdigit() for c in source), "the package's version"
        assert licence in ("MIT", "public domain")


def test_the_folder_stays_small() -> None:
    assert sum(p.stat().st_size for p in EXAMPLES.iterdir()) < 12_000_000


@pytest.mark.parametrize("path", PICTURES, ids=lambda p: p.name)
def test_pictures_are_read(path: Path) -> None:
    image = read_image(path)
    assert image.name == path.stem
    assert min(image.width, image.height) >= 900
    described = describe_picture(path)
    assert described["format"] in ("PNG", "JPEG", "WEBP")
    assert "note" not in described


def test_special_kinds() -> None:
    fourk = read_image(EXAMPLES / "space-4k.png")
    assert (fourk.width, fourk.height) == (3840, 2160)
    alpha = read_image(EXAMPLES / "goldfish.png").alpha
    assert (alpha == 0).mean() > 0.2
    assert ((alpha > 0.05) & (alpha < 0.4)).mean() > 0.01, "a soft shadow"
    photo = EXAMPLES / "balloons-photo.jpg"
    assert describe_picture(photo)["size"].startswith("1600 x 1200")
    upright = read_image(photo)
    assert (upright.width, upright.height) == (1200, 1600)
