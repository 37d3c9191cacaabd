"""A run of so many minutes on one device, from a packed corpus to a model that is measured."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable
from dataclasses import asdict, replace
from pathlib import Path

import torch
from torch import Tensor

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.compact import CompactNetwork

from ..batched import BatchMaker, CorpusTensors, load_corpus
from ..hardware import (
    is_out_of_device_memory,
    keep_freed_memory,
    precision_of,
    release_memory,
)
from ..learning.time_plan import TimePlan
from ..packed import is_drawn_from, is_travel_pack, unpack_travel
from .compiled import working_loss
from .finish import finish
from .interrupt import StopRequest
from .loss_log import LossLog
from .meter import DeviceClock, matrix_rate, operations_of
from .networks import build_network
from .recipe import DeviceRecipe
from .state import LAST, RunState
from .step import Batch, loss_function

__all__ = ["optimizer_step", "run_on_device", "train_in_time"]

_SMALLEST_BATCH = 1

Say = Callable[[str], None]


def run_on_device(
    recipe: DeviceRecipe,
    data: Path,
    out: Path,
    minutes: float,
    device: torch.device,
    say: Say = print,
) -> None:
    """Train for the minutes given, save, export `out`/compact.onnx and measure it on val.

    The time begins with the call. A travel pack is drawn into `out`/corpus.pack first. A batch that
    does not fit the device's memory is halved, and said to be. A run whose folder holds a saved
    state goes on from it, on samples that it has not seen. On SIGTERM or Ctrl-C it saves its state
    after the step under way and ends, without a model.

    Raises InputError when the minutes are not above 0, or the data or the saved state do not fit.
    """
    plan = TimePlan(minutes, recipe.batch)
    if device.type == "cpu":
        keep_freed_memory()
    if is_travel_pack(data):
        data = _unpack_once(data, out, say)
    corpus = load_corpus(data, "train", device, recipe.kinds)
    say(f"{len(corpus.row)} drawings of {data.name} on {device}.")
    if max(corpus.shape) < recipe.samples.size:
        height, width = corpus.shape
        say(
            f"They have {width}x{height} pixels and are enlarged to {recipe.samples.size}: built "
            "larger, they would be sharper."
        )
    out.mkdir(parents=True, exist_ok=True)
    with atomic_path(out / "recipe.json", overwrite=True) as partial:
        partial.write_text(json.dumps(asdict(recipe), indent=1) + "\n", encoding="utf-8")
    with StopRequest() as stop:
        recipe, state = train_in_time(recipe, corpus, out, plan, say, stop)
    if stop.asked:
        say(f"Stopped after step {state.step}, which is saved; the same command goes on from it.")
        return
    del corpus
    finish(recipe, state.average, data, out, plan, say)
    left = plan.seconds_left
    say(f"Ended {abs(left):.0f} s {'before the time' if left >= 0 else 'late'}.")


def _unpack_once(travel: Path, out: Path, say: Say) -> Path:
    """The packed corpus of a travel pack, drawn anew unless that very one is there already."""
    packed = out / "corpus.pack"
    if not is_drawn_from(packed, travel):
        start = time.monotonic()
        out.mkdir(parents=True, exist_ok=True)
        count = unpack_travel(travel, packed)
        say(f"Drew {count} drawings in {time.monotonic() - start:.0f} s.")
    return packed


def train_in_time(
    recipe: DeviceRecipe,
    corpus: CorpusTensors,
    out: Path,
    plan: TimePlan,
    say: Say,
    stop: StopRequest | None = None,
) -> tuple[DeviceRecipe, RunState]:
    """Train, with smaller batches where memory ends, until the time is over or `stop` is asked.

    Where memory ends in the midst of a run it goes on from what was saved last.

    Raises InputError when not even the smallest batch fits, or loss or weights are not finite.
    """
    state: RunState | None
    stop = stop or StopRequest()
    while True:
        try:
            state = _start_state(recipe, out, corpus.device)
            _train(recipe, state, corpus, out, plan, say, stop)
            return recipe, state
        except Exception as error:
            if not is_out_of_device_memory(error):
                raise
            if recipe.batch <= _SMALLEST_BATCH:
                raise InputError(
                    f"The memory of {corpus.device} is too small for batches of {recipe.batch}; "
                    "lower --set size or --set tokens, or pack fewer drawings."
                ) from error
        # Only now that the error is gone, and what it held, can memory be given back.
        state = None
        recipe = replace(recipe, batch=recipe.batch // 2)
        plan.start_again(recipe.batch)
        release_memory()
        say(f"The device's memory is too small; going on with batches of {recipe.batch}.")


def _start_state(recipe: DeviceRecipe, out: Path, device: torch.device) -> RunState:
    torch.manual_seed(recipe.seed)
    saved = out / "checkpoints" / LAST
    prior = "none" if saved.is_file() else recipe.prior
    state = RunState(build_network(recipe.network, prior, device), recipe.optimizer)
    if saved.is_file():
        state.load(saved, device)
    return state


def _train(
    recipe: DeviceRecipe,
    state: RunState,
    corpus: CorpusTensors,
    out: Path,
    plan: TimePlan,
    say: Say,
    stop: StopRequest,
) -> None:
    """Steps until the time is over, the schedule laid into it."""
    device = corpus.device
    network = state.network
    assert isinstance(network, CompactNetwork)
    network.train()
    precision = precision_of(recipe.precision, device)
    teacher = None
    if recipe.teacher != "none":
        teacher = build_network("teacher", recipe.teacher, device).eval().requires_grad_(False)
    maker = BatchMaker(corpus, recipe.samples, recipe.seed)
    loss_of = working_loss(recipe, network, teacher, precision, maker, say)
    # Counted on the plain function, since a compiled one is one operation.
    plain = loss_function(network, recipe.loss, precision, teacher)
    operations = operations_of(plain, maker.batch(0, min(recipe.batch, 2)))
    operations *= recipe.batch / min(recipe.batch, 2)
    network.zero_grad(set_to_none=True)
    clock, first, saved_at = DeviceClock(device), state.step, time.monotonic()
    log = LossLog(out / "log.csv", state)
    steps: int | None = None
    while state.step == first or not (plan.must_stop or stop.asked):
        done = state.step - first
        if steps is not None and done >= steps:
            break
        # Until the speed is known it warms up, as if there were no end.
        state.set_rate(recipe.rate_share * recipe.rate_factor(done, steps or 1_000_000_000))
        clock.mark("samples")
        batch = maker.batch(state.step, recipe.batch)
        clock.mark("step")
        plan.begin_step()
        log.add(optimizer_step(state, loss_of, batch, recipe))
        clock.mark("waiting")
        steps = plan.end_step(state.step - first) or steps
        if time.monotonic() - saved_at > 60 * recipe.checkpoint_minutes:
            log.flush()
            state.save(out / "checkpoints")
            saved_at = time.monotonic()
    log.flush()
    state.save(out / "checkpoints")
    say(_summary(plan, clock, operations, matrix_rate(device, precision), recipe))


def optimizer_step(
    state: RunState, loss_of: Callable[[Batch], Tensor], batch: Batch, recipe: DeviceRecipe
) -> Tensor:
    """One optimiser step; the loss, still on the device."""
    state.optimizer.zero_grad(set_to_none=True)
    loss = loss_of(batch)
    loss.backward()
    if recipe.clip:
        parameters = [p for group in state.optimizer.param_groups for p in group["params"]]
        torch.nn.utils.clip_grad_norm_(parameters, recipe.clip)
    state.optimizer.step()
    state.end_step(recipe.average_decay, recipe.batch)
    return loss.detach()


def _summary(
    plan: TimePlan, clock: DeviceClock, operations: float, most: float, recipe: DeviceRecipe
) -> str:
    shares, report = clock.finish(), plan.report()
    rate = report.samples_per_second
    if math.isnan(rate):
        return f"Trained: {report}."
    reached = operations / recipe.batch * rate
    return (
        f"Trained: {report.steps} steps of {recipe.batch}, {rate:.1f} samples/s; of the time "
        f"{100 * shares['samples']:.0f} % making samples, {100 * shares['step']:.0f} % training, "
        f"{100 * shares['waiting']:.0f} % waiting; {reached / 1e12:.3g} TFLOP/s, "
        f"{100 * reached / most:.0f} % of what matrix products reach here."
    )
