"""What readers of files with nested groups share: they collect layers and note what is lost.

A reader walks over its file's tree, hands `Inherited` down to what lies in a group, and adds layers
to `LayerCollector.layers`; `raster_layer` makes a stack of them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ..errors import InputError
from ..layering.compositing.blend import ALL_MODES
from ..types import BLEND_MODES
from .group_names import GroupNames
from .raster_layer import RasterLayer, mode_note

__all__ = ["Inherited", "LayerCollector"]

# More groups inside one another than drawings have: a damaged file, or one made to exhaust readers.
MAX_NESTING = 32


@dataclass(frozen=True)
class Inherited:
    """What groups hand down to the layers in them.

    Attributes:
        opacity: 0..1, the product of the groups' own.
        hidden: whether one of them is hidden.
        group: their names, outermost first.
        isolated: as of `RasterLayer`.
    """

    opacity: float = 1.0
    hidden: bool = False
    group: tuple[str, ...] = ()
    isolated: int = 0

    def with_own(self, opacity: float, hidden: bool) -> Inherited:
        """The same with an element's own opacity, 0..1, and whether it is hidden itself."""
        return replace(self, opacity=self.opacity * opacity, hidden=self.hidden or hidden)


class LayerCollector:
    """Collects the layers of a file, in the file's order.

    Attributes:
        layers: those added by the reader so far, in the file's order.
        notes: sentences on what could not be kept.
    """

    def __init__(self, file: str) -> None:
        """`file` is its name, for sentences."""
        self._file = file
        self.layers: list[RasterLayer] = []
        self.notes: list[str] = []
        self._groups = GroupNames()

    def enter(
        self, around: Inherited, name: str, *, lost_mode: str = "", isolated: bool = True
    ) -> Inherited:
        """What a group hands down to the layers in it.

        Args:
            around: what the groups around it hand down, with its own opacity and visibility.
            name: the group's, as the file has it.
            lost_mode: the group's blend mode, if it has one other than normal: a stack keeps none
                of groups, so it is noted.
            isolated: whether the group is composited as a picture of its own, to which blend modes
                inside it are confined.

        Raises InputError for groups that are nested too deep.
        """
        if lost_mode:
            self.notes.append(f"Group {name!r} is laid over normally instead of by {lost_mode}.")
        inside = self._groups.enter(around.group, name)
        if len(inside) > MAX_NESTING:
            raise InputError(f"{self._file}: its groups are nested too deep, which is refused.")
        depth = len(inside) if isolated else around.isolated
        return replace(around, group=inside, isolated=depth)

    def blend(self, name: str, blend: str, as_written: str, known_as: str = "") -> str:
        """The blend mode of a layer, one of `ALL_MODES`; notes what is not kept as it is.

        Args:
            name: of the layer.
            blend: W3C's name for the mode.
            as_written: the file's own name for it.
            known_as: the name that the note on a baked blend mode uses; W3C's by default.
        """
        if blend not in ALL_MODES:
            self.notes.append(f"{name!r} is laid over normally instead of by {as_written}.")
            return "normal"
        if blend not in BLEND_MODES:
            self.notes.append(mode_note(name, known_as or blend))
        return blend
