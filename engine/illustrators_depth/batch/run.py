"""A whole batch: plan, leave out what is done, run the rest, write it down."""

from __future__ import annotations

import contextlib
import os
import uuid
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from ..errors import EngineError, InputError
from ..io.names import portable_name, printable
from ..io.pictures.picture_file import read_header
from ..io.user_path import user_path
from .local import Finished
from .manifest import Journal, Record, check_manifest, manifest_path, read_journal, unaltered
from .plan import Plan, Recipe, Shard, Task, Watch, file_hash, make_plan
from .staging import Staging, recover

__all__ = ["Options", "Outcome", "Watcher", "Workers", "run_batch"]


class Workers(Protocol):
    """Something that runs tasks: `LocalWorkers`, `ClusterWorkers`."""

    def run(
        self, tasks: Sequence[Task], recipe: Recipe, new_folder: Callable[[], Path], watch: Watch
    ) -> Iterator[Finished]: ...


class Watcher(Protocol):
    """Someone who is told how it goes; all methods are called in the caller's thread."""

    def begin(self, total: int, skipped: int) -> None: ...

    def progress(self, fraction: float) -> None: ...

    def picture(self, record: Record) -> None: ...


@dataclass(frozen=True)
class Options:
    """How a batch treats what is there.

    Attributes:
        resume: go on with an earlier batch: leave out what is done and unchanged.
        overwrite: replace outputs that no batch made, and do again what is done.
        shard: this machine's share.
    """

    resume: bool = False
    overwrite: bool = False
    shard: Shard = field(default_factory=Shard)


@dataclass(frozen=True)
class Outcome:
    """The records of this run's pictures, and how many were left out because they were done."""

    records: tuple[Record, ...]
    skipped: int
    manifest: Path

    @property
    def failed(self) -> tuple[Record, ...]:
        return tuple(record for record in self.records if record.error is not None)


def run_batch(
    patterns: Sequence[str],
    out: Path,
    recipe: Recipe,
    workers: Workers,
    options: Options,
    watcher: Watcher,
) -> Outcome:
    """Run a batch to its end; one picture's failure is a record and stops nothing.

    Raises InputError, before any work, when the command itself makes no sense: no pictures, outputs
    in the way, an earlier batch in the folder without `resume` or `overwrite`. Interrupted by an
    exception it leaves whole files and no temporary ones.
    """
    out = user_path(out).absolute()
    manifest = manifest_path(out, options.shard.suffix)
    if out.is_dir():
        recover(out, manifest)
    journal = read_journal(out)
    # read_journal saw to it that they stay inside the folder.
    outputs = [out / path for path in journal.outputs]
    plan = make_plan(patterns, out, recipe, options.shard, outputs)
    _check_pictures(plan)
    _check_folder(out, manifest, options)
    _check_outputs(plan, journal, options)
    is_new = not out.exists()
    try:
        out.mkdir(parents=True, exist_ok=True)
        staging = Staging(out, options.shard.suffix)
    except OSError as error:
        raise InputError(
            f"The folder {out} cannot be written to ({error.strerror}); choose another."
        ) from error
    try:
        again = options.overwrite and not options.resume
        tasks = [task for task in plan.tasks if again or not _is_done(task, plan, journal)]
        skipped = len(plan.tasks) - len(tasks)
        watcher.begin(len(tasks), skipped)
        records = []
        for finished in workers.run(tasks, recipe, staging.new, watcher.progress):
            record = _record(finished, plan)
            record = _commit(record, finished, plan, journal, staging, manifest)
            records.append(record)
            watcher.picture(record)
        return Outcome(tuple(records), skipped, manifest)
    except BaseException:
        staging.close()
        if is_new:  # where nothing was begun, as when no cluster answers, nothing is left
            with contextlib.suppress(OSError):
                out.rmdir()
        raise
    finally:
        staging.close()


