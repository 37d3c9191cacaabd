"""Reads network weights from files that strangers may have made.

Only tensors and plain containers are unpickled (`weights_only=True`); anything else in a file is
refused rather than run. Every problem is one sentence that names the file and the keys.
"""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import InputError, is_out_of_memory

__all__ = ["fit_state", "load_compact", "read_checkpoint", "read_tensors"]

_SHOWN_KEYS = 4  # of each kind, in an error message


def read_checkpoint(path: Path) -> dict[str, Any]:
    """The mapping stored in a .pt, .pth, .ckpt or .safetensors file, on the CPU.

    Raises InputError when the file is missing, truncated, not a checkpoint, or holds objects other
    than tensors and plain values.
    """
    if not path.is_file():
        raise InputError(f"The checkpoint {path} does not exist; check the path.")
    try:
        if path.suffix.lower() == ".safetensors":
            from safetensors import SafetensorError
            from safetensors.torch import load_file

            try:
                return dict(load_file(path))
            except SafetensorError as error:
                raise _unreadable(path, str(error)) from error
        loaded = torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        if "weights_only" in str(error) or "Unsupported" in str(error):
            raise InputError(
                f"{path.name} holds objects other than tensors, which could run code when read; "
                "it was refused. Save the model's state_dict, or use .safetensors."
            ) from error
        raise _unreadable(path, str(error)) from error
    except Exception as error:  # a damaged file makes the unpickler raise any exception
        if is_out_of_memory(error):
            raise MemoryError(str(error)) from error
        raise _unreadable(path, str(error)) from error
    if not isinstance(loaded, Mapping):
        raise InputError(f"{path.name} holds a {type(loaded).__name__}, not a set of weights.")
    return dict(loaded)


def _unreadable(path: Path, reason: str) -> InputError:
    line = reason.strip().splitlines()[0] if reason.strip() else "unknown reason"
    return InputError(
        f"{path.name} is damaged or not a checkpoint ({line[:160]}); download or copy it again."
    )


def read_tensors(path: Path) -> dict[str, Tensor]:
    """The network's tensors in a file, by their names in the network.

    A training checkpoint gives its *averaged* weights when it has them. Tensors are looked for in
    an entry `state_dict` or `model`, if there is one, and the prefixes "network.", "model." and
    "module." are removed.

    Raises InputError as `read_checkpoint` does, and when there are no tensors.
    """
    values = read_checkpoint(path)
    for callback, state in (values.get("callbacks") or {}).items():
        if str(callback).startswith("AveragedWeights"):
            values = state["average"]
            break
    else:
        values = values.get("state_dict", values.get("model", values))
    tensors = {str(k): v for k, v in values.items() if isinstance(v, Tensor)}
    for prefix in ("module.", "network.", "model."):
        if tensors and all(key.startswith(prefix) for key in tensors):
            tensors = {key.removeprefix(prefix): value for key, value in tensors.items()}
    if not tensors:
        raise InputError(f"{path.name} holds no weights.")
    return tensors


def fit_state(
    network: nn.Module, tensors: Mapping[str, Tensor], path: Path, optional: str = ""
) -> dict[str, Tensor]:
    """The tensors as float32, checked against the network: names and shapes.

    Names that begin with `optional` may be missing (all of them), and are then left out.

    Raises InputError that names the file and the first keys that are missing, unknown or of the
    wrong shape.
    """
    expected = {name: tuple(value.shape) for name, value in network.state_dict().items()}
    if optional and not any(name.startswith(optional) for name in tensors):
        expected = {
            name: shape for name, shape in expected.items() if not name.startswith(optional)
        }
    missing = [name for name in expected if name not in tensors]
    unknown = [name for name in tensors if name not in expected]
    misshapen = [
        f"{name} {tuple(tensors[name].shape)} instead of {shape}"
        for name, shape in expected.items()
        if name in tensors and tuple(tensors[name].shape) != shape
    ]
    problems = [
        f"{verb} {', '.join(keys[:_SHOWN_KEYS])}{', ...' if len(keys) > _SHOWN_KEYS else ''}"
        for verb, keys in (("lacks", missing), ("has unknown", unknown), ("has", misshapen))
        if keys
    ]
    if problems:
        raise InputError(
            f"{path.name} does not fit {type(network).__name__}: it {'; '.join(problems)}."
        )
    return {name: tensors[name].float() for name in expected}


def load_compact(path: Path, optional: str = "") -> dict[str, Tensor]:
    """Weights of the compact network from a training checkpoint, .pt or .safetensors file.

    `optional="regions."` accepts a network that was trained without its region stage. Raises
    InputError as `read_tensors` and `fit_state` do.
    """
    from .compact import CompactNetwork

    with torch.device("meta"):
        skeleton = CompactNetwork()
    return fit_state(skeleton, read_tensors(path), path, optional)
