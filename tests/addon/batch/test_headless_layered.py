"""headless.py on a folder that mixes pictures and files that hold their layers."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np
import pytest

from illustrators_depth import read_layers
from illustrators_depth.export.stack_writer import write_stack

pytest.importorskip("bpy")
pytest.importorskip("resvg_py")
pytest.importorskip("psd_tools")

SCRIPT = Path(__file__).resolve().parents[3] / "illustrators_depth_addon" / "headless.py"
DRAWING = """<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100">
<rect width="100" height="100" fill="#ffffee"/><circle cx="50" cy="50" r="40" fill="#aa0000"/>
</svg>"""


@pytest.fixture(scope="module")
def art(picture_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("mixed") / "art"
    folder.mkdir()
    cv2.imwrite(str(folder / "hill.png"), cv2.imread(str(picture_path)))
    (folder / "badge.svg").write_text(DRAWING)
    stack = read_layers(folder / "badge.svg", size=200)
    write_stack(stack, folder / "painted.ora")
    write_stack(stack, folder / "shop.psd")
    return folder


def run(art: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return headless(
        art.parent,
        str(art),
        "--out",
        "out",
        "--export",
        "blend,stl",
        "--model",
        "heuristic",
        *words,
    )


def headless(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--", *words],
        capture_output=True, text=True, timeout=280, cwd=folder, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_a_mixed_folder_and_its_resumption(art: Path) -> None:
    first = run(art)
    assert first.returncode == 0, first.stderr
    out = art.parent / "out"
    for name in ("hill", "badge", "painted", "shop"):
        assert (out / f"{name}.blend").is_file() and (out / f"{name}.stl").is_file()
    lines = [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]
    facts = {line["name"]: line["facts"] for line in lines if line.get("facts")}
    assert facts["badge"]["predictor"] == facts["shop"]["predictor"] == "file"
    assert facts["hill"]["predictor"] == "heuristic"
    assert facts["painted"]["layers"] == 2
    before = {p.name: p.stat().st_mtime_ns for p in out.glob("*.blend")}
    (art / "later.svg").write_text(DRAWING.replace("40", "30"))
    again = run(art, "--resume")
    assert again.returncode == 0, again.stderr
    after = {p.name: p.stat().st_mtime_ns for p in out.glob("*.blend")}
    assert {name: after[name] for name in before} == before and "later.blend" in after


def test_what_a_layer_is_made_of_is_passed_on(art: Path) -> None:
    folder = art.parent / "split"
    folder.mkdir()
    outlined = DRAWING.replace('fill="#aa0000"', 'fill="#aa0000" stroke="#222"')
    (folder / "badge.svg").write_text(outlined)
    words = [str(folder), "--out", str(folder / "out"), "--export", "stl", "--split"]
    done = headless(folder, *words, "strokes")
    assert done.returncode == 0, done.stderr
    (line,) = (folder / "out" / "manifest.jsonl").read_text().splitlines()[-1:]
    assert json.loads(line)["facts"]["layers"] == 3
    bad = headless(folder, *words, "colour")
    assert bad.returncode == 2
    assert "Error: --split must be auto, groups, paths or strokes, not 'colour'." in bad.stderr


def test_the_slab_of_a_circle_is_round(addon: ModuleType, art: Path) -> None:
    from illustrators_depth_addon import api

    scene = api.empty_file()
    opened = api.open_layers(scene, art / "badge.svg")
    (collection,) = api.build(scene, opened.image, ["layers"])
    disc = next(o for o in collection.all_objects if o.type == "MESH" and "red" in o.name)
    flat = np.empty(3 * len(disc.data.vertices), np.float32)
    disc.data.vertices.foreach_get("co", flat)
    radii = np.linalg.norm(flat.reshape(-1, 3)[:, :2], axis=1)
    assert np.ptp(radii) / radii.mean() < 1e-4
