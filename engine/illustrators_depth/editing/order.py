"""Which layer lies above which: reorder, bring forward, send back."""

from __future__ import annotations

from collections.abc import Sequence

from ..errors import InputError
from ..io.names import counted
from ..types import LayerStack
from .restack import check_index, check_indices, is_whole, restack

__all__ = ["bring_forward", "reorder", "send_back"]


def reorder(stack: LayerStack, order: Sequence[int]) -> LayerStack:
    """Stack the layers in another order.

    Args:
        stack: the layers.
        order: the present indices of all layers, each once, in their new order from the bottom up.

    Undone by the inverse permutation. Raises InputError when `order` is no permutation.
    """
    new_order = check_indices(stack, order)
    if sorted(new_order) != list(range(len(stack))):
        raise InputError(
            f"The new order must name each of the {counted(len(stack), 'layer')} once, "
            f"not {list(order)}."
        )
    return restack(
        stack, [stack.layers[i] for i in new_order], {"op": "reorder", "order": new_order}
    )


def bring_forward(stack: LayerStack, index: int, steps: int = 1) -> LayerStack:
    """Move a layer up by `steps`, at most to the top; undone by `send_back`."""
    return _move(stack, index, steps, "bring_forward")


def send_back(stack: LayerStack, index: int, steps: int = 1) -> LayerStack:
    """Move a layer down by `steps`, at most to the bottom; undone by `bring_forward`."""
    return _move(stack, index, steps, "send_back")


def _move(stack: LayerStack, index: int, steps: int, op: str) -> LayerStack:
    check_index(stack, index)
    if not is_whole(steps) or steps < 1:
        raise InputError(f"A layer is moved by at least one step, a whole number, not {steps!r}.")
    steps = int(steps)
    layers = list(stack.layers)
    layer = layers.pop(index)
    target = index + (steps if op == "bring_forward" else -steps)
    layers.insert(min(max(target, 0), len(layers)), layer)
    return restack(stack, layers, {"op": op, "layer": index, "steps": steps})
