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

from .hardware import fast_bfloat16

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
        alike: dict[tuple[int, ...], list[tuple[Tensor, Tensor]]] = {}
        for p in parameters:
            assert p.grad is not None
            state = self.state[p]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(p)
            state["momentum"].lerp_(p.grad, 1.0 - momentum)
            ahead = p.grad.lerp(state["momentum"], momentum).flatten(1)
            alike.setdefault(tuple(ahead.shape), []).append((p, ahead))
        for (rows, columns), members in alike.items():
            steps = orthogonalize(torch.stack([ahead for _, ahead in members]))
            size = group["lr"] * _ADAMW_SIZE * max(rows, columns) ** 0.5
            for (p, _), step in zip(members, steps, strict=True):
                p.mul_(1.0 - group["lr"] * group["weight_decay"])
                p.add_(step.reshape(p.shape), alpha=-size)

    def _adamw(self, group: dict[str, Any], parameters: list[Tensor]) -> None:
        first, second = group["betas"]
        for p in parameters:
            assert p.grad is not None
            state = self.state[p]
            if "step" not in state:
                state["step"] = 0
                state["mean"], state["square"] = torch.zeros_like(p), torch.zeros_like(p)
            state["step"] += 1
            state["mean"].lerp_(p.grad, 1.0 - first)
            state["square"].mul_(second).addcmul_(p.grad, p.grad, value=1.0 - second)
            root = (state["square"] / (1.0 - second ** state["step"])).sqrt_().add_(1e-8)
            p.mul_(1.0 - group["lr"] * group["weight_decay"])
            p.addcdiv_(state["mean"], root, value=-group["lr"] / (1.0 - first ** state["step"]))
