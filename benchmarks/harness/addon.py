"""The add-on in Blender's Python module, registered for a benchmark and taken out again."""

from __future__ import annotations

import contextlib
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from .measure import LACKING, ROOT

__all__ = ["POLL_SECONDS", "registered_addon", "write_table"]

POLL_SECONDS = 0.05
"""How often the modal operator's timer looks at a job."""


@contextlib.contextmanager
def registered_addon() -> Iterator[Any]:
    """Blender's module `bpy` with the add-on registered; without it the process ends with 2."""
    try:
        import bpy
    except ImportError:
        print("Not run: Blender's Python module (bpy) is not installed.", file=sys.stderr)
        raise SystemExit(LACKING) from None
    sys.path.insert(0, str(ROOT))
    import illustrators_depth_addon as addon

    addon.register()
    try:
        yield bpy
    finally:
        addon.unregister()  # classes left registered hang or crash the module at exit


def write_table(path: Path | None, **values: Any) -> None:
    """Write what was measured as JSON; nothing where no path was given."""
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(values, indent=1) + "\n", encoding="utf-8")
