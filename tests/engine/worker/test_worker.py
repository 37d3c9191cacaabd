"""The worker and its client: real processes, real signals, real garbage."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import Cancelled, InputError, UnavailableError, WorkerError
from illustrators_depth.progress import no_progress
from illustrators_depth.settings import DecomposeSettings, DepthSettings
from illustrators_depth.types import Image
from illustrators_depth.worker import (
    WorkerClient,
    collect_depth,
    collect_layers,
    submit_depth,
    submit_layers,
)
from illustrators_depth.worker.array_files import make_folder, save_array, sweep
from illustrators_depth.worker.jobs import Jobs
from illustrators_depth.worker.process import command, engine_folder
from illustrators_depth.worker.protocol import PROTOCOL

HEURISTIC = DepthSettings(model="heuristic")
posix = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")


@pytest.fixture
def worker():
    with WorkerClient(cancel_grace=1.0) as client:
        yield client


@pytest.fixture
def picture() -> Image:
    """A blue disc on a red square on white."""
    y, x = np.mgrid[:48, :64]
    rgba = np.ones((48, 64, 4), np.float32)
    rgba[8:40, 8:56, :3] = (0.8, 0.1, 0.1)
    rgba[(x - 32) ** 2 + (y - 24) ** 2 < 100, :3] = (0.1, 0.2, 0.9)
    return Image(rgba, name="disc")


def until(condition, seconds: float = 10.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def alive(pid: int) -> bool:
    """Whether the process runs; a zombie (ended, not yet reaped by its parent) does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def test_hello_and_ping(worker):
    assert worker.wait(worker.submit("ping", {"payload": [1, "é"]}), 20)["pong"] == [1, "é"]
    assert worker.hello["protocol"] == PROTOCOL
    assert worker.hello["pid"] == worker.pid
    assert worker.hello["devices"][0] == "cpu"
    assert "heuristic" in worker.hello["models"]
    assert worker.hello["versions"]["python"].startswith("3.")


def test_depth_equals_the_direct_call(worker, picture):
    from illustrators_depth.depth import predict_depth

    job = submit_depth(worker, picture, HEURISTIC)
    worker.wait(job, 30)
    direct = predict_depth(picture, settings=HEURISTIC)
    depth = collect_depth(job)
    np.testing.assert_array_equal(depth.values, direct.values)
    assert (depth.predictor, depth.device) == (direct.predictor, direct.device)


def test_layers_equal_the_direct_call(worker, picture):
    from illustrators_depth.depth import predict_depth
    from illustrators_depth.layering import decompose

    settings = DecomposeSettings(min_region=0.0)
    job = submit_layers(worker, picture, HEURISTIC, settings)
    seen = []
    worker.wait(job, 60, lambda j: seen.append((j.stage, j.fraction)))
    depth, stack = collect_layers(job)
    direct = decompose(picture, predict_depth(picture, settings=HEURISTIC), settings)
    np.testing.assert_array_equal(stack.labels, direct.labels)
    for ours, theirs in zip(stack, direct, strict=True):
        np.testing.assert_array_equal(ours.mask_crop, theirs.mask_crop)
        np.testing.assert_allclose(ours.rgba_crop, theirs.rgba_crop, rtol=0, atol=0.5001 / 255)
    assert [layer.name for layer in stack] == [layer.name for layer in direct]
    assert stack.name == "disc"
    fractions = [fraction for _, fraction in seen]
    assert fractions == sorted(fractions)
    assert fractions[-1] == 1.0

    assert job.folder.is_dir()
    job.release()
    assert job.folder is None
    assert not list(worker.folder.iterdir())

    again = submit_layers(worker, picture, HEURISTIC, settings, depth=depth)
    worker.wait(again, 60)
    np.testing.assert_array_equal(collect_layers(again)[1].labels, direct.labels)


