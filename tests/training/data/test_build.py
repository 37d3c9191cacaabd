"""Whole builds through the command: deterministic, resumable, honest about bad configurations."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth_training.data import blocks
from illustrators_depth_training.data import build as building
from illustrators_depth_training.data.build import build
from illustrators_depth_training.data.config import load_config
from illustrators_depth_training.data.executors import run_local
from illustrators_depth_training.data.report import write_report
from illustrators_depth_training.data.shards import find_shards, read_shard
from illustrators_depth_training.samples.drawings import DrawingSet

COMMAND = Path(sys.executable).with_name("illustrators-depth-training")


def write_config(folder: Path, extra: str = "") -> Path:
    path = folder.parent / "set.yaml"
    path.write_text(f"sources: ['dir:{folder}/**/*.svg']\nval_fraction: 0.2\n{extra}")
    return path


def digests(out: Path) -> dict[str, str]:
    """The hash of every file a build leaves, except the report's and the state's."""
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in out.glob("*.tar")}


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(building, "BLOCK_SIZE", 8)


def run(config: Path, out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [str(COMMAND), "data", "build", str(config), "--out", str(out), *more]
    return subprocess.run(command, capture_output=True, text=True, timeout=120)


def test_command_builds_a_folder(node: Path, folder_of_drawings: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    done = run(write_config(folder_of_drawings), out, "--size", "64", "--workers", "1")
    assert done.returncode == 0, done.stderr
    pairs = [p for s in ("train", "val") for f in find_shards(out, s) for p in read_shard(f)]
    assert len(pairs) == 60
    for pair in pairs:
        assert pair.rgb.shape == (64, 64, 3)
        meta = pair.meta
        assert Path(meta["path"]).is_file()
        assert meta["source"].startswith("dir:")
        assert meta["layers"] == pair.index.max() == len(np.unique(pair.index))
        assert pair.index.min() == meta["first_index"] == 1
        content = Path(meta["path"]).read_bytes()
        assert meta["hash"] == hashlib.sha256(content).hexdigest()
        # Where no edge is near, the picture shows the palette's colour of the index.
        palette = [tuple(bytes.fromhex(c[1:])) for c in meta["palette"]]
        assert tuple(pair.rgb[0, 63]) == palette[pair.index[0, 63] - 1]
    manifest = json.loads((out / "manifest.json").read_text())
    source = manifest["sources"][0]
    assert source["tried"] == 61
    assert source["kept"] == 60
    assert source["discarded"] == {"empty": 1}
    discarded = json.loads((out / "discarded.jsonl").read_text())
    assert (discarded["name"], discarded["reason"]) == ("empty", "empty")
    assert "empty" in (out / "report.html").read_text()
    assert "unknown" in (out / "ATTRIBUTION.md").read_text()
    assert not (out / "parts").exists()


def test_workers_do_not_change_the_bytes(
    node: Path, folder_of_drawings: Path, tmp_path: Path
) -> None:
    config = load_config(write_config(folder_of_drawings, "scenes: {count: 6}\n"))
    build(config, tmp_path / "one", width=48, workers=1)
    build(config, tmp_path / "two", width=48, workers=2)
    assert digests(tmp_path / "one") == digests(tmp_path / "two")
    other = load_config(write_config(folder_of_drawings, "scenes: {count: 6}\nseed: 2\n"))
    build(other, tmp_path / "three", width=48, workers=1)
    assert digests(tmp_path / "one") != digests(tmp_path / "three")


KILLED = """
import sys
from pathlib import Path
from illustrators_depth_training.data import build as building
from illustrators_depth_training.data.config import load_config
if __name__ == "__main__":
    building.BLOCK_SIZE = 8
    config = load_config(Path(sys.argv[1]))
    building.build(config, Path(sys.argv[2]), width=48, workers=1, full_shapes=True)
