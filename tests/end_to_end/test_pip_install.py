"""Both distributions as a stranger gets them: built, and installed in a fresh environment."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from email.parser import Parser
from pathlib import Path

import cv2
import numpy as np
import pytest
import trimesh

ROOT = Path(__file__).resolve().parents[2]
EXTRAS = {"torch", "cuda", "text", "cluster", "layers", "dxf", "video"}
pytestmark = pytest.mark.slow

# setuptools' own hook: what `python -m build` and pip call, without a second environment.
# They change sys.argv.
BUILD = (
    "import sys; from setuptools import build_meta as b; out = sys.argv[1]; "
    "b.build_sdist(out); b.build_wheel(out)"
)


@pytest.fixture(scope="module")
def dist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the wheel and the sdist of both, built from clean copies."""
    pytest.importorskip("setuptools", minversion="77", reason="builds need setuptools 77")
    out = tmp_path_factory.mktemp("dist")
    clean = shutil.ignore_patterns("build", "dist", "*.egg-info", "__pycache__", "*.pyc")
    for name in ("engine", "training"):
        source = tmp_path_factory.mktemp("source") / name
        shutil.copytree(ROOT / name, source, ignore=clean)
        command = [sys.executable, "-I", "-c", BUILD, str(out)]
        done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    return out


def wheel_of(dist: Path, name: str) -> Path:
    (path,) = dist.glob(f"{name}-[0-9]*.whl")
    return path


