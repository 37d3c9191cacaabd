"""How much memory this machine has, and giving back what is not needed."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

__all__ = ["available_memory", "give_back_memory", "physical_memory"]


def physical_memory() -> int | None:
    """Bytes of memory in the machine; None where the system does not say."""
    if sys.platform == "win32":
        return _windows_memory()[0]
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def available_memory() -> int | None:
    """Bytes that programs can still take without swapping; None where the system does not say.

    In a container or under a scheduler it is what their limit leaves, if that is less.
    """
    if sys.platform == "win32":
        return _windows_memory()[1]
    left = [value for value in (_linux_available(), _cgroup_left()) if value is not None]
    return min(left) if left else physical_memory()


def _linux_available() -> int | None:
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _cgroup_left() -> int | None:
    """What the control group's limit (version 2, else 1) leaves, file caches counted as free."""
    for root, limit, used, cache in (
        ("/sys/fs/cgroup", "memory.max", "memory.current", "inactive_file"),
        ("/sys/fs/cgroup/memory", "memory.limit_in_bytes", "memory.usage_in_bytes",
         "total_inactive_file"),
    ):  # fmt: skip
        most, now = _text(Path(root, limit)).strip(), _text(Path(root, used)).strip()
        if not (most.isdigit() and now.isdigit()):
            continue
        caches = [line.split() for line in _text(Path(root, "memory.stat")).splitlines()]
        free = sum(int(line[1]) for line in caches if len(line) == 2 and line[0] == cache)
        return max(0, int(most) - int(now) + free)
    return None


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _windows_memory() -> tuple[int | None, int | None]:
    """Bytes in the machine, and free ones."""
    if sys.platform != "win32":
        return None, None
    import ctypes

    class Status(ctypes.Structure):
        _fields_ = (
            ("length", ctypes.c_ulong),
            ("load", ctypes.c_ulong),
            ("total", ctypes.c_ulonglong),
            ("free", ctypes.c_ulonglong),
            ("others", ctypes.c_ulonglong * 5),
        )

    status = Status(length=ctypes.sizeof(Status))
    asked = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return (int(status.total), int(status.free)) if asked else (None, None)


def give_back_memory() -> None:
    """Return to the system what the C library keeps of freed memory; only glibc can be asked to.

    It keeps as much as was ever needed at once, in pieces, and looks like a leak from outside.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
