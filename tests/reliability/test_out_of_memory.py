"""Memory runs out inside the worker and the command line: a sentence, not a crash or a lie."""

from __future__ import annotations

import contextlib
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import WorkerError, is_out_of_memory
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker import WorkerClient, submit_layers
from tests.reliability.faults import faulty_python, listing, one_sentence, poster, run_cli

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="limits address space, and reads /proc"
)

# From here on the process may take this many megabytes more, and no more than that.
_LIMIT = """
import resource
def limit(megabytes={megabytes}):
    if once():
        used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
        resource.setrlimit(resource.RLIMIT_AS, (used + megabytes * 1_000_000,) * 2)
"""


@pytest.mark.parametrize(
    ("stage", "megabytes"), [("loading", 20), ("depth", 4), ("layers", 8), ("writing", 1)]
)
def test_in_the_worker(tmp_path: Path, stage: str, megabytes: int) -> None:
    """The worker says so and lives on for a smaller picture."""
    fault = _LIMIT.format(megabytes=megabytes) + f"at_stage({stage!r}, limit)"
    with WorkerClient(faulty_python(tmp_path, fault)) as worker:
        job = submit_layers(worker, poster(500, 700), DepthSettings())
        if stage in ("layers", "writing"):  # what earlier stages gave back may suffice
            with contextlib.suppress(WorkerError):
                worker.wait(job, 120)
                job.release()
        else:
            with pytest.raises(WorkerError, match="not enough memory") as raised:
                worker.wait(job, 120)
            one_sentence(str(raised.value))
        if job.error is not None:
            one_sentence(str(job.error))
        assert list(worker.folder.iterdir()) == []
        assert worker.running
        if stage == "layers":
            small = submit_layers(worker, poster(), DepthSettings(model="heuristic"))
            assert worker.wait(small, 60)["layers"] > 1


def test_on_the_command_line(tmp_path: Path) -> None:
    picture = (poster(1000, 1400).rgba * 255).astype(np.uint8)
    PilImage.fromarray(picture).save(tmp_path / "large.png")
    files = listing(tmp_path)
    # The command's modules are there before memory is cut off, as they would be in a long session.
    warm = (
        "import illustrators_depth.cli.commands.layers, illustrators_depth.depth\n"
        "import cv2, PIL.PngImagePlugin\n"
        "import illustrators_depth.predictors.heuristic, illustrators_depth.layering\n"
        "from illustrators_depth.cli import app\n"
        "once = lambda: True\n" + _LIMIT.format(megabytes=30) + "limit()"
    )
    done = run_cli("layers", "large.png", "-o", "out", "-m", "heuristic", cwd=tmp_path, before=warm)
    assert (done.returncode, done.stdout) == (2, ""), done.stderr
    assert done.stderr.startswith("Error: ")
    assert "memory" in done.stderr
    one_sentence(done.stderr)
    assert listing(tmp_path) == files


def test_how_libraries_say_it() -> None:
    """The words that `is_out_of_memory` looks for are those of the libraries themselves."""
    with pytest.raises(cv2.error) as raised:
        cv2.resize(np.zeros((2, 2), np.uint8), (1 << 20, 1 << 20))
    assert is_out_of_memory(raised.value)
    with pytest.raises(MemoryError) as numpys:
        np.zeros(1 << 60, np.uint8)
    assert is_out_of_memory(numpys.value)
    torch = pytest.importorskip("torch")
    with pytest.raises(RuntimeError) as torchs:
        torch.zeros(1 << 58, dtype=torch.uint8)
    assert is_out_of_memory(torchs.value)
    assert not is_out_of_memory(ValueError("a picture"))
