"""One picture of a batch, from its bytes to files in an empty folder: what a worker does.

The same function runs in a local worker process and on a Dask worker, and gives the same bytes.
"""

from __future__ import annotations

import shutil
import tempfile
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ..depth import DepthSession
from ..errors import InputError
from ..pipeline import LayeredPicture, make_stack
from ..progress import Progress, no_progress
from ..settings import DepthSettings
from ..threads import limit_threads
from .manifest import describe
from .plan import file_hash, pin_model
from .preset import Preset
from .products import PRODUCTS, Products, write_products

__all__ = ["make_products", "make_products_elsewhere", "shared_session"]

Sessions = Callable[[DepthSettings], DepthSession]

_MAX_READINGS = 3  # of a picture that another program is writing

_session: DepthSession | None = None
_lock = threading.Lock()


def make_products(
    params: Mapping[str, Any], folder: Path, sessions: Sessions, progress: Progress
) -> dict[str, Any]:
    """Read a picture, layer it and write its products into `folder`, which is empty.

    Args:
        params: what `Task.params` gives.
        sessions: hands out the process's predictor.

    Returns:
        dict: input_sha256, outputs (as in the manifest), facts.

    Raises what the engine raises; `folder` is then to be thrown away.
    """
    limit_threads(1)
    for name, kind, word in (("source", str, "a path"), ("name", str, "text"),
                             ("settings", dict, "an object")):  # fmt: skip
        if not isinstance(params.get(name), kind):
            raise InputError(f"The request's {name} must be {word}, not {params.get(name)!r:.60}.")
    settings = params["settings"]
    names = settings.get("products")
    if not isinstance(names, list) or not set(map(str, names)) <= set(PRODUCTS):
        raise InputError(f"The request's products must be some of {', '.join(PRODUCTS)}.")
    tables = {k: v for k, v in settings.items() if k not in ("products", "model_sha256")}
    preset = Preset.from_dict(tables)
    source = Path(params["source"])

    def layering(stage: str, fraction: float) -> None:
        progress(stage, 0.5 * fraction if stage == "depth" else 0.5 + 0.2 * fraction)

    start = time.monotonic()
    digest, layered = _make_stack(source, preset, sessions(preset.depth), layering)
    middle = time.monotonic()
    write_products(
        Products(layered, preset),
        settings["products"],
        params["name"],
        folder,
        lambda stage, f: progress(stage, 0.7 + 0.3 * f),
    )
    stack, depth = layered.stack, layered.depth
    return {
        "input_sha256": digest,
        "outputs": describe(folder),
        "facts": {
            "layers": len(stack),
            "width": stack.width,
            "height": stack.height,
            "predictor": depth.predictor if depth else "none",
            "device": depth.device if depth else "none",
            "seconds_layers": round(middle - start, 3),
            "seconds_writing": round(time.monotonic() - middle, 3),
        },
    }


def _make_stack(
    source: Path, preset: Preset, session: DepthSession, progress: Progress
) -> tuple[str, LayeredPicture]:
    """The checksum of a picture's bytes, and its layers made from these very bytes.

    Raises InputError when the file goes on changing while it is read.
    """
    digest = read_hash(source)
    for _ in range(_MAX_READINGS):
        layered = make_stack(
            source,
            preset.read,
            preset.depth,
            preset.decompose,
            preset.complete,
            progress,
            session,
        )
        before, digest = digest, read_hash(source)
        if before == digest:
            return digest, layered
    raise InputError(
        f"{source.name} was changed while it was read; run the batch again when it is finished."
    )


def read_hash(source: Path) -> str:
    """The checksum of the picture's bytes; InputError when it cannot be read."""
    from ..io.pictures.picture_file import read_header
    from ..layered import holds_layers

    if source.suffix.lower() != ".idl":
        read_header(
            source, holds_layers(source)
        )  # says what is wrong with a missing or unusable file
    try:
        return file_hash(source)
    except OSError as error:
        raise InputError(f"{source} cannot be read ({error.strerror}); check it.") from error


def make_products_elsewhere(params: Mapping[str, Any], data: bytes) -> dict[str, Any]:
    """`make_products` on a machine that shares no disk: bytes in, bytes out.

    params: as for `make_products`; of the source only the file's name matters.
    Returns what `make_products` does, and under "files" the bytes of every output by path.
    """
    with _lock:
        settings = params["settings"]
        if pin_model(settings)["model_sha256"] != settings["model_sha256"]:
            raise InputError(
                "The cluster's workers have another model than this machine; install the same "
                "version, or copy the model file to the same path there."
            )
        home = Path(tempfile.mkdtemp(prefix="illustrators-depth-batch-"))  # mode 0700
        try:
            source = home / Path(params["source"]).name
            source.write_bytes(data)
            folder = home / "files"
            folder.mkdir()
            result = make_products(
                {**params, "source": str(source)}, folder, shared_session, no_progress
            )
            paths = [output["path"] for output in result["outputs"]]
            return result | {"files": {path: (folder / path).read_bytes() for path in paths}}
        finally:
            shutil.rmtree(home, ignore_errors=True)


def shared_session(settings: DepthSettings) -> DepthSession:
    """This process's predictor, kept for the pictures to come."""
    global _session
    if _session is None or _session.settings != settings:
        _session = DepthSession(settings)
    return _session
