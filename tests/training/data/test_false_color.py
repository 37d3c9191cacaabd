"""The base-256 code, against its definition."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from illustrators_depth_training.data.drawing.false_color import (
    code_color,
    decode_index,
    encode_index,
)
from illustrators_depth_training.data.drawing.sample import encode_index_png
from illustrators_depth_training.data.shards import pair_from_bytes


@given(arrays.arrays(np.int32, (3, 5), elements=st.integers(0, 256**3 - 1)))
def test_round_trip(index: np.ndarray) -> None:
    colors = encode_index(index)
    assert colors.dtype == np.uint8
    np.testing.assert_array_equal(decode_index(colors), index)


@given(st.integers(0, 256**3 - 1))
def test_code_color_is_the_paper_formula(i: int) -> None:
    expected = f"#{i % 256:02x}{i // 256 % 256:02x}{i // 65536 % 256:02x}"
    assert code_color(i) == expected
    assert encode_index(np.array([[i]]))[0, 0].tolist() == [i % 256, i // 256 % 256, i // 65536]


def test_too_large_an_index_is_refused() -> None:
    with pytest.raises(ValueError, match="24 bits"):
        encode_index(np.array([[256**3]]))
    with pytest.raises(ValueError, match="24 bits"):
        code_color(-1)


def test_png_keeps_the_channel_order() -> None:
    index = np.array([[1, 300], [70_000, 2]], np.int32)
    png = encode_index_png(index)
    pair = pair_from_bytes("k", {"rgb.png": png, "index.png": png, "json": b"{}"})
    np.testing.assert_array_equal(pair.index, index)
    assert pair.rgb[0, 1].tolist() == [300 - 256, 1, 0]
