"""What all formats have in common, for menus: a name, a sentence and an ending."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["FileFormat"]


@dataclass(frozen=True)
class FileFormat:
    """One kind of file that is written; `stack_writer` and `print_writer` have the tables.

    Attributes:
        label: its name in a menu.
        about: what it is, one clause without a full stop.
        suffix: ending of the file, lower case with its point; "" for a folder.
    """

    label: str
    about: str
    suffix: str
