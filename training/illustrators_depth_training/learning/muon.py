"""Muon for weight matrices and AdamW for everything else, as one optimiser.

Muon (Jordan et al., 2024) replaces the momentum of a matrix by the nearest semi-orthogonal one, so
that every direction in it learns at the same pace. Convolutions count as matrices of output by
input times kernel. Updates are scaled to the size that AdamW's have (Liu et al., "Muon is scalable
for LLM training", 2025), so that one learning rate fits both halves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor

from ..hardware import fast_bfloat16

__all__ = ["MuonAdamW", "orthogonalize"]

# Coefficients of the quintic iteration, chosen by its author for speed: singular values end
# between about 0.7 and 1.2, which is near enough.
_A, _B, _C = 3.4445, -4.7750, 2.0315
_ITERATIONS = 5
# Root mean square of an AdamW update.
_ADAMW_SIZE = 0.2


def orthogonalize(matrices: Tensor) -> Tensor:
    """Push the singular values of matrices (N, rows, columns) towards one; float32 out."""
    fast = matrices.is_cuda or (matrices.device.type == "cpu" and fast_bfloat16())
    x = matrices / (matrices.norm(dim=(1, 2), keepdim=True) + 1e-7)
    tall = x.shape[1] > x.shape[2]
    x = (x.transpose(1, 2) if tall else x).to(torch.bfloat16 if fast else torch.float32)
    for _ in range(_ITERATIONS):
        gram = torch.bmm(x, x.transpose(1, 2))
        polynomial = torch.baddbmm(gram, gram, gram, beta=_B, alpha=_C)
        x = torch.baddbmm(x, polynomial, x, beta=_A)
    return (x.transpose(1, 2) if tall else x).float()


class MuonAdamW(torch.optim.Optimizer):
    """Groups marked `muon: True` take Muon's step, all others AdamW's.

    Args:
        groups: parameter groups with `lr`, `weight_decay` and `muon`; parameters of a Muon group
            have two dimensions or more.
        betas: AdamW's.
        momentum: Muon's (Nesterov).
    """

    def __init__(
        self,
        groups: Iterable[dict[str, Any]],
        betas: tuple[float, float] = (0.9, 0.99),
        momentum: float = 0.95,
    ) -> None:
        super().__init__(
            groups, {"lr": 1e-3, "weight_decay": 0.0, "betas": betas, "momentum": momentum}
        )

    @torch.no_grad()
    def step(self, closure: Callable[[], float] | None = None) -> float | None:  # type: ignore[override]
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            parameters = [p for p in group["params"] if p.grad is not None]
            if group["muon"]:
                self._muon(group, parameters)
            else:
                self._adamw(group, parameters)
        return loss

    def _muon(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        momentum = group["momentum"]
        for p in parameters:
            if "momentum" not in self.state[p]:
                self.state[p]["momentum"] = torch.zeros_like(p)
        if not parameters:
            return
        gradients = [p.grad for p in parameters if p.grad is not None]
        held = [self.state[p]["momentum"] for p in parameters]
        torch._foreach_lerp_(held, gradients, 1.0 - momentum)
        ahead = torch._foreach_lerp(gradients, held, momentum)
        torch._foreach_mul_(parameters, 1.0 - group["lr"] * group["weight_decay"])
        alike: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
        for p, direction in zip(parameters, ahead, strict=True):
            flat = direction.flatten(1)
            alike.setdefault(tuple(flat.shape), []).append((p, flat))
        for (rows, columns), members in alike.items():
            steps = orthogonalize(torch.stack([direction for _, direction in members]))
            size = group["lr"] * _ADAMW_SIZE * max(rows, columns) ** 0.5
            targets = [p for p, _ in members]
            shaped = [step.reshape(p.shape) for p, step in zip(targets, steps, strict=True)]
            torch._foreach_add_(targets, shaped, alpha=-size)

    def _adamw(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        first, second = group["betas"]
        if not parameters:
            return
        for p in parameters:
            state = self.state[p]
            if "step" not in state:
                state["step"] = 0
                state["mean"], state["square"] = torch.zeros_like(p), torch.zeros_like(p)
            state["step"] += 1
        states = [self.state[p] for p in parameters]
        gradients = [p.grad for p in parameters if p.grad is not None]
        means, squares = [s["mean"] for s in states], [s["square"] for s in states]
        torch._foreach_lerp_(means, gradients, 1.0 - first)
        torch._foreach_mul_(squares, second)
        torch._foreach_addcmul_(squares, gradients, gradients, value=1.0 - second)
        roots = torch._foreach_div(squares, [1.0 - second ** s["step"] for s in states])
        torch._foreach_sqrt_(roots)
        torch._foreach_add_(roots, 1e-8)
        torch._foreach_mul_(parameters, 1.0 - group["lr"] * group["weight_decay"])
        rates = [-group["lr"] / (1.0 - first ** s["step"]) for s in states]
        torch._foreach_addcdiv_(parameters, means, roots, rates)
