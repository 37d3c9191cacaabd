"""Whatever a command is given, it ends with 0, or with 2 and one sentence, in bounded memory."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="forks, and reads /proc")
def test_any_input(tmp_path: Path) -> None:
    """Sixty damaged pictures, layer files, drawings and models, the same each time.

    `python -m tests.reliability.any_input --seed N --count 1000` goes on with others.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.reliability.any_input", "--seed", "1", "--count", "60"],
        cwd=ROOT, capture_output=True, text=True, timeout=600, check=False,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr[-2000:]
    assert done.stdout.startswith("60 inputs, 0 faults")
    assert " 0: " in done.stdout.replace("{", " ") and " 2: " in done.stdout
