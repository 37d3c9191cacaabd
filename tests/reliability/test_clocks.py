"""Clocks that jump, and a laptop that sleeps in the middle of a job."""

from __future__ import annotations

import os
import signal
import time
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.depth import predict_depth
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.layering import decompose
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers
from tests.reliability.faults import faulty_python, poster

HEURISTIC = DepthSettings(model="heuristic")
# Before zip's first year, before this century, and past the 32-bit end of time.
ODD_TIMES = (-86_400.0, 0.0, 10.0**9, 2.0**32)


@pytest.mark.parametrize("moment", ODD_TIMES)
def test_files_do_not_care_what_year_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: float
) -> None:
    picture = poster()
    stack = decompose(picture, predict_depth(picture, settings=HEURISTIC))
    now = save_stack(stack, tmp_path / "now.idl")
    monkeypatch.setattr(time, "time", lambda: moment)
    monkeypatch.setattr(time, "localtime", lambda s=None, real=time.localtime: real(s or moment))
    odd = save_stack(stack, tmp_path / "odd.idl")
    assert odd.read_bytes() == now.read_bytes()
    os.utime(odd, (moment, moment))
    np.testing.assert_array_equal(load_stack(odd).labels, stack.labels)


def test_the_clock_jumps_inside_a_job(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Years back and forth between any two looks at it, in the worker and in the client."""
    fault = (
        "import itertools, time\n"
        f"jumps = itertools.cycle({ODD_TIMES!r})\n"
        "time.time = lambda: next(jumps)\n"
    )
    jumps = iter(ODD_TIMES * 10_000)
    monkeypatch.setattr(time, "time", lambda: next(jumps))
    picture = poster()
    with WorkerClient(faulty_python(tmp_path, fault)) as worker:
        job = submit_layers(worker, picture, HEURISTIC)
        seen = []
        worker.wait(job, 60, lambda j: seen.append((j.fraction, j.eta)))
        _, stack = collect_layers(job)
    assert [f for f, _ in seen] == sorted(f for f, _ in seen)
    assert all(eta is None or 0.0 <= eta < 60.0 for _, eta in seen)
    direct = decompose(picture, predict_depth(picture, settings=HEURISTIC))
    np.testing.assert_array_equal(stack.labels, direct.labels)


@pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")
def test_the_worker_sleeps_and_wakes() -> None:
    """Stopped for longer than a cancel may take, while nobody cancelled: the job just goes on."""
    picture = poster(192, 256)
    with WorkerClient(cancel_grace=0.2) as worker:
        job = submit_layers(worker, picture, HEURISTIC)
        while job.stage == "starting":
            worker.poll()
        pid = worker.pid
        assert pid is not None
        os.kill(pid, signal.SIGSTOP)
        end = time.monotonic() + 0.6
        while time.monotonic() < end:
            worker.poll()
        assert worker.pid == pid
        os.kill(pid, signal.SIGCONT)
        assert worker.wait(job, 60)["layers"] > 1
