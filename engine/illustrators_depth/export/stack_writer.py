"""Everything that layers can be written as: one row per format, and one call for all of them.

To add a format, write a module in `layers/` and a row in `LAYER_FORMATS`: `write_stack`, the
commands and Blender's menu follow the table. Writers are loaded when they are used.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ..errors import InputError, check_kind
from ..io.atomic import atomic_path, check_output, check_output_folder
from ..io.names import counted
from ..io.user_path import user_path
from ..product_settings import VectorizeSettings
from ..progress import Progress, no_progress
from ..types import DepthMap, LayerStack
from .file_format import FileFormat

__all__ = [
    "LAYER_FORMATS",
    "STACK_SUFFIXES",
    "LayerFile",
    "LayerFormat",
    "WriteRequest",
    "check_stack_output",
    "write_stack",
]


@dataclass(frozen=True)
class WriteRequest:
    """What a writer is asked for.

    Attributes:
        stack: the layers.
        path, overwrite: where to, checked already.
        depth: the continuous depth, None where there is none.
        progress: called with (stage, fraction).
        vectorize: settings of an SVG.
    """

    stack: LayerStack
    path: Path
    overwrite: bool = False
    depth: DepthMap | None = None
    progress: Progress = no_progress
    vectorize: VectorizeSettings | None = None


def check_stack_output(path: str | Path, overwrite: bool = False) -> Path:
    """Say early whether layers may be written to `path`; return it. No suffix means a folder.

    Raises InputError for an unknown suffix, and as `check_output` does.
    """
    final = user_path(path)
    suffix = final.suffix.lower()
    if suffix in STACK_SUFFIXES:  # of a folder by such a name it says so
        return check_output(final, overwrite)
    if suffix and len(suffix) <= 5 and suffix[1:].isalpha() and not final.is_dir():
        raise InputError(
            f"{final.name}: layers are written as {', '.join(STACK_SUFFIXES)}, or into a folder "
            "(a name without an ending); choose one of these."
        )
    return check_output_folder(final, overwrite)


@dataclass(frozen=True)
class LayerFormat(FileFormat):
    """A row of `LAYER_FORMATS`.

    Attributes:
        write: writes the file and says in a few words what it is.
        named: whether it must be asked for by name, since another format has its ending.
        check: says early whether it may be written to a path; raises InputError if not.
    """

    write: Callable[[WriteRequest], str]
    named: bool = False
    check: Callable[[Path, bool], Path] = check_stack_output


def _layer_count(request: WriteRequest) -> str:
    return counted(len(request.stack.shown()), "layer")


def _write_folder(request: WriteRequest) -> str:
    from .layers.layer_images import write_layers

    write_layers(request.stack, request.path, request.overwrite, request.progress)
    return _layer_count(request)


def _write_idl(request: WriteRequest) -> str:
    from ..io.stack_file import save_stack

    save_stack(request.stack, request.path, request.overwrite, request.progress)
    return _layer_count(request)


def _write_psd(request: WriteRequest) -> str:
    from .layers.psd import write_psd

    write_psd(request.stack, request.path, request.overwrite, request.progress)
    return _layer_count(request)


def _write_ora(request: WriteRequest) -> str:
    from .layers.openraster import write_ora

    write_ora(request.stack, request.path, request.overwrite, request.progress)
    return _layer_count(request)


def _write_exr(request: WriteRequest) -> str:
    from .layers.multilayer_exr import write_exr

    write_exr(request.stack, request.path, request.overwrite, request.depth, request.progress)
    return _layer_count(request)


def _write_svg(request: WriteRequest) -> str:
    from ..tracing import vectorize

    text = vectorize(request.stack, request.vectorize, request.progress)
    with atomic_path(request.path, request.overwrite) as temporary:
        temporary.write_text(text, encoding="utf-8")
    return _layer_count(request)


def _write_list(request: WriteRequest) -> str:
    from .layers.layer_list import write_layer_list

    write_layer_list(request.stack, request.path, request.overwrite)
    return _layer_count(request)


def _write_sheets(request: WriteRequest) -> str:
    from ..papercut import papercut, write_papercut

    request.progress("cutting", 0.1)
    sheets = papercut(request.stack)
    request.progress("writing", 0.8)
    write_papercut(sheets, request.path, request.overwrite)
    return counted(len(sheets), "sheet")


def _write_depth(request: WriteRequest) -> str:
    from ..io.depth_file import write_depth

    depth = request.depth or DepthMap(request.stack.discrete_depth(), "layers")
    write_depth(depth, request.path, request.overwrite)
    return f"{depth.shape[1]} x {depth.shape[0]} pixels"


# By the name that menus and the worker use. Of formats with one ending, the one that is not
# `named` is what the ending means.
LAYER_FORMATS = {
    "PSD": LayerFormat("Photoshop", "Real layers with names", ".psd", _write_psd),
    "ORA": LayerFormat("OpenRaster", "Layers for Krita, GIMP and MyPaint", ".ora", _write_ora),
    "PNG": LayerFormat(
        "PNG Sequence", "A folder of full-frame RGBA pictures and their list", "", _write_folder
    ),
    "EXR": LayerFormat(
        "Multi-layer EXR", "Linear layers with the depth as a channel", ".exr", _write_exr
    ),
    "SVG": LayerFormat("SVG", "A drawing with one group per layer", ".svg", _write_svg),
    "PAPERCUT": LayerFormat(
        "Paper-Cut Sheets",
        "A folder with one SVG per sheet to cut",
        "",
        _write_sheets,
        named=True,
        check=check_output_folder,
    ),
    "IDL": LayerFormat(
        "Layers File", "Everything, to go on with outside of Blender", ".idl", _write_idl
    ),
    "DEPTH_PNG": LayerFormat("Depth PNG", "The depth as 16-bit grayscale", ".png", _write_depth),
    "DEPTH_EXR": LayerFormat(
        "Depth EXR",
        "The depth as 32-bit floating point",
        ".exr",
        _write_depth,
        named=True,
        check=check_output,
    ),
    "JSON": LayerFormat(
        "Layer List", "Names, depths and colors, without pixels", ".json", _write_list
    ),
}

_BY_SUFFIX = {row.suffix: row for row in LAYER_FORMATS.values() if not row.named}
STACK_SUFFIXES = tuple(suffix for suffix in _BY_SUFFIX if suffix)
"""Endings that `write_stack` knows."""


def write_stack(
    stack: LayerStack,
    path: str | Path,
    overwrite: bool = False,
    depth: DepthMap | None = None,
    progress: Progress | None = None,
    vectorize: VectorizeSettings | None = None,
) -> Path:
    """Write layers, atomically, as the ending says.

    - none: a folder of full-frame RGBA PNGs, with `stack.json`.
    - `.idl`: everything, to go on with; `.psd`, `.ora`: layers for painting programs.
    - `.exr`: multi-layer, linear, with the depth as a channel.
    - `.svg`: a layered drawing (`vectorize`).
    - `.png`: the depth as 16-bit greyscale: `depth`, or the layer number where it is None.
    - `.json`: the list of layers, without pixels.

    Returns the path written. Raises InputError as the single writers do.
    """
    check_kind(stack, LayerStack, "stack", "call decompose first")
    if depth is not None:
        check_kind(depth, DepthMap, "depth")
    final = check_stack_output(path, overwrite)
    request = WriteRequest(stack, final, overwrite, depth, progress or no_progress, vectorize)
    _by_ending(final).write(request)
    return final


def _by_ending(path: Path) -> LayerFormat:
    return _BY_SUFFIX.get(path.suffix.lower(), LAYER_FORMATS["PNG"])


@dataclass(frozen=True)
class LayerFile:
    """One file, or folder, of layers or depth, as a menu or a request names it.

    Attributes:
        kind: a name in `LAYER_FORMATS`; the ending of the path decides unless its row is `named`.
    """

    kind: str

    def check(self, path: Path, overwrite: bool = False) -> None:
        """Say early whether it may be written to `path`; raises InputError if not."""
        self._format(path).check(path, overwrite)

    def write(
        self,
        stack: LayerStack,
        depth: DepthMap,
        path: Path,
        overwrite: bool = False,
        progress: Progress | None = None,
    ) -> str:
        """Write it, whole or not at all, and say in a few words what it is.

        Raises InputError as the single writers do.
        """
        self.check(path, overwrite)
        request = WriteRequest(stack, path, overwrite, depth, progress or no_progress)
        return self._format(path).write(request)

    def _format(self, path: Path) -> LayerFormat:
        row = LAYER_FORMATS.get(self.kind)
        return row if row is not None and row.named else _by_ending(path)
