"""Index maps as the few places where they differ from a guess, which compress to a third of images.

Every pixel is guessed from its neighbours in reading order: where the pixel to the left is that
above it, the one above, else the one to the left. A guess fails only where a border between layers
bends, about once in two crossings of a border. Each failure is one event of four small numbers, and
borders that run alike have alike events, which a general compressor finds, from one drawing to the
next, too. The guess is that of CCITT Group 4 fax (ITU-T T.6) for more than two values.
"""

from __future__ import annotations

import bisect

import numpy as np
from numpy.typing import NDArray

__all__ = ["decode_index", "encode_index"]

# What an event says of its pixel: the layer above it, left of it, right above it, or a number.
_ABOVE, _LEFT, _RIGHT_ABOVE, _NUMBERS_FROM = 0, 1, 2, 3
_EVENT_FIELDS = 4

Runs = tuple[list[int], list[int]]
"""A row: the columns at which its runs of one value begin, and their values."""


def encode_index(index: NDArray[np.int32]) -> NDArray[np.unsignedinteger]:
    """The events of a map of whole numbers from 0, (H, W): uint8, uint16 or uint32 (E, 4).

    An event holds the rows since the last event, the borders of the row above since then, the
    distance from that border (zigzag: 0, -1, 1, -2, ...), and its kind or number. The type is the
    smallest that holds them.
    """
    height, width = index.shape
    framed = np.zeros((height + 1, width + 2), np.int64)
    framed[1:, 1:-1] = index
    own, left = framed[1:, 1:-1], framed[1:, :-2]
    above, left_above, right_above = framed[:-1, 1:-1], framed[:-1, :-2], framed[:-1, 2:]
    guess = np.where(left == left_above, above, left)
    rows, columns = np.nonzero(own != guess)
    kind = np.where(
        own == above,
        _ABOVE,
        np.where(
            own == left, _LEFT, np.where(own == right_above, _RIGHT_ABOVE, own + _NUMBERS_FROM)
        ),
    )
    border = above[:, 1:] != above[:, :-1]
    number, place = _nearest_borders(border, rows, columns)
    first_in_row = np.diff(rows, prepend=-1) > 0
    before = np.where(first_in_row, 0, np.concatenate([[0], number[:-1]])) if len(rows) else number
    events = np.stack(
        [
            np.diff(rows, prepend=0),
            _zigzag(number - before),
            _zigzag(columns - place),
            kind[rows, columns],
        ],
        axis=1,
    )
    largest = int(events.max(initial=0))
    return events.astype(
        np.uint8 if largest < 1 << 8 else np.uint16 if largest < 1 << 16 else np.uint32
    )


def _nearest_borders(
    border: NDArray[np.bool_], rows: NDArray[np.intp], columns: NDArray[np.intp]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Number, from 0 in its row, and column of the border nearest to each event.

    border: bool (H, W - 1), whether a run begins at column 1 and so on; one begins at column 0.
    """
    height, width = border.shape[0], border.shape[1] + 1
    begins = np.concatenate([np.ones((height, 1), bool), border], axis=1)
    flat = np.flatnonzero(begins)
    row_start = np.searchsorted(flat, np.arange(height) * width)
    row_end = np.searchsorted(flat, np.arange(1, height + 1) * width)
    at = rows * width + columns
    after = np.minimum(np.searchsorted(flat, at), row_end[rows] - 1)
    before = np.maximum(after - 1, row_start[rows])
    nearest = np.where(np.abs(flat[before] - at) <= np.abs(flat[after] - at), before, after)
    return nearest - row_start[rows], flat[nearest] % width


def _zigzag(values: NDArray[np.int64]) -> NDArray[np.int64]:
    """Whole numbers as ones from 0, small ones small."""
    return np.where(values >= 0, 2 * values, -2 * values - 1)


def decode_index(
    events: NDArray[np.unsignedinteger], shape: tuple[int, int]
) -> NDArray[np.int32] | None:
    """The map of `encode_index`, int32 (H, W); None when the events are of no such map."""
    height, width = shape
    signed = events.astype(np.int64)
    rows = np.cumsum(signed[:, 0])
    if len(rows) and int(rows[-1]) >= height:
        return None
    for field in (1, 2):
        signed[:, field] = (signed[:, field] >> 1) ^ -(signed[:, field] & 1)
    listed = signed[:, 1:].tolist()
    ends = np.searchsorted(rows, np.arange(height), side="right").tolist()
    runs: Runs = ([0], [0])
    starts, values = [], []
    begin = 0
    for end in ends:
        if end > begin:
            found = _decode_row(listed[begin:end], runs, width)
            if found is None:
                return None
            runs, begin = found, end
        starts.append(runs[0])
        values.append(runs[1])
    return _painted(starts, values, shape)


def _decode_row(events: list[list[int]], above: Runs, width: int) -> Runs | None:
    """A row from its events and the row above it; None when an event lies outside of it."""
    starts, values = above
    row: Runs = ([], [])
    columns = []
    border = 0
    for skipped, distance, _kind in events:
        border += skipped
        if not 0 <= border < len(starts):
            return None
        columns.append(starts[border] + distance)
    if columns[0] < 0 or any(b <= a for a, b in zip(columns, [*columns[1:], width], strict=True)):
        return None
    _copy(above, 0, columns[0], row)
    for (_skipped, _distance, kind), column, end in zip(
        events, columns, [*columns[1:], width], strict=True
    ):
        run = bisect.bisect_right(starts, column) - 1
        if kind == _ABOVE:
            value = values[run]
        elif kind == _LEFT:
            value = row[1][-1] if column else 0
        elif kind == _RIGHT_ABOVE:
            value = 0
            if column + 1 < width:
                value = values[bisect.bisect_right(starts, column + 1) - 1]
        else:
            value = kind - _NUMBERS_FROM
        _append(row, column, value)
        # From where the row above has this value, too, it is copied; until then the value goes on.
        if values[run] == value:
            _copy(above, column, end, row)
            continue
        for later in range(run + 1, len(starts)):
            if starts[later] >= end:
                break
            if values[later] == value:
                _copy(above, starts[later], end, row)
                break
    return row


def _copy(above: Runs, begin: int, end: int, row: Runs) -> None:
    """Append what lies between two columns of the row above."""
    starts, values = above
    run = bisect.bisect_right(starts, begin) - 1
    while run < len(starts) and starts[run] < end:
        _append(row, max(starts[run], begin), values[run])
        run += 1


def _append(row: Runs, column: int, value: int) -> None:
    """Begin a run, unless the last one has its value."""
    if not row[1] or row[1][-1] != value:
        row[0].append(column)
        row[1].append(value)


def _painted(
    starts: list[list[int]], values: list[list[int]], shape: tuple[int, int]
) -> NDArray[np.int32]:
    """The map of rows given as runs."""
    height, width = shape
    counts = np.array([len(row) for row in starts])
    offsets = np.repeat(np.arange(height) * width, counts)
    begins = np.concatenate([np.array(row) for row in starts]) + offsets
    lengths = np.diff(begins, append=height * width)
    flat = np.concatenate([np.array(row, np.int64) for row in values])
    return np.repeat(flat.astype(np.int32), lengths).reshape(shape)
