"""Names as file systems have them: one bad name is one line of the manifest, never the batch."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import pytest

from tests.engine.batch.conftest import draw, run_command

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="only Linux keeps names of any bytes"
)

BAD = [b"not-\xff-utf8.png", b"line\nbreak.png", b"back\\slash.png", b"\x1b]0;title\x07.png",
       b"x" * 246 + b".png", b"Fox.PNG", b"fox.png", b"C:fox.png"]  # fmt: skip


def test_bad_names_beside_good_ones(tmp_path: Path) -> None:
    art = tmp_path / "art"
    draw(art / "good.png", 0)
    for number, name in enumerate(BAD, 1):
        drawn = draw(art / "drawn.png", number)
        os.rename(os.fsencode(drawn), os.path.join(os.fsencode(art), name))  # noqa: PTH104, PTH118
    broken = os.path.join(os.fsencode(art), b"broken\xfe\x1b[31m\n.png")  # noqa: PTH118
    Path(os.fsdecode(broken)).write_bytes(b"no picture")
    first = run_command(art, "-o", tmp_path / "out", "-p", "depth", cwd=tmp_path)
    assert first.returncode == 1, first.stderr
    assert "9 made, 0 done before, 1 failed" in first.stdout
    shown = first.stdout + first.stderr
    assert "Traceback" not in shown
    assert "\x1b" not in shown, "a name drives the terminal"
    lines = (tmp_path / "out" / "manifest.jsonl").read_text(encoding="utf-8").splitlines()
    assert len(lines) == 10
    inputs = {json.loads(line)["name"]: json.loads(line)["input"] for line in lines}
    assert inputs["not-%FF-utf8"].endswith("/not-%FF-utf8.png")
    assert len(list((tmp_path / "out").glob("*-depth.png"))) == 9
    again = run_command(art, "-o", tmp_path / "out", "-p", "depth", "--resume", cwd=tmp_path)
    assert "0 made, 9 done before, 1 failed" in again.stdout, again.stdout + again.stderr


def test_a_model_whose_path_is_no_text(tmp_path: Path) -> None:
    """The manifest's settings hold it, and --resume knows it again."""
    from illustrators_depth.batch.manifest import Record, append, read_journal

    record = Record("fox", "/a/fox.png", "", {"depth": {"model": "/m\udcff.onnx"}})
    append(tmp_path / "manifest.jsonl", record)
    assert read_journal(tmp_path).last["fox"] == record


@pytest.mark.parametrize("kind", ["pipe", "link", "folder"])
def test_a_manifest_that_is_no_file(tmp_path: Path, kind: str) -> None:
    draw(tmp_path / "art" / "a.png", 0)
    (tmp_path / "out").mkdir()
    manifest = tmp_path / "out" / "manifest.jsonl"
    if kind == "pipe":
        os.mkfifo(manifest)
    elif kind == "link":
        manifest.symlink_to(tmp_path / "elsewhere")
    else:
        manifest.mkdir()
    done = run_command(tmp_path / "art", "-o", tmp_path / "out", "-p", "depth", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "manifest.jsonl" in done.stderr
    assert not (tmp_path / "elsewhere").exists()


def test_a_folder_that_cannot_be_read_is_one_sentence(tmp_path: Path) -> None:
    if os.geteuid() == 0:
        pytest.skip("permissions do not bind here")
    (tmp_path / "art").mkdir(mode=0o000)
    done = run_command(tmp_path / "art", "-o", tmp_path / "out", cwd=tmp_path)
    assert (done.returncode, done.stderr.count("\n")) == (2, 1)
