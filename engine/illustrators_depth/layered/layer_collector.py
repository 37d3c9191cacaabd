"""What readers of files with nested groups share: layers found, groups entered, modes told."""

from __future__ import annotations

from ..errors import InputError
from ..layering.compositing.blend import ALL_MODES
from ..types import BLEND_MODES
from .group_names import GroupNames
from .raster_layer import RasterLayer, worked_in

__all__ = ["LayerCollector"]

MAX_NESTING = 32


class LayerCollector:
    """Collects the layers of a file, in the file's order.

    Attributes:
        layers: those found. notes: sentences on what could not be kept.
    """

    def __init__(self, file: str) -> None:
        self._file = file
        self.layers: list[RasterLayer] = []
        self.notes: list[str] = []
        self._groups = GroupNames()

    def enter(self, group: tuple[str, ...], name: str, odd_mode: str = "") -> tuple[str, ...]:
        """The names of a group inside of others; `odd_mode` names a blend mode that it loses.

        Raises InputError for groups that are nested too deep.
        """
        if odd_mode:
            self.notes.append(f"Group {name!r} is laid over normally instead of by {odd_mode}.")
        inside = self._groups.enter(group, name)
        if len(inside) > MAX_NESTING:
            raise InputError(f"{self._file}: its groups are nested too deep, which is refused.")
        return inside

    def blend(self, name: str, blend: str, as_written: str, known_as: str = "") -> str:
        """The blend mode of a layer, one of `ALL_MODES`; notes what is not kept as it is.

        Args:
            name: of the layer. blend: W3C's name for the mode. as_written: the file's own.
            known_as: what the sentence on a mode that is worked in calls it; W3C's name by default.
        """
        if blend not in ALL_MODES:
            self.notes.append(f"{name!r} is laid over normally instead of by {as_written}.")
            return "normal"
        if blend not in BLEND_MODES:
            self.notes.append(worked_in(name, known_as or blend))
        return blend
