"""Heights that add up to the total asked for, in whole layers of the printer."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from illustrators_depth.errors import InputError
from illustrators_depth.geometry.layer_heights import field_heights, layer_heights
from illustrators_depth.settings import ReliefSettings


def terraced(**values: object) -> ReliefSettings:
    return ReliefSettings.from_dict({"mode": "terraced", **values})


def whole(value: float, quantum: float) -> bool:
    return value / quantum == pytest.approx(round(value / quantum), abs=1e-4)


def test_steps_over_a_base() -> None:
    heights = layer_heights(3, terraced(base_mm=1.0, thickness_mm=0.5))
    assert heights.bottoms == (0.0, 1.0, 1.5)
    assert heights.tops == (1.0, 1.5, 2.0)
    assert heights.notes == ()


def test_slabs_with_gaps() -> None:
    heights = layer_heights(3, ReliefSettings(thickness_mm=2.0, gap_mm=0.2))
    assert heights.bottoms == pytest.approx((0.0, 2.2, 4.4))
    assert heights.total == pytest.approx(6.4)


def test_snapping_is_told() -> None:
    heights = layer_heights(3, terraced(base_mm=0.5, thickness_mm=0.33, layer_height_mm=0.2))
    assert heights.thicknesses == pytest.approx((0.6, 0.4, 0.4))
    assert heights.notes == (
        "base 0.5 mm became 0.6 mm, 3 x 0.2 mm",
        "thickness 0.33 mm became 0.4 mm, 2 x 0.2 mm",
    )


def test_a_base_is_never_rounded_down() -> None:
    assert layer_heights(1, terraced(base_mm=0.24, layer_height_mm=0.2)).total == 0.4
    assert layer_heights(1, terraced(base_mm=0.24, layer_height_mm=0.08)).total == 0.24


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 20),
    st.sampled_from([0.04, 0.08, 0.12, 0.2]),
    st.sampled_from([0.0, 0.15, 0.2, 0.3]),
    st.floats(0.1, 2.0),
    st.sampled_from([0.0, 6.0]),
)
def test_every_step_ends_where_a_printer_layer_does(
    count: int, quantum: float, first: float, base: float, total: float
) -> None:
    asked = terraced(
        base_mm=base,
        thickness_mm=0.3,
        total_mm=total,
        layer_height_mm=quantum,
        first_layer_mm=first,
    )
    heights = layer_heights(count, asked)
    bottom = first or quantum
    assert all(whole(top - bottom, quantum) for top in heights.tops)
    assert heights.tops[0] >= bottom - 1e-6
    assert (count == 1 and total) or heights.tops[0] >= base - 1e-5


def test_a_first_layer_of_its_own_is_told() -> None:
    asked = terraced(base_mm=0.24, thickness_mm=0.24, layer_height_mm=0.08, first_layer_mm=0.2)
    heights = layer_heights(3, asked)
    assert heights.tops == pytest.approx((0.28, 0.52, 0.76))
    assert heights.notes == ("base 0.24 mm became 0.28 mm, 0.2 + 1 x 0.08 mm",)


def test_own_thicknesses() -> None:
    heights = layer_heights(
        4, terraced(base_mm=1.0, thickness_mm=0.4, layer_mm=(9.0, 0.0, 0.8, 1.2))
    )
    assert heights.thicknesses == pytest.approx((1.0, 0.4, 0.8, 1.2))
    with pytest.raises(InputError, match="4 thicknesses but 3 layers"):
        layer_heights(3, terraced(layer_mm=(1.0, 1.0, 1.0, 1.0)))


@settings(max_examples=200, deadline=None)
@given(
    st.integers(1, 40),
    st.sampled_from([0.0, 0.04, 0.08, 0.2]),
    st.floats(0.24, 3.0),
    st.floats(0.5, 60.0),
    st.sampled_from(["terraced", "stacked"]),
    st.floats(0.0, 0.5),
)
def test_totals_add_up(
    count: int, quantum: float, base: float, total: float, mode: str, gap: float
) -> None:
    asked = ReliefSettings(
        mode=mode, base_mm=base, total_mm=total, layer_height_mm=quantum, gap_mm=gap
    )
    try:
        heights = layer_heights(count, asked)
    except InputError as error:
        assert "ask for a higher total" in str(error)
        assume(False)
        return
    assert heights.total == pytest.approx(total, abs=quantum / 2 + 1e-5)
    assert all(t > 0 for t in heights.thicknesses)
    assert all(b >= a - 1e-6 for a, b in zip(heights.tops, heights.bottoms[1:], strict=False))
    if quantum:
        assert all(whole(top, quantum) for top in heights.tops)
        steps = [round(t / quantum) for t in heights.thicknesses[mode == "terraced" :]]
        assert not steps or max(steps) - min(steps) <= 1  # as even as can be


def test_proportions_survive_the_total() -> None:
    heights = layer_heights(
        4, terraced(base_mm=0.4, total_mm=4.4, layer_mm=(0.0, 1.0, 2.0, 1.0), layer_height_mm=0.2)
    )
    assert heights.thicknesses == pytest.approx((0.4, 1.0, 2.0, 1.0), abs=0.21)
    assert heights.total == 4.4


def test_a_smooth_relief_has_its_total() -> None:
    field = ReliefSettings(mode="heightfield", base_mm=0.8, total_mm=4.0)
    assert field_heights(field).tops == (0.8, 4.0)
    with pytest.raises(InputError, match="nothing over the base"):
        field_heights(ReliefSettings(mode="heightfield", base_mm=2.0, total_mm=2.0))


def test_a_number_out_of_range_is_named_with_both_bounds() -> None:
    with pytest.raises(InputError, match="gap_mm must lie between 0 and 10000, not 20000"):
        ReliefSettings(gap_mm=20000.0).check()
    with pytest.raises(InputError, match="size_mm must be above 0 and at most 100000, not 0"):
        ReliefSettings(size_mm=0.0).check()
