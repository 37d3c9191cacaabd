"""The loss of a training step on a device, with or without a teacher; `run` takes the step."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor

from illustrators_depth.networks.compact import CompactNetwork

from ..batched.targets import REGIONS
from ..hardware import autocast
from ..learning.losses import LossWeights, depth_loss
from ..learning.teacher import distillation_loss, student_batch
from ..learning.training_loss import DENSE_SHARE, network_input, training_loss
from ..samples.region_tokens import paint_regions, region_batch

__all__ = ["Batch", "loss_function"]

Batch = dict[str, Tensor]


def loss_function(
    network: CompactNetwork,
    weights: LossWeights,
    precision: torch.dtype,
    teacher: CompactNetwork | None = None,
    compiled: bool = False,
) -> Callable[[Batch], Tensor]:
    """The loss of a batch that `batched.BatchMaker` made: a scalar, nothing waits for the device.

    With a teacher the batch is at its size, and the network sees half of that.
    """

    def loss_alone(batch: Batch) -> Tensor:
        with autocast(batch["rgb"].device, precision):
            return training_loss(network, batch, weights, REGIONS)[0]

    def loss_with_teacher(batch: Batch) -> Tensor:
        assert teacher is not None
        small = student_batch(batch)
        with autocast(batch["rgb"].device, precision):
            with torch.no_grad():
                teacher_output = teacher.with_regions(
                    network_input(batch["rgb"]), region_batch(batch)
                )
            dense, values = network.with_regions(network_input(small["rgb"]), region_batch(small))
        painted = paint_regions(dense, values.float(), small["token"])
        truth = _truth_loss(dense, small, weights) * DENSE_SHARE + _truth_loss(
            painted, small, weights
        )
        return truth + distillation_loss(dense, values, *teacher_output, batch["real"])

    chosen = loss_alone if teacher is None else loss_with_teacher
    return torch.compile(chosen, dynamic=False) if compiled else chosen


def _truth_loss(prediction: Tensor, batch: Batch, weights: LossWeights) -> Tensor:
    return depth_loss(prediction, batch, weights, REGIONS)[0]
