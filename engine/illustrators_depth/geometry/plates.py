"""Divides a large sheet or print into pieces that fit a plate, with keys that join them."""

from __future__ import annotations

import math
from dataclasses import dataclass

import manifold3d

from ..errors import InputError

__all__ = ["PlatePiece", "plate_pieces"]

Box = tuple[float, float, float, float]
"""Left, top, right, bottom, mm."""

# A key is a dovetail. All its measures are in key heights: how far it reaches into the next piece.
# Its width at the seam and at its end; how far it begins inside its own piece, to be one with it.
_NECK_WIDTH, _END_WIDTH, _ROOT_OVERLAP = 0.9, 1.3, 0.05
# Half the sides of the box around it that must be solid: across the seam, and along it.
_SOLID_ACROSS, _SOLID_ALONG = 1.2, 0.9
# Keys stand so far apart along a seam, from the outer edge (on the frame of a sheet) and from where
# seams cross (clear of the other seam's keys).
_KEY_SPACING, _EDGE_DISTANCE, _CROSSING_DISTANCE = 5.0, 1.25, 2.6
# A piece is at least so wide, or there is no room for its keys.
_MIN_PIECE_WIDTH = 6.0
# How far a mitred corner may reach out, in offsets, before it is cut off.
_MITER_LIMIT = 4.0
# Pieces reach so far beyond the whole, so that a clearance takes nothing from its outer edges.
_OVERHANG_MM = 10.0
# Lengths that differ by less are equal, and so are areas that differ by this share.
_ROUNDING_MM, _ROUNDING_SHARE = 1e-6, 1e-6


@dataclass(frozen=True)
class _Key:
    """A dovetail on a seam.

    Attributes:
        polygon: its outline, overlapping the side it belongs to.
        surroundings: the area that must be solid for the key to hold.
        owner, receiver: (row, column) of the pieces that have the key and its socket.
    """

    polygon: manifold3d.CrossSection
    surroundings: manifold3d.CrossSection
    owner: tuple[int, int]
    receiver: tuple[int, int]


