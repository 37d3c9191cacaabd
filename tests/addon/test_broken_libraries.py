"""Libraries that cannot be loaded are one sentence, and what does not need them works."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from illustrators_depth.worker import WorkerClient
from illustrators_depth.worker.process import engine_folder

bpy = pytest.importorskip("bpy")
ROOT = Path(__file__).resolve().parents[2]


def break_library(folder: Path, name: str) -> Path:
    package = folder / "broken" / name
    package.mkdir(parents=True)
    package.joinpath("__init__.py").write_text("raise ImportError('DLL load failed')")
    return package.parent


def test_onnxruntime_that_fails_is_one_sentence_and_heuristic_works(
    scene: Any, image: Any, addon: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folders = (str(break_library(tmp_path, "onnxruntime")), str(engine_folder()))
    worker = addon.session.SESSION.worker
    worker.close()
    with WorkerClient(sys.executable, folders) as client:
        monkeypatch.setattr(worker, "_client", client)
        scene.illdepth.model = "compact"
        with pytest.raises(RuntimeError, match="DLL load failed") as raised:
            bpy.ops.illdepth.predict(image=image.name)
        assert "Traceback" not in str(raised.value)
        assert not addon.storage.depth.has_depth(image)
        assert bpy.ops.illdepth.test_engine() == {"FINISHED"}
        scene.illdepth.model = "heuristic"
        assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}


def test_opencv_that_fails_is_one_sentence(tmp_path: Path) -> None:
    """As when another extension has brought one that does not fit Blender's NumPy."""
    done = subprocess.run(
        [sys.executable, "-c", "import illustrators_depth_addon"],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(break_library(tmp_path, "cv2"))},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: Illustrator's Depth cannot load OpenCV (DLL load failed)")
    assert "During handling" not in done.stderr
