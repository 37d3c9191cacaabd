"""What the add-on and the engine in Blender's process write to the system console.

An update callback lives here, so no class may (see `callbacks`).
"""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["LEVELS", "LOGGER", "level_changed", "register", "set_level", "unregister"]

LOGGER = logging.getLogger("illustrators_depth")
LEVELS = ("WARNING", "INFO", "DEBUG")

_handler: logging.Handler | None = None


def register(level: str = LEVELS[0]) -> None:
    global _handler
    if _handler is None:
        _handler = logging.StreamHandler()
        _handler.setFormatter(logging.Formatter("illustrators_depth %(levelname)s: %(message)s"))
        LOGGER.addHandler(_handler)
        LOGGER.propagate = False  # or a script that sets up logging would see all of it twice
    set_level(level)


def unregister() -> None:
    global _handler
    if _handler is not None:
        LOGGER.removeHandler(_handler)
        LOGGER.propagate = True
        LOGGER.setLevel(logging.NOTSET)
        _handler = None


def set_level(level: str) -> None:
    """Write messages of this level, one of LEVELS, and worse."""
    LOGGER.setLevel(level)


def level_changed(preferences: Any, _context: Any) -> None:
    set_level(preferences.log_level)
