"""Random numbers of one batch, drawn on its device and, where they shape the work, on the host."""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Sequence

import torch
from torch import Tensor

__all__ = ["Dice"]


class Dice:
    """Draws tensors on a device; nothing that it does waits for the device.

    Counts and kinds, which decide how much work there is, come from a generator on the host, so
    that the device never has to be asked for them.
    """

    def __init__(
        self,
        device: torch.device,
        generator: torch.Generator | None = None,
        host: random.Random | None = None,
    ) -> None:
        self.device, self.generator = device, generator
        self.host = host or random.Random(0)

    @classmethod
    def seeded(cls, device: torch.device, seed: int, number: int) -> Dice:
        """The dice of batch `number` of a run: a pure function of the two numbers."""
        digest = hashlib.blake2b(f"{seed} {number}".encode(), digest_size=8).digest()
        mixed = int.from_bytes(digest, "little") >> 1
        generator = torch.Generator(device)
        generator.manual_seed(mixed)
        return cls(device, generator, random.Random(mixed))

    def uniform(self, shape: Sequence[int], low: float = 0.0, high: float = 1.0) -> Tensor:
        """float32, from `low` to `high`."""
        drawn = torch.rand(tuple(shape), generator=self.generator, device=self.device)
        return drawn if (low, high) == (0.0, 1.0) else drawn.mul_(high - low).add_(low)

    def normal(self, shape: Sequence[int], deviation: float = 1.0) -> Tensor:
        """float32, mean 0."""
        drawn = torch.randn(tuple(shape), generator=self.generator, device=self.device)
        return drawn if deviation == 1.0 else drawn.mul_(deviation)

    def log_uniform(self, shape: Sequence[int], low: float, high: float) -> Tensor:
        """float32, all proportions between `low` and `high` alike."""
        return torch.exp(self.uniform(shape) * math.log(high / low) + math.log(low))

    def integers(self, shape: Sequence[int], low: int, high: int) -> Tensor:
        """int64, from `low` to `high` - 1."""
        return (self.uniform(shape) * (high - low)).long().clamp_(max=high - low - 1) + low

    def chance(self, shape: Sequence[int], probability: float) -> Tensor:
        """bool, True with a probability."""
        return self.uniform(shape) < probability

    def rows(self, count: int, probability: float) -> Tensor:
        """Which of `count` samples get something, in random order: int64 (n,)."""
        chosen = sum(self.host.random() < probability for _ in range(count))
        return self.permutation(count)[:chosen]

    def permutation(self, count: int) -> Tensor:
        """0 to `count` - 1 in random order: int64."""
        return self.uniform((count,)).argsort()

    def split(self, rows: Tensor, shares: Sequence[float]) -> list[Tensor]:
        """Hand each of some rows to one of several kinds, by their shares."""
        kinds = self.host.choices(range(len(shares)), weights=shares, k=len(rows))
        return list(rows.split([kinds.count(kind) for kind in range(len(shares))]))

    def per_row(self, values: Sequence[float]) -> Tensor:
        """The host's numbers on the device, float32, without waiting for it."""
        return self._sent(torch.tensor(values, dtype=torch.float32))

    def positions(self, values: Sequence[int]) -> Tensor:
        """Which samples the host has chosen, int64, without waiting for the device."""
        return self._sent(torch.tensor(values, dtype=torch.int64))

    def _sent(self, tensor: Tensor) -> Tensor:
        if self.device.type == "cuda":
            tensor = tensor.pin_memory()
        return tensor.to(self.device, non_blocking=True)
