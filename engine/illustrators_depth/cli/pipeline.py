"""What commands need around the way from a picture to a stack."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from ..errors import InputError
from ..io.user_path import user_path
from ..layered import LAYERED_SUFFIXES
from ..pipeline import Made
from ..pipeline import make_stack as make_any_stack
from ..progress import Progress
from ..settings import CompleteSettings, DecomposeSettings, DepthSettings, ReadSettings, Settings

__all__ = ["Made", "make_stack", "spare_source"]

# Options that are not named after their field.
_OPTIONS = {(CompleteSettings, "method"): "complete", (DepthSettings, "size"): "network-size"}


def make_stack(
    source: Path,
    read: ReadSettings,
    depth: DepthSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    progress: Progress,
) -> Made:
    """As `illustrators_depth.pipeline.make_stack`, for options that a person typed.

    Raises InputError when they ask a file of layers for what only a picture can give.
    """
    if source.suffix.lower() in (".idl", *LAYERED_SUFFIXES):
        for settings in (depth, decompose, complete):
            option = _typed_option(settings)
            if option:
                raise InputError(
                    f"{source.name} holds layers that are made already, so {option} has no effect; "
                    "give the picture instead, or change the layers with: illustrators-depth edit."
                )
    return make_any_stack(source, read, depth, decompose, complete, progress)


def _typed_option(settings: Settings) -> str | None:
    """The option of the first field that is not what it is by default.

    Where to compute (`device`) changes nothing that is made.
    """
    for each in fields(settings):
        if each.name != "device" and getattr(settings, each.name) != each.default:
            name = _OPTIONS.get((type(settings), each.name), each.name)
            return f"--{name.replace('_', '-')}"
    return None


def spare_source(source: Path, final: Path) -> None:
    """Refuse to write over the picture itself, which --overwrite does not mean.

    Saved layers (`.idl`) may be edited in place. Raises InputError.
    """
    source = user_path(source)
    both_there = source.is_file() and final.is_file()
    if both_there and source.suffix.lower() != ".idl" and source.samefile(final):
        raise InputError(f"{final} is the picture itself; choose another name for the output.")
