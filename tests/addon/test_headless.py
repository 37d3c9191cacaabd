"""headless.py as studios call it: a process of its own, a folder of pictures, exit codes."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

pytest.importorskip("bpy")

SCRIPT = Path(__file__).resolve().parents[2] / "illustrators_depth_addon" / "headless.py"


def run(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), "--", *map(str, arguments), "--model", "heuristic"],
        capture_output=True,
        text=True,
        timeout=180,
        cwd=cwd,
        check=False,
    )


def test_good_and_bad_pictures_in_one_batch(picture_path, tmp_path):
    bad = tmp_path / "bad.png"
    bad.write_bytes(b"no picture")
    out = tmp_path / "out"
    done = run(bad, picture_path, tmp_path / "gone.png", "--out", out, cwd=tmp_path)
    assert done.returncode == 2
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 2
    assert "bad.png" in errors[0]
    assert "gone.png" in errors[1]
    assert "Traceback" not in done.stderr
    assert "layers by heuristic" in done.stdout
    assert len(done.stdout.splitlines()) == 1, "Blender's chatter shows"
    assert [p.name for p in out.iterdir()] == ["hill.blend"]

    before = (out / "hill.blend").read_bytes()
    again = run(picture_path, "--out", out, cwd=tmp_path)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert (out / "hill.blend").read_bytes() == before

    resumed = run(picture_path, "--out", out, "--resume", cwd=tmp_path)
    assert resumed.returncode == 0
    assert "there already" in resumed.stdout

    replaced = run(picture_path, "--out", out, "--overwrite", "--build", "layers", cwd=tmp_path)
    assert replaced.returncode == 0, replaced.stderr
    assert (out / "hill.blend").read_bytes() != before
    assert [p.name for p in out.iterdir()] == ["hill.blend"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--build", "statue"], "statue"),
        (["--build", ""], "nothing to build"),
        (["--thickness-mm", "-1"], "thickness_mm"),
    ],
)
def test_bad_options_are_one_sentence(picture_path, tmp_path, arguments, words):
    done = run(picture_path, "--out", tmp_path / "out", *arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert words in done.stderr
    assert "Traceback" not in done.stderr
