"""How much memory this machine has, and giving back what is not needed."""

from __future__ import annotations

import contextlib
import os
import sys

__all__ = ["give_back_memory", "physical_memory"]


def physical_memory() -> int | None:
    """Bytes of memory in the machine; None where the system does not say."""
    if sys.platform == "win32":
        import ctypes

        class Status(ctypes.Structure):
            _fields_ = (
                ("length", ctypes.c_ulong),
                ("load", ctypes.c_ulong),
                ("total", ctypes.c_ulonglong),
                ("others", ctypes.c_ulonglong * 6),
            )

        status = Status(length=ctypes.sizeof(Status))
        asked = ctypes.windll.kernel32.GlobalMemoryStatusEx(ctypes.byref(status))
        return int(status.total) if asked else None
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError):
        return None


def give_back_memory() -> None:
    """Return to the system what the C library keeps of freed memory; only glibc can be asked to.

    It keeps as much as was ever needed at once, in pieces, and looks like a leak from outside.
    """
    if sys.platform == "linux":
        import ctypes

        with contextlib.suppress(OSError, AttributeError):  # another C library
            ctypes.CDLL(None).malloc_trim(0)
