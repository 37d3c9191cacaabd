"""A job as its client sees it: state, progress, result."""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ..errors import Cancelled, EngineError

__all__ = ["Job"]


@dataclass
class Job:
    """One request sent to the worker; its client updates it in `poll`.

    Attributes:
        id: the client's number for it.
        kind: the job's name ("depth", "layers", "ping").
        state: "running", "done", "failed" or "cancelled"; queued jobs count as running.
        stage: what it is doing, a word to show.
        fraction: how much is done, 0..1.
        eta: seconds left, None while unknown.
        result: the worker's answer when done.
        error: why it failed or was cancelled.
        folder: where its arrays travel; gone after `release`, and as soon as it fails.
    """

    id: int
    kind: str
    state: str = "running"
    stage: str = "starting"
    fraction: float = 0.0
    eta: float | None = None
    result: dict[str, Any] = field(default_factory=dict)
    error: EngineError | None = None
    folder: Path | None = None
    cancel_deadline: float | None = field(default=None, repr=False)

    @property
    def finished(self) -> bool:
        return self.state != "running"

    def outcome(self) -> dict[str, Any]:
        """The result; raises the job's error if it failed or was cancelled.

        Raises RuntimeError while the job still runs.
        """
        if not self.finished:
            raise RuntimeError("The job still runs.")
        if self.error is not None:
            raise self.error
        return self.result

    def succeed(self, result: dict[str, Any]) -> None:
        self.state, self.result, self.fraction, self.eta = "done", result, 1.0, 0.0

    def fail(self, error: EngineError) -> None:
        self.state = "cancelled" if isinstance(error, Cancelled) else "failed"
        self.error, self.eta = error, None
        self.release()

    def release(self) -> None:
        """Delete the job's arrays; call it once its result has been collected."""
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder = None
