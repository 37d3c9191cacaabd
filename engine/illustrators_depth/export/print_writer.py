"""Everything that is written for a printer, a mill or a viewer of solids: one row per format.

To add a kind of mesh file, add its writer to `meshes/mesh_file.py` and a row to `PRINT_FORMATS`
here, which is Blender's menu. What is no mesh has a function of its own here.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..io.names import counted
from ..product_settings import PrinterSettings
from ..progress import Progress, no_progress
from ..settings import ReliefSettings
from ..types import DepthMap, Image, LayerStack
from .file_format import FileFormat
from .relief_writer import check_relief_output, relief_for_output, write_relief

if TYPE_CHECKING:
    from ..printing import PrintReport

__all__ = ["PRINT_FORMATS", "PrintFile", "PrintFormat", "check_before_print"]


@dataclass(frozen=True)
class PrintFile:
    """One file, or folder, for printing.

    Attributes:
        kind: a name in `PRINT_FORMATS`; of meshes the ending of the path says which.
        relief, printer: settings.
        picture: textures a `.glb` of one solid.
    """

    kind: str
    relief: ReliefSettings
    printer: PrinterSettings
    picture: Image | None = None

    def check(self, path: Path, overwrite: bool = False) -> None:
        """Say early whether it may be written to `path`; raises InputError if not."""
        self._format.check(path, overwrite)

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
        request = _PrintRequest(self, stack, depth, path, overwrite, progress or no_progress)
        return self._format.write(request)

    @property
    def _format(self) -> PrintFormat:
        return PRINT_FORMATS.get(self.kind, PRINT_FORMATS["STL"])


@dataclass(frozen=True)
class _PrintRequest:
    """What a writer is asked for: see `PrintFile.write`."""

    file: PrintFile
    stack: LayerStack
    depth: DepthMap
    path: Path
    overwrite: bool
    progress: Progress


def _write_mesh(request: _PrintRequest) -> str:
    from ..geometry import relief

    file = request.file
    request.progress("making the relief", 0.1)
    settings = relief_for_output(file.relief, request.path)
    mesh = relief(request.stack, settings, request.depth)
    request.progress("writing", 0.7)
    write_relief(
        request.stack,
        settings,
        request.path,
        request.overwrite,
        file.picture,
        request.depth,
        mesh,
        file.printer,
    )
    x, y, z = mesh.size_mm
    return f"{x:.4g} x {y:.4g} x {z:.4g} mm, {len(mesh.faces)} triangles"


def _write_heightmap(request: _PrintRequest) -> str:
    request.progress("writing", 0.3)
    relief, path = request.file.relief, request.path
    write_relief(request.stack, relief, path, request.overwrite, depth=request.depth)
    return "height map"


def _check_swaps(path: Path, overwrite: bool) -> Path:
    from ..printing.color_swaps import check_swaps_output

    return check_swaps_output(path, overwrite)


def _write_swaps(request: _PrintRequest) -> str:
    from ..printing.color_swaps import color_swaps, write_swaps

    relief, printer = request.file.relief, request.file.printer
    swaps = color_swaps(request.stack, relief, printer)
    write_swaps(swaps, request.path, relief, request.overwrite, printer)
    return f"{counted(len(swaps), 'filament')} in turn"


@dataclass(frozen=True)
class PrintFormat(FileFormat):
    """A row of `PRINT_FORMATS`.

    Attributes:
        write: writes the file and says in a few words what it is.
        check: says early whether it may be written to a path; raises InputError if not.
        measurable: whether it is a solid, which can be checked before it is written.
        textured: whether a picture of the whole is of use to it.
    """

    write: Callable[[_PrintRequest], str] = _write_mesh
    check: Callable[[Path, bool], Path] = check_relief_output
    measurable: bool = True
    textured: bool = False


def _swaps(label: str, about: str, suffix: str) -> PrintFormat:
    return PrintFormat(label, about, suffix, _write_swaps, _check_swaps, measurable=False)


# By the name that menus and the worker use.
PRINT_FORMATS = {
    "STL": PrintFormat("STL", "One binary STL in millimeters", ".stl"),
    "STL_LAYERS": PrintFormat("STL per Layer", "A folder of STL files with a common origin", ""),
    "THREEMF": PrintFormat("3MF", "Named, colored parts in millimeters, for slicers", ".3mf"),
    "SWAPS_TXT": _swaps("Color Swaps (Text)", "When to change filament, to read", ".txt"),
    "SWAPS_CSV": _swaps("Color Swaps (CSV)", "When to change filament, as a table", ".csv"),
    "SWAPS_JSON": _swaps("Color Swaps (JSON)", "When to change filament, for programs", ".json"),
    "HEIGHTMAP": PrintFormat(
        "Height Map",
        "16-bit PNG for CNC, its millimeters in a JSON file",
        ".png",
        _write_heightmap,
        measurable=False,
    ),
    "GLB": PrintFormat("GLB", "Textured, in meters, for viewers", ".glb", textured=True),
    "OBJ": PrintFormat("OBJ", "Named, colored objects in millimeters", ".obj"),
    "PLY": PrintFormat("PLY", "Colored vertices in millimeters", ".ply"),
}


def check_before_print(
    stack: LayerStack, depth: DepthMap, settings: ReliefSettings, printer: PrinterSettings
) -> PrintReport:
    """Make the relief and measure it; slabs count as printed one by one."""
    from ..geometry import relief
    from ..printing import check_print

    mesh = relief(stack, settings, depth)
    return check_print(stack, mesh, settings, printer, separately=settings.mode == "stacked")