@pytest.fixture(scope="module")
def python(dist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The interpreter of a fresh environment with the two wheels and what they ask for."""
    home = tmp_path_factory.mktemp("fresh") / "venv"
    subprocess.run([sys.executable, "-m", "venv", str(home)], check=True)
    inside = home / ("Scripts" if os.name == "nt" else "bin") / "python"
    names = [str(wheel_of(dist, n)) for n in ("illustrators_depth", "illustrators_depth_training")]
    command = [str(inside), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    done = subprocess.run([*command, *names], capture_output=True, text=True, check=False)
    if "No matching distribution" in done.stderr or "ConnectionError" in done.stderr:
        pytest.skip(f"the package index is out of reach: {done.stderr.splitlines()[-1]}")
    assert done.returncode == 0, done.stderr
    return inside


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A working folder that holds no code of ours, with the picture of the README."""
    page = np.full((96, 128, 3), (235, 215, 190), np.uint8)
    cv2.rectangle(page, (0, 64), (127, 95), (70, 140, 60), -1)
    cv2.circle(page, (72, 48), 29, (40, 60, 220), -1, cv2.LINE_AA)
    for path in (tmp_path / "picture.png", tmp_path / "examples" / "parrot.png"):
        path.parent.mkdir(exist_ok=True)
        cv2.imwrite(str(path), page)
    return tmp_path


def run(python: Path, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(python), "-I", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )


def answer(python: Path, folder: Path, code: str) -> str:
    done = run(python, folder, "-c", code)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def python_blocks(path: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", path.read_text(encoding="utf-8"), re.M | re.S)


@pytest.mark.parametrize("readme", ["README.md", "engine/README.md"])
def test_the_readme_example_runs(python: Path, folder: Path, readme: str) -> None:
    (example,) = [b for b in python_blocks(ROOT / readme) if "predict_depth" in b]
    checks = (
        "import json; print(json.dumps([depth.values.dtype.name, depth.values.shape, len(stack), "
        "mesh.size_mm]))"
    )
    dtype, shape, layers, size = json.loads(answer(python, folder, f"{example}\n{checks}"))
    assert dtype == "float32"
    assert shape == [96, 128]
    assert layers == 3
    assert size[:2] == pytest.approx([200, 150], abs=1e-3)


def test_it_runs_without_torch_and_from_its_own_files(python: Path, folder: Path) -> None:
    code = (
        "import importlib.util as u, illustrators_depth as e, illustrators_depth_training as t; "
        "print(u.find_spec('torch'), u.find_spec('bpy'), u.find_spec('scipy'));"
        "print(e.__file__); print(t.__file__)"
    )
    absent, engine, training = answer(python, folder, code).splitlines()
    assert absent == "None None None"
    home = str(python.parents[1])
    assert engine.startswith(home)
    assert training.startswith(home)


def test_import_is_light(python: Path, folder: Path) -> None:
    """What makes an import slow is other people's packages; time itself is in benchmarks."""
    code = (
        "import sys; before = set(sys.modules); import illustrators_depth; "
        "print(sorted({m.partition('.')[0] for m in set(sys.modules) - before} "
        "- set(sys.stdlib_module_names)))"
    )
    assert answer(python, folder, code) == "['illustrators_depth']"


def test_missing_extras_are_one_sentence(python: Path, folder: Path) -> None:
    (folder / "some.safetensors").write_bytes(b"\0" * 64)
    done = run(
        python, folder, *("-m", "illustrators_depth", "depth", "picture.png"),
        *("--model", "some.safetensors"),
    )  # fmt: skip
    assert done.returncode == 2
    assert "illustrators-depth[torch]" in done.stderr
    assert "Traceback" not in done.stderr


def test_the_commands_are_installed(python: Path, folder: Path) -> None:
    command = python.with_name("illustrators-depth")
    out = folder / "print.stl"
    done = subprocess.run(
        [str(command), "relief", "picture.png", "-o", str(out), "--mode", "terraced"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert trimesh.load_mesh(out).is_watertight
    training = python.with_name("illustrators-depth-training")
    art = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 8 8"><path d="M1 1h6v6z"/></svg>'
    (folder / "a.svg").write_text(art)
    (folder / "art.yaml").write_text('sources: ["dir:*.svg"]\n')
    done = subprocess.run(
        [str(training), "data", "sources", "art.yaml"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "dir:*.svg" in done.stdout


def test_types_are_seen_by_a_checker(python: Path, folder: Path) -> None:
    pytest.importorskip("mypy", reason="mypy is not installed")
    (folder / "typed.py").write_text(
        "from illustrators_depth import decompose, predict_depth\n"
        "depth = predict_depth('picture.png')\n"
        "stack = decompose('picture.png', depth)\n"
        "reveal_type(stack)\n"
        "decompose('picture.png', 3)\n"
    )
    command = [sys.executable, "-m", "mypy", "--python-executable", str(python)]
    done = subprocess.run(
        [*command, "--ignore-missing-imports", "--follow-imports=silent", "typed.py"],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert 'Revealed type is "illustrators_depth.types.layer.LayerStack"' in done.stdout, (
        done.stdout
    )
    assert "typed.py:5: error: Argument 2" in done.stdout


@pytest.mark.parametrize("name", ["illustrators_depth", "illustrators_depth_training"])
def test_wheel_and_sdist_are_whole(dist: Path, name: str) -> None:
    with zipfile.ZipFile(wheel_of(dist, name)) as wheel:
        files = set(wheel.namelist())
        (info,) = {n.split("/")[0] for n in files if ".dist-info/" in n}
        metadata = Parser().parsestr(wheel.read(f"{info}/METADATA").decode())
        licence = wheel.read(f"{info}/licenses/LICENSE")
    assert f"{name}/py.typed" in files
    assert not [n for n in files if n.split("/")[0] not in (name, info)]
    assert licence == (ROOT / "LICENSE").read_bytes()
    assert metadata["License-Expression"] == "GPL-3.0-or-later"
    assert "torch" not in " ".join(
        r for r in metadata.get_all("Requires-Dist", []) if "extra ==" not in r
    )
    source = ROOT / ("engine" if name == "illustrators_depth" else "training") / name
    wanted = {
        f"{name}/{path.relative_to(source).as_posix()}"
        for path in source.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and "node_modules" not in path.parts
    }
    assert wanted <= files, sorted(wanted - files)
    (sdist,) = dist.glob(f"{name}-[0-9]*.tar.gz")
    with tarfile.open(sdist) as archive:
        members = {m.partition("/")[2] for m in archive.getnames()}
    assert wanted <= members, sorted(wanted - members)
    assert {"LICENSE", "README.md", "pyproject.toml"} <= members


def test_the_extras_are_those_promised(dist: Path) -> None:
    with zipfile.ZipFile(wheel_of(dist, "illustrators_depth")) as wheel:
        (name,) = (n for n in wheel.namelist() if n.endswith(".dist-info/METADATA"))
        metadata = Parser().parsestr(wheel.read(name).decode())
    assert set(metadata.get_all("Provides-Extra", [])) == EXTRAS
