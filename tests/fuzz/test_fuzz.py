"""Every reader is fuzzed for a moment in each run of the tests; what was found before stays fixed.

`make fuzz SECONDS=600` goes on for longer.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.fuzz.fuzz import FOUND
from tests.fuzz.targets import TARGETS, seeds

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("name", TARGETS)
def test_good_input_is_read(name: str) -> None:
    """The seeds are good ones: else the fuzzer would knock at the outermost door only."""
    count = 0
    for data in seeds(name):
        TARGETS[name](data)
        count += 1
    assert count


@pytest.mark.parametrize("name", TARGETS)
def test_a_moment_of_fuzzing(name: str) -> None:
    """Some hundred inputs, guided by coverage where atheris is installed; the same each time."""
    blind = [] if importlib.util.find_spec("atheris") else ["--blind"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.fuzz.fuzz", name, "--here", *blind,
         "--runs", "400", "--seconds", "4", "--seed", "7"],
        cwd=ROOT, capture_output=True, text=True, errors="replace", timeout=120, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]


def test_what_the_fuzzer_kept() -> None:
    for path in sorted(FOUND.iterdir()):
        if path.name != "README.md":
            TARGETS[path.name.partition("-")[0]](path.read_bytes())


def _npy(header: bytes) -> bytes:
    return b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


# What the first minutes found, and more of the same kind.
MENDED = {
    "a NUL in an array's header": ("depth", _npy(b"{'descr': '<f4',\0 'shape': (2, 2), }\n")),
    "an open bracket in an array's header": ("depth", _npy(b"{'descr': (((\n")),
    "an unpickler that pops an empty stack": ("checkpoint", b"\x80\x02\x85."),
    "an unpickler that misses its mark": ("checkpoint", b"\x80\x02t."),
    "a depth without predictor": (
        "worker_request", json.dumps({"id": 1, "job": "layers", "params": {
            "depth": {"path": "a.npy"}}}).encode()),
    "a depth that is a number": (
        "worker_request", b'{"id":1,"job":"layers","params":{"depth":7}}'),
    "settings that are a list": (
        "worker_request", b'{"id":1,"job":"layers","params":{"decompose":[1]}}'),
    "a number where a word belongs": (
        "worker_request", b'{"id":1,"job":"depth","params":{"settings":{"device":1}}}'),
    "a word where a number belongs": (
        "worker_request", b'{"id":1,"job":"layers","params":{"decompose":{"layers":"3"}}}'),
    "cuts that are words": (
        "worker_request", b'{"id":1,"job":"layers","params":{"decompose":{"thresholds":["a"]}}}'),
    "progress without a stage": ("worker_answer", b'{"type":"progress","id":1}'),
    "progress beyond the end": (
        "worker_answer", b'{"type":"progress","id":1,"stage":"a","fraction":1e9,"eta":null}'),
    "a result that is none": ("worker_answer", b'{"type":"result","id":1,"result":3}'),
    "an id that is a list": ("worker_answer", b'{"type":"result","id":[],"result":{}}'),
    "an answer that nests too deeply": ("worker_answer", b"[" * 100_000 + b"\n"),
}  # fmt: skip


@pytest.mark.parametrize("case", MENDED)
def test_mended(case: str) -> None:
    name, data = MENDED[case]
    TARGETS[name](data)
