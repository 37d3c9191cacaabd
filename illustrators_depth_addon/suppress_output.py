"""Keeps Blender's own messages out of a script's output, and prints them when something fails."""

from __future__ import annotations

import contextlib
import os
import sys
import tempfile
from collections.abc import Iterator

__all__ = ["suppress_output"]


@contextlib.contextmanager
def suppress_output() -> Iterator[None]:
    """Hold back what is written to stdout and stderr, also from C; print it if the block raises."""
    sys.stdout.flush()
    sys.stderr.flush()
    originals = [os.dup(1), os.dup(2)]
    with tempfile.TemporaryFile() as buffer:
        os.dup2(buffer.fileno(), 1)
        os.dup2(buffer.fileno(), 2)
        failed = True
        try:
            yield
            failed = False
        finally:
            sys.stdout.flush()
            sys.stderr.flush()
            for number, original in zip((1, 2), originals, strict=True):
                os.dup2(original, number)
                os.close(original)
            if failed:
                buffer.seek(0)
                sys.stderr.write(buffer.read().decode("utf-8", "replace"))
