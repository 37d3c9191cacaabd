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

    In a container, under a scheduler or under a limit of this process (`ulimit -v`) it is what that
    leaves, if it is less.
    """
    if sys.platform == "win32":
        return _windows_memory()[1]
    # Each is None where there is no such thing.
    readings = (_linux_available(), _mac_available(), _cgroup_left(), _limit_left())
    bounds = [value for value in readings if value is not None]
    return min(bounds) if bounds else physical_memory()


def _linux_available() -> int | None:
    """What Linux estimates that programs can take without swapping."""
    for line in _text(Path("/proc/meminfo")).splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def _mac_available() -> int | None:
    """What macOS calls free: `kern.memorystatus_level` is its share in per cent."""
    if sys.platform != "darwin":
        return None
    import ctypes

    level, size = ctypes.c_int(), ctypes.c_size_t(ctypes.sizeof(ctypes.c_int))
    try:
        status = ctypes.CDLL(None).sysctlbyname(
            b"kern.memorystatus_level", ctypes.byref(level), ctypes.byref(size), None, 0
        )
    except (OSError, AttributeError):
        return None
    total = physical_memory()
    return total * level.value // 100 if status == 0 and total else None


def _limit_left() -> int | None:
    """Bytes that this process's limit on address space (`ulimit -v`) leaves, where there is one."""
    try:
        import resource
    except ImportError:  # Windows
        return None
    limit = resource.getrlimit(resource.RLIMIT_AS)[0]
    pages = _text(Path("/proc/self/statm")).split()  # the first is all of the address space
    if limit == resource.RLIM_INFINITY or not pages:
        return None
    return max(0, limit - int(pages[0]) * resource.getpagesize())


def _cgroup_left() -> int | None:
    """Bytes that the control groups' limits leave, file caches counted as free.

    Looks at the files of version 2 and of version 1; a computer may have both.
    """
    left = [
        value
        for folder in _cgroup_folders()
        for limit, used, cache in (
            ("memory.max", "memory.current", "inactive_file"),
            ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file"),
        )
        if (value := _left_in(folder, limit, used, cache)) is not None
    ]
    return min(left, default=None)


def _cgroup_folders() -> list[Path]:
    """Folders of this process's control group and of those that hold it."""
    folders = []
    for line in _text(Path("/proc/self/cgroup")).splitlines():
        # "number:controllers:path"; version 2 names no controllers.
        _, controllers, path = [*line.split(":", 2), "", ""][:3]
        if controllers and "memory" not in controllers.split(","):
            continue
        root = Path("/sys/fs/cgroup/memory" if controllers else "/sys/fs/cgroup")
        group = Path(path.lstrip("/"))
        # Inside a container the group's path is the host's, and its files are the root's.
        folders += [root / folder for folder in (group, *group.parents)]
    return list(dict.fromkeys(folders))


def _left_in(folder: Path, limit: str, used: str, cache: str) -> int | None:
    """Bytes left in one control group; None without a limit.

    Args:
        folder: the group's.
        limit, used: names of its files with these numbers.
        cache: the line of its memory.stat with the file caches that can be dropped.
    """
    limit_text, used_text = _text(folder / limit).strip(), _text(folder / used).strip()
    if not (limit_text.isdigit() and used_text.isdigit()):
        return None
    caches = [line.split() for line in _text(folder / "memory.stat").splitlines()]
    free = sum(int(line[1]) for line in caches if len(line) == 2 and line[0] == cache)
    return max(0, int(limit_text) - int(used_text) + free)


def _text(path: Path) -> str:
    """A small file's text, "" where it cannot be read."""
    try:
        return path.read_text(encoding="ascii", errors="replace")
    except OSError:
        return ""


def _windows_memory() -> tuple[int | None, int | None]:
    """Bytes of memory in the machine, and those that are free (GlobalMemoryStatusEx)."""
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
    succeeded = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
    return (int(status.total), int(status.free)) if succeeded else (None, None)


def give_back_memory() -> None:
    """Return to the system what the C library keeps of freed memory; only glibc can be asked to.

    What it keeps, in pieces, can be as much as was ever needed at once: from outside a leak.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
