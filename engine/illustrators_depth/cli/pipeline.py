"""Steps that commands share between a typed path and a layer stack, with checks of options.

A path and settings come in, a `LayeredPicture` goes out; what options ask in vain is an InputError
that names them as they were typed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import InputError
from ..io.user_path import user_path
from ..progress import Progress
from ..settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    Settings,
    option_of,
)

if TYPE_CHECKING:
    from ..pipeline import LayeredPicture
    from ..types import LayerStack

__all__ = ["check_split", "make_stack", "open_layers", "predict_inside_each", "spare_source"]


def make_stack(
    source: Path,
    read: ReadSettings,
    depth: DepthSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    progress: Progress,
) -> LayeredPicture:
    """As `illustrators_depth.pipeline.make_stack`, for options that a person typed.

    Raises InputError when they ask a file of layers for what only a picture can give, or a picture
    for what only a drawing can.
    """
    from ..layered import LAYERED_SUFFIXES
    from ..pipeline import make_stack as make_any_stack

    check_split(source, read)
    if source.suffix.lower() in (".idl", *LAYERED_SUFFIXES):
        for settings in (depth, decompose, complete):
            option = _typed_option(settings)
            if option:
                raise InputError(
                    f"{source.name} holds layers that are made already, so {option} has no effect; "
                    "give the picture instead, or change the layers with: illustrators-depth edit."
                )
    return make_any_stack(source, read, depth, decompose, complete, progress)


def check_split(source: Path, read: ReadSettings) -> None:
    """Refuse `--split` for a file whose layers are made of nothing else than they are."""
    from ..layered import is_drawing

    if read.split != ReadSettings().split and not is_drawing(source):
        option = option_of(ReadSettings, "split")
        raise InputError(
            f"{source.name} is no SVG drawing, so {option} has no effect; leave it out."
        )


def open_layers(source: Path, read: ReadSettings, progress: Progress) -> LayeredPicture:
    """The layers of a file that holds them, for `--inside`; InputError for a picture."""
    from ..layered import LAYERED_SUFFIXES
    from ..pipeline import make_stack as make_any_stack

    if source.suffix.lower() not in (".idl", *LAYERED_SUFFIXES):
        raise InputError(
            f"{source.name} is a picture, so --inside has no layer to name; make its layers first."
        )
    check_split(source, read)
    plain = DepthSettings(), DecomposeSettings(), CompleteSettings()
    return make_any_stack(source, read, *plain, progress)


def predict_inside_each(
    stack: LayerStack,
    names: Sequence[str],
    depth: DepthSettings,
    decompose: DecomposeSettings,
    complete: CompleteSettings,
    progress: Progress,
) -> LayerStack:
    """Take apart the layers that `--inside` names, one after another.

    Raises InputError for a name that is no layer's.
    """
    from ..depth import DepthSession
    from ..editing.script import find_layer
    from ..pipeline import predict_inside

    session = DepthSession(depth)
    uids = [stack.layers[find_layer(stack, name, "--inside")].uid for name in names]
    for uid in uids:
        index = next(i for i, layer in enumerate(stack.layers) if layer.uid == uid)
        stack = predict_inside(stack, index, depth, decompose, complete, progress, session)
    return stack


def _typed_option(settings: Settings) -> str | None:
    """The option of the first field that is not what it is by default.

    Where to compute (`device`) changes nothing that is made.
    """
    for each in fields(settings):
        if each.name != "device" and getattr(settings, each.name) != each.default:
            return option_of(type(settings), each.name)
    return None


def spare_source(source: Path, final: Path) -> None:
    """Refuse to write over the picture itself, which --overwrite does not mean.

    Saved layers (`.idl`) may be edited in place. Raises InputError.
    """
    source = user_path(source)
    both_there = source.is_file() and final.is_file()
    if both_there and source.suffix.lower() != ".idl" and source.samefile(final):
        raise InputError(f"{final} is the picture itself; choose another name for the output.")
