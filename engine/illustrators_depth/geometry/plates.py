"""A large sheet or print cut into pieces that fit a plate, with keys that hold them together."""

from __future__ import annotations

import math
from dataclasses import dataclass

import manifold3d

from ..errors import InputError

__all__ = ["Tile", "plate_tiles"]

Box = tuple[float, float, float, float]

# A key is a dovetail: so much wider at its end than at its neck, in its own height.
_NECK, _END = 0.9, 1.3
# Keys stand so far apart along a seam, from the outer edge and from where seams cross, in their own
# height: on the frame of a sheet, and clear of one another.
_SPACING, _EDGE_ROOM, _CROSSING_ROOM = 5.0, 1.25, 2.6
_MITER = 4.0
# Pieces reach so far beyond the whole, so that a clearance takes nothing from its outer edges.
_BEYOND_MM = 10.0


@dataclass(frozen=True)
class _Key:
    """A dovetail on a seam.

    Attributes:
        polygon: its outline, overlapping the side it belongs to.
        needs: what must be solid around it.
        owner, taker: (row, column) of the pieces that have and that receive it.
    """

    polygon: manifold3d.CrossSection
    needs: manifold3d.CrossSection
    owner: tuple[int, int]
    taker: tuple[int, int]


@dataclass(frozen=True)
class Tile:
    """One piece.

    Attributes:
        place: (row, column), from 0, row 0 at the smallest y.
        plain: its box without keys: left, top, right, bottom, mm.
        whole: the box of everything.
        is_all: there is only this one.
        keys: all keys of all seams.
        clearance_mm: air between pieces.
    """

    place: tuple[int, int]
    plain: Box
    whole: Box
    is_all: bool
    keys: tuple[_Key, ...] = ()
    clearance_mm: float = 0.0

    @property
    def label(self) -> str:
        return "" if self.is_all else f" {self.place[0] + 1}-{self.place[1] + 1}"

    @property
    def box(self) -> Box:
        """What the piece and its keys fill at most, mm."""
        if self.is_all:
            return self.whole
        left, top, right, bottom = self._polygon(self.keys).bounds()
        return (
            max(left, self.whole[0]),
            max(top, self.whole[1]),
            min(right, self.whole[2]),
            min(bottom, self.whole[3]),
        )

    @property
    def polygon(self) -> manifold3d.CrossSection:
        """The plain box, carried on beyond the outer edges of the whole."""
        left, top, right, bottom = self.plain
        return _box(
            (
                left - _BEYOND_MM if left <= self.whole[0] else left,
                top - _BEYOND_MM if top <= self.whole[1] else top,
                right + _BEYOND_MM if right >= self.whole[2] - 1e-9 else right,
                bottom + _BEYOND_MM if bottom >= self.whole[3] - 1e-9 else bottom,
            )
        )

    def _polygon(self, keys: tuple[_Key, ...]) -> manifold3d.CrossSection:
        area = self.polygon
        for key in keys:
            if key.owner == self.place:
                area = area + key.polygon
            elif key.taker == self.place:
                area = area - key.polygon
        return area

    def outline(self, solid: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """The piece's box with the keys for which there is room in `solid`, less the clearance."""
        if self.is_all:
            return self.polygon
        fitting = tuple(k for k in self.keys if _is_within(k.needs, solid))
        area = self._polygon(fitting)
        if self.clearance_mm > 0.0:
            area = area.offset(-self.clearance_mm / 2.0, manifold3d.JoinType.Miter, _MITER)
        return area

    def cut(self, area: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """This piece of an area; keys stand only where there is material all around them."""
        return area if self.is_all else area ^ self.outline(area)


def plate_tiles(
    size_mm: tuple[float, float],
    plate_mm: tuple[float, ...],
    key_mm: float,
    clearance_mm: float = 0.0,
) -> tuple[Tile, ...]:
    """Equal pieces that fit a plate, row by row; one where everything fits.

    Args:
        size_mm: width and height of the whole, which starts at 0, 0.
        plate_mm: width and height of the plate; empty for none.
        key_mm: how far a key reaches into the next piece.
        clearance_mm: air between pieces, for printers; cutters have their kerf.

    Raises InputError when the plate is too small for a piece with its keys.
    """
    whole = (0.0, 0.0, *size_mm)
    if not plate_mm or all(s <= p + 1e-6 for s, p in zip(size_mm, plate_mm, strict=True)):
        return (Tile((0, 0), whole, whole, True),)
    counts = []
    for size, plate in zip(size_mm, plate_mm, strict=True):
        room = plate - 2.0 * key_mm
        if room < 6.0 * key_mm and size > plate:
            raise InputError(
                f"A plate of {plate_mm[0]:g} x {plate_mm[1]:g} mm is too small for pieces with "
                f"keys of {key_mm:g} mm; name a larger plate."
            )
        counts.append(1 if size <= plate + 1e-6 else math.ceil(size / room))
    columns, rows = counts
    step = (size_mm[0] / columns, size_mm[1] / rows)
    keys = tuple(_seam_keys(columns, rows, step, key_mm))
    return tuple(
        Tile(
            (row, column),
            (column * step[0], row * step[1], (column + 1) * step[0], (row + 1) * step[1]),
            whole,
            False,
            keys,
            clearance_mm,
        )
        for row in range(rows)
        for column in range(columns)
    )


def _seam_keys(columns: int, rows: int, step: tuple[float, float], key: float) -> list[_Key]:
    """Keys along every seam, pointing one way and the other in turn."""
    keys = []
    for row in range(rows):
        for column in range(columns):
            here = (row, column)
            if column + 1 < columns:
                x, start = (column + 1) * step[0], row * step[1]
                ends = (row > 0, row + 1 < rows)
                for n, along in enumerate(_spots(step[1], key, ends)):
                    keys.append(_key((x, start + along), True, n, here, (row, column + 1), key))
            if row + 1 < rows:
                y, start = (row + 1) * step[1], column * step[0]
                ends = (column > 0, column + 1 < columns)
                for n, along in enumerate(_spots(step[0], key, ends)):
                    keys.append(_key((start + along, y), False, n, here, (row + 1, column), key))
    return keys


def _spots(length: float, key: float, crossings: tuple[bool, bool]) -> list[float]:
    """Where keys stand along a seam: near both ends, and evenly between.

    Args:
        length: of the seam, mm.
        key: height of a key, mm.
        crossings: whether another seam crosses at its start, and at its end.
    """
    room = [key * (_CROSSING_ROOM if crosses else _EDGE_ROOM) for crosses in crossings]
    first, last = room[0], max(room[0], length - room[1])
    count = max(2, math.floor((last - first) / (_SPACING * key)) + 1)
    return [first + (last - first) * k / (count - 1) for k in range(count)]


def _key(
    at: tuple[float, float],
    is_upright: bool,
    number: int,
    before: tuple[int, int],
    after: tuple[int, int],
    key: float,
) -> _Key:
    """A key at a point of a seam; even ones belong to the piece before it, odd ones to the next."""
    sign = 1.0 if number % 2 == 0 else -1.0
    owner, taker = (before, after) if number % 2 == 0 else (after, before)
    root = -0.05 * key
    shape = [
        (root, -_NECK / 2 * key),
        (key, -_END / 2 * key),
        (key, _END / 2 * key),
        (root, _NECK / 2 * key),
    ]
    placed = [(at[0] + sign * a, at[1] + b) for a, b in shape]
    room = (1.2 * key, 0.9 * key)
    if not is_upright:
        placed = [(at[0] + b, at[1] + sign * a) for a, b in shape]
        room = (room[1], room[0])
    polygon = manifold3d.CrossSection([placed], manifold3d.FillRule.NonZero)
    needs = _box((at[0] - room[0], at[1] - room[1], at[0] + room[0], at[1] + room[1]))
    return _Key(polygon, needs, owner, taker)


def _box(box: Box) -> manifold3d.CrossSection:
    left, top, right, bottom = box
    return manifold3d.CrossSection.square((right - left, bottom - top)).translate((left, top))


def _is_within(inner: manifold3d.CrossSection, outer: manifold3d.CrossSection) -> bool:
    return bool((inner - outer).area() <= 1e-6 * inner.area())
