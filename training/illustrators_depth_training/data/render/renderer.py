"""Talks to the renderer's process, watches its time and memory, kills and renews it.

The process is `node/server.js`, with usvg and resvg; its first lines say what the pipe carries.
A drawing can make any renderer hang, crash or take all memory; the builder must not notice more
than one discarded drawing. One `Renderer` per worker process; not thread-safe.
"""

from __future__ import annotations

import contextlib
import os
import select
import struct
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from illustrators_depth.errors import UnavailableError

from ..reasons import Discarded
from .install import NODE_SOURCES, ensure_node_packages

__all__ = ["RenderLimits", "Renderer"]

_NORMALISE, _SMOOTH, _CODES, _ALPHA, _CRISP = range(5)  # kinds of request, as the server has them
_HEADER_BYTES = 8  # of an answer: status, and length of what follows
_PIPE_BYTES = 1 << 20
_WATCH_INTERVAL = 0.02  # seconds between looks at the memory of a busy renderer


@dataclass(frozen=True)
class RenderLimits:
    """What a drawing may cost.

    Attributes:
        seconds: for one drawing, all its renders together, from `Renderer.normalise` on.
        megabytes: resident memory of the process; watched on Linux alone.
        recycle: drawings before a fresh process takes over, since native memory grows.
    """

    seconds: float = 20.0
    megabytes: int = 1500
    recycle: int = 1500


class Renderer:
    """usvg and resvg in a child process, which the first request starts.

    Every request raises `Discarded` when the drawing fails, and UnavailableError without node.
    A drawing begins with `normalise`; the other methods take SVG in that form. Sizes are pixels.

    Attributes:
        started: processes started so far.
    """

    def __init__(self, limits: RenderLimits | None = None) -> None:
        self.limits = limits or RenderLimits()
        self._process: subprocess.Popen[bytes] | None = None
        self._drawings = 0
        self._deadline = time.monotonic() + self.limits.seconds
        self.started = 0

    def __enter__(self) -> Renderer:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def normalise(self, svg: str) -> str:
        """Return usvg's form of the drawing: only groups and paths, all styles resolved."""
        self._deadline = time.monotonic() + self.limits.seconds
        self._drawings += 1
        if self._drawings > self.limits.recycle:
            self.close()
        return self._ask(_NORMALISE, 0, 0, svg).decode("utf-8")

    def picture(self, svg: str, width: int, height: int) -> np.ndarray:
        """Render anti-aliased on white: uint8 (height, width, 3), RGB."""
        return self._pixels(_SMOOTH, svg, width, height)[..., :3]

    def crisp(self, svg: str, width: int, height: int) -> np.ndarray:
        """Render without anti-aliasing on white: uint8 (height, width, 3), RGB."""
        return self._pixels(_CRISP, svg, width, height)[..., :3]

    def codes(self, svg: str, width: int, height: int) -> np.ndarray:
        """Render without anti-aliasing on a clear page: uint8 (height, width, 4), RGBA."""
        return self._pixels(_CODES, svg, width, height)

    def alpha(self, svg: str, width: int, height: int) -> np.ndarray:
        """Render the coverage alone, without anti-aliasing: uint8 (height, width)."""
        body = self._ask(_ALPHA, width, height, svg)
        return np.frombuffer(body, np.uint8).reshape(height, width)

    def close(self) -> None:
        """Stop the child process, if there is one; the next request starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with contextlib.suppress(OSError):
                    stream.close()

    def _pixels(self, kind: int, svg: str, width: int, height: int) -> np.ndarray:
        """A rendering as RGBA: uint8 (height, width, 4)."""
        body = self._ask(kind, width, height, svg)
        return np.frombuffer(body, np.uint8).reshape(height, width, 4)

    def _start(self) -> subprocess.Popen[bytes]:
        packages = ensure_node_packages()
        server = NODE_SOURCES / "server.js"
        try:
            process = subprocess.Popen(
                ["node", "--expose-gc", str(server), str(packages)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                # No proxy, no NODE_OPTIONS: the child needs nothing from the environment.
                env={"PATH": os.environ.get("PATH", "")},
                start_new_session=True,  # Ctrl-C goes to the builder, which closes the child
            )
        except FileNotFoundError:
            raise UnavailableError(
                "Building a data set needs node (https://nodejs.org) on the PATH; install it."
            ) from None
        assert process.stdin is not None and process.stdout is not None
        for stream in (process.stdin, process.stdout):
            os.set_blocking(stream.fileno(), False)
            _widen(stream.fileno())
        self._process = process
        self._drawings = 1
        self.started += 1
        return process

    def _ask(self, kind: int, width: int, height: int, svg: str) -> bytes:
        """The answer to a request, from a new process if the last one has ended."""
        process = self._process
        if process is None or process.poll() is not None:
            self.close()
            process = self._start()
        body = svg.encode("utf-8", "replace")
        request = struct.pack("<4I", kind, width, height, len(body)) + body
        try:
            status, answer = self._exchange(process, request)
        except Discarded:
            self.close()
            raise
        if status:
            raise Discarded("render-error", answer.decode("utf-8", "replace")[:200])
        return answer

    def _exchange(self, process: subprocess.Popen[bytes], request: bytes) -> tuple[int, bytes]:
        """Send one request and collect its answer, within the limits of time and memory.

        Returns the status, 0 for success, and the answer's body.
        """
        assert process.stdin is not None and process.stdout is not None
        to_child, from_child = process.stdin.fileno(), process.stdout.fileno()
        unsent = memoryview(request)
        received = bytearray()
        needed = _HEADER_BYTES
        while len(received) < needed:
            writing = [to_child] if unsent else []
            readable, writable, _ = select.select([from_child], writing, [], _WATCH_INTERVAL)
            try:
                if writable:
                    unsent = unsent[os.write(to_child, unsent[:_PIPE_BYTES]) :]
                if readable:
                    piece = os.read(from_child, _PIPE_BYTES)
                    if not piece:
                        raise Discarded("render-crash", f"exit status {process.wait()}")
                    received += piece
            except BrokenPipeError:
                raise Discarded("render-crash", f"exit status {process.wait()}") from None
            if needed == _HEADER_BYTES and len(received) >= _HEADER_BYTES:
                needed = _HEADER_BYTES + struct.unpack_from("<I", received, 4)[0]
            if not readable and not writable:
                if time.monotonic() > self._deadline:
                    raise Discarded("render-timeout", f"more than {self.limits.seconds:g} s")
                if _resident_megabytes(process.pid) > self.limits.megabytes:
                    raise Discarded("render-memory", f"more than {self.limits.megabytes} MB")
        return struct.unpack_from("<I", received, 0)[0], bytes(received[_HEADER_BYTES:needed])


def _widen(descriptor: int) -> None:
    """Let a pipe hold a whole picture, so that the two processes take turns less often."""
    with contextlib.suppress(ImportError, AttributeError, OSError):  # Linux alone has it
        import fcntl

        fcntl.fcntl(descriptor, fcntl.F_SETPIPE_SZ, _PIPE_BYTES)


def _resident_megabytes(pid: int) -> float:
    """Return the resident memory of a process; 0 where the system does not tell."""
    if not sys.platform.startswith("linux"):
        return 0.0
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError, ValueError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6
