"""Every preset gives something that prints."""

from __future__ import annotations

import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.geometry import relief
from illustrators_depth.layering import decompose
from illustrators_depth.printing import PRESETS, check_print, preset
from illustrators_depth.settings import ReliefSettings
from tests.engine.drawings import stacked_discs


@pytest.mark.parametrize("name", PRESETS)
def test_presets_print(name: str) -> None:
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    settings = preset(name, ReliefSettings(size_mm=160.0, smoothing=0.5))
    assert (settings.size_mm, settings.smoothing) == (160.0, 0.5)  # what is not named stays
    mesh = relief(stack, settings, drawing.depth)
    report = check_print(stack, mesh, settings)
    assert not report.errors, report.lines()
    # The drawing's thin stroke is the tip of a smooth relief; steps leave out what is too narrow.
    assert {f.check for f in report.warnings} <= ({"feature"} if name == "relief" else set())


def test_tactile_numbers() -> None:
    """A base of 1.5 mm, heights 1 mm apart, five of them, nothing under 1/8 inch."""
    drawing = stacked_discs()
    stack = decompose(drawing.image, drawing.depth)
    assert len(stack) == 6
    mesh = relief(stack, preset("tactile"))
    levels = sorted({round(float(z), 4) for z in mesh.vertices[:, 2]})
    assert levels[:2] == [0.0, 1.5]
    assert len(levels) - 1 == 5
    assert levels[-1] == pytest.approx(1.5 + 4 * 1.0)


def test_an_unknown_preset() -> None:
    with pytest.raises(InputError, match="known: standard"):
        preset("nice")
