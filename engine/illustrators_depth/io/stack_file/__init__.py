"""Layer stacks on disk (`.idl`): exact, checked, safe to open when a stranger wrote them.

`save_stack` and `load_stack` are the doors; `layout` holds what both sides agree on, `array_codec`
and `outline_codec` pack single members, `checks` says what the reader insists on.
"""

from __future__ import annotations

from .layout import FORMAT_VERSION
from .reader import load_stack
from .writer import save_stack

__all__ = ["FORMAT_VERSION", "load_stack", "save_stack"]
