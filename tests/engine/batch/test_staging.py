"""Outputs on their way: at whatever moment a kill comes, the next run finishes or tidies up."""

from __future__ import annotations

import json
import os
import stat
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path

import pytest

from illustrators_depth.batch import Record
from illustrators_depth.batch.manifest import describe, read_journal, unaltered
from illustrators_depth.batch.staging import Staging, recover
from illustrators_depth.errors import InputError

NAMES = ("fox.svg", "fox-layers/01.png", "fox-layers/02.png")


def write(files: Path, content: bytes = b"new") -> Record:
    for name in NAMES:
        path = files / name
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(content)
    return Record("fox", "/fox.png", "", {}, describe(files), id=files.parent.name)


def test_files_appear_with_their_record(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    files = staging.new()
    record = write(files)
    old = tmp_path / "fox-layers" / "03.png"
    old.parent.mkdir()
    old.write_bytes(b"old")
    (tmp_path / "fox-layers" / "notes.txt").write_bytes(b"mine")
    staging.commit(files, record, tmp_path / "manifest.jsonl", ["fox-layers/03.png"])
    staging.close()
    assert unaltered(tmp_path, record.outputs)
    assert read_journal(tmp_path).last == {"fox": record}
    assert not old.exists()
    assert (tmp_path / "fox-layers" / "notes.txt").read_bytes() == b"mine"
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]


@pytest.mark.skipif(os.name != "posix", reason="looks at POSIX permissions")
def test_unfinished_files_are_private_and_finished_ones_are_not(tmp_path: Path) -> None:
    staging = Staging(tmp_path)
    files = staging.new()
    record = write(files)
    assert stat.S_IMODE(staging.folder.stat().st_mode) == 0o700
    assert stat.S_IMODE(files.parent.stat().st_mode) == 0o700
    staging.commit(files, record, tmp_path / "manifest.jsonl", [])
    staging.close()
    plain = tmp_path / "plain"
    plain.write_bytes(b"")
    assert (tmp_path / "fox.svg").stat().st_mode == plain.stat().st_mode


@pytest.mark.parametrize("moved", [0, 1, 2, 3])
@pytest.mark.parametrize("entered", [False, True])
def test_a_kill_between_two_moves_is_finished_by_the_next(
    tmp_path: Path, moved: int, entered: bool
) -> None:
    """The state a kill leaves is built by hand: the note is there, some files are in place."""
    manifest = tmp_path / "manifest.jsonl"
    staging = Staging(tmp_path)
    files = staging.new()
    record = write(files)
    note = {"record": asdict(record), "stale": []}
    (files.parent / "record.json").write_text(json.dumps(note))
    for name in NAMES[:moved]:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (files / name).replace(tmp_path / name)
    if entered:
        staging.enter(record, manifest)
    unfinished = staging.new()
    write(unfinished, b"half")
    staging._lock.release()  # what the system does when the process dies

    assert recover(tmp_path, manifest) == 1
    assert unaltered(tmp_path, record.outputs)
    assert manifest.read_text().count("\n") == 1
    assert read_journal(tmp_path).last == {"fox": record}
    assert not [p for p in tmp_path.iterdir() if p.name.startswith(".")]
    assert recover(tmp_path, manifest) == 0


def test_a_note_that_leads_out_is_refused_and_nothing_is_moved(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    staging = Staging(out)
    files = staging.new()
    record = asdict(write(files))
    record["outputs"][0]["path"] = "../evil.png"
    (files.parent / "record.json").write_text(json.dumps({"record": record, "stale": []}))
    staging._lock.release()
    with pytest.raises(InputError, match="not a file inside"):
        recover(out, out / "manifest.jsonl")
    assert sorted(p.name for p in tmp_path.iterdir()) == ["out"]

    record["outputs"][0]["path"] = "fox.svg"
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    note = {"record": record, "stale": ["../victim"]}
    (files.parent / "record.json").write_text(json.dumps(note))
    with pytest.raises(InputError, match="not a file inside"):
        recover(out, out / "manifest.jsonl")
    assert victim.read_bytes() == b"mine"


def test_two_batches_never_share_a_folder(tmp_path: Path) -> None:
    """The other one is another process: it holds the lock, and lets go when it is killed."""
    code = (
        "import sys, time; from pathlib import Path;"
        "from illustrators_depth.batch.staging import Staging;"
        f"s = Staging(Path({str(tmp_path)!r})); s.new(); print('held', flush=True); time.sleep(60)"
    )
    other = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    try:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        with pytest.raises(InputError, match="Another batch"):
            Staging(tmp_path)
        recover(tmp_path, tmp_path / "manifest.jsonl")
        assert list(tmp_path.glob(".illustrators-depth-batch/*/files")), "a running batch's files"
        Staging(tmp_path, "-2-of-2").close()
    finally:
        other.kill()
        other.wait()
    recover(tmp_path, tmp_path / "manifest.jsonl")
    assert list(tmp_path.iterdir()) == []
    Staging(tmp_path).close()


@pytest.mark.skipif(os.name != "posix", reason="makes symbolic links")
def test_a_link_in_place_of_the_private_folder_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "elsewhere" / "precious").mkdir(parents=True)
    out = tmp_path / "out"
    out.mkdir()
    (out / ".illustrators-depth-batch-x").symlink_to(tmp_path / "elsewhere")
    assert recover(out, out / "manifest.jsonl") == 0
    assert (tmp_path / "elsewhere" / "precious").is_dir()
    (out / ".illustrators-depth-batch").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="link to elsewhere"):
        Staging(out)
