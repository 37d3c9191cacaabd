"""Trains the border network on stored crops; resumable, on one CPU thread or a GPU."""

from __future__ import annotations

import time
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from illustrators_depth.errors import InputError
from illustrators_depth.networks.border_network import BorderNetwork

from ..hardware import autocast, precision_of
from .store import CropStore

__all__ = ["BorderTraining", "accuracy", "train_border"]

Report = Callable[[str], None]
# Standard deviation of the noise on features, so that exact sizes are not learned by heart.
_FEATURE_NOISE = 0.02
# Share of the crops that are turned by a quarter, a half or three quarters.
_TURNED_SHARE = 0.2
# Share of the crops whose colours are inverted; ranges of the factor and of the summand that each
# colour channel (0..1) gets.
_INVERTED_SHARE, _GAIN, _SHIFT = 0.2, (0.6, 1.2), (-0.15, 0.15)
_WARM_STEPS = 200  # over which the learning rate rises
_REPORT_STEPS = 250  # from one report to the next


@dataclass(frozen=True)
class BorderTraining:
    """How long and how fast.

    Attributes:
        steps: optimiser steps in all; the learning rate falls to nothing over them.
        batch: pairs a step.
        lr: the highest learning rate.
        weight_decay: of AdamW.
        average: share of the old weights that each step keeps in the averaged ones.
        device: "cpu", "cuda", "mps".
        checkpoint_seconds: time between checkpoints.
        seed: of everything random.
    """

    steps: int = 4000
    batch: int = 256
    lr: float = 2e-3
    weight_decay: float = 0.05
    average: float = 0.998
    device: str = "cpu"
    checkpoint_seconds: float = 600.0
    seed: int = 0


def train_border(
    store: CropStore,
    check: CropStore | None,
    out: Path,
    settings: BorderTraining,
    report: Report = print,
    prior: Path | None = None,
) -> BorderNetwork:
    """Train, or go on where a checkpoint in `out` left off; returns the averaged network.

    Args:
        store: pairs to learn from.
        check: pairs to measure on, with each report; None measures nothing.
        out: folder of `border.ckpt` (everything needed to go on) and `border.safetensors` (the
            averaged weights).
        report: takes a line of text now and then.
        prior: weights to start from, .safetensors; a checkpoint in `out` goes first.

    Raises InputError when the loss is no longer a finite number.
    """
    torch.manual_seed(settings.seed)
    device = torch.device(settings.device)
    precision = precision_of("auto", device)
    network = _new_network(settings.device, prior)
    averaged = deepcopy(network).eval()
    optimizer = torch.optim.AdamW(
        network.parameters(), settings.lr, weight_decay=settings.weight_decay
    )
    checkpoint, step = out / "border.ckpt", 0
    out.mkdir(parents=True, exist_ok=True)
    if checkpoint.is_file():
        step = _resume(checkpoint, network, averaged, optimizer)
        report(f"resumed at step {step}")
    cumulative = _cumulative_chances(store)
    saved = began = time.monotonic()
    while step < settings.steps:
        rng = np.random.default_rng([settings.seed, step])
        batch = _batch(store, cumulative, rng, settings)
        for group in optimizer.param_groups:
            group["lr"] = settings.lr * _schedule(step, settings.steps)
        network.train()
        with autocast(device, precision):
            logits = network(batch["context"], batch["ends"], batch["features"])
        loss = network.loss(logits.float(), batch["above"], batch["weight"])
        if not bool(torch.isfinite(loss)):
            raise InputError(f"The loss is not finite at step {step}; the last checkpoint stands.")
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        # At first less of the old is kept: it is still close to the random start.
        _average(averaged, network, min(settings.average, step / (step + 10.0)))
        if step % _REPORT_STEPS == 0 or step == settings.steps:
            right = "" if check is None else f", checked {accuracy(averaged, check):.4f}"
            report(f"step {step}: loss {loss.item():.4f}{right}, {time.monotonic() - began:.0f} s")
        if time.monotonic() - saved > settings.checkpoint_seconds or step == settings.steps:
            _save(checkpoint, network, averaged, optimizer, step)
            saved = time.monotonic()
    return averaged


def _new_network(device: str, prior: Path | None) -> BorderNetwork:
    """A network on a device, at random or with the weights of a .safetensors file."""
    network = BorderNetwork().to(device)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    if prior is not None:
        from safetensors.torch import load_file

        network.load_state_dict(load_file(prior))
    return network


