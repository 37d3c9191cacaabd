"""Standard input and output where a command reads or writes one file: `-`, or `-.psd` for a kind.

The bytes go through a temporary file, so that every reader and writer works as on a disk, and
nothing half-made is sent on when a command fails.
"""

from __future__ import annotations

import functools
import inspect
import shutil
import sys
import tempfile
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, BinaryIO, TypeGuard

from ..errors import InputError
from .report import data_on_stdout

__all__ = ["with_streams"]

# What a command sends on without an ending being named.
_SUFFIXES = {
    "depth": ".png", "layers": ".idl", "vectorize": ".svg", "edit": ".idl", "relief": ".stl",
    "papercut": ".svg", "parallax": ".mp4", "text2vector": ".svg",
}  # fmt: skip
_SEVERAL_FILES = (".obj",)  # with its materials and textures
_INPUTS = ("image", "stack")
_MAX_BYTES = 1 << 32
_CHUNK_BYTES = 1 << 20


def with_streams(command: Callable[..., None]) -> Callable[..., None]:
    """A command that takes `-` for the file that it reads and for the one that it writes."""
    signature = inspect.signature(command)

    @functools.wraps(command)
    def streamed(*args: Any, **kwargs: Any) -> None:
        bound = signature.bind(*args, **kwargs)
        arguments = bound.arguments
        with ExitStack() as stack:
            for name in _INPUTS:
                if _is_stream(arguments.get(name)):
                    arguments[name] = _stdin_file(_folder(stack))
            out = arguments.get("out")
            if command.__name__ not in _SUFFIXES or not _is_stream(out):
                command(*bound.args, **bound.kwargs)
                return
            result = _folder(stack) / f"stdout{_stdout_suffix(command.__name__, out)}"
            arguments["out"] = result
            with data_on_stdout(result):
                command(*bound.args, **bound.kwargs)
            with result.open("rb") as source:
                shutil.copyfileobj(source, sys.stdout.buffer, _CHUNK_BYTES)
            sys.stdout.buffer.flush()

    return streamed


def _is_stream(path: object) -> TypeGuard[Path]:
    """Whether a path is `-`, or `-` with an ending, and no file of that name is there."""
    name = str(path) if isinstance(path, Path) else ""
    return (name == "-" or name.startswith("-.")) and not Path(name).exists()


def _stdout_suffix(command: str, out: Path) -> str:
    suffix = str(out)[1:].lower() or _SUFFIXES[command]
    if suffix in _SEVERAL_FILES:
        raise InputError(f"{suffix} is several files, which --out - cannot send; name a file.")
    if sys.stdout.isatty():
        raise InputError(
            "Standard output is a terminal, which cannot show a file; send it into a file or a "
            "pipe, or name a file with --out."
        )
    return suffix


def _folder(stack: ExitStack) -> Path:
    try:
        name = tempfile.TemporaryDirectory(prefix="illustrators-depth-", ignore_cleanup_errors=True)
    except OSError as error:
        raise InputError(
            f"The temporary folder {tempfile.gettempdir()} cannot be written ({error.strerror}); "
            "free some space there, or name files instead of -."
        ) from error
    return Path(stack.enter_context(name))


def _stdin_file(folder: Path) -> Path:
    """Standard input as a file, named after what it holds."""
    source = sys.stdin.buffer
    if sys.stdin.isatty():
        raise InputError("Standard input is a terminal; send a file into it, or name one.")
    head = _read(source, _CHUNK_BYTES)
    if not head:
        raise InputError("Standard input is empty (0 bytes); send a picture into it.")
    path = folder / f"stdin{_suffix_of(head)}"
    size = 0
    try:
        with path.open("wb") as target:
            while head:
                size += len(head)
                if size > _MAX_BYTES:
                    raise InputError("Standard input holds more than 4 GiB; name a file instead.")
                target.write(head)
                head = _read(source, _CHUNK_BYTES)
    except OSError as error:
        raise InputError(
            f"Standard input cannot be kept in {tempfile.gettempdir()} ({error.strerror}); free "
            "some space there, or name a file."
        ) from error
    return path


def _read(source: BinaryIO, size: int) -> bytes:
    try:
        return source.read(size)
    except OSError as error:
        raise InputError(
            f"Standard input cannot be read ({error.strerror}); name a file instead."
        ) from error


def _suffix_of(head: bytes) -> str:
    """The ending of a file that begins so; a picture's does not matter."""
    if head.startswith(b"PK\x03\x04"):
        kinds = {b"image/openraster": ".ora", b"application/x-kri": ".kra"}
        return next((kind for mark, kind in kinds.items() if mark in head[:200]), ".idl")
    if head.startswith(b"8BPS"):
        return ".psd"
    if head.startswith(b"\x1f\x8b"):
        return ".svgz"
    start = head[:4096].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    return ".svg" if start.startswith(b"<") and b"<svg" in start else ".png"
