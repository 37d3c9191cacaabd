"""How high every layer lies: totals that add up, in whole layers of the printer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ..errors import InputError
from ..settings import ReliefSettings
from ..types import DepthMap, LayerStack

__all__ = ["Heights", "depth_to_raise", "field_heights", "layer_heights"]

_CLOSE = 1e-6


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

    With `layer_height_mm` every height is a whole number of printer layers, at least one; a base is
    rounded up, the rest to the nearest. With `total_mm` the thicknesses share what the total leaves
    beside base and gaps, in the proportions asked for.

    Raises InputError when `layer_mm` is not of `count` values, or the total leaves too little.
    """
    quantum = settings.layer_height_mm
    wanted = _wanted(count, settings)
    rounded = _Rounding(quantum)
    if settings.mode == "terraced":
        gap, base = 0.0, [rounded.up("base", settings.base_mm)]
        free = wanted[1:]
    else:
        gap, base = rounded.near("gap", settings.gap_mm, least=0), []
        free = wanted
    if settings.total_mm > 0.0:
        total = rounded.near("total", settings.total_mm)
        if not free:
            base = [total]
        room = total - sum(base) - gap * (count - 1)
        shares = _shared(free, room, quantum, settings, total)
    else:
        shares = [rounded.near("thickness", value) for value in free]
    thicknesses = [*base, *shares]
    bottoms = [0.0, *accumulate(value + gap for value in thicknesses[:-1])]
    tops = [bottom + value for bottom, value in zip(bottoms, thicknesses, strict=True)]
    if free and quantum and settings.total_mm > 0.0:
        rounded.notes.append(_share_note(shares, quantum))
    return Heights(
        tuple(map(_clean, bottoms)), tuple(map(_clean, tops)), tuple(dict.fromkeys(rounded.notes))
    )


def field_heights(settings: ReliefSettings) -> Heights:
    """Base and height of a "heightfield" as two layers, rounded and fitted as above."""
    rounded = _Rounding(settings.layer_height_mm)
    base = rounded.up("base", settings.base_mm)
    if settings.total_mm > 0.0:
        total = rounded.near("total", settings.total_mm)
        if total - base <= _CLOSE:
            raise InputError(
                f"A total of {total:g} mm leaves nothing over the base of {base:g} mm; ask for a "
                "higher total or a thinner base."
            )
    else:
        total = base + rounded.near("height", settings.height_mm)
    return Heights((0.0, base), (base, _clean(total)), tuple(rounded.notes))


def depth_to_raise(stack: LayerStack, depth: DepthMap | None) -> DepthMap:
    """The depth that a "heightfield" follows: the one given, or else the stack's layer numbers.

    Raises InputError when it is not of the stack's size, or no layer is shown.
    """
    if not stack.shown():
        raise InputError(f"The stack {stack.name!r} has no shown layer; unhide one.")
    field = depth or DepthMap(stack.discrete_depth(), "layers")
    if field.shape != stack.labels.shape:
        raise InputError(
            f"The depth map is {field.shape[1]}x{field.shape[0]} but the stack {stack.name!r} is "
            f"{stack.width}x{stack.height}; they must be of one size."
        )
    return field


def _clean(value: float) -> float:
    """Without the last digits of a binary sum: 0.6 rather than 0.6000000000000001."""
    return round(value, 6)


def _wanted(count: int, settings: ReliefSettings) -> list[float]:
    if not settings.layer_mm:
        return [settings.thickness_mm] * count
    if len(settings.layer_mm) != count:
        raise InputError(
            f"layer_mm gives {len(settings.layer_mm)} thicknesses but {count} layers are shown; "
            "give one for each, from the bottom up."
        )
    return [value or settings.thickness_mm for value in settings.layer_mm]


class _Rounding:
    """Rounds to whole printer layers and remembers what it changed; 0 leaves numbers alone."""

    def __init__(self, quantum: float) -> None:
        self.quantum = quantum
        self.notes: list[str] = []

    def near(self, what: str, value: float, least: int = 1) -> float:
        return self._as(what, value, round(value / self.quantum), least) if self.quantum else value

    def up(self, what: str, value: float) -> float:
        if not self.quantum:
            return value
        return self._as(what, value, -int(-(value - _CLOSE) // self.quantum), 1)

    def _as(self, what: str, value: float, layers: int, least: int) -> float:
        layers = max(least, layers)
        made = _clean(layers * self.quantum)
        if abs(made - value) > _CLOSE:
            self.notes.append(
                f"{what} {value:g} mm became {made:g} mm, {layers} x {self.quantum:g} mm"
            )
        return made


def _shared(
    weights: Sequence[float], room: float, quantum: float, settings: ReliefSettings, total: float
) -> list[float]:
    """Thicknesses in the proportion of `weights` that add up to `room`."""
    least = len(weights) * quantum
    if room < least - _CLOSE or (weights and room <= _CLOSE):
        under = (
            f"the base of {settings.base_mm:g} mm" if settings.mode == "terraced" else "the gaps"
        )
        need = f"need {least:g} mm" if quantum else "need some, too"
        raise InputError(
            f"A total of {total:g} mm leaves {max(room, 0.0):g} mm beside {under}, and "
            f"{len(weights)} layers {need}; ask for a higher total, fewer layers (max_steps) or a "
            "smaller layer_height_mm."
        )
    whole = sum(weights)
    if not quantum:
        return [room * weight / whole for weight in weights]
    # One printer layer each; what is left is shared by rounding the running sum.
    spare = round(room / quantum) - len(weights)
    marks = [0, *(round(spare * part / whole) for part in accumulate(weights))]
    return [(1 + after - before) * quantum for before, after in pairwise(marks)]


def _share_note(shares: Sequence[float], quantum: float) -> str:
    low, high = round(min(shares) / quantum), round(max(shares) / quantum)
    layers = f"{low}" if low == high else f"{low} to {high}"
    return f"steps take {layers} printer layers of {quantum:g} mm each"
