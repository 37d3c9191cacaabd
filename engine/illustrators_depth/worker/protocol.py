"""The language of worker and client: one JSON object a line, UTF-8, no line above MAX_LINE.

Client to worker
    {"id": 7, "job": "layers", "params": {...}}    start a job; ids are the client's, rising
    {"job": "cancel", "id": 7}                     drop job 7 from the queue, or stop it at its next
                                                   progress point
    {"job": "shutdown"}                            exit at once with code 0

Worker to client
    {"type": "hello", "protocol": 1, "versions": {...}, "devices": [...], "models": {...}, "pid": n}
    {"type": "progress", "id": 7, "stage": "depth", "fraction": 0.4, "eta": 1.8}
    {"type": "result", "id": 7, "result": {...}}
    {"type": "error", "id": 7, "code": "input", "message": "one sentence"}

Jobs run one at a time in the order they came. `eta` is in seconds, or null while unknown. An error
with id null answers a line that was no request; the worker goes on. Arrays never travel in a line:
they are .npy (or .idl) files in a folder that the client owns and names in `params`. When stdin
closes the worker exits at once, so that a client that died leaves no orphan.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ..errors import (
    Cancelled,
    EngineError,
    InputError,
    UnavailableError,
    WorkerError,
    is_out_of_memory,
)

__all__ = [
    "MAX_LINE",
    "PROTOCOL",
    "Request",
    "decode_request",
    "encode",
    "error_from",
    "error_message",
]

PROTOCOL = 2
MAX_LINE = 1_000_000


@dataclass(frozen=True)
class Request:
    """One line from the client: a job to run, or "cancel" or "shutdown"."""

    job: str
    id: int | None
    params: dict[str, Any]


def encode(message: Mapping[str, Any]) -> bytes:
    """One message as one ASCII line; NaN and infinity are refused (they are not JSON)."""
    return json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii") + b"\n"


def decode_request(line: bytes) -> Request:
    """Read one line from the client; WorkerError says why a line is no request."""
    if len(line) > MAX_LINE:
        raise WorkerError(f"The request is longer than {MAX_LINE} bytes; send arrays as files.")
    try:
        message = json.loads(line)
    except (ValueError, RecursionError):
        raise WorkerError("The request is not JSON; send one JSON object a line.") from None
    if not isinstance(message, dict) or not isinstance(message.get("job"), str):
        raise WorkerError('The request names no job; send {"id": 1, "job": "ping"}.')
    number = message.get("id")
    params = message.get("params", {})
    if message["job"] != "shutdown" and (not isinstance(number, int) or isinstance(number, bool)):
        raise WorkerError("The request's id is not an integer.")
    if not isinstance(params, dict):
        raise WorkerError("The request's params are not an object.")
    return Request(message["job"], number, params)


def error_message(number: int | None, error: BaseException) -> dict[str, Any]:
    """The error line for an exception; what the engine did not foresee has the code "internal"."""
    if isinstance(error, EngineError):
        code, text = error.code, str(error)
    elif is_out_of_memory(error):
        code, text = "memory", "There is not enough memory for this picture; use a smaller one."
    else:
        code = "internal"
        text = f"The engine met an error it did not foresee ({type(error).__name__}: {error})."
    return {"type": "error", "id": number, "code": code, "message": text}


def error_from(code: str, message: str) -> EngineError:
    """The exception a client raises for an error line: the same class the engine raised."""
    for kind in (InputError, UnavailableError, Cancelled):
        if code == kind.code:
            return kind(message)
    return WorkerError(message)
