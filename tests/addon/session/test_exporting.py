"""Exports by the worker: the steps of the modal operator, which itself needs a window."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path
from typing import Any

import pytest

from illustrators_depth.errors import Cancelled, EngineError, InputError, WorkerError
from illustrators_depth.export.print_writer import PRINT_FORMATS
from illustrators_depth.export.stack_writer import LAYER_FORMATS

bpy = pytest.importorskip("bpy")


@pytest.fixture
def export(predicted: Any, addon: Any) -> Any:
    """Starts an export of the drawing: `export(path, kind, ...)`."""
    from illustrators_depth_addon.session import export, export_formats
    from illustrators_depth_addon.settings import printing as print_settings

    def start(path: Path, kind: str, now: bool = False, nozzle_mm: float = 0.4, **options: Any):
        session = addon.session.SESSION
        stack, depth = session.layers.load(predicted), session.depth.load(predicted)
        values = print_settings.field_values(bpy.context.scene.illdepth_print)
        values |= {"size_mm": 20.0, "smallest_mm": 0.0, "nozzle_mm": nozzle_mm}
        relief = print_settings.relief_settings(values, stack, predicted)
        printer = print_settings.printer_settings(values)
        if kind in PRINT_FORMATS:
            file = export_formats.print_file(predicted, kind, relief, printer)
        else:
            file = export_formats.layer_file(kind)
        target = export.Target(file, path, **options)
        if now:
            return export.write_now(stack, depth, target)
        task = export.ExportJob(predicted, stack, depth, target)
        session.jobs.begin(task)
        started.append(task)
        return task

    started: list[Any] = []
    yield start
    for task in started:
        addon.session.SESSION.jobs.end(task)


def finish(task: Any) -> None:
    end = time.monotonic() + 60
    while not task.poll():
        assert time.monotonic() < end
        time.sleep(0.01)


def content(folder: Path) -> dict[str, bytes]:
    files = (p for p in sorted(folder.rglob("*")) if p.is_file())
    return {str(p.relative_to(folder)): p.read_bytes() for p in files}


KINDS = ("STL", "STL_LAYERS", "THREEMF", "GLB", "SWAPS_CSV", "HEIGHTMAP", "PSD", "PAPERCUT")


def test_the_worker_writes_what_a_script_gets(export: Any, addon: Any, tmp_path: Path) -> None:
    kinds = PRINT_FORMATS | LAYER_FORMATS
    for kind in KINDS:
        one, other = tmp_path / "worker" / kind, tmp_path / "script" / kind
        one.mkdir(parents=True)
        other.mkdir(parents=True)
        task = export(one / f"a{kinds[kind].suffix}", kind)
        assert not bpy.ops.illdepth.predict.poll()
        finish(task)
        said = task.result()
        addon.session.SESSION.jobs.end(task)
        assert said == export(other / f"a{kinds[kind].suffix}", kind, now=True)
        assert content(one) and content(one) == content(other), kind
        assert task.request.folder is None


def test_refused_at_once_or_by_the_check(export: Any, tmp_path: Path) -> None:
    (tmp_path / "a.stl").write_text("mine")
    with pytest.raises(InputError, match="exists already"):
        export(tmp_path / "a.stl", "STL")
    task = export(tmp_path / "a.stl", "STL", overwrite=True, check_first=True, nozzle_mm=9.0)
    finish(task)
    with pytest.raises(InputError, match="nothing was written"):
        task.result()
    assert (tmp_path / "a.stl").read_text() == "mine"


def test_a_file_that_came_meanwhile_is_told_in_blenders_words(
    export: Any, addon: Any, tmp_path: Path
) -> None:
    task = export(tmp_path / "a.stl", "STL")
    (tmp_path / "a.stl").write_text("mine")
    finish(task)
    with pytest.raises(InputError, match="exists already") as raised:
        task.result()
    said = addon.context.sentence_of(raised.value)
    assert "tick Overwrite" in said and "--overwrite" not in said
    assert (tmp_path / "a.stl").read_text() == "mine"


@pytest.mark.parametrize("sent", [False, True])
def test_a_canceled_export_leaves_nothing(export: Any, tmp_path: Path, sent: bool) -> None:
    task = export(tmp_path / "a.psd", "PSD")
    while sent and task.request.folder is None:
        task.poll()
    assert bpy.ops.illdepth.cancel() == {"FINISHED"}
    finish(task)
    assert isinstance(task.request.error, Cancelled) or sent  # it may have been done by then
    assert isinstance(task.request.error, Cancelled) != (tmp_path / "a.psd").exists()
    assert len(list(tmp_path.iterdir())) <= 1


def test_a_killed_worker_is_one_sentence(export: Any, addon: Any, tmp_path: Path) -> None:
    task = export(tmp_path / "a.stl", "STL")
    while task.request.folder is None:
        task.poll()
    os.kill(addon.session.SESSION.worker.client().pid, signal.SIGKILL)
    finish(task)
    with pytest.raises(EngineError, match="try again"):
        task.result()
    assert isinstance(task.request.error, WorkerError) and not list(tmp_path.iterdir())
    again = export(tmp_path / "a.stl", "STL")
    finish(again)
    assert "triangles" in again.result() and (tmp_path / "a.stl").exists()


def test_a_full_disk_is_one_sentence(
    export: Any, predicted: Any, addon: Any, tmp_path: Path
) -> None:
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
    try:
        with pytest.raises(InputError, match="The disk is full"):
            addon.session.SESSION.layers.load(predicted)
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
        addon.session.SESSION.layers.load(predicted)
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, before[1]))
        task = export(tmp_path / "a.psd", "PSD")
        folder = task._sender._folder
        with pytest.raises(InputError, match="The disk is full"):
            finish(task)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    assert not folder.exists() and not list(tmp_path.iterdir())
