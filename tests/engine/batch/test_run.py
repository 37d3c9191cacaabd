"""Whole batches through the command: exit codes, resuming, failures that stop nothing."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import zipfile
from pathlib import Path
from typing import Any

import pytest
from PIL import Image as PilImage

from illustrators_depth.batch import LocalWorkers, Options, Preset, make_recipe, run_batch
from illustrators_depth.batch.manifest import read_journal, unaltered
from illustrators_depth.batch.process import new_client
from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.worker import WorkerClient
from tests.engine.batch.conftest import Notes, draw, listing, run_command

HEURISTIC = Preset().changed("depth", model="heuristic")


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


def run(pictures: Path, out: Path, *products: str, preset: Preset = HEURISTIC, **how: Any) -> Notes:
    """A batch in one worker process, driven from here."""
    notes = Notes()
    recipe = make_recipe(products or ("svg", "layers"), preset)
    run_batch([str(pictures)], out, recipe, LocalWorkers(1), Options(**how), notes)
    return notes


def test_good_and_bad_pictures_in_one_batch(pictures: Path, tmp_path: Path) -> None:
    (pictures / "bad.png").write_bytes(b"no picture")
    (pictures / "fox.jpg").write_bytes((pictures / "fox.png").read_bytes())
    done = run_command("art", "gone.png", "-o", "out", "-p", "depth,layers,svg", "-j", 2,
                       cwd=tmp_path)  # fmt: skip
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} == {
        "manifest.jsonl",
        *(f"{n}{e}" for n in ("fox-png", "fox-jpg", "hill", "sea")
          for e in ("-depth.png", "-layers", ".svg")),
    }  # fmt: skip
    table = done.stdout[done.stdout.index("failed") :]
    assert "bad " in table
    assert "gone " in table
    assert "4 made, 0 done before, 2 failed" in table
    assert done.stderr.count("failed: ") == 2
    # A log of the night says which picture is done, into which files.
    done_lines = [line for line in done.stdout.splitlines() if line.startswith("[")]
    assert len(done_lines) == 4 and all("/6] " in line for line in done_lines)
    assert any(" hill.png: " in line and "hill.svg" in line for line in done_lines)
    entries = {line["name"]: line for line in lines(out)}
    assert set(entries) == {"fox-png", "fox-jpg", "hill", "sea", "bad", "gone"}
    for name, entry in entries.items():
        assert entry["settings"]["depth"]["model"] == "heuristic"
        assert entry["seconds"] > 0
        if name in ("bad", "gone"):
            assert entry["error"]["code"] == "input"
            assert f"{name}.png" in entry["error"]["message"]
            assert entry["outputs"] == []
        else:
            assert entry["error"] is None
            assert len(entry["input_sha256"]) == 64
            assert unaltered(out, entry["outputs"])
            assert entry["facts"]["layers"] >= 2

    before = listing(out)
    again = run_command("art", "-o", "out", "-p", "depth,layers,svg", cwd=tmp_path)
    assert again.returncode == 2
    assert "--resume" in again.stderr
    assert "--overwrite" in again.stderr
    assert listing(out) == before


def test_products_equal_those_of_the_single_commands(pictures: Path, tmp_path: Path) -> None:
    from illustrators_depth import decompose, predict_depth, vectorize, write_relief
    from illustrators_depth.settings import ReliefSettings

    run(pictures, tmp_path / "out", "svg", "stl")
    path = pictures / "fox.png"
    stack = decompose(path, predict_depth(path, model="heuristic"))
    assert (tmp_path / "out" / "fox.svg").read_text() == vectorize(stack)
    write_relief(stack, ReliefSettings(), tmp_path / "fox.stl")
    assert (tmp_path / "out" / "fox.stl").read_bytes() == (tmp_path / "fox.stl").read_bytes()


def test_every_product_is_a_file_that_opens(pictures: Path, tmp_path: Path) -> None:
    import trimesh
    from PIL import Image as PilImage

    from illustrators_depth import load_stack
    from illustrators_depth.batch import PRODUCTS

    out = tmp_path / "out"
    notes = run(pictures / "fox.png", out, *PRODUCTS)
    assert notes.records[0].error is None
    stack = load_stack(out / "fox.idl")
    for name in ("fox-depth.png", "fox.psd"):
        assert PilImage.open(out / name).size == (64, 48)
    assert zipfile.ZipFile(out / "fox.3mf").testzip() is None
    assert zipfile.ZipFile(out / "fox.ora").testzip() is None
    for suffix in (".stl", ".glb"):
        assert len(trimesh.load(out / f"fox{suffix}", force="mesh").faces) > 10
    assert len(list((out / "fox-layers").glob("*.png"))) == len(stack)
    # saved layers can be the source of a batch too
    notes = run(out / "fox.idl", tmp_path / "again", "svg", "depth")
    assert (tmp_path / "again" / "fox.svg").read_bytes() == (out / "fox.svg").read_bytes()


def test_resume_does_again_only_what_changed(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    first = run(pictures, out)
    assert [r.error for r in first.records] == [None] * 3
    reference = listing(out)
    nothing = run(pictures, out, resume=True)
    assert (nothing.records, nothing.skipped) == ([], 3)
    assert listing(out) == reference

    (out / "fox.svg").write_bytes(b"altered")
    next((out / "sea-layers").glob("*.png")).unlink()
    mended = run(pictures, out, resume=True)
    assert sorted(r.name for r in mended.records) == ["fox", "sea"]
    assert listing(out) == reference

    draw(pictures / "hill.png", 99)
    draw(pictures / "new.png", 7)
    changed = run(pictures, out, resume=True)
    assert sorted(r.name for r in changed.records) == ["hill", "new"]
    assert listing(out)["hill.svg"] != reference["hill.svg"]
    fresh = tmp_path / "fresh"
    run(pictures, fresh)
    assert listing(out) == listing(fresh)

    other = HEURISTIC.changed("decompose", layers=2)
    cut = run(pictures, out, preset=other, resume=True)
    assert len(cut.records) == 4
    for name in ("fox", "hill", "sea", "new"):
        assert len(list((out / f"{name}-layers").glob("*.png"))) == 2, "stale layers are left"
    assert len(run(pictures, out, preset=other, resume=True).records) == 0


def test_failed_pictures_are_tried_again(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    good = (pictures / "hill.png").read_bytes()
    (pictures / "hill.png").write_bytes(good[:60])
    first = run(pictures, out)
    assert [r.name for r in first.records if r.error] == ["hill"]
    assert [r.name for r in run(pictures, out, resume=True).records] == ["hill"]
    (pictures / "hill.png").write_bytes(good)
    assert [r.error for r in run(pictures, out, resume=True).records] == [None]

    # A picture that went bad keeps its old outputs, which still are the batch's own to replace.
    (pictures / "hill.png").write_bytes(b"bad")
    before = listing(out)
    assert [bool(r.error) for r in run(pictures, out, resume=True).records] == [True]
    assert listing(out) == before
    (pictures / "hill.png").write_bytes(good)
    assert [r.error for r in run(pictures, out, resume=True).records] == [None]


def test_a_retrained_model_is_another_setting(pictures: Path, tmp_path: Path) -> None:
    """A model file (here: a depth map) with new contents under its old name."""
    import numpy as np

    model = tmp_path / "model.npy"
    np.save(model, np.tile(np.linspace(0, 1, 64, dtype=np.float32), (48, 1)))
    preset = Preset().changed("depth", model=str(model))
    out = tmp_path / "out"
    assert len(run(pictures, out, "depth", preset=preset).records) == 3
    assert len(run(pictures, out, "depth", preset=preset, resume=True).records) == 0
    np.save(model, np.tile(np.linspace(1, 0, 64, dtype=np.float32), (48, 1)))
    assert len(run(pictures, out, "depth", preset=preset, resume=True).records) == 3


def test_others_files_are_never_replaced_unasked(pictures: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    (out / "sea.svg").write_bytes(b"mine")
    for resume in (False, True):
        with pytest.raises(InputError, match=r"sea\.svg exists already"):
            run(pictures, out, resume=resume)
    assert [p.name for p in out.iterdir()] == ["sea.svg"]
    assert len(run(pictures, out, overwrite=True).records) == 3
    assert (out / "sea.svg").read_bytes() != b"mine"
    assert len(run(pictures, out, overwrite=True).records) == 3, "overwrite does all of it again"


def test_pictures_beside_their_outputs(pictures: Path) -> None:
    """The depth maps that a first run left in the folder are no pictures for the second."""
    assert len(run(pictures, pictures, "depth").records) == 3
    again = run(pictures, pictures, "depth", resume=True)
    assert (len(again.records), again.skipped) == (0, 3)


def test_parts_of_one_batch_meet_in_one_folder(pictures: Path, tmp_path: Path) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    run(pictures, whole)
    for index in (1, 2):
        done = run_command("art", "-o", "out", "-p", "svg,layers", "--part", f"{index}/2",
                           cwd=tmp_path)  # fmt: skip
        assert done.returncode == 0, done.stderr
    assert listing(out) == listing(whole)
    assert sorted(p.name for p in out.glob("*.jsonl")) == [
        "manifest-1-of-2.jsonl", "manifest-2-of-2.jsonl",
    ]  # fmt: skip
    assert run(pictures, out, resume=True).skipped == 3


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["art", "-o", "out", "-p", "statue"], "statue"),
        (["art", "-o", "out", "-p", ","], "--products"),
        (["*.gif", "-o", "out"], "matches no picture"),
        (["atr", "gone.png", "-o", "out"], "There is no file"),
        (["art", "-o", "art/fox.png"], "is a file"),
        (["art", "-o", "out", "--preset", "gone.toml"], "gone.toml"),
        (["art", "-o", "out", "--layers", "-3"], "layers"),
        (["art", "-o", "out", "--part", "3/2"], "2/16"),
        (["art", "-o", "out", "-m", "nonsense"], "nonsense"),
        (["art", "-o", "out", "-m", "gone.onnx"], "gone.onnx"),
        (["art", "-o", "out", "--scheduler", "nonsense://x"], "No Dask scheduler answers"),
        (
            ["art", "-o", "out", "--scheduler", "tcp://x:1", "--timeout", "5"],
            "--timeout is for pictures on this machine",
        ),
    ],
)
def test_mistakes_in_the_command_exit_2(
    pictures: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    arguments: list[str],
    words: str,
) -> None:
    import sys

    from illustrators_depth.cli.app import app
    from illustrators_depth.cli.run import run_app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "argv", ["illustrators-depth", "batch", *arguments])
    with pytest.raises(SystemExit) as stopped:
        run_app(app)
    err = capsys.readouterr().err
    assert stopped.value.code == 2
    assert words in err
    assert "Traceback" not in err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("path", ["../evil.svg", "/evil.svg", "C:/evil.svg"])
def test_a_manifest_that_leads_out_is_refused_on_resume(
    pictures: Path, tmp_path: Path, path: str
) -> None:
    out = tmp_path / "out"
    run(pictures, out, "svg")
    entry = lines(out)[0]
    entry["outputs"][0]["path"] = path
    with (out / "manifest.jsonl").open("a") as handle:
        handle.write(json.dumps(entry) + "\n")
    before = listing(tmp_path)
    done = run_command("art", "-o", "out", "-p", "svg", "--resume", cwd=tmp_path)
    assert done.returncode == 2
    assert "Line 4 of" in done.stderr
    assert path in done.stderr
    assert done.stderr.count("\n") == 1
    assert listing(tmp_path) == before


class Clients(list[WorkerClient]):
    """Makes clients and remembers them."""

    def __call__(self) -> WorkerClient:
        self.append(new_client())
        return self[-1]


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_a_worker_that_the_system_kills_fails_its_picture_only(tmp_path: Path) -> None:
    """As when memory runs out: the worker gets SIGKILL in the middle of a large picture."""
    art = tmp_path / "art"
    draw(art / "a.png", 1)
    draw(art / "b-large.png", 2, (1600, 1200))
    draw(art / "c.png", 3)
    draw(art / "d.png", 4)
    clients, killed = Clients(), []

    def kill_once(fraction: float) -> None:
        # One of four is done and the second is well under way.
        if not killed and 0.26 < fraction < 0.5 and clients[0].pid:
            os.kill(clients[0].pid, signal.SIGKILL)
            killed.append(fraction)

    notes = Notes(kill_once)
    recipe = make_recipe(("svg",), HEURISTIC)
    outcome = run_batch(
        [str(art)], tmp_path / "out", recipe, LocalWorkers(1, new_client=clients), Options(), notes
    )
    assert killed
    assert [r.name for r in outcome.failed] == ["b-large"]
    error = outcome.failed[0].error
    assert error is not None
    assert error["code"] == "worker"
    assert "b-large.png" in error["message"]
    assert "signal 9" in error["message"]
    out = tmp_path / "out"
    assert {p.name for p in out.iterdir()} == {"a.svg", "c.svg", "d.svg", "manifest.jsonl"}
    assert set(read_journal(out).last) == {"a", "b-large", "c", "d"}


# A worker like the engine's own, but its job waits for ever, deaf to cancel, when it meets "fox".
STUCK = """
import sys, time
from pathlib import Path
from illustrators_depth.batch.process import make
from illustrators_depth.worker.server import main
def products(params, progress):
    while params["name"] == "fox":
        time.sleep(0.1)
    return make(params, progress)