def _check_pictures(plan: Plan) -> None:
    """Refuse a batch of nothing but mistyped names; one among others fails by itself later."""
    if plan.tasks and not any(os.path.lexists(task.source) for task in plan.tasks):
        read_header(plan.tasks[0].source)  # says why


def _check_folder(out: Path, manifest: Path, options: Options) -> None:
    if out.exists() and not out.is_dir():
        raise InputError(f"{out} is a file, but a folder is to be written there; choose another.")
    check_manifest(manifest)
    if manifest.is_file() and not (options.resume or options.overwrite):
        raise InputError(
            f"{out} holds an earlier batch ({manifest.name}); pass --resume to go on with it, "
            "--overwrite to do it all again, or choose another folder."
        )


def _check_outputs(plan: Plan, journal: Journal, options: Options) -> None:
    """Refuse, before the night's work, to replace what no batch made."""
    if options.overwrite:
        return
    folders = {path.partition("/")[0] for path in journal.outputs if "/" in path}
    for task in plan.tasks:
        for output in plan.recipe.outputs(task.name):
            if os.path.lexists(plan.out / output) and output not in journal.outputs | folders:
                raise InputError(
                    f"{plan.out / output} exists already; pass --overwrite to replace it, or "
                    "choose another folder."
                )


def _is_done(task: Task, plan: Plan, journal: Journal) -> bool:
    """Whether the last record of this picture still holds: bytes, settings and outputs."""
    record = journal.last.get(task.name)
    if record is None or record.error is not None or record.settings != plan.recipe.settings:
        return False
    try:
        if file_hash(task.source) != record.input_sha256:
            return False
    except OSError:
        return False
    return unaltered(plan.out, record.outputs)


def _record(finished: Finished, plan: Plan) -> Record:
    answer = finished.answer or {}
    error = None
    if finished.error is not None:
        error = {
            "code": finished.error.code,
            "message": _printable_message(finished.error, finished.task),
        }
    return Record(
        name=finished.task.name,
        input=portable_name(str(finished.task.source)),
        input_sha256=str(answer.get("input_sha256", "")),
        settings=plan.recipe.settings,
        outputs=list(answer.get("outputs", [])),
        seconds=round(finished.seconds, 6),
        error=error,
        facts=dict(answer.get("facts", {})),
        finished=datetime.now(UTC).isoformat(timespec="milliseconds"),
        id=uuid.uuid4().hex,
    )


def _printable_message(error: EngineError, task: Task) -> str:
    """The error's text, with the picture's name as it can be shown on one line."""
    text = str(error)
    for name in (str(task.source), task.source.name):
        text = text.replace(name, printable(name))
    return "\n".join(printable(line) for line in text.split("\n"))


def _commit(
    record: Record,
    finished: Finished,
    plan: Plan,
    journal: Journal,
    staging: Staging,
    manifest: Path,
) -> Record:
    """Put a picture's files in place and its record into the manifest; a failure leaves no file."""
    if record.error is None:
        try:
            staging.commit(finished.files, record, manifest, _stale(record, plan, journal))
            return record
        except (EngineError, OSError) as error:
            why = str(error) if isinstance(error, EngineError) else f"{error.strerror or error}."
            message = f"The outputs of {record.name} could not be put in place: {why}"
            present = [o for o in record.outputs if (plan.out / o["path"]).is_file()]
            error_values = {"code": "input", "message": message}
            record = replace(record, outputs=present, error=error_values)
    staging.discard(finished.files)
    staging.enter(record, manifest)
    return record


def _stale(record: Record, plan: Plan, journal: Journal) -> list[str]:
    """Files that an earlier run left in this picture's folders and this one did not make again."""
    folders = [e.rstrip("/") for e in plan.recipe.endings if e.endswith("/")]
    prefixes = tuple(f"{record.name}{ending}/" for ending in folders)
    earlier = {path for path in journal.outputs if prefixes and path.startswith(prefixes)}
    return sorted(earlier - set(record.paths()))