def accuracy(network: BorderNetwork, store: CropStore, limit: int = 4000) -> float:
    """Share of the pairs that hide each other which the network orders right.

    limit: about how many pairs are looked at, evenly spread; 0.0 where the store has none.
    """
    # Pairs that do not hide each other weigh less than 1, see `label_pairs`.
    facts = np.flatnonzero(store.weight >= 1.0)
    facts = facts[:: max(1, len(facts) // limit)]
    device = next(network.parameters()).device
    right = 0
    with torch.inference_mode():
        for part in np.array_split(facts, max(1, len(facts) // 256)):
            logits = network(*(_tensor(f[part], device) for f in _inputs(store)))
            right += int(((logits > 0).cpu().numpy() == (store.above[part] > 0.5)).sum())
    return right / max(1, len(facts))


def _inputs(store: CropStore) -> tuple[NDArray[np.generic], ...]:
    """The network's inputs, in the order of its arguments."""
    return store.context, store.ends, store.features


def _tensor(values: NDArray[np.generic], device: torch.device | str) -> Tensor:
    """An array on a device; bytes become float32, 0..1."""
    tensor = torch.from_numpy(np.ascontiguousarray(values)).to(device)
    return tensor.float() / 255.0 if tensor.dtype == torch.uint8 else tensor


def _cumulative_chances(store: CropStore) -> NDArray[np.float64]:
    """Chance to draw each pair or one before it, (P,), rising to 1.

    A pair's chance is its weight over the root of its drawing's: a crowded drawing is drawn more
    often than others, but does not crowd them out.
    """
    per_drawing = np.bincount(store.drawing, store.weight)
    chance = store.weight / np.sqrt(per_drawing[store.drawing])
    return np.asarray(np.cumsum(chance / chance.sum()))


def _batch(
    store: CropStore, cumulative: NDArray[np.float64], rng: np.random.Generator, how: BorderTraining
) -> dict[str, Tensor]:
    """One augmented batch, by name; drawn by weight, so that the loss weighs all alike."""
    drawn = np.searchsorted(cumulative, rng.random(how.batch))
    drawn = np.sort(drawn.clip(max=len(cumulative) - 1))  # in order, as the file is read
    context, ends, features = (_tensor(f[drawn], how.device) for f in _inputs(store))
    context, ends = _recolor(context, ends, rng)
    context, ends = _turn(context, ends, rng)
    above = _tensor(store.above[drawn], how.device)
    noise = rng.normal(0.0, _FEATURE_NOISE, tuple(features.shape)).astype(np.float32)
    return {
        "context": context.contiguous(memory_format=torch.channels_last),
        "ends": ends,
        "features": features + _tensor(noise, how.device),
        "above": above,
        "weight": torch.ones_like(above),
    }


def _recolor(context: Tensor, ends: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Exchange, invert, scale and shift the colour channels of each pair's crops alike.

    Which layer lies above does not depend on what colours they have. context: (B, 5, H, W), ends:
    (B, 2, 5, h, w), as in `BorderCrops`; colours 0..1.
    """
    count = len(context)
    channels = torch.from_numpy(np.argsort(rng.random((count, 3)), axis=1)).to(context.device)
    gain = torch.from_numpy(rng.uniform(*_GAIN, (count, 3)).astype(np.float32))
    shift = torch.from_numpy(rng.uniform(*_SHIFT, (count, 3)).astype(np.float32))
    inverted = torch.from_numpy((rng.random(count) < _INVERTED_SHARE).astype(np.float32))
    gain, shift, inverted = (t.to(context.device) for t in (gain, shift, inverted))

    def change(crop: Tensor) -> Tensor:
        rows = torch.arange(count, device=crop.device)[:, None]
        color = crop[rows, channels]
        flip = inverted[:, None, None, None]
        color = color * (1 - flip) + (1 - color) * flip
        color = color * gain[:, :, None, None] + shift[:, :, None, None]
        return torch.cat([color.clamp(0, 1), crop[:, 3:]], dim=1)

    first, second = change(ends[:, 0]), change(ends[:, 1])
    return change(context), torch.stack([first, second], dim=1)


def _turn(context: Tensor, ends: Tensor, rng: np.random.Generator) -> tuple[Tensor, Tensor]:
    """Mirror crops at even odds and turn few of them, each eighth of the batch alike.

    Few, because most drawings have an up and a down, which tells the nearer hill from the farther
    one.
    """
    parts = []
    for crop, tips in zip(context.chunk(8), ends.chunk(8), strict=True):
        quarter = int(rng.integers(1, 4)) if rng.random() < _TURNED_SHARE else 0
        crop, tips = (torch.rot90(t, quarter, (-2, -1)) for t in (crop, tips))
        parts.append((crop.flip(-1), tips.flip(-1)) if rng.integers(2) else (crop, tips))
    return torch.cat([p[0] for p in parts]), torch.cat([p[1] for p in parts])


def _schedule(step: int, steps: int) -> float:
    """Factor of the learning rate: a linear rise, then half a cosine down to 0."""
    warm = min(1.0, (step + 1) / _WARM_STEPS)
    return warm * 0.5 * (1.0 + float(np.cos(np.pi * step / steps)))


@torch.no_grad()
def _average(averaged: BorderNetwork, network: BorderNetwork, keep: float) -> None:
    """Move the averaged weights towards the network's; they keep a share `keep` of their own."""
    for old, new in zip(averaged.state_dict().values(), network.state_dict().values(), strict=True):
        if old.dtype.is_floating_point:
            old.lerp_(new, 1.0 - keep)
        else:
            old.copy_(new)


def _save(
    path: Path,
    network: BorderNetwork,
    averaged: BorderNetwork,
    optimizer: torch.optim.Optimizer,
    step: int,
) -> None:
    """Write the checkpoint, whole or not at all, and the averaged weights beside it."""
    from safetensors.torch import save_file

    temporary = path.with_suffix(".tmp")
    state = {
        "network": network.state_dict(),
        "averaged": averaged.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
    }
    torch.save(state, temporary)
    temporary.replace(path)
    weights = path.with_suffix(".safetensors")
    save_file({k: v.contiguous() for k, v in averaged.state_dict().items()}, weights)


def _resume(
    path: Path, network: BorderNetwork, averaged: BorderNetwork, optimizer: torch.optim.Optimizer
) -> int:
    """Load a checkpoint into all three; the step that it was written after."""
    state = torch.load(path, weights_only=True)
    network.load_state_dict(state["network"])
    averaged.load_state_dict(state["averaged"])
    optimizer.load_state_dict(state["optimizer"])
    return int(state["step"])