@dataclass(frozen=True)
class PlatePiece:
    """One piece of a sheet or print, lying where it lies in the whole.

    Attributes:
        place: (row, column), from 0, row 0 at the smallest y.
        plain_box: its box without keys.
        whole_box: the box of the whole sheet or print.
        is_whole: everything fits the plate, and this is the only piece.
        keys: all keys of all seams.
        clearance_mm: air between pieces.
    """

    place: tuple[int, int]
    plain_box: Box
    whole_box: Box
    is_whole: bool
    keys: tuple[_Key, ...] = ()
    clearance_mm: float = 0.0

    @property
    def label(self) -> str:
        """What is added to a part's name: " row-column" counted from 1, or ""."""
        return "" if self.is_whole else f" {self.place[0] + 1}-{self.place[1] + 1}"

    @property
    def box(self) -> Box:
        """What the piece and its keys fill at most, mm."""
        if self.is_whole:
            return self.whole_box
        left, top, right, bottom = self._with_keys(self.keys).bounds()
        return (
            max(left, self.whole_box[0]),
            max(top, self.whole_box[1]),
            min(right, self.whole_box[2]),
            min(bottom, self.whole_box[3]),
        )

    @property
    def polygon(self) -> manifold3d.CrossSection:
        """The plain box, carried on beyond the outer edges of the whole."""
        left, top, right, bottom = self.plain_box
        return _box(
            (
                left - _OVERHANG_MM if left <= self.whole_box[0] else left,
                top - _OVERHANG_MM if top <= self.whole_box[1] else top,
                right + _OVERHANG_MM if right >= self.whole_box[2] - 1e-9 else right,
                bottom + _OVERHANG_MM if bottom >= self.whole_box[3] - 1e-9 else bottom,
            )
        )

    def _with_keys(self, keys: tuple[_Key, ...]) -> manifold3d.CrossSection:
        """The plain box with its own keys, and with sockets for its neighbours'."""
        area = self.polygon
        for key in keys:
            if key.owner == self.place:
                area = area + key.polygon
            elif key.receiver == self.place:
                area = area - key.polygon
        return area

    def outline(self, solid: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """The piece's box with the keys for which there is room in `solid`, less the clearance."""
        if self.is_whole:
            return self.polygon
        fitting = tuple(key for key in self.keys if _is_within(key.surroundings, solid))
        area = self._with_keys(fitting)
        if self.clearance_mm > 0.0:
            area = area.offset(-self.clearance_mm / 2.0, manifold3d.JoinType.Miter, _MITER_LIMIT)
        return area

    def cut(self, area: manifold3d.CrossSection) -> manifold3d.CrossSection:
        """This piece of an area; keys stand only where there is material all around them."""
        return area if self.is_whole else area ^ self.outline(area)


def plate_pieces(
    size_mm: tuple[float, float],
    plate_mm: tuple[float, ...],
    key_mm: float,
    clearance_mm: float = 0.0,
) -> tuple[PlatePiece, ...]:
    """Equal pieces that fit a plate, row by row; one where everything fits.

    Args:
        size_mm: width and height of the whole, which starts at 0, 0.
        plate_mm: width and height of the plate; empty for none.
        key_mm: how far a key reaches into the next piece.
        clearance_mm: air between pieces, for printers; cutters have their kerf.

    Raises InputError when the plate is too small for a piece with its keys.
    """
    whole = (0.0, 0.0, *size_mm)
    if not plate_mm or all(
        size <= plate + _ROUNDING_MM for size, plate in zip(size_mm, plate_mm, strict=True)
    ):
        return (PlatePiece((0, 0), whole, whole, True),)
    counts = []
    for size, plate in zip(size_mm, plate_mm, strict=True):
        room = plate - 2.0 * key_mm
        if room < _MIN_PIECE_WIDTH * key_mm and size > plate:
            raise InputError(
                f"A plate of {plate_mm[0]:g} x {plate_mm[1]:g} mm is too small for pieces with "
                f"keys of {key_mm:g} mm; name a larger plate."
            )
        counts.append(1 if size <= plate + _ROUNDING_MM else math.ceil(size / room))
    columns, rows = counts
    step = (size_mm[0] / columns, size_mm[1] / rows)
    keys = tuple(_seam_keys(columns, rows, step, key_mm))
    return tuple(
        PlatePiece(
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
    """Keys along every seam, pointing one way and the other in turn.

    `step` is a piece's width and height, `key` a key's height, mm.
    """
    keys = []
    for row in range(rows):
        for column in range(columns):
            piece = (row, column)
            if column + 1 < columns:
                x, origin = (column + 1) * step[0], row * step[1]
                ends = (row > 0, row + 1 < rows)
                for number, distance in enumerate(_key_distances(step[1], key, ends)):
                    keys.append(
                        _key((x, origin + distance), True, number, piece, (row, column + 1), key)
                    )
            if row + 1 < rows:
                y, origin = (row + 1) * step[1], column * step[0]
                ends = (column > 0, column + 1 < columns)
                for number, distance in enumerate(_key_distances(step[0], key, ends)):
                    keys.append(
                        _key((origin + distance, y), False, number, piece, (row + 1, column), key)
                    )
    return keys


def _key_distances(length: float, key: float, crossings: tuple[bool, bool]) -> list[float]:
    """How far along a seam its keys stand, mm: near both ends, and evenly between.

    Args:
        length: of the seam, mm.
        key: height of a key, mm.
        crossings: whether another seam crosses at its start, and at its end.
    """
    margins = [key * (_CROSSING_DISTANCE if crosses else _EDGE_DISTANCE) for crosses in crossings]
    first, last = margins[0], max(margins[0], length - margins[1])
    count = max(2, math.floor((last - first) / (_KEY_SPACING * key)) + 1)
    return [first + (last - first) * k / (count - 1) for k in range(count)]


def _key(
    foot: tuple[float, float],
    is_upright: bool,
    number: int,
    before: tuple[int, int],
    after: tuple[int, int],
    key: float,
) -> _Key:
    """The key at a point of a seam.

    Args:
        foot: (x, y) of its middle on the seam, mm.
        is_upright: the seam is vertical, so the key points left or right.
        number: along the seam; even ones belong to the piece before the seam, odd ones to the next.
        before, after: (row, column) of these two pieces.
        key: its height, mm.
    """
    sign = 1.0 if number % 2 == 0 else -1.0
    owner, receiver = (before, after) if number % 2 == 0 else (after, before)
    root = -_ROOT_OVERLAP * key
    shape = [
        (root, -_NECK_WIDTH / 2 * key),
        (key, -_END_WIDTH / 2 * key),
        (key, _END_WIDTH / 2 * key),
        (root, _NECK_WIDTH / 2 * key),
    ]
    outline = [(foot[0] + sign * a, foot[1] + b) for a, b in shape]
    reach = (_SOLID_ACROSS * key, _SOLID_ALONG * key)
    if not is_upright:
        outline = [(foot[0] + b, foot[1] + sign * a) for a, b in shape]
        reach = (reach[1], reach[0])
    polygon = manifold3d.CrossSection([outline], manifold3d.FillRule.NonZero)
    (x, y), (half_width, half_height) = foot, reach
    surroundings = _box((x - half_width, y - half_height, x + half_width, y + half_height))
    return _Key(polygon, surroundings, owner, receiver)


def _box(box: Box) -> manifold3d.CrossSection:
    left, top, right, bottom = box
    return manifold3d.CrossSection.square((right - left, bottom - top)).translate((left, top))


def _is_within(inner: manifold3d.CrossSection, outer: manifold3d.CrossSection) -> bool:
    """Whether hardly any of an area lies outside another."""
    return bool((inner - outer).area() <= _ROUNDING_SHARE * inner.area())
