"""headless.py as studios call it: a process of its own, a folder of pictures, exit codes."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

pytest.importorskip("bpy")

SCRIPT = Path(__file__).resolve().parents[3] / "illustrators_depth_addon" / "headless.py"


def command(*arguments: object) -> list[str]:
    return [sys.executable, str(SCRIPT), "--", *map(str, arguments), "--model", "heuristic"]


def run(
    *arguments: object, cwd: Path, env: dict[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command(*arguments),
        capture_output=True,
        text=True,
        timeout=240,
        cwd=cwd,
        check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1", **(env or {})},
    )


def content(folder: Path) -> dict[str, bytes]:
    return {
        str(p.relative_to(folder)): p.read_bytes()
        for p in sorted(folder.rglob("*"))
        if p.is_file() and p.suffix != ".jsonl"
    }


def lines(out: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (out / "manifest.jsonl").read_text().splitlines()]


@pytest.fixture(scope="module")
def art(picture_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A good picture, its mirror image, and one that is none."""
    folder = tmp_path_factory.mktemp("headless") / "art"
    folder.mkdir()
    page = cv2.imread(str(picture_path))
    cv2.imwrite(str(folder / "hill.png"), page)
    cv2.imwrite(str(folder / "llih.png"), np.ascontiguousarray(page[:, ::-1]))
    (folder / "bad.png").write_bytes(b"no picture")
    return folder


