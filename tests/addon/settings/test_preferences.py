"""Preferences: another Python for the engine, a model file for all scenes, the log."""

from __future__ import annotations

import io
import logging
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

bpy = pytest.importorskip("bpy")


@pytest.fixture
def chosen(addon: Any, scene: Any) -> Iterator[Any]:
    """The preferences, as if the add-on had been enabled in Blender's own way."""
    entry = bpy.context.preferences.addons.new()
    entry.module = addon.__name__
    yield entry.preferences
    addon.session.SESSION.worker.close()
    bpy.context.preferences.addons.remove(entry)


def test_engine_is_blenders_own_python_by_default(chosen, addon):
    assert addon.settings.preferences.engine_python() is None
    assert bpy.ops.illdepth.test_engine() == {"FINISHED"}
    lines = chosen.report.splitlines()
    assert lines[0].startswith("Devices: cpu")
    assert f"python {sys.version.split()[0]}" in lines
    assert any(line.startswith("onnxruntime ") for line in lines)
    assert lines[-1] == f"Run by {sys.executable}"


def _installed() -> bool:
    probe = [sys.executable, "-I", "-c", "import illustrators_depth"]
    return subprocess.run(probe, check=False, capture_output=True).returncode == 0


def test_an_external_python(chosen, addon, tmp_path):
    """Another program of the same environment: what matters is that it is the one that runs."""
    if not _installed():
        pytest.skip("the engine is not installed in this environment, only on its path")
    python = tmp_path / "python"
    python.write_text(f'#!/bin/sh\nexec "{sys.executable}" "$@"\n')
    python.chmod(0o755)
    chosen.engine, chosen.python = "EXTERNAL", str(python)
    bpy.ops.illdepth.test_engine()
    assert chosen.report.endswith(f"Run by {python}")
    assert addon.session.SESSION.worker.client().python == str(python)
    chosen.engine = "BUNDLED"  # changes at once
    assert addon.session.SESSION.worker.client().python == sys.executable


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("missing", None, "missing"),
        ("wrong", "#!/bin/sh\necho not an engine >&2\nexit 3\n", "not an engine"),
    ],
)
def test_a_wrong_python_is_one_sentence(chosen, tmp_path, name, text, words):
    python = tmp_path / name
    if text is not None:
        python.write_text(text)
        python.chmod(0o755)
    chosen.engine, chosen.python = "EXTERNAL", str(python)
    with pytest.raises(RuntimeError, match=words):
        bpy.ops.illdepth.test_engine()
    assert words in chosen.report
    assert "Traceback" not in chosen.report


def test_the_model_file_of_scenes_that_name_none(chosen, scene, image, addon):
    scene.illdepth.model = "FILE"
    with pytest.raises(RuntimeError, match="no file is named; choose one"):
        bpy.ops.illdepth.predict(image=image.name)
    chosen.model_file = "/preferred/model.onnx"
    assert addon.settings.scene.depth_settings(scene).model == "/preferred/model.onnx"
    scene.illdepth.model_path = "/own/model.onnx"
    assert addon.settings.scene.depth_settings(scene).model == "/own/model.onnx"


def test_the_model_file_is_used(chosen, scene, image, addon):
    import illustrators_depth

    scene.illdepth.model = "FILE"
    shipped = Path(illustrators_depth.__file__).parent / "models" / "compact.onnx"
    chosen.model_file = str(shipped)
    assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
    assert image.illdepth.device == "cpu"


def test_log_level(chosen, scene, image, addon):
    console = io.StringIO()
    before = addon.log.handler().setStream(console)
    try:
        bpy.ops.illdepth.predict(image=image.name)
        assert console.getvalue() == ""
        chosen.log_level = "INFO"
        bpy.ops.illdepth.predict(image=image.name)
        assert "illustrators_depth INFO: hill.png: done, seconds" in console.getvalue()
        chosen.log_level = "DEBUG"
        with pytest.raises(RuntimeError, match="There is no image") as raised:
            bpy.ops.illdepth.predict(image="none")
        assert "Traceback" not in str(raised.value)  # that is for the console only
        assert "Traceback" in console.getvalue()
    finally:
        chosen.log_level = "WARNING"
        addon.log.handler().setStream(before)


def test_the_log_is_as_it_was_after_disabling(addon):
    logger, ours = logging.getLogger("illustrators_depth"), addon.log.handler()
    assert ours in logger.handlers
    addon.unregister()
    assert ours not in logger.handlers
    assert logger.propagate
    assert logger.level == logging.NOTSET
    addon.register()
    assert addon.log.handler() in logger.handlers