main([sys.argv[1]], lambda: {"products": products})
"""


def test_a_picture_that_takes_too_long_is_given_up(pictures: Path, tmp_path: Path) -> None:
    import sys

    def client() -> WorkerClient:
        return WorkerClient(
            cancel_grace=0.2, program=lambda folder: [sys.executable, "-c", STUCK, str(folder)]
        )

    recipe = make_recipe(("svg",), HEURISTIC)
    workers = LocalWorkers(1, timeout=15.0, new_client=client)
    (pictures / "hill.png").unlink()
    outcome = run_batch([str(pictures)], tmp_path / "out", recipe, workers, Options(), Notes())
    assert [r.name for r in outcome.failed] == ["fox"]
    assert outcome.failed[0].error is not None
    assert "longer than 15 seconds" in outcome.failed[0].error["message"]
    assert {p.name for p in (tmp_path / "out").iterdir()} == {"sea.svg", "manifest.jsonl"}


def test_an_engine_that_cannot_start_ends_the_batch(pictures: Path, tmp_path: Path) -> None:
    import sys

    def broken() -> WorkerClient:
        return WorkerClient(sys.executable, [str(tmp_path / "no-engine-here")])

    recipe = make_recipe(("svg",), HEURISTIC)
    workers = LocalWorkers(2, new_client=broken)
    site = tmp_path / "no-engine-here" / "illustrators_depth"
    site.mkdir(parents=True)
    (site / "__init__.py").write_text("raise ImportError('broken')")
    with pytest.raises(UnavailableError, match="could not be started"):
        run_batch([str(pictures)], tmp_path / "out", recipe, workers, Options(), Notes())
    assert not (tmp_path / "out").exists()


def test_every_failure_names_its_picture(tmp_path: Path) -> None:
    (tmp_path / "art").mkdir()
    PilImage.new("RGB", (8, 8), "red").save(tmp_path / "art" / "one color.png")
    done = run_command("art", "-o", "out", "-p", "svg", "-n", 3, cwd=tmp_path)
    assert done.returncode == 1
    assert "failed: one color.png: The picture has 1 layer by" in done.stderr


def test_a_picture_that_changes_is_recorded_under_what_was_decoded(
    pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another program writes the file between its checksum and its decoding."""
    from illustrators_depth.batch import job
    from illustrators_depth.depth import DepthSession
    from illustrators_depth.settings import DepthSettings

    source, late = pictures / "fox.png", (pictures / "hill.png").read_bytes()
    real = job.make_stack

    def changed_first(path: Path, *rest: object) -> object:
        path.write_bytes(late)
        return real(path, *rest)  # type: ignore[arg-type]

    monkeypatch.setattr(job, "make_stack", changed_first)
    session = DepthSession(DepthSettings(model="heuristic"))
    recipe = make_recipe(["depth"], Preset.from_dict({"depth": {"model": "heuristic"}}))
    params = {"source": str(source), "name": "fox", "settings": recipe.settings}
    (tmp_path / "files").mkdir()
    answer = job.make_products(params, tmp_path / "files", lambda _: session, lambda *_: None)
    assert answer["input_sha256"] == hashlib.sha256(late).hexdigest()
    counter = iter(range(100))

    def changed_always(path: Path, *rest: object) -> object:
        made = real(path, *rest)  # type: ignore[arg-type]
        path.write_bytes(late + bytes([next(counter)]))
        return made

    monkeypatch.setattr(job, "make_stack", changed_always)
    with pytest.raises(InputError, match="changed while"):
        job.make_products(params, tmp_path / "files", lambda _: session, lambda *_: None)
