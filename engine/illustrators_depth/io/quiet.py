"""Keeps decoders from printing their own complaints; the engine says it in one sentence."""

from __future__ import annotations

import contextlib
import threading
import warnings
from collections.abc import Iterator

__all__ = ["quiet_opencv", "quiet_pillow", "unlimited_pillow"]

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
