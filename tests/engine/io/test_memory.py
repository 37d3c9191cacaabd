"""Freed memory goes back to the system."""

import platform
import sys
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.io.memory import give_back_memory, physical_memory


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


@pytest.mark.skipif(
    sys.platform != "linux" or platform.libc_ver()[0] != "glibc", reason="glibc alone can be asked"
)
def test_what_is_freed_between_what_is_kept_goes_back():
    # Pieces too small to be the system's own, every twentieth kept: nothing is freed at the end.
    pieces = [np.ones(12_000) for _ in range(1000)]
    kept = pieces[::20]
    full = resident()
    del pieces
    give_back_memory()
    assert full - resident() > 50e6
    assert sum(float(piece[0]) for piece in kept) == 50
    total = physical_memory()
    assert total is not None and total > full
