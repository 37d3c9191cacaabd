"""What the processor at hand is good at."""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import torch

__all__ = ["autocast", "fast_bfloat16"]


def autocast(device: torch.device, precision: torch.dtype) -> AbstractContextManager[object]:
    """Work in a precision where the device knows more than one; float32 turns it off."""
    if not torch.amp.is_autocast_available(device.type):
        return nullcontext()
    return torch.autocast(device.type, precision, enabled=precision != torch.float32)


def fast_bfloat16() -> bool:
    """Whether this CPU multiplies matrices faster in bfloat16 than in float32.

    AMX: ten times as fast; AVX-512 BF16 alone: 1.5 times (docs/training.md).
    """
    tests = ("_is_amx_tile_supported", "_is_avx512_bf16_supported")
    return any(getattr(torch.cpu, test, lambda: False)() for test in tests)
