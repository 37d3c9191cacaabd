"""What a batch is going to do, before anything is done: which pictures, what becomes of each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..io.user_path import user_path
from .pictures import find_pictures, name_outputs

__all__ = ["Plan", "Recipe", "Shard", "Task", "file_hash", "make_plan", "pin_model"]


_MAX_SHARDS = 9999


@dataclass(frozen=True)
class Recipe:
    """What is made of every picture.

    Attributes:
        job: the job of the worker process that makes it (`products.JOB`, or Blender's "scene").
        settings: everything that decides the result, plain JSON; as the manifest records it.
        endings: what an output's name is made of: NAME + ending; a folder's ending ends in "/".
    """

    job: str
    settings: dict[str, Any]
    endings: tuple[str, ...]

    def outputs(self, name: str) -> list[str]:
        """The files and folders (without the slash) that the picture called `name` becomes."""
        return [name + ending.rstrip("/") for ending in self.endings]


@dataclass(frozen=True)
class Task:
    """One picture.

    Attributes:
        source: its absolute path.
        name: of its outputs, without an ending.
    """

    source: Path
    name: str

    def params(self, recipe: Recipe) -> dict[str, Any]:
        """The parameters of the recipe's job for this picture, plain JSON."""
        return {"source": str(self.source), "name": self.name, "settings": recipe.settings}


@dataclass(frozen=True)
class Shard:
    """One machine's share: every `count`-th picture, from number `index` (1..count) on."""

    index: int = 1
    count: int = 1

    @classmethod
    def parse(cls, text: str) -> Shard:
        """From "2/16", at most 9999 shards; InputError for anything else."""
        try:
            index, count = (int(word) for word in text.split("/"))
        except ValueError:
            index, count = 0, 0
        if not 1 <= index <= count <= _MAX_SHARDS:
            raise InputError(f"A part is written as I/N, such as 2/16; not {text!r}.")
        return cls(index, count)

    @property
    def suffix(self) -> str:
        """What tells this shard's manifest from the others'; empty for a whole batch."""
        width = len(str(self.count))
        return f"-{self.index:0{width}d}-of-{self.count}" if self.count > 1 else ""


@dataclass(frozen=True)
class Plan:
    """What one shard of a batch does.

    Attributes:
        tasks: its pictures; their names are unique among the pictures of all shards.
        recipe: what is made of each.
        out: the output folder.
        shard: which share of the batch this is.
    """

    tasks: tuple[Task, ...]
    recipe: Recipe
    out: Path
    shard: Shard


def make_plan(
    patterns: Sequence[str],
    out: Path,
    recipe: Recipe,
    shard: Shard | None = None,
    outputs: Iterable[Path] = (),
) -> Plan:
    """Find the pictures and name their outputs; writes nothing.

    Args:
        patterns: files, folders and wildcards, as `find_pictures` takes them.
        out: the output folder; it need not exist.
        recipe: what is made of each picture.
        shard: which share of the pictures; without it, all.
        outputs: files that earlier batches made, which are no pictures for a pattern to find.

    Raises InputError when there is no picture, or an output would replace one.
    """
    out = user_path(out)
    shard = shard or Shard()
    sources = find_pictures(patterns, outputs)
    names = name_outputs(sources, recipe.outputs)
    tasks = [Task(source, names[source]) for source in sources]
    folder = out.absolute()
    pictures = {str(source).casefold(): source for source in sources}
    for task in tasks:
        for output in recipe.outputs(task.name):
            replaced = pictures.get(str(folder / output).casefold())
            if replaced is not None:
                raise InputError(
                    f"{output} would replace the picture {replaced}; choose another output folder."
                )
    return Plan(tuple(tasks[shard.index - 1 :: shard.count]), recipe, out, shard)


def file_hash(path: Path) -> str:
    """SHA-256 of a file, hexadecimal; raises OSError."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def pin_model(settings: dict[str, Any]) -> dict[str, Any]:
    """The settings with the model's path made absolute and its checksum beside it.

    So a network that was trained further under the same name counts as another setting.

    Args:
        settings: of a recipe; `settings["depth"]` are those of DepthSettings.

    Returns:
        a copy with the absolute path in ["depth"]["model"], and "model_sha256", "" for predictors
        without a file.

    Raises InputError when the model file cannot be read, or no predictor has its name.
    """
    from importlib import resources

    depth = dict(settings["depth"])
    model = str(depth["model"])
    checksum = ""
    if model == "compact":
        card = resources.files("illustrators_depth") / "models" / "compact.json"
        checksum = str(json.loads(card.read_text(encoding="utf-8"))["sha256"])
    elif Path(model).suffix:
        path = user_path(model).absolute()
        try:
            checksum = file_hash(path)
        except (OSError, ValueError) as error:  # a NUL in the path is a ValueError
            why = error.strerror if isinstance(error, OSError) else str(error)
            raise InputError(
                f"The model file {path} cannot be read ({why}); check the path."
            ) from error
        depth["model"] = str(path)
    else:
        from ..predictors import make_predictor
        from ..settings import DepthSettings

        make_predictor(DepthSettings.from_dict(depth))  # says what is wrong with an unknown name
    return {**settings, "depth": depth, "model_sha256": checksum}


Watch = Callable[[float], None]
"""Called by a running batch with the fraction done of all tasks, 0..1."""
