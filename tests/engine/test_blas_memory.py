"""Linear algebra where memory is short: reserved early, never in two threads without room."""

from __future__ import annotations

import subprocess
import sys

import pytest

from illustrators_depth.blas_memory import has_room

# What the process may still take is cut to some megabytes once its libraries are loaded.
_CUT = """
import resource, cv2, numpy as np
from concurrent.futures import ThreadPoolExecutor
from illustrators_depth.blas_memory import has_room, reserve_blas_memory
def cut(megabytes):
    used = int(open("/proc/self/statm").read().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used + (megabytes << 20),) * 2)
square = np.eye(200)
"""
linux = pytest.mark.skipif(sys.platform != "linux", reason="limits address space, reads /proc")


def _run(code: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _CUT + code], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout.strip()


@linux
def test_what_was_reserved_serves_when_memory_is_out() -> None:
    """Without it NumPy waits for ever here, and OpenCV ends the process."""
    said = _run(
        "reserve_blas_memory(); cut(4)\n"
        "print(np.linalg.solve(square, square @ square).sum(),"
        " cv2.gemm(square, square, 1, None, 0).sum())"
    )
    assert said == "200.0 200.0"


@linux
def test_too_little_for_a_reserve_is_out_of_memory() -> None:
    said = _run(
        "cut(4)\ntry:\n    reserve_blas_memory()\nexcept MemoryError as error:\n    print(error)"
    )
    assert "no room" in said


@linux
def test_one_thread_does_all_where_there_is_no_room_for_more() -> None:
    said = _run(
        "import threading\n"
        "from illustrators_depth.threads import parallel_map\n"
        "def make(item):\n"
        "    (square @ square).sum()\n"
        "    return threading.current_thread().name\n"
        "reserve_blas_memory(); cut(40)\n"
        "print(set(parallel_map(make, range(50), 1 << 22, 4)))"
    )
    assert said == "{'MainThread'}"


def test_room() -> None:
    assert has_room(1 << 20)
    assert not has_room(1 << 62)