"""


def test_killed_build_resumes_to_the_same_bytes(
    node: Path, folder_of_drawings: Path, tmp_path: Path
) -> None:
    config = write_config(folder_of_drawings, "shard_size: 20\n")
    whole, cut = tmp_path / "whole", tmp_path / "cut"
    build(load_config(config), whole, width=48, workers=1, full_shapes=True)
    script = tmp_path / "victim.py"
    script.write_text(KILLED)
    process = subprocess.Popen([sys.executable, str(script), str(config), str(cut)])
    parts = cut / "parts"
    deadline = time.monotonic() + 60
    while len(list(parts.glob("*.json"))) < 3 and time.monotonic() < deadline:
        time.sleep(0.005)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    done_before = {p.name: p.stat().st_mtime_ns for p in parts.glob("*.json")}
    assert 3 <= len(done_before) < 8
    build(load_config(config), cut, width=48, workers=1, keep_parts=True, full_shapes=True)
    assert digests(cut) == digests(whole)
    hiding = [d for d in DrawingSet(cut, "train").meta if d["occlusions"]]
    assert len(hiding) > 10
    for name, stamp in done_before.items():  # finished blocks were not done again
        assert (parts / name).stat().st_mtime_ns == stamp
    assert not list(cut.rglob("*.tmp"))


def test_interrupted_packing_resumes(node: Path, folder_of_drawings: Path, tmp_path: Path) -> None:
    config = load_config(write_config(folder_of_drawings, "shard_size: 20\n"))
    out = tmp_path / "out"
    build(config, out, width=48, workers=1, keep_parts=True)
    before = digests(out)
    (out / "manifest.json").unlink()
    (out / "train-000001.tar").unlink()
    build(config, out, width=48, workers=1)
    assert digests(out) == before


def test_finished_build_is_left_alone(node: Path, folder_of_drawings: Path, tmp_path: Path) -> None:
    config = load_config(write_config(folder_of_drawings))
    out = tmp_path / "out"
    build(config, out, width=48, workers=1)
    stamps = {p: p.stat().st_mtime_ns for p in out.iterdir()}
    build(config, out, width=48, workers=1)
    assert {p: p.stat().st_mtime_ns for p in out.iterdir()} == stamps
    with pytest.raises(InputError, match="another --out"):
        build(config, out, width=64, workers=1)
    write_report(out)


def test_one_split_alone_is_that_split(
    node: Path, folder_of_drawings: Path, tmp_path: Path
) -> None:
    config = load_config(write_config(folder_of_drawings, "scenes: {count: 4}\n"))
    build(config, tmp_path / "all", width=32, workers=1)
    counts = build(config, tmp_path / "val", width=32, workers=1, only="val").counts
    assert set(digests(tmp_path / "val")) == {"val-000000.tar"} and counts["val"] > 0
    same = "val-000000.tar"
    assert digests(tmp_path / "val")[same] == digests(tmp_path / "all")[same]
    for wrong, said in (("best", "no split 'best'"), ("unseen", "no drawings to unseen")):
        with pytest.raises(InputError, match=said):
            build(config, tmp_path / wrong, width=32, only=wrong)
        assert not (tmp_path / wrong).exists()


def test_scenes_are_added_to_train(node: Path, folder_of_drawings: Path, tmp_path: Path) -> None:
    config = load_config(write_config(folder_of_drawings, "scenes: {count: 24}\n"))
    out = tmp_path / "out"
    build(config, out, width=96, height=64, workers=1)
    pairs = [p for f in find_shards(out, "train") for p in read_shard(f)]
    scenes = [p for p in pairs if p.meta["source"] == "scenes"]
    # A quarter is discarded; which ones depends on the name of the folder, another every time.
    assert len(scenes) >= 8
    for scene in scenes:
        assert scene.rgb.shape == (64, 96, 3)
        assert len(scene.meta["drawings"]) >= 2
        assert all(Path(d["path"]).is_file() for d in scene.meta["drawings"])
        assert scene.meta["layers"] == len(np.unique(scene.index))
    held_out = {p.meta["path"] for f in find_shards(out, "val") for p in read_shard(f)}
    assert held_out
    assert not held_out & {d["path"] for s in scenes for d in s.meta["drawings"]}


def test_one_bad_renderer_run_does_not_stop_a_build(node: Path, tmp_path: Path) -> None:
    folder = tmp_path / "bad"
    folder.mkdir()
    (folder / "good.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="5"/></svg>'
    )
    (folder / "broken.svg").write_bytes(b"\x00\xff<svg")
    (folder / "packed.svgz").write_bytes(b"\x1f\x8bno")
    summary = build(load_config(write_config(folder)), tmp_path / "out", width=32, workers=1)
    assert sum(summary.counts.values()) == 1
    assert blocks.find_author(b"<dc:creator><cc:Agent><dc:title>A &amp; B</dc:title>") == "A & B"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("sources: []", "names no sources"),
        ("sources: ['dir:a']\nscenes: {count: 5, least: 4, most: 2}", "least <= most"),
        ("sources: ['dir:a']\nscenes: {count: 1.5}", "must be a whole number"),
        ("sources: " + "[" * 5000, "not valid YAML"),
        ("sources: [ftp:x]", "is no source"),
        ("sources: ['npm:@iconify-json/noto']", "npm:PACKAGE@VERSION"),
        ("sources: ['dir:/nowhere/at/all/*.svg']", "does not exist"),
        ("sources: [{source: 'dir:.', cap: 0}]", "above 0"),
        ("sources: [{source: 'dir:.', colour: red}]", "unknown key 'colour'"),
        ("sources: ['dir:.', 'dir:.']", "twice"),
        ("sources: ['dir:.']\nval_fraction: 2", "0..1"),
        ("sources: ['dir:.']\ncleaning: {merge: maybe}", "true or false"),
        ("sources: ['dir:.']\ncleaning: {wash: true}", "unknown key 'wash'"),
        ("sources: ['dicebear:personas@9.4.3?n=lots']", "NUMBER"),
        ("sources: [\n", "not valid YAML"),
    ],
)
def test_mistakes_are_one_sentence_and_exit_code_two(
    tmp_path: Path, text: str, message: str
) -> None:
    config = tmp_path / "set.yaml"
    config.write_text(text)
    out = tmp_path / "out"
    with pytest.raises(InputError, match=message):
        build(load_config(config), out, workers=1)
    assert not out.exists()


def test_command_reports_a_mistake(tmp_path: Path) -> None:
    done = run(tmp_path / "absent.yaml", tmp_path / "out")
    assert done.returncode == 2
    assert "Cannot read the configuration" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_folder_that_cannot_be_written_is_one_sentence(
    folder_of_drawings: Path, tmp_path: Path
) -> None:
    (tmp_path / "file").write_text("in the way")
    config = load_config(write_config(folder_of_drawings))
    with pytest.raises(InputError, match="Cannot write"):
        build(config, tmp_path / "file" / "out", width=48, workers=1)


def _die(_: object) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def test_a_dying_worker_is_one_sentence() -> None:
    tasks = ((n, lambda: None) for n in range(4))
    with pytest.raises(UnavailableError, match="goes on where it was"):
        list(run_local(_die, tasks, workers=2))
