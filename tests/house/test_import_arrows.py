"""The arrows of the house: who may import whom, read from the source itself."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ENGINE = ROOT / "engine" / "illustrators_depth"
TRAINING = ROOT / "training" / "illustrators_depth_training"
ADDON = ROOT / "illustrators_depth_addon"

FORBIDDEN = {
    ENGINE: {
        "bpy",
        "bmesh",
        "mathutils",
        "illustrators_depth_training",
        "illustrators_depth_addon",
    },
    TRAINING: {"bpy", "bmesh", "mathutils", "illustrators_depth_addon"},
    ADDON: {"torch", "illustrators_depth_training", "typer", "rich"},
}


def imported_roots(path: Path) -> set[str]:
    """Top-level names of every absolute import in a file, function bodies included."""
    roots = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            roots |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            roots.add(node.module.split(".")[0])
    return roots


@pytest.mark.parametrize("package", FORBIDDEN, ids=lambda p: p.name)
def test_arrows(package: Path) -> None:
    files = sorted(package.rglob("*.py"))
    assert files, f"{package} holds no Python files"
    broken = {
        str(f.relative_to(ROOT)): sorted(bad)
        for f in files
        if (bad := imported_roots(f) & FORBIDDEN[package])
    }
    assert not broken


IMPORTED_AS = {"opencv-python-headless": "cv2", "pillow": "PIL", "openexr": "OpenEXR"}


def test_the_engine_imports_only_what_it_declares() -> None:
    """A package that only the developer's environment has would fail in Blender's extension."""
    facts = tomllib.loads((ENGINE.parent / "pyproject.toml").read_text("utf-8"))["project"]
    extras = [line for lines in facts["optional-dependencies"].values() for line in lines]
    names = {re.split(r"[^\w.-]", line)[0].lower() for line in [*facts["dependencies"], *extras]}
    known = {IMPORTED_AS.get(name, name.replace("-", "_")) for name in names}
    known |= {*sys.stdlib_module_names, ENGINE.name}
    foreign = {
        str(f.relative_to(ROOT)): sorted(bad)
        for f in sorted(ENGINE.rglob("*.py"))
        if (bad := imported_roots(f) - known)
    }
    assert not foreign


def run_fresh(code: str) -> str:
    result = subprocess.run(
        [sys.executable, "-I", "-c", code], capture_output=True, text=True, check=True, timeout=120
    )
    return result.stdout.strip()


def test_importing_the_engine_loads_nothing_heavy() -> None:
    heavy = ["torch", "cv2", "scipy", "onnxruntime", "PIL", "typer", "rich", "trimesh", "bpy"]
    loaded = run_fresh(
        f"import sys, illustrators_depth; print([m for m in {heavy!r} if m in sys.modules])"
    )
    assert loaded == "[]"


def test_the_worker_needs_no_command_line_packages() -> None:
    code = (
        "import sys, illustrators_depth.worker.server as s, illustrators_depth.worker.client;"
        "print([m for m in ('typer', 'rich', 'torch', 'bpy') if m in sys.modules])"
    )
    assert run_fresh(code) == "[]"
