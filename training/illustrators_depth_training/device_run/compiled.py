"""The loss through torch.compile, where that works and gives the gradients of the plain one."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from illustrators_depth.networks.compact import CompactNetwork

from ..batched import BatchMaker
from ..hardware import is_out_of_device_memory
from .recipe import DeviceRecipe
from .step import Batch, loss_function

__all__ = ["gradient_gap", "working_loss"]

# Of the gradient's length. Rounding in bfloat16 stays well below; a path that a compiler lost is
# well above (docs/decisions/027-samples-on-the-device.md).
_LARGEST_GRADIENT_GAP = 0.2

LossOf = Callable[[Batch], Tensor]


def working_loss(
    recipe: DeviceRecipe,
    network: CompactNetwork,
    teacher: CompactNetwork | None,
    precision: torch.dtype,
    maker: BatchMaker,
    say: Callable[[str], None],
) -> LossOf:
    """The loss, compiled if the recipe asks for it and the machine can; else it says why not."""
    plain = loss_function(network, recipe.loss, precision, teacher)
    if not recipe.compile:
        return plain
    compiled = loss_function(network, recipe.loss, precision, teacher, compiled=True)
    try:
        gap = gradient_gap(network, plain, compiled, maker.batch(0, recipe.batch))
    except Exception as error:  # whatever a compiler that is missing or old raises
        if is_out_of_device_memory(error):
            raise
        say(f"torch.compile failed ({str(error).strip().splitlines()[0][:120]}); going on without.")
        return plain
    finally:
        network.zero_grad(set_to_none=True)
    if not gap <= _LARGEST_GRADIENT_GAP:
        say(f"torch.compile gives gradients that are off by {gap:.0%} here; going on without.")
        return plain
    return compiled


def gradient_gap(network: CompactNetwork, plain: LossOf, other: LossOf, batch: Batch) -> float:
    """How far another loss's gradient is from the plain one's, as a share of its length."""
    want, got = (_gradient(network, loss_of, batch) for loss_of in (plain, other))
    apart = torch._foreach_norm(torch._foreach_sub(got, want))
    return float(torch.stack(apart).norm() / torch.stack(torch._foreach_norm(want)).norm())


def _gradient(network: CompactNetwork, loss_of: LossOf, batch: Batch) -> list[Tensor]:
    network.zero_grad(set_to_none=True)
    loss_of(batch).backward()
    return [torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in network.parameters()]
