"""What the processor or device at hand is good at, and what its memory holds."""

from __future__ import annotations

import ctypes
import gc
from contextlib import AbstractContextManager, nullcontext

import torch

from illustrators_depth.errors import is_out_of_memory

__all__ = [
    "autocast",
    "fast_bfloat16",
    "free_memory",
    "is_out_of_device_memory",
    "keep_freed_memory",
    "precision_of",
    "release_memory",
]

# Parameters of glibc's mallopt, and what they are set to.
_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3
_KEPT_BYTES, _LARGEST_BYTES = (1 << 31) - 1, 1 << 30
# Metal raises a plain RuntimeError, and so do CUDA's libraries for their own work space.
_NO_DEVICE_MEMORY = ("out of memory", "alloc_failed")


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


def precision_of(name: str, device: torch.device) -> torch.dtype:
    """The type that matrix products and convolutions are done in.

    name: "bf16", "fp32", or "auto" for bfloat16 where the device is faster in it.
    """
    if name != "auto":
        return {"bf16": torch.bfloat16, "fp32": torch.float32}[name]
    if device.type == "cuda":
        native = torch.cuda.is_bf16_supported(including_emulation=False)
        return torch.bfloat16 if native else torch.float32
    return torch.bfloat16 if device.type == "cpu" and fast_bfloat16() else torch.float32


def keep_freed_memory() -> bool:
    """Let this process keep what large tensors leave, instead of handing it back and asking again.

    Every page that is asked for anew is cleared by the system first, which costs as much as some
    steps of making samples. Returns False where the C library is not glibc; then nothing changes.
    """
    try:
        set_option = ctypes.CDLL(None).mallopt
    except (AttributeError, OSError, TypeError):
        return False
    options = ((_TRIM_THRESHOLD, _KEPT_BYTES), (_MMAP_THRESHOLD, _LARGEST_BYTES))
    results = [set_option(name, value) for name, value in options]
    return results == [1, 1]


def is_out_of_device_memory(error: BaseException) -> bool:
    """Whether an exception says that the memory of a device, or of the host, ran out."""
    said = str(error).lower()
    return is_out_of_memory(error) or any(words in said for words in _NO_DEVICE_MEMORY)


def free_memory(device: torch.device) -> int | None:
    """Bytes that a device has left for tensors; None on a processor, which is not asked."""
    if device.type == "cuda":
        return int(torch.cuda.mem_get_info(device)[0])
    if device.type == "mps":
        return int(torch.mps.recommended_max_memory() - torch.mps.driver_allocated_memory())
    return None


def release_memory() -> None:
    """Give back what is kept for reuse: freed tensors, and what compiled functions hold."""
    torch._dynamo.reset()
    gc.collect()
    torch.cuda.empty_cache()  # which does nothing where there is no such device
    if torch.backends.mps.is_available():
        torch.mps.empty_cache()
