"""The errors a caller is expected to handle, each a sentence fit to show to a person.

Every message says what is wrong, with which file or value, and what to do about it.
"""

from __future__ import annotations

import errno

__all__ = [
    "Cancelled",
    "EngineError",
    "InputError",
    "NothingShownError",
    "OutputExistsError",
    "UnavailableError",
    "WorkerError",
    "check_depth_shape",
    "check_kind",
    "is_out_of_memory",
]

# How libraries say it in exceptions that are no MemoryError: C++, OpenCV, ONNX Runtime, PyTorch.
_NO_MEMORY = (
    "bad_alloc",
    "insufficient memory",
    "failed to allocate memory",
    "not enough memory",
    "allocate memory: you tried",
    "cannot allocate memory",
    "failed to map segment",  # a library that is loaded on first use
    "can't start new thread",  # there is no room for its stack
)


class EngineError(Exception):
    """Base of everything the engine raises on purpose."""

    code = "engine"


class InputError(EngineError, ValueError):
    """The caller's input cannot be used: a bad file, a value out of range, an existing output.

    Command lines print the message and exit with code 2.
    """

    code = "input"


class OutputExistsError(InputError):
    """An output is there already and may not be replaced.

    Attributes:
        path: the file, or the folder that holds something.
        is_folder: which of the two.
    """

    def __init__(self, message: str, path: object = "", is_folder: bool = False) -> None:
        super().__init__(message)
        self.path, self.is_folder = path, is_folder


class NothingShownError(InputError):
    """All layers of a stack are hidden, where one that shows is needed.

    purpose: what it is needed for, a verb such as "write" for "to write it".
    """

    def __init__(self, stack_name: str, purpose: str = "") -> None:
        if purpose:
            sentence = (
                f"All layers of {stack_name!r} are hidden; show at least one to {purpose} it."
            )
        else:
            sentence = f"The stack {stack_name!r} has no shown layer; unhide one."
        super().__init__(sentence)


class UnavailableError(EngineError, RuntimeError):
    """Something asked for is not on this machine: a device, a model file, an optional package."""

    code = "unavailable"


class Cancelled(EngineError):  # noqa: N818 - not a fault, so not called an error
    """The caller asked a running job to stop."""

    code = "cancelled"

    def __init__(self, message: str = "Cancelled.") -> None:
        super().__init__(message)


class WorkerError(EngineError, RuntimeError):
    """The worker process failed, died or broke the protocol; the caller itself is unharmed."""

    code = "worker"


def check_kind(value: object, kind: type, argument: str, hint: str = "") -> None:
    """Raise InputError, which names the argument, unless `value` is of a kind; `hint` says more."""
    if not isinstance(value, kind):
        more = f"; {hint}" if hint else ""
        article = "an" if kind.__name__[0] in "AEIOU" else "a"
        raise InputError(
            f"{argument} must be {article} {kind.__name__}, not {type(value).__name__}{more}."
        )


def check_depth_shape(shape: tuple[int, int], expected: tuple[int, int], other: str) -> None:
    """Raise InputError unless a depth map has the (height, width) of what it belongs to.

    `other` names that for the message, such as "the layers are".
    """
    if shape != expected:
        raise InputError(
            f"The depth map is {shape[1]}x{shape[0]} but {other} {expected[1]}x{expected[0]}; they "
            "must be of one size."
        )


def is_out_of_memory(error: BaseException) -> bool:
    """Whether an exception, of whatever library, says that memory ran out."""
    if isinstance(error, MemoryError):
        return True
    if isinstance(error, OSError) and error.errno == errno.ENOMEM:
        return True
    said = str(error).lower()
    return any(words in said for words in _NO_MEMORY)