def test_errors_keep_their_class_and_the_worker_lives_on(worker, picture):
    pid = None
    folder = str(worker.folder)
    image = str(save_array(worker.folder / "image.npy", picture.rgba))
    for params, kind, words in [
        ({"image": "/nowhere/a.png", "folder": folder}, InputError, "a.png"),
        ({"image": "a.npy", "folder": "/nowhere"}, InputError, "/nowhere"),
        (
            {"folder": str(worker.folder), "image": image, "settings": {"modle": "x"}},
            InputError,
            "modle",
        ),
    ]:
        with pytest.raises(kind, match=words):
            worker.wait(worker.submit("depth", params), 20)
        pid = pid or worker.pid
    with pytest.raises(WorkerError, match="no job called 'dance'"):
        worker.wait(worker.submit("dance"), 20)
    with pytest.raises(InputError):
        worker.wait(submit_depth(worker, picture, DepthSettings(model="no-such-model")), 20)
    with pytest.raises(InputError, match="seconds must be a number"):
        worker.wait(worker.submit("ping", {"seconds": "soon"}), 20)
    assert worker.pid == pid


def test_cancel_is_answered_and_the_next_job_runs(worker):
    job = worker.submit("ping", {"seconds": 60})
    until(lambda: worker.poll() or job.fraction > 0)
    pid = worker.pid
    worker.cancel(job)
    with pytest.raises(Cancelled):
        worker.wait(job, 5)
    assert job.state == "cancelled"
    assert worker.wait(worker.submit("ping", {"payload": 2}), 10)["pong"] == 2
    assert worker.pid == pid


def test_a_queued_job_can_be_cancelled_before_it_starts(worker):
    first = worker.submit("ping", {"seconds": 2.0})
    until(lambda: worker.poll() or first.fraction > 0)
    second = worker.submit("ping", {"seconds": 60})
    worker.cancel(second)
    with pytest.raises(Cancelled):
        worker.wait(second, 5)
    assert not first.finished
    worker.wait(first, 20)


@posix
def test_a_worker_deaf_to_cancel_is_killed(worker):
    job = worker.submit("ping", {"seconds": 60})
    other = worker.submit("ping")
    until(lambda: worker.poll() or job.fraction > 0)
    pid = worker.pid
    os.kill(pid, signal.SIGSTOP)
    worker.cancel(job)
    with pytest.raises(Cancelled):
        worker.wait(job, 10)
    assert not alive(pid)
    assert other.state == "failed"
    assert worker.wait(worker.submit("ping", {"payload": 3}), 20)["pong"] == 3


@posix
def test_kill_minus_nine_is_reported_and_try_again_works(worker):
    job = worker.submit("ping", {"seconds": 60})
    until(lambda: worker.poll() or job.fraction > 0)
    os.kill(worker.pid, signal.SIGKILL)
    with pytest.raises(WorkerError, match=r"signal 9.*try again"):
        worker.wait(job, 10)
    assert job.state == "failed"
    assert not worker.running
    assert worker.wait(worker.submit("ping", {"payload": 4}), 20)["pong"] == 4


def test_a_crash_while_idle_does_not_fail_the_next_job(worker):
    worker.wait(worker.submit("ping"), 20)
    pid = worker.pid
    os.kill(pid, signal.SIGTERM)
    until(lambda: not worker.running)
    assert worker.wait(worker.submit("ping", {"payload": 5}), 20)["pong"] == 5


def test_a_failed_start_shows_the_last_words(tmp_path):
    program = tmp_path / "python"
    program.write_text("#!/bin/sh\necho 'no module named numpy' >&2\nexit 3\n")
    program.chmod(0o700)
    words = r"(?s)could not be started with .*exit code 3.*no module named numpy"
    with WorkerClient(str(program)) as client, pytest.raises(WorkerError, match=words):
        client.wait(client.submit("ping"), 10)


def test_a_missing_interpreter_is_one_sentence():
    with (
        WorkerClient("/nowhere/python") as client,
        pytest.raises(UnavailableError, match="/nowhere"),
    ):
        client.submit("ping")


