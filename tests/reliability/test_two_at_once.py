"""Two programs at once: on one temporary folder, on one output file."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from illustrators_depth.io.stack_file import load_stack
from tests.reliability.faults import listing, poster

_CLIENT = """
import sys
from pathlib import Path
from illustrators_depth.io.stack_file import save_stack
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers
from tests.reliability.faults import poster

with WorkerClient() as worker:
    for i in range(int(sys.argv[2])):
        job = submit_layers(worker, poster(seed=i), DepthSettings(model="heuristic"))
        worker.wait(job, 60)
        _, stack = collect_layers(job)
        job.release()
        save_stack(stack, Path(sys.argv[1]), overwrite=True)
        print(worker.pid, len(stack), flush=True)
        if len(sys.argv) > 3:
            sys.stdin.readline()
"""

ROOT = Path(__file__).parents[2]


def start(output: Path, count: int, *more: str, folder: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", _CLIENT, str(output), str(count), *more],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT,
        env={**os.environ, "TMPDIR": str(folder), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


def test_two_programs_share_folder_and_output(tmp_path: Path) -> None:
    """Both finish; the output is whole at every look; nothing is left in the shared folder."""
    shared, output = tmp_path / "shared", tmp_path / "out.idl"
    shared.mkdir()
    programs = [start(output, 3, folder=shared) for _ in range(2)]
    looks = 0
    while any(p.poll() is None for p in programs):
        if output.exists():
            assert load_stack(output).width == poster().width
            looks += 1
    said = [p.communicate()[0].splitlines() for p in programs]
    assert [p.returncode for p in programs] == [0, 0]
    assert looks > 0
    layers = [[line.split()[1] for line in lines] for lines in said]
    assert layers[0] == layers[1]
    assert len(layers[0]) == 3
    assert list(shared.glob("illustrators-depth-*")) == []
    assert sorted(listing(tmp_path)) == ["out.idl", "shared", *(
        f"shared/{p.name}" for p in shared.iterdir())]  # fmt: skip


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_one_of_two_is_killed(tmp_path: Path) -> None:
    """The other one goes on, its folder stays, and the next to start sweeps up after the dead."""
    one = start(tmp_path / "one.idl", 3, "wait", folder=tmp_path)
    two = start(tmp_path / "two.idl", 1, "wait", folder=tmp_path)
    assert one.stdout is not None and two.stdout is not None and one.stdin is not None
    for program in (one, two):
        assert program.stdout is not None and program.stdout.readline()
    # Kill program and worker alike, so that neither can tidy up.
    (folder,) = tmp_path.glob(f"illustrators-depth-{two.pid}-*")
    children = Path(f"/proc/{two.pid}/task/{two.pid}/children")
    worker = int(children.read_text().split()[0]) if children.is_file() else 0
    if worker:
        os.kill(worker, signal.SIGKILL)
    os.kill(two.pid, signal.SIGKILL)
    two.communicate()
    three = start(tmp_path / "three.idl", 1, folder=tmp_path)
    assert three.wait(60) == 0
    three.communicate()
    assert not folder.exists()
    assert list(tmp_path.glob(f"illustrators-depth-{one.pid}-*"))
    out, _ = one.communicate("\n\n\n", timeout=60)
    assert one.returncode == 0
    assert len(out.splitlines()) == 2
    assert list(tmp_path.glob("illustrators-depth-*")) == []
    assert {p.name for p in tmp_path.glob("*.idl")} == {"one.idl", "two.idl", "three.idl"}
