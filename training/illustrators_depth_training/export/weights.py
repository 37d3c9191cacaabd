"""A checkpoint's weights alone, small enough to keep: where a later run or torch starts from."""

from __future__ import annotations

from pathlib import Path

import torch
from safetensors.torch import save_file

from illustrators_depth.io.atomic import atomic_path
from illustrators_depth.networks.checkpoint import load_compact

__all__ = ["write_weights"]


def write_weights(checkpoint: Path, path: Path) -> None:
    """Write the compact network's averaged weights as float16 safetensors, replacing `path`.

    The file is a prior for further training (`--set network.prior=FILE`) and a model for
    `predict_depth(..., model=FILE)` with torch. Optimiser state stays in the checkpoint.

    Raises InputError when the checkpoint is not one of the compact network.
    """
    tensors = load_compact(checkpoint)
    half = {name: value.to(torch.float16).contiguous() for name, value in tensors.items()}
    with atomic_path(path, overwrite=True) as partial:
        save_file(half, partial, metadata={"network": "compact", "licence": "GPL-3.0-or-later"})
