"""The engine's verbs through a worker: nouns in, a Job to poll, nouns out.

Submit, follow the job, collect, release::

    job = submit_layers(worker, image, DepthSettings(model="heuristic"))
    worker.wait(job)
    depth, stack = collect_layers(job)
    job.release()

A program that must not wait for the picture to be written calls `write_picture` from a thread, with
a folder from `worker.new_folder()`, and submits what it returns.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..export.print_writer import PrintFile
from ..export.stack_writer import LayerFile
from ..io.atomic import atomic_path
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings
from ..types import DepthMap, Image, LayerStack
from .array_files import load_array, save_array
from .client import WorkerClient
from .job import Job

__all__ = [
    "WrittenPicture",
    "collect_depth",
    "collect_layers",
    "submit_depth",
    "submit_export",
    "submit_file_layers",
    "submit_inside",
    "submit_layers",
    "write_export",
    "write_picture",
]


@dataclass(frozen=True)
class WrittenPicture:
    """A picture in a folder of its own, where the job that it is for writes its results."""

    path: Path
    name: str
    source: str
    dpi: tuple[float, float] | None = None

    def params(self) -> dict[str, Any]:
        """What a job's parameters say of it."""
        values = {"image": str(self.path), "name": self.name, "source": self.source}
        return values if self.dpi is None else {**values, "dpi": list(self.dpi)}


def write_picture(image: Image, folder: Path) -> WrittenPicture:
    """Write a picture for a worker; the folder is gone again if that fails with InputError."""
    try:
        path = save_array(folder / "image.npy", image.rgba)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return WrittenPicture(path, image.name, image.source, image.dpi)


def submit_depth(
    worker: WorkerClient, image: Image | WrittenPicture, settings: DepthSettings | None = None
) -> Job:
    """Ask for `predict_depth(image, settings=settings)`; `collect_depth` reads the answer."""
    return _submit(worker, "depth", _picture_params(worker, image, settings))


def submit_layers(
    worker: WorkerClient,
    image: Image | WrittenPicture,
    settings: DepthSettings | None = None,
    decompose: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
    *,
    depth: DepthMap | None = None,
    uid_base: int = 0,
) -> Job:
    """Ask for depth (unless `depth` is given) and layers; `collect_layers` reads the answer.

    The layers' uids start above `uid_base`.
    """
    params = _picture_params(worker, image, settings)
    params["decompose"] = (decompose or DecomposeSettings()).to_dict()
    params["complete"] = (complete or CompleteSettings()).to_dict()
    params["uid_base"] = uid_base
    if depth is not None:
        path = save_array(Path(params["folder"]) / "given.npy", depth.values)
        params["depth"] = _write_depth(path, depth)
    return _submit(worker, "layers", params)


def submit_file_layers(
    worker: WorkerClient, path: Path, split: str = "auto", size: int = 0, *, uid_base: int = 0
) -> Job:
    """Ask for `read_layers(path, split, size)`; `collect_layers` reads the answer.

    The job's result also names the flattened "picture" (a PNG) and lists "notes".
    """
    params = {"folder": str(worker.new_folder()), "path": str(path), "split": split}
    return _submit(worker, "file_layers", {**params, "size": size, "uid_base": uid_base})


def submit_inside(
    worker: WorkerClient,
    stack: Path,
    index: int,
    settings: DepthSettings | None = None,
    decompose: DecomposeSettings | None = None,
    complete: CompleteSettings | None = None,
) -> Job:
    """Ask for `predict_inside` of the layer `index` of an .idl file in a folder of its own.

    The job's result names the new "stack", an .idl file.
    """
    params: dict[str, Any] = {"folder": str(stack.parent), "stack": str(stack), "index": index}
    params["settings"] = (settings or DepthSettings()).to_dict()
    params["decompose"] = (decompose or DecomposeSettings()).to_dict()
    params["complete"] = (complete or CompleteSettings()).to_dict()
    return _submit(worker, "inside", params)


def write_export(
    folder: Path,
    layers: bytes,
    depth: DepthMap,
    file: LayerFile | PrintFile,
    name: str,
    check_first: bool = False,
) -> dict[str, Any]:
    """Write what an export job needs into an empty folder of its own; threads may call it.

    Args:
        layers: an .idl file's bytes.
        file: what to make, under the name `name`.
        check_first: measure it and make none if it cannot be printed.

    Returns:
        The params for `submit_export`. Raises InputError, the folder being gone again.
    """
    try:
        stack = folder / "stack.idl"
        with atomic_path(stack) as temporary:  # which says what is wrong with the disk
            temporary.write_bytes(layers)
        values = save_array(folder / "given.npy", depth.values)
        params: dict[str, Any] = {"folder": str(folder), "stack": str(stack), "kind": file.kind}
        params |= {"file": name, "check_first": check_first}
        params["depth"] = _write_depth(values, depth)
        if isinstance(file, PrintFile):
            params |= {"relief": file.relief.to_dict(), "printer": file.printer.to_dict()}
            if file.picture is not None:
                params |= write_picture(file.picture, folder).params()
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    return params


def submit_export(worker: WorkerClient, params: dict[str, Any]) -> Job:
    """Ask for what `write_export` prepared: it appears in `job.folder`/out (see `Jobs.export`)."""
    return _submit(worker, "export", params)


def _write_depth(path: Path, depth: DepthMap) -> dict[str, str]:
    entry = {"path": str(path), "predictor": depth.predictor, "device": depth.device}
    if depth.confidence is not None:
        confidence_path = path.with_name("given_confidence.npy")
        entry["confidence"] = str(save_array(confidence_path, depth.confidence))
    return entry


def collect_depth(job: Job) -> DepthMap:
    """The depth of a finished "depth" or "layers" job; raises the job's error."""
    result = job.outcome()
    values = load_array(Path(result["depth"]), "float32", 2)
    confidence_path = result.get("confidence")
    confidence = (
        None if confidence_path is None else load_array(Path(confidence_path), "float32", 2)
    )
    return DepthMap(values, str(result["predictor"]), str(result["device"]), confidence)


def collect_layers(job: Job) -> tuple[DepthMap, LayerStack]:
    """Depth and stack of a finished "layers" job; raises the job's error."""
    from ..io.stack_file import load_stack

    return collect_depth(job), load_stack(Path(job.outcome()["stack"]))


def _submit(worker: WorkerClient, kind: str, params: dict[str, Any]) -> Job:
    job = worker.submit(kind, params)
    job.folder = Path(params["folder"])
    return job


def _picture_params(
    worker: WorkerClient, image: Image | WrittenPicture, settings: DepthSettings | None
) -> dict[str, Any]:
    if not isinstance(image, WrittenPicture):
        image = write_picture(image, worker.new_folder())
    return {
        **image.params(),
        "folder": str(image.path.parent),
        "settings": (settings or DepthSettings()).to_dict(),
    }
