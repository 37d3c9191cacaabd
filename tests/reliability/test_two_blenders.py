"""Two Blenders and a batch at the same time, on one temporary folder and one picture."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.io.stack_file import load_stack
from tests.reliability.faults import poster

ROOT = Path(__file__).parents[2]
pytestmark = pytest.mark.skipif(
    importlib.util.find_spec("bpy") is None, reason="needs Blender's Python module (bpy)"
)

# Predicts through the worker, builds, saves, opens the file again; says what the layers are.
_BLENDER = """
import atexit, hashlib, sys
import bpy
import illustrators_depth_addon as addon
addon.register()
atexit.register(addon.unregister)
picture, blend = sys.argv[1:]
bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
image = bpy.data.images.load(picture)
bpy.context.scene.illdepth.image = image
assert bpy.ops.illdepth.predict(image=image.name) == {"FINISHED"}
assert bpy.ops.illdepth.build_layers() == {"FINISHED"}
bpy.ops.wm.save_as_mainfile(filepath=blend)
bpy.ops.wm.open_mainfile(filepath=blend)
stack = addon.session.SESSION.layers.load(bpy.context.scene.illdepth.image)
print("LAYERS", len(stack), hashlib.sha256(stack.labels.tobytes()).hexdigest())
"""
_BATCH = "from illustrators_depth.cli import main; main()"


def test_two_blenders_and_a_batch(tmp_path: Path) -> None:
    """All three end well with the same layers; nothing is left in what they share."""
    shared, pictures = tmp_path / "shared", tmp_path / "pictures"
    shared.mkdir()
    pictures.mkdir()
    picture = pictures / "a.png"
    PilImage.fromarray((poster().rgba * 255).astype(np.uint8)).save(picture)
    environment = {**os.environ, "TMPDIR": str(shared), "OMP_NUM_THREADS": "1"}
    environment["BLENDER_USER_RESOURCES"] = str(tmp_path / "resources")

    def start(*words: object) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", *map(str, words)], cwd=ROOT, env=environment, text=True,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        )  # fmt: skip

    programs = [start(_BLENDER, picture, tmp_path / f"{n}.blend") for n in (1, 2)]
    programs.append(start(_BATCH, "batch", pictures, "-o", tmp_path / "out", "-p", "idl", "-j", 2))
    said = [program.communicate(timeout=300) for program in programs]
    assert [program.returncode for program in programs] == [0, 0, 0], said
    layers = {line for out, _ in said[:2] for line in out.splitlines() if line.startswith("LAYERS")}
    assert len(layers) == 1
    stack = load_stack(next((tmp_path / "out").rglob("*.idl")))
    assert int(layers.pop().split()[1]) == len(stack)
    left = [path.name for path in shared.iterdir() if "illustrators" in path.name]
    assert left == []
