"""How edits are written as text: what `edit --help` lists, with no layers loaded."""

from __future__ import annotations

__all__ = ["OPERATIONS"]

OPERATIONS = {
    "merge": "merge LAYER LAYER... [name=NAME]",
    "split": "split LAYER [by=parts|color|threshold] [count=N] [at=DEPTH]",
    "reorder": "reorder LAYER LAYER... (all of them, from the bottom up)",
    "bring_forward": "bring_forward LAYER [steps=N]",
    "send_back": "send_back LAYER [steps=N]",
    "hide": "hide LAYER...",
    "show": "show LAYER...",
    "rename": "rename LAYER NAME",
    "recolor": "recolor LAYER #RRGGBB",
    "delete": "delete LAYER...",
    "insert": "insert FILE at=NUMBER [x=PX] [y=PX] [scale=S] [rotate=DEGREES] [name=NAME]",
    "threshold": "threshold T (0 far .. 1 near: two layers, background and foreground)",
}
