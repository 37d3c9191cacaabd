"""What menus say of a file format: its name, what it is, and the ending of its files."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FileFormat"]


@dataclass(frozen=True)
class FileFormat:
    """One kind of file that is written.

    The formats are `stack_writer.LAYER_FORMATS` and `print_writer.PRINT_FORMATS`.

    Attributes:
        label: its name in a menu.
        about: what it is, one clause without a full stop.
        suffix: ending of the file, lower case with its point; "" for a folder.
    """

    label: str
    about: str
    suffix: str