def test_two_clients_do_not_meet():
    with WorkerClient() as one, WorkerClient() as two:
        jobs = [
            (c, c.submit("ping", {"payload": i, "seconds": 0.2})) for i, c in enumerate((one, two))
        ]
        assert [c.wait(job, 20)["pong"] for c, job in jobs] == [0, 1]
        assert one.pid != two.pid
        assert one.folder != two.folder


def test_close_ends_the_process_mid_job_and_removes_the_folder():
    client = WorkerClient()
    job = client.submit("ping", {"seconds": 60})
    until(lambda: client.poll() or job.fraction > 0)
    pid, folder = client.pid, client.folder
    client.close()
    assert not alive(pid)
    assert not folder.exists()
    assert job.state == "failed"


def test_timeout_cancels(worker):
    job = worker.submit("ping", {"seconds": 60})
    with pytest.raises(WorkerError, match=r"within 0\.3 seconds"):
        worker.wait(job, 0.3)
    with pytest.raises(Cancelled):
        worker.wait(job, 10)


def raw_worker(folder: Path) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command(sys.executable, [str(engine_folder())], folder),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_garbage_lines_are_answered_one_by_one(tmp_path):
    garbage = [
        b"\xff\xfe\x00 not text",
        b"[1, 2",
        b"42",
        b'{"id": 1}',
        b'{"id": "one", "job": "ping"}',
        b'{"id": true, "job": "ping"}',
        b'{"id": 1, "job": "ping", "params": []}',
        b"[" * 100_000,
        b"x" * 1_500_000,
    ]
    process = raw_worker(tmp_path)
    lines = b"\n".join([*garbage, b"", b'{"id": 9, "job": "ping"}', b""])
    process.stdin.write(lines)
    process.stdin.flush()
    answers = []
    while not answers or answers[-1].get("id") != 9:
        answers.append(json.loads(process.stdout.readline()))
    process.stdin.write(b'{"job": "shutdown"}\n')
    process.stdin.flush()
    assert process.wait(10) == 0
    assert sum(a["type"] == "hello" for a in answers) == 1
    errors = [a for a in answers if a["type"] == "error"]
    assert len(errors) == len(garbage)
    assert all(a["code"] == "protocol" and a["id"] is None for a in errors)
    assert answers[-1]["type"] == "result"
    process.communicate()


def test_stray_output_goes_to_stderr_not_into_the_protocol():
    code = (
        "import os, sys\n"
        "from illustrators_depth.worker import environment, server\n"
        "def hello(real=environment.hello):\n"
        "    print('python says'); os.write(1, b'C says\\n'); return real()\n"
        "environment.hello = hello\n"
        "server.main([])\n"
    )
    process = subprocess.run(
        [sys.executable, "-u", "-c", code], input=b"", capture_output=True, timeout=20, check=False
    )
    assert b"says" not in process.stdout
    assert b"python says" in process.stderr or process.stderr == b""  # stdin may close first


@posix
def test_the_worker_leaves_when_its_client_dies():
    code = (
        "import sys, time\n"
        "from illustrators_depth.worker import WorkerClient\n"
        "client = WorkerClient()\n"
        "job = client.submit('ping', {'seconds': 60})\n"
        "while not job.fraction: client.poll(); time.sleep(0.01)\n"
        "print(client.pid, client.folder, flush=True)\n"
        "time.sleep(60)\n"
    )
    process = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)
    pid, folder = process.stdout.readline().decode().split()
    assert alive(int(pid))
    process.kill()
    process.communicate()
    until(lambda: not alive(int(pid)), 5)
    until(lambda: not Path(folder).exists(), 5)


@posix
def test_folders_of_dead_owners_are_swept():
    mine = make_folder()
    dead = subprocess.Popen([sys.executable, "-c", ""])
    dead.wait()
    left = mine.with_name(mine.name.replace(str(os.getpid()), str(dead.pid), 1))
    left.mkdir()
    sweep()
    assert mine.exists()
    assert not left.exists()
    mine.rmdir()


