"""Starting the worker process and reading its pipes without ever blocking the caller."""

from __future__ import annotations

import collections
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import IO, Any

from ..errors import UnavailableError, WorkerError
from .protocol import MAX_LINE, encode

__all__ = ["WorkerProcess", "command", "engine_folder"]

# Runs in the child only: the search path of the client's own process is never touched.
_BOOTSTRAP = (
    "import sys; n = int(sys.argv[1]); sys.path[:0] = sys.argv[2:2 + n]; "
    "from {module} import main; main(sys.argv[2 + n:])"
)


def engine_folder() -> Path:
    """The folder that holds the `illustrators_depth` package this code runs from."""
    return Path(__file__).resolve().parents[2]


def command(
    python: str,
    paths: Sequence[str],
    folder: Path,
    module: str = "illustrators_depth.worker.server",
) -> list[str]:
    """The child's command line: isolated from the environment, unbuffered.

    `paths` are searched first by the child. They let it run the very engine the client runs,
    whether that was installed by pip, as an editable checkout, or as a wheel of a Blender
    extension (whose folder a fresh interpreter does not know). Empty: the engine installed there.
    `module` is what serves, by its function `main`.
    """
    bootstrap = _BOOTSTRAP.format(module=module)
    return [python, "-I", "-u", "-c", bootstrap, str(len(paths)), *paths, str(folder)]


class WorkerProcess:
    """One running child and the two threads that read its pipes.

    program: its command line. It runs in `folder`, which also takes its temporary files.
    `messages` receives decoded lines (dicts), and None once the child's stdout has closed.
    """

    def __init__(self, program: Sequence[str], folder: Path) -> None:
        self.messages: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()
        self._stderr: collections.deque[str] = collections.deque(maxlen=40)
        self._program = program[0]
        self._said_hello = False
        try:
            self._process = subprocess.Popen(
                list(program),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                cwd=folder,
                # Whatever it leaves in a temporary folder goes when ours does.
                env={**os.environ, "TMPDIR": str(folder), "TEMP": str(folder), "TMP": str(folder)},
                creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
                start_new_session=sys.platform != "win32",  # Ctrl-C is the client's to handle
            )
        except OSError as error:
            raise UnavailableError(
                f"The engine's program {program[0]} cannot be started ({error.strerror or error}); "
                "check the path."
            ) from error
        self._threads = [
            threading.Thread(target=self._read_stdout, name="worker stdout", daemon=True),
            threading.Thread(target=self._read_stderr, name="worker stderr", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, message: dict[str, Any]) -> None:
        """Write one line; raises WorkerError when the child no longer listens."""
        assert self._process.stdin is not None
        try:
            self._process.stdin.write(encode(message))
            self._process.stdin.flush()
        except (OSError, ValueError) as error:
            raise WorkerError(self.exit_message()) from error

    def exit_message(self) -> str:
        """One sentence on how the child ended, with the last lines it wrote to stderr.

        A child that never said hello will not do better the next time.
        """
        try:
            code = self._process.wait(timeout=2.0)
        except subprocess.TimeoutExpired:
            how = "closed its pipe without ending"
        else:
            how = f"was ended by signal {-code}" if code < 0 else f"ended with exit code {code}"
        self._threads[1].join(timeout=1.0)
        tail = "".join(self._stderr).strip()[-1500:]
        sentence = f"The engine's process {how} while it was needed; try again."
        if not self._said_hello:
            sentence = (
                f"The engine could not be started with {self._program}: it {how}; check that "
                "illustrators-depth is installed there."
            )
        return f"{sentence}\nIts last words:\n{tail}" if tail else sentence

    def kill(self) -> None:
        """End the child at once, whatever it is doing, and reap it."""
        with contextlib.suppress(OSError):
            self._process.kill()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self._process.wait(timeout=5.0)
        self._close_pipes()

    def stop(self, grace: float) -> None:
        """Close stdin, which tells the child to leave; kill it after `grace` seconds."""
        assert self._process.stdin is not None
        with contextlib.suppress(OSError):
            self._process.stdin.close()
        try:
            self._process.wait(timeout=grace)
        except subprocess.TimeoutExpired:
            self.kill()
        self._close_pipes()

    def _close_pipes(self) -> None:
        for thread in self._threads:
            thread.join(timeout=1.0)
        pipes: tuple[IO[bytes] | None, ...] = (
            self._process.stdin,
            self._process.stdout,
            self._process.stderr,
        )
        for pipe, busy in zip(pipes, (False, *(t.is_alive() for t in self._threads)), strict=True):
            if pipe is not None and not busy:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _read_stdout(self) -> None:
        assert self._process.stdout is not None
        try:
            while line := self._process.stdout.readline(MAX_LINE):
                try:
                    message = json.loads(line)
                except (ValueError, RecursionError):
                    message = None
                if isinstance(message, dict):
                    self._said_hello = True  # whatever it says first, it runs
                    self.messages.put(message)
                else:
                    self._stderr.append(f"(not a message: {line[:200]!r})\n")
        finally:
            self.messages.put(None)

    def _read_stderr(self) -> None:
        assert self._process.stderr is not None
        while line := self._process.stderr.readline(MAX_LINE):
            self._stderr.append(line.decode("utf-8", "replace"))
