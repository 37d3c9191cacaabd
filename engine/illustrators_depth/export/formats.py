"""Files for printing and for other programs by the names that Blender's menus have for them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ..product_settings import PrinterSettings
from ..progress import Progress, no_progress
from ..settings import ReliefSettings
from ..types import DepthMap, Image, LayerStack

if TYPE_CHECKING:
    from ..printing import PrintReport

__all__ = ["LayerFile", "PrintFile", "check_before_print"]


@dataclass(frozen=True)
class PrintFile:
    """One file, or folder, for printing.

    Attributes:
        kind: "SWAPS_TXT", "SWAPS_CSV", "SWAPS_JSON", "HEIGHTMAP", or any name for what the ending
            of the path says: see `write_relief`.
        relief, printer: settings.
        picture: textures a `.glb` of one solid.
    """

    kind: str
    relief: ReliefSettings
    printer: PrinterSettings
    picture: Image | None = None

    def check(self, path: Path, overwrite: bool = False) -> None:
        """Say early whether it may be written to `path`; raises InputError if not."""
        if self.kind.startswith("SWAPS"):
            from ..printing.color_swaps import check_swaps_output

            check_swaps_output(path, overwrite)
        else:
            from .relief_writer import check_relief_output

            check_relief_output(path, overwrite)

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
        report = progress or no_progress
        self.check(path, overwrite)
        if self.kind.startswith("SWAPS"):
            from ..printing.color_swaps import color_swaps, write_swaps

            swaps = color_swaps(stack, self.relief, self.printer)
            write_swaps(swaps, path, self.relief, overwrite, self.printer)
            return f"{len(swaps)} filaments in turn"
        from .relief_writer import relief_for_output, write_relief

        if self.kind == "HEIGHTMAP":
            report("writing", 0.3)
            write_relief(stack, self.relief, path, overwrite, depth=depth)
            return "height map"
        from ..geometry import relief

        report("making the relief", 0.1)
        settings = relief_for_output(self.relief, path)
        mesh = relief(stack, settings, depth)
        report("writing", 0.7)
        write_relief(stack, settings, path, overwrite, self.picture, depth, mesh, self.printer)
        x, y, z = mesh.size_mm
        return f"{x:.4g} x {y:.4g} x {z:.4g} mm, {len(mesh.faces)} triangles"


@dataclass(frozen=True)
class LayerFile:
    """One file, or folder, for other programs.

    Attributes:
        kind: "PAPERCUT", "DEPTH_EXR", "DEPTH_PNG", or any name for what the ending of the path
            says: see `write_stack`.
    """

    kind: str

    def check(self, path: Path, overwrite: bool = False) -> None:
        """Say early whether it may be written to `path`; raises InputError if not."""
        from ..io.atomic import check_output, check_output_folder
        from .stack_writer import check_stack_output

        if self.kind == "PAPERCUT":
            check_output_folder(path, overwrite)
        elif self.kind == "DEPTH_EXR":
            check_output(path, overwrite)
        else:
            check_stack_output(path, overwrite)

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
        report = progress or no_progress
        self.check(path, overwrite)
        if self.kind == "PAPERCUT":
            from ..papercut import papercut, write_papercut

            report("cutting", 0.1)
            sheets = papercut(stack)
            report("writing", 0.8)
            write_papercut(sheets, path, overwrite)
            return f"{len(sheets)} sheets"
        if self.kind == "DEPTH_EXR":
            from ..io.depth_file import write_depth

            write_depth(depth, path, overwrite)
            return f"{depth.shape[1]} x {depth.shape[0]} pixels"
        from .stack_writer import write_stack

        write_stack(stack, path, overwrite, depth, report)
        return f"{len(stack.shown())} layers"


def check_before_print(
    stack: LayerStack, depth: DepthMap, settings: ReliefSettings, printer: PrinterSettings
) -> PrintReport:
    """Make the relief and measure it; slabs count as printed one by one."""
    from ..geometry import relief
    from ..printing import check_print

    mesh = relief(stack, settings, depth)
    return check_print(stack, mesh, settings, printer, separately=settings.mode == "stacked")
