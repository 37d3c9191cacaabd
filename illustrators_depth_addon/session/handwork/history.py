"""What a stack's `meta` says of the edits since its layers came from the picture."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from illustrators_depth.types import LayerStack

__all__ = ["BASE", "HISTORY", "base_uids", "has_handwork", "with_base"]

# Keys of a stack's `meta`: the edits since it came from the picture, and the uids it had then.
HISTORY, BASE = "history", "base_uids"


def has_handwork(stack: LayerStack) -> bool:
    """Whether the stack was edited since it came from the picture, and how is known."""
    return bool(stack.meta.get(HISTORY)) and bool(stack.meta.get(BASE))


def base_uids(stack: LayerStack) -> list[int]:
    """The uids that the stack's layers had when they came from the picture, bottom to top."""
    return [int(uid) for uid in stack.meta.get(BASE) or [layer.uid for layer in stack]]


def with_base(stack: LayerStack, base: Sequence[int]) -> LayerStack:
    """The stack, knowing the uids that its layers had when they came from the picture."""
    if stack.meta.get(BASE):
        return stack
    return replace(stack, meta={**stack.meta, BASE: [int(uid) for uid in base]})
