"""The error that the build scripts raise, and the one function that calls pip."""

from __future__ import annotations

import subprocess
import sys

__all__ = ["EXIT_USER", "BuildError", "pip"]

EXIT_USER = 2


class BuildError(Exception):
    """Something a person has to mend, in one sentence."""


def pip(*arguments: str) -> str:
    """Run pip of this Python and return what it printed; BuildError with its last line if not."""
    command = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check", *arguments]
    process = subprocess.run(command, check=False, capture_output=True, text=True)
    if process.returncode:
        messages = [line for line in process.stderr.splitlines() if line.startswith("ERROR")]
        messages = messages or process.stderr.strip().splitlines() or ["no message"]
        raise BuildError(f"pip {arguments[0]} failed: {messages[-1].removeprefix('ERROR: ')}")
    return process.stdout
