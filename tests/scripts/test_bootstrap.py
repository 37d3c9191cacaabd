"""Setting up on machines without a fitting Python, and what it says meanwhile."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).resolve().parents[2] / "scripts"
sys.path.insert(0, str(SCRIPTS))

import bootstrap  # noqa: E402


def no_python(monkeypatch: pytest.MonkeyPatch, folder: Path) -> None:
    """A machine on which neither this Python nor any other fits."""
    monkeypatch.setattr(bootstrap, "PYTHONS", ("3.0", "3.1"))
    monkeypatch.setenv("PATH", str(folder))
    monkeypatch.setenv("PYENV_ROOT", str(folder))


def write_uv(folder: Path, code: int) -> None:
    """A uv that knows one Python: the one that runs this test."""
    program = folder / "uv"
    program.write_text(
        f"#!/bin/sh\nif [ $2 = install ]; then exit {code}; fi\necho {sys.executable}\n"
    )
    program.chmod(0o755)


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for uv is a shell script")
def test_a_python_is_fetched_where_none_fits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    no_python(monkeypatch, tmp_path)
    write_uv(tmp_path, 0)
    assert bootstrap.find_python() == sys.executable
    assert capsys.readouterr().out.count("\n") == 1


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in for uv is a shell script")
def test_offline_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    no_python(monkeypatch, tmp_path)
    write_uv(tmp_path, 1)
    with pytest.raises(SystemExit) as ended:
        bootstrap.find_python()
    assert ended.value.code == 2
    assert "neither was found; install one" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("  Downloading bpy-5.0.1-cp311-cp311-manylinux_2_28_x86_64.whl (367.5 MB)\n",
         "  bpy  367.5 MB"),
        ("  Downloading numpy-1.26.4-cp311.whl.metadata (61 kB)\n", ""),
        ("Installing collected packages: a, b, c\n", "  putting 3 packages in place"),
        ("Collecting numpy\n", ""),
    ],
)  # fmt: skip
def test_progress_is_packages_and_megabytes(line: str, said: str) -> None:
    assert bootstrap.progress_of(line) == said


def test_relief_without_make() -> None:
    """The same program, with the same options."""
    done = subprocess.run(
        [sys.executable, "-c", "import sys; sys.argv = ['relief.py', '--help']; "
         f"sys.path.insert(0, {str(SCRIPTS)!r}); import bootstrap, relief; "
         "bootstrap.set_up = lambda level: sys.executable; sys.exit(relief.main())"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "--overwrite" in done.stdout
