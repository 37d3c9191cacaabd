"""Arrays between worker and client: .npy files in a private folder, written atomically.

The folder's name holds the process id of its owner, so that what a killed owner left behind can be
recognised and swept by the next one.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..errors import InputError
from ..io.atomic import atomic_path

__all__ = [
    "load_array",
    "make_folder",
    "output_folder",
    "private_folder",
    "remove_folder",
    "save_array",
    "sweep",
]

_PREFIX = "illustrators-depth-"


def make_folder() -> Path:
    """A new folder that only this user can read, under the system's temporary folder."""
    return Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-"))


@contextlib.contextmanager
def private_folder() -> Iterator[Path]:
    """`make_folder` for a moment; what a killed process leaves is found by `sweep`."""
    folder = make_folder()
    try:
        yield folder
    finally:
        remove_folder(folder)


def remove_folder(folder: Path) -> None:
    """Delete a folder made by `make_folder`; anything else is left alone."""
    if not folder.name.startswith(_PREFIX):
        return
    for _ in range(20):
        shutil.rmtree(folder, ignore_errors=True)
        if not folder.exists():
            return
        time.sleep(0.05)  # a process that is just ending may still tidy up in it


def sweep() -> None:
    """Delete exchange folders of this user whose owning process is gone."""
    if os.name != "posix":  # os.kill(pid, 0) would end the process on Windows
        return
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*-*"):
        owner = folder.name.removeprefix(_PREFIX).partition("-")[0]
        if not owner.isdigit() or folder.is_symlink():
            continue
        try:
            if folder.stat().st_uid == os.getuid():
                os.kill(int(owner), 0)
        except ProcessLookupError:
            remove_folder(folder)
        except OSError:
            continue


def output_folder(params: Mapping[str, Any]) -> Path:
    """The folder that a request names for its results; InputError unless it is there."""
    folder = Path(str(params.get("folder", "")))
    if not folder.is_absolute() or not folder.is_dir():
        raise InputError(f"The output folder {str(folder)!r} does not exist; name an absolute one.")
    return folder


def save_array(path: Path, array: np.ndarray[Any, Any]) -> Path:
    """Write one array as .npy; the file appears whole or not at all."""
    try:
        with atomic_path(path, overwrite=True) as temporary, temporary.open("wb") as file:
            np.save(file, np.ascontiguousarray(array), allow_pickle=False)
    except OSError as error:
        raise InputError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path


def load_array(path: Path, dtype: str, ndim: int) -> np.ndarray[Any, Any]:
    """Read an .npy of the dtype and number of axes asked for; InputError otherwise."""
    try:
        array = np.load(path, allow_pickle=False)
    except MemoryError:
        raise
    except Exception as error:  # a header is a Python expression: damaged, it raises many kinds
        why = str(error).splitlines()[0].rstrip(".") if str(error) else type(error).__name__
        raise InputError(f"{path} cannot be read as an array: {why}.") from error
    if not isinstance(array, np.ndarray):
        raise InputError(f"{path.name} is an archive of arrays, where one array is needed.")
    if array.dtype != np.dtype(dtype) or array.ndim != ndim:
        raise InputError(
            f"{path.name} holds {array.dtype} with {array.ndim} axes, "
            f"where {dtype} with {ndim} is needed."
        )
    return array
