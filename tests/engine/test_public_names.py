"""The package's front door: every public name resolves, and the door opens quickly."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import illustrators_depth


@pytest.mark.parametrize("name", illustrators_depth.__all__)
def test_every_name_resolves(name: str) -> None:
    assert getattr(illustrators_depth, name) is not None
    assert name in dir(illustrators_depth)


def test_unknown_names_raise() -> None:
    with pytest.raises(AttributeError, match="no_such_name"):
        _ = illustrators_depth.no_such_name


def test_type_checkers_see_the_same_names() -> None:
    """The TYPE_CHECKING imports and the table that is used at run time agree."""
    tree = ast.parse(Path(illustrators_depth.__file__ or "").read_text(encoding="utf-8"))
    block = next(n for n in tree.body if isinstance(n, ast.If))
    seen = {
        alias.name: "." + (node.module or "")
        for node in block.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    assert seen == illustrators_depth._HOMES


def test_import_is_quick_and_light() -> None:
    """Below 0.3 s, and none of the heavy libraries comes along."""
    script = (
        "import sys, time; start = time.perf_counter(); import illustrators_depth; "
        "took = time.perf_counter() - start; "
        "heavy = {'numpy', 'cv2', 'torch', 'scipy', 'trimesh', 'typer', 'rich', 'onnxruntime'}; "
        "print(took, sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    took, heavy = done.stdout.split(maxsplit=1)
    assert float(took) < 0.3
    assert heavy.strip() == "[]"


def test_worker_never_imports_the_command_line() -> None:
    script = (
        "import sys, illustrators_depth.worker.client, illustrators_depth.worker.server, "
        "illustrators_depth.io.pictures.read_image, illustrators_depth.io.stack_file; "
        "print(sorted({'typer', 'rich', 'torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
