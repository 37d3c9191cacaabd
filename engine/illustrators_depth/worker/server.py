"""The worker's side of the pipe: reads requests in a thread, runs jobs in the main thread.

stdout belongs to the protocol alone. Before anything else is imported, the real stdout is moved to
a private descriptor and descriptor 1 is pointed at stderr, so that a library's stray print (also
one from C) cannot break a line.
"""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, BinaryIO, NoReturn

from ..errors import Cancelled, WorkerError
from ..io.memory import give_back_memory
from ..progress import Progress
from .protocol import MAX_LINE, Request, decode_request, encode, error_message

__all__ = ["Server", "Table", "main"]

# Name -> job: from params and a way to report to a result, all plain JSON.
Table = dict[str, Callable[[Mapping[str, Any], Progress], dict[str, Any]]]

_PROGRESS_INTERVAL = 0.05  # seconds between two progress lines of the same stage


class Server:
    """Serves one client until it says shutdown or closes the pipe."""

    def __init__(
        self,
        source: BinaryIO,
        sink: BinaryIO,
        folder: Path | None = None,
        make_table: Callable[[], Table] | None = None,
    ) -> None:
        self._make_table = make_table or _engine_jobs
        self._source = source
        self._sink = sink
        self._folder = folder
        self._write_lock = threading.Lock()
        self._requests: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._queued: set[int] = set()
        self._running: int | None = None
        self._queue_lock = threading.Lock()

    def run(self) -> NoReturn:
        """Say hello, then serve; shutdown or a closed stdin ends the process, also mid-job."""
        threading.Thread(target=self._read, name="requests", daemon=True).start()
        from .environment import hello

        table = self._make_table()
        self._send(hello())
        while True:
            request = self._requests.get()
            assert request.id is not None  # decode_request saw to it
            if not self._dequeue(request.id, to_run=True):
                continue  # cancelled, and answered, before its turn came
            try:
                if request.job not in table:
                    raise WorkerError(
                        f"There is no job called {request.job!r}; known: {', '.join(table)}."
                    )
                result = table[request.job](request.params, _Reporter(self, request.id))
                answer = {"type": "result", "id": request.id, "result": result}
            except Exception as error:
                answer = error_message(request.id, error)
                if answer["code"] == "internal":
                    traceback.print_exc()
            self._cancelled.discard(request.id)
            with self._queue_lock:
                self._running = None  # before the answer, after which its id may be used again
            self._send(answer)
            if self._requests.empty():
                give_back_memory()

    def is_cancelled(self, number: int) -> bool:
        return number in self._cancelled

    def send_progress(self, number: int, stage: str, fraction: float, eta: float | None) -> None:
        self._send(
            {"type": "progress", "id": number, "stage": stage, "fraction": fraction, "eta": eta}
        )

    def _send(self, message: dict[str, Any]) -> None:
        with self._write_lock:
            try:
                self._sink.write(encode(message))
                self._sink.flush()
            except OSError:
                self._exit()  # nobody listens any more

    def _read(self) -> NoReturn:
        while True:
            line = self._source.readline(MAX_LINE + 1)
            if not line:
                self._exit()
            if len(line) > MAX_LINE and not line.endswith(b"\n"):
                while (rest := self._source.readline(MAX_LINE)) and not rest.endswith(b"\n"):
                    pass
            if not line.strip():
                continue
            try:
                request = decode_request(line)
            except WorkerError as error:
                self._send(error_message(None, error) | {"code": "protocol"})
                continue
            if request.job == "shutdown":
                self._exit()
            elif request.job == "cancel":
                assert request.id is not None
                self._cancelled.add(request.id)
                if self._dequeue(request.id):
                    self._send(error_message(request.id, Cancelled()))
            else:
                assert request.id is not None
                if self._enqueue(request.id):
                    self._requests.put(request)
                    continue
                busy = WorkerError(
                    f"The request's id {request.id} is in use by a job that is not finished; give "
                    "every request an id of its own."
                )
                # Under its id it would be taken for the answer to the job that goes on.
                self._send(error_message(None, busy) | {"code": "protocol"})

    def _enqueue(self, number: int) -> bool:
        """Note a job that waits; False when another one of this id waits or runs."""
        with self._queue_lock:
            if number in self._queued or number == self._running:
                return False
            self._queued.add(number)
            return True

    def _dequeue(self, number: int, *, to_run: bool = False) -> bool:
        """Take a job off the queue; False when it is not (or no longer) waiting there."""
        with self._queue_lock:
            waiting = number in self._queued
            self._queued.discard(number)
            if waiting and to_run:
                self._running = number
            return waiting

    def _exit(self) -> NoReturn:
        """The client is gone: end now, whatever a job in C code is doing, and leave no files."""
        if self._folder is not None:
            from .array_files import remove_folder

            remove_folder(self._folder)
        os._exit(0)


def _engine_jobs() -> Table:
    from .jobs import Jobs

    return Jobs().table


class _Reporter:
    """The Progress given to a job: throttled, with an estimate of the time left."""

    def __init__(self, server: Server, number: int) -> None:
        self._server = server
        self._number = number
        self._start = time.monotonic()
        self._last: tuple[str, float] = ("", 0.0)

    def check(self) -> None:
        if self._server.is_cancelled(self._number):
            raise Cancelled

    def __call__(self, stage: str, fraction: float) -> None:
        self.check()
        now = time.monotonic()
        if stage == self._last[0] and now - self._last[1] < _PROGRESS_INTERVAL:
            return
        self._last = (stage, now)
        fraction = min(max(float(fraction), 0.0), 1.0)
        spent = now - self._start
        eta = spent * (1.0 - fraction) / fraction if fraction > 0.02 and spent > 0.2 else None
        rounded = None if eta is None else round(eta, 1)
        self._server.send_progress(self._number, stage, round(fraction, 4), rounded)


def take_over_stdout() -> BinaryIO:
    """Keep the real stdout for the protocol and send everything else written there to stderr."""
    sys.stdout.flush()
    private = os.dup(1)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return os.fdopen(private, "wb", buffering=0)


def main(argv: list[str] | None = None, make_table: Callable[[], Table] | None = None) -> NoReturn:
    """Serve on stdin and stdout; the one optional argument is the client's exchange folder.

    That folder is removed when the client disappears without saying goodbye. `make_table` gives
    other jobs than the engine's: another program's worker.
    """
    args = sys.argv[1:] if argv is None else argv
    sink = take_over_stdout()
    folder = Path(args[0]) if args else None
    with contextlib.suppress(KeyboardInterrupt):  # Ctrl-C in a terminal reaches the client too
        Server(sys.stdin.buffer, sink, folder, make_table).run()
    os._exit(130)  # the reading thread still waits on stdin; there is nothing left to tidy up
