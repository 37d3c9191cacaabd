"""What commands need around the way from a picture to a stack."""

from __future__ import annotations

from pathlib import Path

from ..errors import InputError
from ..pipeline import Made, make_stack

__all__ = ["Made", "make_stack", "spare_source"]


def spare_source(source: Path, final: Path) -> None:
    """Refuse to write over the picture itself, which --overwrite does not mean.

    Saved layers (`.idl`) may be edited in place. Raises InputError.
    """
    source = source.expanduser()
    both_there = source.is_file() and final.is_file()
    if both_there and source.suffix.lower() != ".idl" and source.samefile(final):
        raise InputError(f"{final} is the picture itself; choose another name for the output.")
