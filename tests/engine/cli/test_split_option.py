"""`--split`: what becomes a layer of a drawing, in every command that reads one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.io.stack_file import load_stack

pytest.importorskip("resvg_py", reason="draws SVG")

# Two groups of two shapes, the last of which has a fill and a stroke.
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64">
<g id="land"><rect width="96" height="64" fill="#bde"/>
<rect y="40" width="96" height="24" fill="#284"/></g>
<g id="house"><rect x="20" y="16" width="32" height="32" fill="#a62"/>
<circle cx="70" cy="32" r="14" fill="#fd0" stroke="#333" stroke-width="6"/></g></svg>"""
COUNTS = {"auto": 2, "groups": 2, "paths": 4, "strokes": 5}

Run = Callable[..., tuple[int, str]]


@pytest.fixture(autouse=True)
def pictures(tmp_path: Path) -> None:
    (tmp_path / "house.svg").write_text(DRAWING)
    PilImage.new("RGB", (48, 32), (200, 90, 10)).save(tmp_path / "plain.png")


@pytest.mark.parametrize("split", COUNTS)
def test_layers_are_of_what_is_asked_for(run: Run, tmp_path: Path, split: str) -> None:
    code, said = run("layers", "house.svg", "-o", "a.idl", "--split", split)
    assert code == 0, said
    assert len(load_stack(tmp_path / "a.idl")) == COUNTS[split]
    code, said = run("depth", "house.svg", "-o", "a.npy", "--split", split)
    assert code == 0, said
    assert np.load(tmp_path / "a.npy").max() == COUNTS[split]


def test_products_have_the_layers_asked_for(run: Run, tmp_path: Path) -> None:
    code, said = run("vectorize", "house.svg", "-o", "a.svg", "--split", "paths")
    assert code == 0 and "4 layers" in said, said
    groups = ElementTree.parse(tmp_path / "a.svg").getroot().findall("{*}g/{*}g")
    assert len(groups) == 4  # two in each of the drawing's own
    code, said = run("papercut", "house.svg", "-o", "sheets", "--split", "paths")
    assert code == 0 and "4 sheets" in said, said
    code, said = run("relief", "house.svg", "-o", "slabs", "--split", "paths", "--mode", "stacked")
    assert code == 0, said
    assert len(list((tmp_path / "slabs").glob("*.stl"))) == 4
    code, said = run("edit", "house.svg", "-o", "b.idl", "--split", "paths", "--op", "hide 4")
    assert code == 0, said
    assert load_stack(tmp_path / "b.idl").layers[3].hidden


def test_a_relief_has_both_its_splits(run: Run) -> None:
    code, said = run(
        "relief", "house.svg", "-o", "a.obj", "--split", "strokes", "--mode", "terraced",
        "--split-steps",
    )  # fmt: skip
    assert code == 0 and "5 parts" in said, said


def test_a_batch_passes_it_on(run: Run, tmp_path: Path) -> None:
    facts = {}
    for split in ("groups", "strokes"):
        code, said = run("batch", "house.svg", "-o", split, "-p", "idl", "--split", split, "-j", 1)
        assert code == 0, said
        line = (tmp_path / split / "manifest.jsonl").read_text().splitlines()[-1]
        facts[split] = json.loads(line)["facts"]["layers"]
    assert facts == {"groups": 2, "strokes": 5}


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("layers", "house.svg", "--split", "colour"), "--split"),
        (("relief", "house.svg", "--split", "colour"), "--split"),
        (("batch", "house.svg", "-o", "out", "--split", "colour"), "split must be auto"),
        (("layers", "plain.png", "--split", "paths"), "plain.png is no SVG drawing, so --split"),
        (("depth", "plain.png", "--split", "paths"), "plain.png is no SVG drawing, so --split"),
        (("papercut", "plain.png", "--split", "groups"), "--split has no effect"),
        (("parallax", "plain.png", "--split", "groups"), "--split has no effect"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    run: Run, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    code, said = run(*arguments)
    assert code == 2 and says in said and "Traceback" not in said
    assert {p.name for p in tmp_path.iterdir()} == {"house.svg", "plain.png"}