@posix
def test_a_folder_for_a_moment_is_swept_after_its_owner_was_killed():
    code = (
        "from illustrators_depth.worker.array_files import private_folder\n"
        "with private_folder() as folder:\n"
        "    (folder / 'half a file').touch(); print(folder, flush=True); input()\n"
    )
    pipe = subprocess.PIPE
    with subprocess.Popen([sys.executable, "-c", code], stdin=pipe, stdout=pipe) as owner:
        left = Path(owner.stdout.readline().decode().strip())
        sweep()
        assert list(left.iterdir())  # its owner is still at work
        owner.kill()
    sweep()
    assert not left.exists()


def test_the_child_runs_the_very_engine_of_the_client(tmp_path, worker):
    """Also where that engine is not installed: a copy in a folder no interpreter knows."""
    (tmp_path / "illustrators_depth").symlink_to(engine_folder() / "illustrators_depth")
    with WorkerClient(paths=[str(tmp_path)]) as client:
        assert client.wait(client.submit("ping", {"payload": 6}), 20)["pong"] == 6
    assert worker.paths == (str(engine_folder()),)


def test_importing_the_worker_pulls_in_no_command_line_and_no_network_library():
    code = (
        "import sys, illustrators_depth.worker.server, illustrators_depth.worker.jobs\n"
        "bad = {'typer', 'rich', 'torch', 'cv2', 'onnxruntime', 'bpy'} & set(sys.modules)\n"
        "sys.exit(', '.join(bad) or 0)\n"
    )
    process = subprocess.run([sys.executable, "-c", code], capture_output=True, check=False)
    assert process.returncode == 0, process.stderr


def lines_of(*requests: dict) -> list[dict]:
    """What a worker answers to these requests, after which its input is left open until it has."""
    process = subprocess.Popen(
        [sys.executable, "-m", "illustrators_depth.worker"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    assert process.stdin is not None and process.stdout is not None
    with process:
        process.stdin.write(b"".join(json.dumps(r).encode() + b"\n" for r in requests))
        process.stdin.flush()
        answers = []
        while len(answers) < len(requests):
            message = json.loads(process.stdout.readline())
            if message["type"] in ("result", "error"):
                answers.append(message)
        process.kill()
    return answers


def test_an_id_in_use_is_answered() -> None:
    ping = {"id": 7, "job": "ping", "params": {"seconds": 0.3, "payload": "first"}}
    answers = lines_of(ping, {"id": 7, "job": "ping"}, {"id": 8, "job": "ping"})
    refused = [a for a in answers if a["type"] == "error"]
    assert [(a["id"], a["code"]) for a in refused] == [(None, "protocol")]
    assert "id 7 is in use" in refused[0]["message"]
    assert {a["id"] for a in answers if a["type"] == "result"} == {7, 8}


@pytest.mark.parametrize(
    ("job", "params", "word"),
    [
        ("ping", {"seconds": "long"}, "seconds"),
        ("ping", {"seconds": float("1e400")}, "seconds"),
        ("layers", {"uid_base": "x"}, "uid_base"),
        ("layers", {"dpi": 3}, "dpi"),
    ],
)
def test_malformed_parameters_are_named(tmp_path: Path, job: str, params: dict, word: str) -> None:
    """In the worker's own words, so that no process need be started for each."""
    np.save(tmp_path / "image.npy", np.ones((4, 5, 4), np.float32))
    given = {"folder": str(tmp_path), "image": str(tmp_path / "image.npy"),
             "settings": {"model": "heuristic"}, **params}  # fmt: skip
    with pytest.raises(InputError, match=f"request's {word}"):
        Jobs().table[job](given, no_progress)


def test_what_the_engine_did_not_foresee_is_told_as_that() -> None:
    from illustrators_depth.worker.protocol import error_from, error_message

    line = error_message(7, ZeroDivisionError("division by zero"))
    assert (line["id"], line["code"]) == (7, "internal")
    assert "did not foresee (ZeroDivisionError: division by zero)" in line["message"]
    assert isinstance(error_from(line["code"], line["message"]), WorkerError)
