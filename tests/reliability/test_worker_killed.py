"""The worker killed at every stage of its life: one sentence, no half-written file, try again."""

from __future__ import annotations

import os
import signal
import threading
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.depth import predict_depth
from illustrators_depth.errors import WorkerError
from illustrators_depth.layering import decompose
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker import WorkerClient, collect_layers, submit_layers
from tests.reliability.faults import faulty_python, one_sentence, poster

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

HEURISTIC = DepthSettings(model="heuristic")

# Stage -> the fault that kills the worker in it.
KILLS = {
    "start": "die()",
    "hello": "from illustrators_depth.worker import environment\nenvironment.hello = die",
    "reading": "from illustrators_depth.worker import jobs\n"
    "real = jobs.load_array\n"
    "jobs.load_array = lambda *a: (die(), real(*a))[1]",
    "loading": "at_stage('loading', die)",
    "depth": "at_stage('depth', die)",
    "layers": "at_stage('layers', die)",
    "writing": "at_stage('writing', die)",
    "inside the answer's file": "import zipfile\n"
    "real, count = zipfile.ZipFile.writestr, []\n"
    "def writestr(self, *a, **k):\n"
    "    count.append(1)\n"
    "    if len(count) == 5: self.fp.flush(); die()\n"
    "    return real(self, *a, **k)\n"
    "zipfile.ZipFile.writestr = writestr",
    "before the answer's line": "from illustrators_depth.worker.server import Server\n"
    "real = Server._send\n"
    "def send(self, message):\n"
    "    if message['type'] == 'result': die()\n"
    "    real(self, message)\n"
    "Server._send = send",
}  # fmt: skip


@pytest.mark.parametrize("stage", KILLS)
def test_killed(tmp_path: Path, stage: str) -> None:
    fault = KILLS[stage]
    if stage == "hello":  # one bad start, then a good one
        fault = fault.replace("environment.hello = die", "real = environment.hello\n"
                              "environment.hello = lambda: (die(), real())[1]")  # fmt: skip
    picture = poster()
    with WorkerClient(faulty_python(tmp_path, fault)) as worker:
        with pytest.raises(WorkerError, match="signal 9") as raised:
            worker.wait(submit_layers(worker, picture, HEURISTIC), 60)
        one_sentence(str(raised.value))
        assert list(worker.folder.iterdir()) == []
        assert not worker.running
        again = submit_layers(worker, picture, HEURISTIC)
        worker.wait(again, 60)
        _, stack = collect_layers(again)
    direct = decompose(picture, predict_depth(picture, settings=HEURISTIC))
    np.testing.assert_array_equal(stack.labels, direct.labels)


def test_killed_with_a_queue(tmp_path: Path) -> None:
    """Every job that waited hears of it, and each can be sent again."""
    with WorkerClient(faulty_python(tmp_path, "at_stage('layers', die)")) as worker:
        jobs = [submit_layers(worker, poster(seed=i), HEURISTIC) for i in range(3)]
        for job in jobs:
            with pytest.raises(WorkerError, match="signal 9"):
                worker.wait(job, 60)
        assert list(worker.folder.iterdir()) == []
        again = [submit_layers(worker, poster(seed=i), HEURISTIC) for i in range(3)]
        assert all(worker.wait(job, 60)["layers"] > 1 for job in again)


def test_killed_again_and_again() -> None:
    """Five kills at random moments, under a thread, not in step with anything the client does."""
    rng = np.random.default_rng(0)
    picture = poster(192, 256)
    finished = 0
    with WorkerClient() as worker:
        for _ in range(5):
            job = submit_layers(worker, picture, HEURISTIC)
            pid = worker.pid
            assert pid is not None
            delay = float(rng.uniform(0.0, 0.6))
            killer = threading.Timer(delay, os.kill, (pid, signal.SIGKILL))
            killer.start()
            try:
                worker.wait(job, 60)
                collect_layers(job)
                job.release()
                finished += 1
            except WorkerError as error:
                one_sentence(str(error))
            finally:
                killer.join()
            assert list(worker.folder.iterdir()) == []
        # The last kill may hit a worker that had finished; if it is still dying when the next job
        # comes, that job says "try again", and then it works.
        for attempt in range(2):
            job = submit_layers(worker, picture, HEURISTIC)
            try:
                worker.wait(job, 60)
                break
            except WorkerError:
                assert attempt == 0
        assert collect_layers(job)[1].width == 256
    assert finished < 5
