"""`evaluate-vector`, whole: real drawings, real tracers, a table, a sheet, other tools' SVG."""

from __future__ import annotations

import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import cv2
import pytest

from illustrators_depth.errors import UnavailableError
from illustrators_depth_training.data.build import build
from illustrators_depth_training.data.config import load_config
from illustrators_depth_training.data.render.install import ensure_node_packages
from illustrators_depth_training.results import results_page
from illustrators_depth_training.samples.drawings import DrawingSet
from tests.training.tiny import COMMAND

DISCS = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 96 96">'
    '<rect width="96" height="96" fill="#fff4d0"/><circle cx="40" cy="48" r="30" fill="#c03028"/>'
    '<circle cx="{x}" cy="44" r="20" fill="#2060a0"/>'
    '<rect x="{x}" y="40" width="14" height="10" fill="#f0c020"/></svg>'
)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three drawings with known SVG, built at 96 pixels as a split of their own."""
    try:
        ensure_node_packages()
    except UnavailableError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp("vector")
    (folder / "art").mkdir()
    for number in range(3):
        svg = DISCS.format(x=50 + 6 * number)
        (folder / "art" / f"disc-{'abc'[number]}.svg").write_text(svg, encoding="utf-8")
    config = folder / "config.yaml"
    config.write_text(
        "sources:\n  - {source: 'dir:art', role: unseen}\ncleaning: {near_duplicates: false}\n",
        encoding="utf-8",
    )
    build(load_config(config), folder / "built", width=96, workers=1)
    return folder


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(COMMAND), "evaluate-vector", *arguments], capture_output=True, text=True, check=False
    )


def test_the_drawings_themselves_score_perfectly_beside_ours_and_vtracer(
    data: Path, tmp_path: Path
) -> None:
    built = data / "built"
    drawings = DrawingSet(built, "unseen")
    theirs = tmp_path / "theirs"
    theirs.mkdir()
    for number in range(2):  # the third was not drawn
        meta = drawings.meta[number]
        svg = (data / "art" / str(meta["path"])).read_bytes()
        (theirs / f"{meta['key']}.svg").write_bytes(svg)
    out = tmp_path / "report"
    done = command(
        "--data", str(built), "--split", "unseen", "--out", str(out), "--model", "heuristic",
        "--predictions", str(theirs), "--name", "the originals",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    report = json.loads((out / "report.json").read_text())
    rows = {row["predictor"]: row for row in report["rows"]}
    traced = ["ours (heuristic)", "ours, area order", "VTracer"]
    if find_spec("potrace"):
        traced.append("VTracer + Potrace")
    else:
        assert "VTracer + Potrace: not run (needs the potracer package)" in done.stdout
        assert report["not_run"]["VTracer + Potrace"]
    assert list(rows) == [*traced, "the originals"]
    original = rows["the originals"]
    assert (original["pictures"], original["missing"]) == (2, 1)
    mean = original["mean"]
    assert (mean["order"], mean["mae"], mean["path_error"]) == (1.0, 0.0, 0.0)
    assert mean["rgb_mse"] == 0.0 and mean["ssim"] == pytest.approx(1.0)
    for name in traced:
        assert rows[name]["pictures"] == 3 and not rows[name]["failed"]
        assert 0.0 < rows[name]["mean"]["rgb_mse"] < 0.02 and rows[name]["mean"]["ssim"] > 0.8
    assert "LPIPS" in report["not_run"] and "LPIPS: not run" in done.stdout
    sheet = cv2.imread(str(out / "sheet.png"))
    assert sheet is not None and sheet.shape[1] > 5 * 2 * 160
    saved = tmp_path / "saved"
    saved.mkdir()
    (saved / "vector-tiny.json").write_text((out / "report.json").read_text())
    depth = {"rows": [], "not_run": {}}
    (saved / "depth-none.json").write_text(json.dumps(depth))
    page = results_page(saved)
    assert "## Vector: built, unseen, 96x96: 3 drawings" in page
    assert re.search(r"\| the originals \| 2 \| [^|]+ \| 1\.000 \(1\.000 to 1\.000\) \|", page)
    assert "| paper: LIVE (1536 px) | 100 |" in page


def test_mistakes_are_named(data: Path, tmp_path: Path) -> None:
    built = str(data / "built")
    out = str(tmp_path / "report")
    stray = tmp_path / "stray"
    stray.mkdir()
    base = ["--data", built, "--split", "unseen", "--out", out, "--model", "heuristic"]
    for more, said in (
        (["--predictions", str(stray)], "needs a --name"),
        (["--predictions", str(stray), "--name", "X"], "holds no .svg files"),
        (["--predictions", str(tmp_path / "gone"), "--name", "X"], "no folder"),
        (["--min-layers", "99"], "ask for fewer"),
        (["--lpips-weights", str(tmp_path / "gone.pth")], "no file"),
    ):
        done = command(*base, *more)
        assert done.returncode == 2 and said in done.stderr, (more, done.stderr)
        assert "Traceback" not in done.stderr
    (stray / "nobody.svg").write_text("<svg/>")
    done = command(*base, "--predictions", str(stray), "--name", "X")
    assert done.returncode == 2 and "named after a picture" in done.stderr
    assert not Path(out).exists(), "nothing is written before everything is known to be there"
