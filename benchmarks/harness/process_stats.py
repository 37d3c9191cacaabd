"""Memory and processor time of a process, from Linux's /proc; zeros elsewhere."""

from __future__ import annotations

import os
from pathlib import Path

__all__ = ["cpu_seconds", "memory_mb"]


def memory_mb(field: str = "VmRSS", pid: int | str | None = "self") -> float:
    """Memory of a process in MB: "VmRSS" resident now, "VmHWM" at its peak."""
    try:
        lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    except OSError:
        return 0.0
    kilobytes = (float(line.split()[1]) for line in lines if line.startswith(f"{field}:"))
    return next(kilobytes, 0.0) / 1024


def cpu_seconds(pid: int | str | None = "self") -> float:
    """Processor time that a process has used so far, its own and the system's for it."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
