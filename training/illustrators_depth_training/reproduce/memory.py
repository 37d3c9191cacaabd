"""What one training step needs, traced without allocating it: memory by kind, and FLOP.

The step is run on fake tensors: shapes and lifetimes are those of a real one, bytes are only
counted. So the full network is measured in seconds on any machine.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves
from torch.utils.flop_counter import FlopCounterMode

from ..learning.losses import LossWeights, depth_loss

__all__ = ["AllocationTrace", "StepCost", "trace_step"]


@dataclass(frozen=True)
class StepCost:
    """Bytes that one process needs on its device, and the FLOP of one step with a batch of one.

    weights, gradients, optimizer (AdamW's two moments), average (the averaged weights) and buckets
    (DDP's copies of gradients, none for one process) stay; activations is the peak of all else.
    """

    weights: int
    gradients: int
    optimizer: int
    average: int
    buckets: int
    activations: int
    flop: int

    @property
    def total(self) -> int:
        """All bytes together at the peak."""
        kept = self.weights + self.gradients + self.optimizer + self.average + self.buckets
        return kept + self.activations


class AllocationTrace(TorchDispatchMode):
    """Counts the bytes of every storage from its first use to its end.

    Attributes:
        peak: most bytes alive at one time, above what was alive before.
    """

    def __init__(self, before: list[Tensor]) -> None:
        super().__init__()
        self.alive = self.peak = 0
        self._known = {tensor.untyped_storage()._cdata for tensor in before}

    def __torch_dispatch__(
        self, func: Any, types: Any, args: Any = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        out = func(*args, **(kwargs or {}))
        for value in tree_leaves(out):
            if isinstance(value, Tensor):
                self._count(value)
        return out

    def _count(self, tensor: Tensor) -> None:
        storage = tensor.untyped_storage()
        if storage._cdata in self._known:
            return
        self._known.add(storage._cdata)
        self.alive += storage.nbytes()
        self.peak = max(self.peak, self.alive)
        weakref.finalize(storage, self._release, storage._cdata, storage.nbytes())

    def _release(self, key: int, size: int) -> None:
        self._known.discard(key)
        self.alive -= size


def trace_step(
    make: Callable[[], nn.Module],
    side: int,
    processes: int,
    half: bool = True,
    weights: LossWeights | None = None,
) -> StepCost:
    """One step of training with a batch of one picture.

    Args:
        make: builds the network, in training mode, with its checkpointing switched as wanted.
        side: of the square picture in pixels.
        processes: that train together.
        half: bfloat16 autocast, as on GPUs; else float32.
        weights: of the loss; the paper's by default.
    """
    with FakeTensorMode():
        network = make()
        rgb = torch.zeros(1, 3, side, side)
        index = torch.ones(1, side, side, dtype=torch.int32)
        trained = [p for p in network.parameters() if p.requires_grad]
        everything = [*network.parameters(), *network.buffers(), rgb, index]
        size = sum(p.numel() * p.element_size() for p in network.parameters())
        gradients = sum(p.numel() * p.element_size() for p in trained)
        trace = AllocationTrace(everything)
        with FlopCounterMode(display=False) as counter, trace:
            with torch.autocast("cpu", torch.bfloat16, enabled=half):
                depth = network(rgb)
            loss, _ = depth_loss(depth.float(), {"index": index}, weights or LossWeights())
            del depth
            loss.backward()
        flop = counter.get_total_flops()
    return StepCost(
        weights=size,
        gradients=gradients,
        optimizer=2 * gradients,
        average=size,
        buckets=gradients if processes > 1 else 0,
        # Gradients appear while activations go: only what was there beside them counts as those.
        activations=max(0, trace.peak - gradients),
        flop=flop,
    )
