"""Nothing here talks to anyone unless asked: every verb runs with the network refused."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.engine.batch.conftest import draw

# Refuses, from inside the interpreter, what could lead out, and says so even if it is caught.
GUARDED = """
import os, sys
def guard(event, args):
    if event.startswith(("socket.", "urllib.", "http.", "ftplib.", "smtplib.")):
        os.write(2, f"NETWORK {event} {args}\\n".encode())
        raise RuntimeError(event)
sys.addaudithook(guard)
from pathlib import Path
from illustrators_depth.batch import PRODUCTS, Preset, make_recipe
from illustrators_depth.batch.plan import Task
from illustrators_depth.batch.process import make
from illustrators_depth.worker.environment import hello
folder = Path(sys.argv[2])
hello()
task = Task(Path(sys.argv[1]), "fox").params(make_recipe(tuple(PRODUCTS), Preset()))
done = make(task | {"folder": str(folder)}, lambda stage, fraction: None)
assert done["facts"]["predictor"] == "compact"
print(len(done["outputs"]))
"""


def run_guarded(code: str, tmp_path: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    temporary = tmp_path / "tmp"
    temporary.mkdir()
    wanted = {k: v for k, v in os.environ.items() if k not in ("CI", "ORT_DISABLE_TELEMETRY")}
    return subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)],
        capture_output=True, text=True, timeout=120, check=False, cwd=tmp_path,
        env={**wanted, "TMPDIR": str(temporary), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_every_product_without_network(tmp_path: Path) -> None:
    picture = draw(tmp_path / "fox.png", 1)
    (tmp_path / "files").mkdir()
    done = run_guarded(GUARDED, tmp_path, picture, tmp_path / "files")
    assert done.returncode == 0, done.stderr
    assert "NETWORK" not in done.stderr
    assert int(done.stdout) >= 12
    assert list((tmp_path / "tmp").iterdir()) == [], "something was left behind"


def test_the_guard_would_see_it(tmp_path: Path) -> None:
    code = GUARDED.split("from pathlib")[0] + "import socket; socket.create_connection(('::1', 9))"
    done = run_guarded(code, tmp_path)
    assert done.returncode != 0
    assert "NETWORK socket" in done.stderr


def test_onnx_runtime_keeps_no_diary(tmp_path: Path) -> None:
    """Its usage reports begin with a session file, written from C where no audit hook looks."""
    code = "import illustrators_depth, onnxruntime; print(onnxruntime.get_available_providers())"
    done = run_guarded(code, tmp_path)
    assert "CPUExecutionProvider" in done.stdout
    assert list((tmp_path / "tmp").iterdir()) == []
