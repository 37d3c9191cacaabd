"""What must never stand in the source: running what a file holds, shells, guessable file names.

Read from the syntax tree, so that a comment or a word in a sentence does not count.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = (
    ROOT / "engine" / "illustrators_depth",
    ROOT / "illustrators_depth_addon",
    ROOT / "training" / "illustrators_depth_training",
)
# Call -> the keyword that makes it safe, or None where nothing does.
FORBIDDEN: dict[str, tuple[str, bool] | None] = {
    "eval": None,
    "exec": None,
    "pickle.load": None,
    "pickle.loads": None,
    "pickle.Unpickler": None,
    "marshal.loads": None,
    "yaml.load": None,
    "yaml.unsafe_load": None,
    "os.system": None,
    "os.popen": None,
    "tempfile.mktemp": None,
    "torch.load": ("weights_only", True),
    "np.load": ("allow_pickle", False),
    "numpy.load": ("allow_pickle", False),
}
# What talks to others. The engine and the add-on import none of it: the text-to-vector and the
# cluster doors lead through diffusers and distributed, when asked for.
NETWORK = {"socket", "ssl", "http", "urllib", "ftplib", "smtplib", "requests", "httpx", "aiohttp"}


def dotted(node: ast.expr) -> str:
    if isinstance(node, ast.Name):
        return node.id
    return f"{dotted(node.value)}.{node.attr}" if isinstance(node, ast.Attribute) else "?"


def findings(source: str) -> Iterator[str]:
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        name = dotted(node.func)
        keywords = {k.arg: k.value for k in node.keywords}
        shell = keywords.get("shell")
        if shell is not None and not (isinstance(shell, ast.Constant) and shell.value is False):
            yield f"line {node.lineno}: {name} with a shell"
        if name not in FORBIDDEN:
            continue
        safe = FORBIDDEN[name]
        value = keywords.get(safe[0]) if safe else None
        if safe is None or not (isinstance(value, ast.Constant) and value.value is safe[1]):
            yield f"line {node.lineno}: {name}"


def imported(source: str) -> set[str]:
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {alias.name.partition(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.partition(".")[0])
    return names


@pytest.mark.parametrize("package", PACKAGES, ids=lambda p: p.name)
def test_nothing_runs_what_a_file_holds(package: Path) -> None:
    files = sorted(package.rglob("*.py"))
    assert files
    found = {
        str(path.relative_to(ROOT)): list(bad)
        for path in files
        if (bad := list(findings(path.read_text(encoding="utf-8"))))
    }
    assert not found


@pytest.mark.parametrize("package", PACKAGES[:2], ids=lambda p: p.name)
def test_engine_and_addon_import_no_network(package: Path) -> None:
    found = {
        str(path.relative_to(ROOT)): sorted(bad)
        for path in sorted(package.rglob("*.py"))
        if (bad := imported(path.read_text(encoding="utf-8")) & NETWORK)
    }
    assert not found


@pytest.mark.parametrize(
    "line",
    [
        "torch.load(path)",
        "torch.load(path, weights_only=False)",
        "np.load(path)",
        "np.load(path, allow_pickle=flag)",
        "pickle.loads(data)",
        "subprocess.run(words, shell=True)",
        "eval(text)",
        "tempfile.mktemp()",
    ],
)
def test_the_check_sees_what_is_wrong(line: str) -> None:
    assert list(findings(line))
