"""Every command of the Makefile leads somewhere."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_every_script_and_module_is_there() -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    scripts = set(re.findall(r"scripts/\w+\.py", makefile))
    packages = set(re.findall(r"-m (benchmarks)\b", makefile))
    assert scripts
    assert packages
    for name in scripts | {f"{package}/__main__.py" for package in packages}:
        assert (ROOT / name).is_file(), name


def test_benchmarks_say_what_they_do_not_know() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "nonsense"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.startswith("Error: there is no benchmark called 'nonsense'; known: ")
    assert "depth_speed" in done.stderr
