"""Keeps decoders from printing their own complaints; the engine says it in one sentence."""

from __future__ import annotations

import contextlib
import warnings
from collections.abc import Iterator

__all__ = ["quiet_opencv", "quiet_pillow"]


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
