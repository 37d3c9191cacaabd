"""Runs tasks on the workers of a Dask scheduler, which need share no disk with this machine."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import EngineError, InputError, UnavailableError, WorkerError
from ..io.names import portable_name
from .job import make_products_elsewhere, read_hash
from .local import Finished
from .plan import Recipe, Task, Watch
from .safe_paths import inside

__all__ = ["ClusterWorkers"]


@dataclass(frozen=True)
class ClusterWorkers:
    """A Dask scheduler's address, such as tcp://10.0.0.5:8786. Its workers need this package."""

    address: str

    def run(
        self, tasks: Sequence[Task], recipe: Recipe, new_folder: Callable[[], Path], watch: Watch
    ) -> Iterator[Finished]:
        """Yield every task as it ends; pictures travel as bytes, a few more than run at a time.

        Raises UnavailableError without Dask, InputError when no scheduler answers.
        """
        try:
            from distributed import as_completed
        except ImportError:
            raise UnavailableError(
                "--scheduler needs Dask; run `pip install illustrators-depth[cluster]`."
            ) from None
        with self._connect() as client:
            source = iter(tasks)
            running: dict[str, tuple[Task, float]] = {}
            finished = as_completed([])
            unread: list[Finished] = []

            def submit(count: int) -> None:
                while count and (task := next(source, None)) is not None:
                    try:
                        read_hash(task.source)  # a picture that cannot be read need not travel
                        data = task.source.read_bytes()
                    except (EngineError, OSError) as error:
                        unread.append(Finished(task, new_folder(), 0.0, error=_readable(error)))
                        continue
                    params = task.params(recipe) | {"source": portable_name(task.source.name)}
                    future = client.submit(make_products_elsewhere, params, data, pure=False)
                    running[future.key] = (task, time.monotonic())
                    finished.add(future)
                    count -= 1

            done = 0
            submit(2 * max(sum(client.nthreads().values()), 1))
            yield from unread
            done += len(unread)
            unread.clear()
            for future in finished:
                task, start = running.pop(future.key)
                files = new_folder()
                seconds = time.monotonic() - start
                submit(1)
                try:
                    answer = future.result()
                    _unpack(answer.pop("files"), files)
                    result = Finished(task, files, seconds, answer)
                except Exception as error:  # whatever the task raised, and KilledWorker
                    result = Finished(task, files, seconds, error=_readable(error))
                for each in (result, *unread):
                    done += 1
                    watch(done / len(tasks))
                    yield each
                unread.clear()

    def _connect(self) -> Any:
        from distributed import Client

        try:
            return Client(self.address, timeout="20s")
        except (OSError, TimeoutError, ValueError) as error:
            raise InputError(
                f"No Dask scheduler answers at {self.address} ({error}); check the address."
            ) from None


def _unpack(files: dict[str, bytes], folder: Path) -> None:
    for path, data in files.items():
        target = inside(folder, path, "A cluster worker")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _readable(error: Exception) -> EngineError:
    if isinstance(error, EngineError):
        return error
    if isinstance(error, MemoryError):
        return WorkerError("There is not enough memory for this picture; use a smaller one.")
    return WorkerError(f"The cluster could not do this picture ({type(error).__name__}: {error}).")
