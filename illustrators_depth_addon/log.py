"""What the add-on and the engine in Blender's process write to the system console.

An update callback lives here, so no class may (see `properties.callbacks`).
"""

from __future__ import annotations

import logging
from typing import Any

__all__ = ["LEVELS", "LOGGER", "handler", "level_changed", "register", "set_level", "unregister"]

LOGGER = logging.getLogger("illustrators_depth")
LEVELS = ("WARNING", "INFO", "DEBUG")

_HANDLER = "illustrators_depth_addon"


def handler() -> logging.Handler | None:
    """What writes to the console, while the add-on is registered."""
    return next((x for x in LOGGER.handlers if x.get_name() == _HANDLER), None)


def register(level: str = LEVELS[0]) -> None:
    if handler() is None:
        console = logging.StreamHandler()
        console.set_name(_HANDLER)
        console.setFormatter(logging.Formatter("illustrators_depth %(levelname)s: %(message)s"))
        LOGGER.addHandler(console)
        LOGGER.propagate = False  # or a script that sets up logging would see all of it twice
    set_level(level)


def unregister() -> None:
    console = handler()
    if console is not None:
        LOGGER.removeHandler(console)
        LOGGER.propagate = True
        LOGGER.setLevel(logging.NOTSET)


def set_level(level: str) -> None:
    """Write messages of this level, one of LEVELS, and worse."""
    LOGGER.setLevel(level)


def level_changed(preferences: Any, _context: Any) -> None:
    """Update callback of the preferences: their level is used from now on."""
    set_level(preferences.log_level)
