"""The extension zip in a clean Blender profile, with no network and nothing else installed.

By default a zip for the running platform and Python is built here, with its wheels as published.
To try a zip that was built for release, or another Blender, set
    ILLDEPTH_EXTENSION_ZIP=path/to/illustrators_depth-VERSION-PLATFORM.zip
    ILLDEPTH_BLENDER_PYTHON=path/to/a/python/with/bpy
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh

pytest.importorskip("bpy", reason="Blender's Python module (bpy) is not installed")

ROOT = Path(__file__).resolve().parents[2]
JOB = Path(__file__).with_name("extension_job.py")
PLATFORM = "linux-x64"
pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(
        not sys.platform.startswith("linux"), reason="the bare Blender is made of links, on Linux"
    ),
]

# Runs at the start of every Python in the bare environment, Blender's and the worker's.
GUARD = """
import sys

def no_network(event, arguments):
    if event == "socket.getaddrinfo" or (
        event == "socket.connect" and not isinstance(arguments[1], (str, bytes))
    ):
        raise RuntimeError(f"the extension wanted the network: {event} {arguments[1:]}")

sys.addaudithook(no_network)
"""


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    given = os.environ.get("ILLDEPTH_EXTENSION_ZIP")
    if given:
        return Path(given).resolve()
    out = tmp_path_factory.mktemp("zip")
    command = [sys.executable, str(ROOT / "scripts" / "build_extension.py")]
    command += ["--platform", PLATFORM, "--out", str(out)]
    command += ["--python", ".".join(map(str, sys.version_info[:2]))]
    done = subprocess.run(command, capture_output=True, text=True, timeout=600, check=False)
    if "pip download failed" in done.stderr:
        pytest.skip(f"the package index is out of reach and a wheel is not cached: {done.stderr}")
    assert done.returncode == 0, done.stderr
    (path,) = out.glob("*.zip")
    return path


@pytest.fixture(scope="module")
def bare_python(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Python that has Blender's module and what that needs, and nothing of ours."""
    python = os.environ.get("ILLDEPTH_BLENDER_PYTHON", sys.executable)
    ask = "import importlib.util as u; print(u.find_spec('bpy').origin)"
    found = subprocess.run([python, "-c", ask], capture_output=True, text=True, check=True)
    packages = Path(found.stdout.strip()).parents[1]
    home = tmp_path_factory.mktemp("bare") / "venv"
    subprocess.run([python, "-m", "venv", "--without-pip", str(home)], check=True)
    (site,) = (home / "lib").glob("python*/site-packages")
    for name in ("bpy", "numpy", "numpy.libs", "requests", "urllib3", "certifi", "idna"):
        if (packages / name).exists():
            (site / name).symlink_to(packages / name)
    for pattern in ("charset_normalizer*", "zstandard*"):
        for path in packages.glob(pattern):
            (site / path.name).symlink_to(path)
    (site / "sitecustomize.py").write_text(GUARD)
    return home / "bin" / "python"


@pytest.fixture(scope="module")
def picture(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = np.full((192, 256, 3), (235, 215, 190), np.uint8)
    cv2.rectangle(page, (0, 128), (255, 191), (70, 140, 60), -1)
    cv2.circle(page, (144, 96), 58, (40, 60, 220), -1, cv2.LINE_AA)
    cv2.circle(page, (156, 92), 22, (30, 200, 240), -1, cv2.LINE_AA)
    path = tmp_path_factory.mktemp("picture") / "hill.png"
    cv2.imwrite(str(path), page)
    return path


def without_network() -> list[str]:
    """A prefix that takes all network interfaces away, where this user may."""
    prefix = ["unshare", "--net"]
    allowed = (
        shutil.which("unshare") and not subprocess.run([*prefix, "true"], check=False).returncode
    )
    return prefix if allowed else []


@pytest.fixture(scope="module")
def installed(
    archive: Path, bare_python: Path, picture: Path, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, Any], Path]:
    """Facts that the run inside Blender printed, and the folder with its products."""
    folder = tmp_path_factory.mktemp("profile")
    out = folder / "out"
    out.mkdir()
    environment = {
        "PATH": os.environ["PATH"],
        "HOME": str(folder / "home"),
        "BLENDER_USER_RESOURCES": str(folder / "profile"),
        "OMP_NUM_THREADS": "1",
    }
    command = [*without_network(), str(bare_python), "-I", "-u", str(JOB)]
    done = subprocess.run(
        [*command, str(archive), str(picture), str(out)],
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
        cwd=folder,
        env=environment,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    (line,) = (text for text in done.stdout.splitlines() if text.startswith("FACTS "))
    return json.loads(line.removeprefix("FACTS ")), folder


def test_only_the_bundled_wheels_are_used(installed: tuple[dict[str, Any], Path]) -> None:
    facts, folder = installed
    profile = str(folder / "profile" / "extensions")
    assert facts["home"].startswith(profile)
    for name, file in facts["files"].items():
        assert file.startswith(profile), f"{name} came from {file}"


def test_predicted_by_the_bundled_network(installed: tuple[dict[str, Any], Path]) -> None:
    facts, _ = installed
    assert facts["predictor"].startswith("compact")
    locked = json.loads((ROOT / "requirements" / "extension.lock.json").read_text())["wheels"]
    here = [w for w in locked if any(t.startswith(PLATFORM) for t in w["for"])]
    versions = {wheel["name"]: wheel["version"] for wheel in here}
    for package in ("onnxruntime", "opencv-python-headless", "pillow"):
        assert facts["worker"][package] == versions[package]
    assert "torch" not in facts["worker"]


def test_layers_became_objects(installed: tuple[dict[str, Any], Path]) -> None:
    facts, _ = installed
    assert len(facts["layers"]) == 4, facts["layers"]
    assert len(facts["objects"]) == 4, facts["objects"]


def test_exports_open_elsewhere(installed: tuple[dict[str, Any], Path]) -> None:
    from psd_tools import PSDImage

    _, folder = installed
    out = folder / "out"
    mesh = trimesh.load_mesh(out / "print.stl")
    assert mesh.is_watertight
    assert mesh.extents[:2] == pytest.approx([200, 150], abs=1e-3)
    scene = trimesh.load_scene(out / "scene.glb")
    assert len(scene.geometry) >= 4
    assert len(list(PSDImage.open(out / "layers.psd"))) == 4
    assert (out / "layers.svg").read_text().count("<g ") >= 4
    assert (out / "scene.blend").stat().st_size > 100_000


def test_nothing_is_written_into_the_extension(
    archive: Path, installed: tuple[dict[str, Any], Path]
) -> None:
    facts, _ = installed
    home = Path(facts["home"]).parent
    with zipfile.ZipFile(archive) as given:
        shipped = {name for name in given.namelist() if not name.endswith("/")}
    there = {
        str(path.relative_to(home))
        for path in home.rglob("*")
        if path.is_file() and path.suffix != ".pyc"
    }
    assert there - shipped == set()


def test_licences_travel_with_the_wheels(archive: Path) -> None:
    with zipfile.ZipFile(archive) as given:
        names = given.namelist()
        index = given.read("THIRD-PARTY/README.md").decode()
    wheels = [Path(n).name for n in names if n.endswith(".whl")]
    packages = {w.partition("-")[0].replace("_", "-") for w in wheels} - {"illustrators-depth"}
    assert len(packages) >= 6
    for package in packages:
        assert f"| {package} " in index
        assert any(n.startswith(f"THIRD-PARTY/{package}/") for n in names), package
    assert "LICENSE" in names
