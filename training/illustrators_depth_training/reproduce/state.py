"""Which stages of a reproduction are done, kept in one file beside its results."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lightning.fabric.plugins.environments import SLURMEnvironment, TorchElasticEnvironment

from illustrators_depth.errors import InputError

from ..output_files import output_folder, write_json

__all__ = ["Place", "RunState", "current_place"]

_NAME = "reproduce.json"
_VERSION = 1
_POLL_SECONDS = 2.0


@dataclass(frozen=True)
class Place:
    """This process among those that work on a reproduction together."""

    rank: int = 0
    ranks: int = 1


def current_place(devices: int) -> tuple[Place, bool]:
    """Where this process stands now, and whether a launcher (torchrun, SLURM) started it.

    Without one, Lightning starts the others at the first training, one per device.
    """
    for environment in (TorchElasticEnvironment, SLURMEnvironment):
        if environment.detect():
            launched = environment()
            return Place(launched.global_rank(), launched.world_size()), True
    if "LOCAL_RANK" in os.environ:
        return Place(int(os.environ["LOCAL_RANK"]), devices), False
    return Place(), False


class RunState:
    """The stages that are done, with what they found.

    Every change is written whole, so that a process that is killed leaves the last one.
    """

    def __init__(self, folder: Path, settings: Mapping[str, Any]) -> None:
        """Open the state in a folder, or begin one there.

        Raises InputError when the folder holds a reproduction of other settings, one of another
        version, or a state that cannot be read.
        """
        self.path = folder / _NAME
        self._settings = json.loads(json.dumps(settings))
        kept = self._read()
        if kept is None:
            return
        if kept.get("version") != _VERSION:
            raise InputError(
                f"{self.path} was written by another version of this command; choose another --out."
            )
        changed = [
            f"{name} {kept['settings'].get(name)!r} -> {value!r}"
            for name, value in self._settings.items()
            if kept["settings"].get(name) != value
        ]
        if changed:
            raise InputError(
                f"{folder} holds a reproduction with other settings ({', '.join(changed)}); choose "
                "another --out."
            )

    def begin(self) -> None:
        """Write the state where there is none yet; InputError when the disk refuses."""
        if self._read() is None:
            output_folder(self.path.parent)
            self._write({})

    def facts(self, stage: str) -> dict[str, Any] | None:
        """What a finished stage found; None while it is not done."""
        kept = self._read() or {"stages": {}}
        facts: dict[str, Any] | None = kept["stages"].get(stage)
        return facts

    def finish(self, stage: str, facts: Mapping[str, Any]) -> None:
        """Note that a stage is done."""
        kept = self._read() or {"stages": {}}
        self._write({**kept["stages"], stage: dict(facts)})

    def wait_for(self, stage: str) -> None:
        """Return once another process has finished a stage.

        Raises InputError when the process that started this one is gone.
        """
        parent = os.getppid()
        while self.facts(stage) is None:
            if os.getppid() != parent:
                raise InputError(f"The first process ended before {stage} was done.")
            time.sleep(_POLL_SECONDS)

    def _write(self, stages: Mapping[str, Any]) -> None:
        values = {"version": _VERSION, "settings": self._settings, "stages": stages}
        write_json(self.path, values)

    def _read(self) -> dict[str, Any] | None:
        try:
            kept = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            raise InputError(
                f"{self.path} cannot be read ({error}); mend it or choose another --out."
            ) from error
        if not isinstance(kept, dict) or not all(
            isinstance(kept.get(part), dict) for part in ("settings", "stages")
        ):
            raise InputError(f"{self.path} is no state of a reproduction; choose another --out.")
        return kept
