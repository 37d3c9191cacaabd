"""Keeps decoders from printing their own complaints; the engine says it in one sentence."""

from __future__ import annotations

import contextlib
import os
import re
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import is_out_of_memory

__all__ = [
    "decode_quietly",
    "quiet_libraries",
    "quiet_opencv",
    "quiet_pillow",
    "unlimited_pillow",
]

_pillow_limit = threading.Lock()
_stderr_lock = threading.Lock()

_STDERR = 2  # the file descriptor that libraries in C write to

# How libtiff begins a line: the function, or the module, that complains.
_LIBTIFF_LINE = re.compile(
    r"(_?TIFF|Fax|LZW|ZIP|Zip|Deflate|JPEG|OJPEG|JBIG|PackBits|LogL|LERC|ZSTD|LZMA|NeXT|Next|"
    r"Thunder|PixarLog|WebP|Dump)\w*: "
)


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's log inside the block."""
    import cv2

    logging = _opencv_logging(cv2)
    if logging is None:
        yield
        return
    get_level, set_level = logging
    before = get_level()
    set_level(0)
    try:
        yield
    finally:
        set_level(before)


def _opencv_logging(cv2: Any) -> tuple[Callable[[], int], Callable[[int], object]] | None:
    """The calls that get and set OpenCV's log level, wherever its version keeps them."""
    for home in (cv2, getattr(getattr(cv2, "utils", None), "logging", None)):
        get_level, set_level = (
            getattr(home, "getLogLevel", None),
            getattr(home, "setLogLevel", None),
        )
        if get_level is not None and set_level is not None:
            return get_level, set_level
    return None


def decode_quietly(data: bytes) -> NDArray[Any] | None:
    """OpenCV's own decoding of a file, nothing converted; None when it cannot be decoded."""
    import cv2

    with quiet_opencv(), quiet_libraries():
        try:
            return cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_UNCHANGED)
        except cv2.error as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            return None


@contextlib.contextmanager
def quiet_libraries() -> Iterator[list[str]]:
    """Keep what libraries in C print to the terminal inside the block.

    Yields:
        A list that holds the errors of libtiff, which it only prints, once the block is done. What
        others wrote in the meantime is passed on.
    """
    errors: list[str] = []
    with _stderr_lock, contextlib.ExitStack() as stack:
        try:
            captured = stack.enter_context(tempfile.TemporaryFile())
            terminal = os.dup(_STDERR)
        except OSError:  # no room for a file, or no terminal: Blender's window on Windows has none
            yield errors
            return
        with contextlib.suppress(AttributeError, OSError, ValueError):
            sys.stderr.flush()
        os.dup2(captured.fileno(), _STDERR)
        try:
            yield errors
        finally:
            os.dup2(terminal, _STDERR)
            os.close(terminal)
            captured.seek(0)
            _print_rest(captured.read(), errors)


# What libpng and OpenEXR print; they raise as well.
_KNOWN_NOISE = re.compile(r"libpng (error|warning): |.*\(EXR_ERR_\w+\)")


def _print_rest(printed: bytes, errors: list[str]) -> None:
    for line in printed.decode("utf-8", "replace").splitlines(keepends=True):
        if _LIBTIFF_LINE.match(line):
            if ": Warning, " not in line:
                errors.append(line.strip())
        elif not _KNOWN_NOISE.match(line):
            with contextlib.suppress(OSError):
                os.write(_STDERR, line.encode("utf-8", "replace"))


@contextlib.contextmanager
def quiet_pillow() -> Iterator[None]:
    """Silence Pillow's warnings (corrupt EXIF, large pictures) inside the block."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


@contextlib.contextmanager
def unlimited_pillow() -> Iterator[None]:
    """Lift Pillow's size limit, a module global, while a file is opened (not decoded).

    The engine's own limit is a setting, checked by the caller as soon as the size is known.
    """
    from PIL import Image as PilImage

    with _pillow_limit, quiet_pillow():
        before = PilImage.MAX_IMAGE_PIXELS
        PilImage.MAX_IMAGE_PIXELS = None
        try:
            yield
        finally:
            PilImage.MAX_IMAGE_PIXELS = before
