"""The networks that are trained on a device, and the weights they start from."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import nn

from illustrators_depth.networks.checkpoint import fit_state, read_tensors
from illustrators_depth.networks.compact import CompactNetwork

from ..learning.teacher import make_teacher

__all__ = ["build_network"]

# Of those that a region touches: enough for nearly every page.
_MAX_NEIGHBORS = 32


def build_network(kind: str, prior: str, device: torch.device) -> CompactNetwork:
    """A network on a device, ready to train: fixed shapes, channels last.

    Args:
        kind: "compact" or "teacher".
        prior: a file of weights, or "none".

    Raises InputError when the file does not fit.
    """
    network = make_teacher() if kind == "teacher" else CompactNetwork()
    if prior != "none":
        path = Path(prior)
        state = fit_state(network, read_tensors(path), path, optional="regions.")
        network.load_state_dict(state, strict=False)
    network.regions.limit_neighbors(_MAX_NEIGHBORS)
    placed: nn.Module = network.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    assert isinstance(placed, CompactNetwork)
    return placed
