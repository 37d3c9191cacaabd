"""`make relief` on a small drawing: every product is there, opens, and says the same thing."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
from PIL import Image as PilImage

pytest.importorskip("bpy")

ROOT = Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "scripts" / "make_relief.py"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, str(SCRIPT), *map(str, arguments)],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def content(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.fixture(scope="module")
def drawing(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = np.full((150, 200, 3), (240, 225, 205), np.uint8)
    cv2.rectangle(page, (0, 100), (199, 149), (70, 150, 60), -1)
    cv2.circle(page, (120, 70), 45, (40, 60, 220), -1, cv2.LINE_AA)
    cv2.circle(page, (128, 66), 16, (30, 200, 240), -1, cv2.LINE_AA)
    path = tmp_path_factory.mktemp("drawing") / "hill.png"
    cv2.imwrite(str(path), page)
    return path


@pytest.fixture(scope="module")
def made(drawing: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """The output folder and what was printed."""
    out = tmp_path_factory.mktemp("made") / "hill"
    done = run(drawing, "--out", out, "--model", "heuristic", "--width", 96)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def test_everything_is_written_and_listed(made):
    out, printed = made
    names = {p.name for p in out.iterdir()}
    assert names == {
        "hill.blend",
        "hill.idl",
        "relief.stl",
        "relief.glb",
        "depth.png",
        "preview.png",
        "layers",
    }
    for name in names:
        assert name in printed
    assert "in all" in printed
    assert "render the preview" in printed


def test_the_stl_is_closed_and_exactly_200_mm(made):
    solid = trimesh.load(made[0] / "relief.stl")
    assert solid.is_watertight
    assert solid.is_winding_consistent
    assert solid.volume > 0
    assert solid.extents[0] == pytest.approx(200.0, abs=1e-3)
    assert solid.extents[1] == pytest.approx(150.0, abs=1e-3)
    steps = (solid.extents[2] - 1.0) / 0.04
    assert steps == pytest.approx(round(steps), abs=1e-3)


def test_the_layers_stack_up_to_the_picture(made, drawing):
    files = sorted((made[0] / "layers").glob("*.png"))
    assert len(files) >= 3
    page: Any = None
    for path in files:
        layer = PilImage.open(path)
        assert layer.mode == "RGBA"
        page = layer if page is None else PilImage.alpha_composite(page, layer)
    wanted = np.asarray(PilImage.open(drawing).convert("RGB"), float)
    difference = np.abs(np.asarray(page.convert("RGB"), float) - wanted).mean()
    assert difference < 2.0


def test_depth_is_sixteen_bit_and_full_size(made):
    depth = cv2.imread(str(made[0] / "depth.png"), cv2.IMREAD_UNCHANGED)
    assert depth.dtype == np.uint16
    assert depth.shape == (150, 200)
    assert np.ptp(depth) == 65535


def test_the_glb_has_one_textured_node_per_layer(made):
    scene = trimesh.load(made[0] / "relief.glb")
    assert len(scene.geometry) == len(list((made[0] / "layers").glob("*.png")))
    for piece in scene.geometry.values():
        assert piece.visual.material.baseColorTexture is not None
    assert max(scene.extents) == pytest.approx(0.2, abs=1e-5)


def test_the_preview_shows_the_picture(made):
    preview = cv2.imread(str(made[0] / "preview.png"))
    assert preview.shape == (72, 96, 3)
    hue = cv2.cvtColor(preview, cv2.COLOR_BGR2HSV)
    strong = hue[..., 1] > 120
    assert (strong & (np.abs(hue[..., 0].astype(int) - 60) < 15)).mean() > 0.05  # the green hill
    assert (strong & (np.minimum(hue[..., 0], 180 - hue[..., 0]) < 10)).mean() > 0.03  # the sun


def test_the_blend_holds_both_builds_and_needs_nothing_else(made, tmp_path):
    code = (
        "import bpy, sys\n"
        f"bpy.ops.wm.open_mainfile(filepath={str(made[0] / 'hill.blend')!r})\n"
        "names = {c.name for c in bpy.data.collections}\n"
        "assert {'hill layers', 'hill relief', 'Studio'} <= names, names\n"
        "images = [i for i in bpy.data.images if i.users and i.source != 'VIEWER']\n"
        "assert images and all(i.packed_file for i in images)\n"
        "assert bpy.context.scene.camera\n"
        "tops = [o for o in bpy.data.collections['hill layers'].objects if o.type == 'MESH']\n"
        "print(len(tops), len([m for m in bpy.data.materials if m.users]))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=tmp_path, check=False
    )
    assert done.returncode == 0, done.stderr
    layers, materials = map(int, done.stdout.strip().splitlines()[-1].split())
    assert layers == len(list((made[0] / "layers").glob("*.png")))
    assert materials == layers + 2  # the relief's and the backdrop's


def test_nothing_is_overwritten_unasked(made, drawing):
    before = content(made[0])
    done = run(drawing, "--out", made[0], "--model", "heuristic", "--width", 96)
    assert done.returncode == 2
    assert "--overwrite" in done.stderr
    assert "Traceback" not in done.stderr
    assert content(made[0]) == before


def test_overwriting_leaves_no_stale_layer(made, drawing, tmp_path):
    import shutil

    out = tmp_path / "hill"
    shutil.copytree(made[0], out)
    (out / "layers" / "99_old.png").write_bytes(b"old")
    (out / "layers" / "notes.txt").write_text("mine")
    arguments = ("--model", "heuristic", "--width", 32, "--layers", 2, "--overwrite")
    done = run(drawing, "--out", out, *arguments)
    assert done.returncode == 0, done.stderr
    assert len(list((out / "layers").glob("*.png"))) == 2
    assert (out / "layers" / "notes.txt").read_text() == "mine"


@pytest.mark.parametrize("kind", ["missing", "text", "empty"])
def test_a_bad_picture_is_one_sentence_and_nothing_is_left(kind, tmp_path):
    path = tmp_path / "bad.png"
    if kind != "missing":
        path.write_bytes(b"" if kind == "empty" else b"this is no picture")
    done = run(path, "--out", tmp_path / "out")
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == 1
    assert "bad.png" in errors[0]
    assert not (tmp_path / "out").exists()
    assert [p for p in tmp_path.iterdir() if p != path] == []
