"""Edits of a layer stack: pure functions from one stack to the next.

Pixel arrays that an edit leaves alone are shared, so an edit is cheap and keeping the stack before
it (to undo) is too. Every edit keeps the stack consistent: what is seen at a pixel is the top-most
shown layer whose completed mask holds it.
"""

from .alike import treat_alike
from .assign import assign
from .attributes import delete, group, hide, recolor, rename, show
from .flatten import flatten
from .holes import find_holes, open_holes
from .identity import carry_uids
from .insert import Placement, insert
from .merge import merge, threshold
from .order import bring_forward, reorder, send_back
from .split import split

__all__ = [
    "Placement",
    "assign",
    "bring_forward",
    "carry_uids",
    "delete",
    "find_holes",
    "flatten",
    "group",
    "hide",
    "insert",
    "merge",
    "open_holes",
    "recolor",
    "rename",
    "reorder",
    "send_back",
    "show",
    "split",
    "threshold",
    "treat_alike",
]
