"""Commands take files that hold layers, and predict nothing."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from illustrators_depth.cli.app import app

pytest.importorskip("resvg_py", reason="draws SVG")

SVG = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="96" height="64">'
    '<rect width="96" height="64" fill="#fff"/><circle cx="40" cy="32" r="20" fill="#080"/>'
    '<rect x="30" y="20" width="50" height="9" fill="#a00"/></svg>'
)


@pytest.fixture
def svg(tmp_path: Path) -> Path:
    (tmp_path / "a.svg").write_text(SVG)
    return tmp_path / "a.svg"


def run(*arguments: object) -> str:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exit_code == 0, done.output
    return done.output


def test_depth_is_the_exact_index(svg: Path, tmp_path: Path) -> None:
    run("depth", svg, "-o", tmp_path / "d.npy")
    depth = np.load(tmp_path / "d.npy", allow_pickle=False)
    assert depth.shape == (341, 512)
    assert set(np.unique(depth)) == {1.0, 2.0, 3.0}
    assert depth[170, 240] == 2.0 and depth[130, 350] == 3.0 and depth[5, 5] == 1.0


def test_layers_relief_and_info(svg: Path, tmp_path: Path) -> None:
    run("layers", svg, "-o", tmp_path / "a.ora")
    run("relief", tmp_path / "a.ora", "-o", tmp_path / "a.stl", "--size-mm", "60")
    assert (tmp_path / "a.stl").stat().st_size > 1000
    told = run("info", svg)
    assert "3, bottom to top" in told


def test_an_option_for_pictures_is_refused(svg: Path, tmp_path: Path) -> None:
    done = CliRunner().invoke(
        app, ["layers", str(svg), "-o", str(tmp_path / "l"), "--detail", "0.9"]
    )
    assert done.exit_code != 0
    assert not (tmp_path / "l").exists()
