"""What a reproduction will take: its stages, steps, memory and hours, before it begins."""

from __future__ import annotations

import os
from collections.abc import Iterator

from torch import nn

from illustrators_depth.networks.depth_pro import DepthProNetwork

from ..trainer.config import TrainConfig
from .memory import StepCost, trace_step
from .settings import EFFECTIVE_BATCH, EPOCHS, Reproduction, svg_tables
from .stages import TEST_PICTURES, plan
from .state import RunState

__all__ = ["describe"]

_TRAIN_SHARE = 0.8
# Seconds of one core for a drawing at 1536 pixels (docs/data.md), in proportion to the area.
_RENDER_SECONDS, _RENDER_SIDE = 2.0, 1536
# Of a forward pass with a backward pass, activations recomputed.
_FORWARD_SHARE = 0.25
_GB = 1e9


def describe(reproduction: Reproduction, state: RunState, tflops: float) -> Iterator[str]:
    """Lines of the plan; `tflops` are those that a device sustains.

    Raises InputError when there are no drawings to count.
    """
    if reproduction.packed:
        from ..packed import open_drawings

        rows = round(len(open_drawings(reproduction.data, "train")) / _TRAIN_SHARE)
    else:
        rows = svg_tables(reproduction.mmsvg, "--mmsvg")[1]
    config = reproduction.training("full", round(_TRAIN_SHARE * rows))
    processes = reproduction.devices * reproduction.hosts
    cost = _cost(config, processes)
    yield f"{rows} drawings, less what the cleaning discards; {reproduction.size} pixels a side"
    yield (
        f"{config.steps} steps a training ({EPOCHS} epochs, batches of {EFFECTIVE_BATCH}: "
        f"{processes} processes, {config.accumulate} pictures each)"
    )
    yield from _memory_lines(cost)
    total = 0.0
    for stage in plan(reproduction, state):
        hours = _hours(stage.name, reproduction, rows, config.steps, cost, tflops)
        done = state.facts(stage.name) is not None
        total += 0.0 if done else hours
        yield f"  {stage.name:28} {'done' if done else f'{hours:9.2f} h'}  {stage.title}"
    yield (
        f"{total:.1f} hours in all, at {tflops:g} TFLOP/s sustained on each of {processes} devices "
        f"(--tflops) and {_RENDER_SECONDS:g} s of a core for a drawing at {_RENDER_SIDE} pixels"
    )


def _cost(config: TrainConfig, processes: int) -> StepCost:
    def make() -> nn.Module:
        network = DepthProNetwork(config.network.sizes.config).train()
        network.set_checkpointing(config.network.checkpointing)
        return network

    half = config.precision in ("auto", "bf16-mixed", "16-mixed")
    return trace_step(make, config.size, processes, half, config.loss)


def _memory_lines(cost: StepCost) -> Iterator[str]:
    yield f"{cost.total / _GB:.1f} GB on each device, a picture at a time (traced, not allocated):"
    parts = {
        "weights": cost.weights,
        "gradients": cost.gradients,
        "AdamW's moments": cost.optimizer,
        "averaged weights": cost.average,
        "DDP's buckets": cost.buckets,
        "activations at the peak": cost.activations,
    }
    for name, size in parts.items():
        yield f"  {name:28} {size / _GB:9.2f} GB"
    yield f"{cost.flop / 1e12:.1f} TFLOP for a picture, forward and backward"


def _hours(
    stage: str, reproduction: Reproduction, rows: int, steps: int, cost: StepCost, tflops: float
) -> float:
    processes = reproduction.devices * reproduction.hosts
    if stage.startswith("train-"):
        return steps * EFFECTIVE_BATCH * cost.flop / (processes * tflops * 1e12) / 3600
    if stage.startswith("evaluate-"):
        flop = TEST_PICTURES * _FORWARD_SHARE * cost.flop
        return flop / (processes * tflops * 1e12) / 3600
    if stage == "page":
        return 0.0
    if stage == "svgx" and reproduction.svgx is not None:
        rows = svg_tables(reproduction.svgx, "--svgx")[1]
    share = _TRAIN_SHARE if stage == "data-uncleaned" else 1.0
    seconds = _RENDER_SECONDS * (reproduction.size / _RENDER_SIDE) ** 2
    return share * rows * seconds / (reproduction.workers or os.cpu_count() or 1) / 3600
