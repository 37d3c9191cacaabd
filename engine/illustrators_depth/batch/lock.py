"""A lock on a folder that the operating system lets go of when its holder dies."""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

from ..errors import InputError

__all__ = ["FolderLock"]

_NAME = "lock"


class FolderLock:
    """Holds `folder`/lock until `release`; InputError when another process holds it."""

    def __init__(self, folder: Path) -> None:
        path = folder / _NAME
        self._handle = path.open("ab")
        try:
            _lock(self._handle.fileno())
            # A holder that has just ended may have removed the file that we hold.
            if not os.path.samestat(os.fstat(self._handle.fileno()), path.stat()):
                raise FileNotFoundError
        except OSError as error:
            self._handle.close()
            raise InputError(
                f"Another batch is writing into {folder.parent}; wait for it to end, or choose "
                "another folder."
            ) from error

    def release(self) -> None:
        """Let go; further calls do nothing."""
        with contextlib.suppress(OSError):
            self._handle.close()


if sys.platform == "win32":

    def _lock(descriptor: int) -> None:
        import msvcrt

        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

else:

    def _lock(descriptor: int) -> None:
        import fcntl

        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
