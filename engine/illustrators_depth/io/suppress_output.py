"""Keeps decoders from printing their own complaints; the engine says it in one sentence."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..errors import is_out_of_memory

__all__ = ["decode_quietly", "quiet_opencv", "quiet_pillow", "unlimited_pillow"]

_pillow_limit = threading.Lock()


@contextlib.contextmanager
def quiet_opencv() -> Iterator[None]:
    """Silence OpenCV's log inside the block."""
    import cv2

    before = cv2.getLogLevel()
    cv2.setLogLevel(0)
    try:
        yield
    finally:
        cv2.setLogLevel(before)


def decode_quietly(path: Path) -> NDArray[Any] | None:
    """OpenCV's own decoding of a file, nothing converted; None when it cannot be decoded."""
    import cv2

    data = np.fromfile(path, np.uint8)
    with quiet_opencv():
        try:
            return cv2.imdecode(data, cv2.IMREAD_UNCHANGED)
        except cv2.error as error:
            if is_out_of_memory(error):
                raise MemoryError(str(error)) from error
            return None


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
