"""The command line in this process, for every test of a verb."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from illustrators_depth.cli.app import app
from illustrators_depth.cli.run import run_app


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> Callable[..., tuple[int, str]]:
    """Runs the command in this process, in an empty folder; returns exit code and all output."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "200")

    def call(*arguments: object) -> tuple[int, str]:
        monkeypatch.setattr(sys, "argv", ["illustrators-depth", *map(str, arguments)])
        with pytest.raises(SystemExit) as stopped:
            run_app(app)
        captured = capsys.readouterr()
        return int(stopped.value.code or 0), captured.out + captured.err

    return call