@pytest.fixture(scope="module")
def made(art: Path) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A whole batch with two Blenders, everything that can be written, and small previews."""
    preset = art.parent / "print.toml"
    preset.write_text(
        '[decompose]\nmax_layers = 3\n[relief]\nmode = "terraced"\nsize_mm = 120\n'
        "[blender]\nheight_mm = 4\n[blender.preview]\nwidth = 48\nheight = 36\nsamples = 1\n"
    )
    temporary = art.parent / "tmp"
    temporary.mkdir()
    done = run(
        art, "gone.png", "--out", "out", "--preset", preset, "--jobs", 2, "--preview",
        "--build", "layers,displacement,planes,compositor",
        "--export", "blend,glb,stl,3mf,svg,psd,png", cwd=art.parent,
        env={"TMPDIR": str(temporary)},
    )  # fmt: skip
    return art.parent / "out", done


def test_bad_pictures_stop_nothing_and_are_listed(made: Any) -> None:
    out, done = made
    assert done.returncode == 1, done.stderr
    assert "Traceback" not in done.stderr
    errors = [line for line in done.stderr.splitlines() if line.startswith("Error: ")]
    assert len(errors) == len(done.stderr.splitlines()) == 2, "Blender's chatter shows"
    assert {"bad.png" in line for line in errors} == {True, False}
    assert "2 made, 0 done before, 2 failed" in done.stdout
    assert done.stdout.count("layers by heuristic") == 2
    endings = (".blend", ".glb", ".stl", ".3mf", ".svg", ".psd", ".png", "-layers")
    names = {f"{name}{ending}" for name in ("hill", "llih") for ending in endings}
    assert {p.name for p in out.iterdir()} == names | {"manifest.jsonl"}
    entries = {line["name"]: line for line in lines(out)}
    assert set(entries) == {"hill", "llih", "bad", "gone"}
    assert entries["gone"]["error"]["code"] == "input"
    assert entries["hill"]["facts"]["blender"]
    assert entries["hill"]["settings"]["build"][:2] == ["layers", "displacement"]
    assert list((out.parent / "tmp").iterdir()) == [], "temporary files are left"


def test_the_preset_reaches_layers_solid_and_scene(made: Any) -> None:
    """max_layers has no control in the panel: it comes through all the same."""
    import trimesh

    out, _ = made
    assert len(list((out / "hill-layers").glob("*.png"))) == 3
    solid = trimesh.load(out / "hill.stl")
    assert solid.is_watertight
    assert max(solid.extents) == pytest.approx(120.0, abs=1e-3)
    preview = cv2.imread(str(out / "hill.png"))
    assert preview.shape == (36, 48, 3)
    hsv = cv2.cvtColor(preview, cv2.COLOR_BGR2HSV).astype(int)
    strong = hsv[..., 1] > 110
    assert (strong & (abs(hsv[..., 0] - 57) < 15)).mean() > 0.03, "no green hill in the preview"
    # A photograph of the sheets, not the picture itself: the backdrop is around it.
    assert hsv[:3, :3, 1].max() < 60
    code = (
        "import bpy, sys\n"
        f"sys.path.insert(0, {str(SCRIPT.parents[1])!r})\n"
        "import illustrators_depth_addon as addon\n"
        "addon.register()\n"
        f"bpy.ops.wm.open_mainfile(filepath={str(out / 'hill.blend')!r})\n"
        "from illustrators_depth_addon.settings import scene as settings\n"
        "s = bpy.context.scene\n"
        "print('FOUND', sorted(c.name for c in bpy.data.collections),\n"
        "      settings.decompose_settings(s).max_layers,\n"
        "      settings.relief_settings(s).mode, round(s.illdepth.height_mm, 5),\n"
        "      any(o.hide_render for c in bpy.data.collections for o in c.objects))\n"
        "addon.unregister()\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=False, timeout=120
    )
    found = next(x for x in shown.stdout.splitlines() if x.startswith("FOUND"))
    assert found == "FOUND ['hill layers', 'hill planes', 'hill relief'] 3 terraced 4.0 False"


def test_products_equal_those_of_the_engine_batch(made: Any, art: Path) -> None:
    """The same table of products, and one thread each: the same bytes."""
    from illustrators_depth.batch import LocalWorkers, Options, load_preset, make_recipe, run_batch
    from tests.engine.batch.conftest import Notes

    out, _ = made
    preset = load_preset(art.parent / "print.toml").changed("depth", model="heuristic")
    recipe = make_recipe(("layers", "stl", "3mf", "glb", "svg"), preset)
    engine = art.parent / "engine"
    run_batch([str(art / "hill.png")], engine, recipe, LocalWorkers(1), Options(), Notes())
    ours, theirs = content(engine), content(out)
    assert len(ours) >= 6
    for path, data in ours.items():
        if path.endswith("stack.json"):  # holds every setting as text
            continue
        assert theirs[path] == data, path


def test_resuming_does_again_only_what_changed(made: Any, art: Path) -> None:
    out, _ = made
    before = content(out)
    arguments = (
        art, "--out", "out", "--preset", "print.toml", "--preview", "--resume",
        "--build", "layers,displacement,planes,compositor",
        "--export", "blend,glb,stl,3mf,svg,psd,png",
    )  # fmt: skip
    (out / "hill.blend").unlink()
    done = run(*arguments, cwd=art.parent)
    assert done.returncode == 1
    assert "1 of 3 pictures are done already" in done.stdout
    assert "1 made, 1 done before, 1 failed" in done.stdout
    after = content(out)
    assert after.keys() == before.keys()
    changed = {path for path in after if after[path] != before[path]}
    assert changed <= {"hill.blend", "hill.png"}

    again = run(art, "--out", "out", cwd=art.parent)
    assert again.returncode == 2
    assert "--overwrite" in again.stderr
    assert content(out) == after


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--build", "statue"], "statue"),
        (["--build", ""], "nothing to build"),
        (["--export", "obj"], "obj"),
        (["--thickness-mm", "-1"], "--thickness-mm must"),
        (["--jobs", "0"], "--jobs"),
        (["--part", "3"], "I/N"),
        (["--preset", "gone.toml"], "gone.toml"),
        (["--device", "cuda:1"], "device cannot be 'cuda:1'"),
    ],
)
def test_bad_options_are_one_sentence(
    addon: Any,
    picture_path: Path,
    tmp_path: Path,
    arguments: list[str],
    words: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from illustrators_depth_addon.batch.command import main

    handler = signal.getsignal(signal.SIGINT)
    try:
        code = main([str(picture_path), "--out", str(tmp_path / "out"), *arguments], SCRIPT)
    finally:
        signal.signal(signal.SIGINT, handler)
    err = capsys.readouterr().err
    assert code == 2
    assert words in err
    assert err.count("\n") == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_killed_and_resumed(art: Path, tmp_path: Path) -> None:
    """kill -9 in the middle of a picture: nothing half-written, no process and no file is left."""
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    arguments = (art / "*l*.png", "--out", tmp_path / "out", "--export", "blend,svg", "--resume")
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)}
    process = subprocess.Popen(
        command(*arguments), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment
    )
    out = tmp_path / "out"
    end = time.monotonic() + 120
    while not any(out.glob(".illustrators-depth-batch/*/files")):
        assert process.poll() is None and time.monotonic() < end
        time.sleep(0.01)
    time.sleep(1.0)  # somewhere in Blender's start, the prediction or the build
    process.kill()
    process.communicate()
    assert {p.suffix for p in out.glob("[!.]*")} <= {".blend", ".svg", ".jsonl"}
    end = time.monotonic() + 30
    while any(p.name.startswith("illustrators") for p in temporary.iterdir()):
        assert time.monotonic() < end, "a worker or its folder outlives the batch"
        time.sleep(0.1)

    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in out.iterdir()} == {
        "hill.blend", "hill.svg", "llih.blend", "llih.svg", "manifest.jsonl",
    }  # fmt: skip


def test_a_copy_of_the_file_alone_says_so_in_one_sentence(tmp_path):
    copy = shutil.copy(SCRIPT, tmp_path)
    done = subprocess.run(
        [sys.executable, copy, "x.png"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert done.stdout == ""
    assert done.stderr.startswith("Error: headless.py lies apart from its add-on")
    assert len(done.stderr.splitlines()) == 1
