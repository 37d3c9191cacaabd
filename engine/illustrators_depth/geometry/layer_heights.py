"""How high every layer lies, in whole layers of the printer, so that they add up to the total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ..errors import InputError, NothingShownError, check_depth_shape
from ..io.names import counted
from ..settings import ReliefSettings, SettingError
from ..types import DepthMap, LayerStack

__all__ = ["Heights", "depth_to_raise", "field_heights", "layer_heights"]

CLOSE_MM = 1e-6
"""Lengths that differ by no more are the same."""


@dataclass(frozen=True)
class Heights:
    """From where to where each layer reaches.

    Attributes:
        bottoms, tops: in mm, one per layer, bottom to top.
        notes: a sentence for each number that was rounded.
    """

    bottoms: tuple[float, ...]
    tops: tuple[float, ...]
    notes: tuple[str, ...] = ()

    @property
    def total(self) -> float:
        return self.tops[-1]

    @property
    def thicknesses(self) -> tuple[float, ...]:
        pairs = zip(self.bottoms, self.tops, strict=True)
        return tuple(_clean(top - bottom) for bottom, top in pairs)


def layer_heights(count: int, settings: ReliefSettings) -> Heights:
    """Heights of `count` layers as slabs ("stacked") or as steps over a base ("terraced").

    With `layer_height_mm` every step ends where a printer layer does: the first is
    `first_layer_mm` high and each other one `layer_height_mm`. A base is rounded up, the rest to
    the nearest, at least one layer. With `total_mm` the thicknesses share what the total leaves
    beside base and gaps, in the proportions asked for.

    Raises SettingError (an InputError) when `layer_mm` is not of `count` values, or the total
    leaves too little.
    """
    quantum = settings.layer_height_mm
    thicknesses = _thicknesses(count, settings)
    rounding = _Rounding(quantum, settings.first_layer_mm)
    if settings.mode == "terraced":
        gap, base = 0.0, [rounding.up_to_plane("base", settings.base_mm)]
        proportions = thicknesses[1:]
    else:
        gap, base = rounding.near("gap", settings.gap_mm, min_layers=0), []
        proportions = thicknesses
    if settings.total_mm > 0.0:
        nearest = rounding.near_plane if settings.mode == "terraced" else rounding.near
        total = nearest("total", settings.total_mm)
        if not proportions:
            base = [total]
        available = total - sum(base) - gap * (count - 1)
        shares = _share_out(proportions, available, quantum, settings, total)
    else:
        shares = [rounding.near("thickness", value) for value in proportions]
    thicknesses = [*base, *shares]
    bottoms = [0.0, *accumulate(value + gap for value in thicknesses[:-1])]
    tops = [bottom + value for bottom, value in zip(bottoms, thicknesses, strict=True)]
    if proportions and quantum and settings.total_mm > 0.0:
        rounding.notes.append(_share_note(shares, quantum))
    return Heights(
        tuple(map(_clean, bottoms)), tuple(map(_clean, tops)), tuple(dict.fromkeys(rounding.notes))
    )


def field_heights(settings: ReliefSettings) -> Heights:
    """Base and height of a "heightfield" as two layers, fitted as `layer_heights` does.

    Raises InputError when `total_mm` leaves nothing over the base.
    """
    rounding = _Rounding(settings.layer_height_mm, settings.first_layer_mm)
    base = rounding.up_to_plane("base", settings.base_mm)
    if settings.total_mm > 0.0:
        total = rounding.near_plane("total", settings.total_mm)
        if total - base <= CLOSE_MM:
            raise InputError(
                f"A total of {total:g} mm leaves nothing over the base of {base:g} mm; ask for a "
                "higher total or a thinner base."
            )
    else:
        total = base + rounding.near("height", settings.height_mm)
    return Heights((0.0, base), (base, _clean(total)), tuple(rounding.notes))


def depth_to_raise(stack: LayerStack, depth: DepthMap | None) -> DepthMap:
    """The depth that a "heightfield" follows: the one given, or else the stack's layer numbers.

    Raises InputError when it is not of the stack's size, or no layer is shown.
    """
    if not stack.shown():
        raise NothingShownError(stack.name)
    field = depth or DepthMap(stack.discrete_depth(), "layers")
    check_depth_shape(field.shape, (stack.height, stack.width), f"the stack {stack.name!r} is")
    return field


def _clean(value: float) -> float:
    """Without the last digits of a binary sum: 0.6 rather than 0.6000000000000001."""
    return round(value, 6)


def check_thickness_count(count: int, settings: ReliefSettings) -> None:
    """Raise SettingError unless `layer_mm` gives one thickness for each of so many layers."""
    if len(settings.layer_mm) != count:
        given = len(settings.layer_mm)
        thicknesses = f"{given} {'thickness' if given == 1 else 'thicknesses'}"
        shown = f"{counted(count, 'layer')} {'is' if count == 1 else 'are'} shown"
        raise SettingError(
            ReliefSettings,
            f"{{layer_mm}} gives {thicknesses} but {shown}; give one for each, from the bottom up.",
        )


def _thicknesses(count: int, settings: ReliefSettings) -> list[float]:
    if not settings.layer_mm:
        return [settings.thickness_mm] * count
    check_thickness_count(count, settings)
    return [value or settings.thickness_mm for value in settings.layer_mm]


class _Rounding:
    """Rounds lengths (mm) to whole printer layers, with a note on each that it changed.

    A `quantum` (height of a printer layer) of 0 leaves lengths alone.

    Thicknesses are whole numbers of layers; what is measured from the bed ends on a plane, which
    lies one first layer and a whole number of others above it.
    """

    def __init__(self, quantum: float, first_layer: float = 0.0) -> None:
        self.quantum = quantum
        self.first = first_layer or quantum
        self.notes: list[str] = []

    def near(self, what: str, value: float, min_layers: int = 1) -> float:
        """The nearest whole number of layers, and no fewer than `min_layers`, mm."""
        if not self.quantum:
            return value
        layers = max(min_layers, round(value / self.quantum))
        return self._noted(what, value, layers * self.quantum, f"{layers} x {self.quantum:g} mm")

    def near_plane(self, what: str, value: float) -> float:
        """The height of the nearest plane."""
        return self._plane(what, value, round((value - self.first) / (self.quantum or 1.0)))

    def up_to_plane(self, what: str, value: float) -> float:
        """The height of the lowest plane that is no lower."""
        further_layers = -int(-(value - self.first - CLOSE_MM) // (self.quantum or 1.0))
        return self._plane(what, value, further_layers)

    def _plane(self, what: str, value: float, further_layers: int) -> float:
        """The height of the plane so many layers above the first one."""
        if not self.quantum:
            return value
        further_layers = max(0, further_layers)
        if abs(self.first - self.quantum) <= CLOSE_MM:
            how = f"{further_layers + 1} x {self.quantum:g} mm"
        else:
            how = f"{self.first:g} + {further_layers} x {self.quantum:g} mm"
        return self._noted(what, value, self.first + further_layers * self.quantum, how)

    def _noted(self, what: str, value: float, rounded: float, how: str) -> float:
        """The rounded length; a note says `how` it came about, where it is another one."""
        rounded = _clean(rounded)
        if abs(rounded - value) > CLOSE_MM:
            self.notes.append(f"{what} {value:g} mm became {rounded:g} mm, {how}")
        return rounded


def _share_out(
    weights: Sequence[float],
    available: float,
    quantum: float,
    settings: ReliefSettings,
    total: float,
) -> list[float]:
    """Thicknesses in the proportion of `weights` that add up to `available`."""
    needed = len(weights) * quantum
    if available < needed - CLOSE_MM or (weights and available <= CLOSE_MM):
        under = (
            f"the base of {settings.base_mm:g} mm" if settings.mode == "terraced" else "the gaps"
        )
        verb = "needs" if len(weights) == 1 else "need"
        amount = f"{needed:g} mm" if quantum else "some, too"
        raise SettingError(
            ReliefSettings,
            f"A total of {total:g} mm leaves {max(available, 0.0):g} mm beside {under}, and "
            f"{counted(len(weights), 'layer')} {verb} {amount}; ask for a higher total, fewer "
            "layers ({max_steps}) or a smaller {layer_height_mm}.",
        )
    total_weight = sum(weights)
    if not quantum:
        return [available * weight / total_weight for weight in weights]
    # One printer layer each; the spare ones are shared by rounding the running sum, so that they
    # add up.
    spare_layers = round(available / quantum) - len(weights)
    ends = [0, *(round(spare_layers * part / total_weight) for part in accumulate(weights))]
    return [(1 + after - before) * quantum for before, after in pairwise(ends)]


def _share_note(shares: Sequence[float], quantum: float) -> str:
    low, high = round(min(shares) / quantum), round(max(shares) / quantum)
    layers = f"{low}" if low == high else f"{low} to {high}"
    return f"steps take {layers} printer layers of {quantum:g} mm each"
