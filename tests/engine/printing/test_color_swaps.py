"""The list of filament changes: right layers, right colours, in three formats."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.layering.build import build_stack
from illustrators_depth.printing.color_swaps import color_swaps, swaps_text, write_swaps
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import CompleteSettings, ReliefSettings
from illustrators_depth.types import Image, LayerStack

COLORS = [(1.0, 1.0, 1.0), (0.8, 0.2, 0.2), (0.8, 0.2, 0.21), (0.05, 0.05, 0.05)]
SETTINGS = ReliefSettings(mode="terraced", base_mm=0.6, thickness_mm=0.4, layer_height_mm=0.2)


@pytest.fixture(scope="module")
def stack() -> LayerStack:
    labels = np.repeat(np.arange(4, dtype=np.int32), 10)[None].repeat(20, 0)
    rgba = np.ones((20, 40, 4), np.float32)
    rgba[..., :3] = np.array(COLORS, np.float32)[labels]
    return build_stack(Image(rgba), labels, labels.astype(np.float32), CompleteSettings(), {})


def test_layers_and_heights(stack: LayerStack) -> None:
    swaps = color_swaps(stack, SETTINGS)
    assert [s.color for s in swaps] == ["#ffffff", "#cc3333", "#0d0d0d"]
    assert [(s.bottom_mm, s.top_mm) for s in swaps] == [(0.0, 0.6), (0.6, 1.4), (1.4, 1.8)]
    # Layer n prints from (n - 1) x 0.2 mm: layer 4 is the first above 0.6 mm.
    assert [(s.first_layer, s.last_layer) for s in swaps] == [(1, 3), (4, 7), (8, 9)]
    assert len(swaps[1].steps) == 2  # two reds that look alike are one filament


def test_another_first_layer(stack: LayerStack) -> None:
    """First layer 0.3: base 0.9 is 0.3 + 3 x 0.2."""
    settings = replace(SETTINGS, layer_height_mm=0.0, base_mm=0.9)
    swaps = color_swaps(stack, settings, PrinterSettings(first_layer_mm=0.3))
    assert [(s.first_layer, s.last_layer) for s in swaps] == [(1, 4), (5, 8), (9, 10)]


def test_swaps_lie_on_the_printers_planes(stack: LayerStack) -> None:
    """First layer 0.2 mm, others 0.08: every swap at 0.2 + k x 0.08, and the total adds up."""
    settings = ReliefSettings.from_dict(
        {
            **SETTINGS.to_dict(),
            "base_mm": 0.24,
            "thickness_mm": 0.24,
            "layer_height_mm": 0.08,
            "first_layer_mm": 0.2,
        }
    )
    swaps = color_swaps(stack, settings)
    for swap in swaps:
        assert swap.top_mm == pytest.approx(0.2 + (swap.last_layer - 1) * 0.08)
    text = swaps_text(swaps, settings)
    assert f"{swaps[-1].last_layer} layers, {swaps[-1].top_mm:g} mm in all" in text
    assert "over a first one of 0.2 mm" in text


def test_the_total_is_what_the_printer_makes(stack: LayerStack) -> None:
    """Heights between two planes: the list tells the planes."""
    settings = replace(SETTINGS, layer_height_mm=0.0, base_mm=0.24, thickness_mm=0.25)
    swaps = color_swaps(stack, settings)
    text = swaps_text(swaps, settings)
    assert f"{swaps[-1].last_layer} layers, {swaps[-1].last_layer * 0.2:g} mm" in text


def test_filaments_at_hand(stack: LayerStack) -> None:
    printer = PrinterSettings(filaments=("chalk=#f0f0e8", "ink=#101018", "#c02020"))
    swaps = color_swaps(stack, SETTINGS, printer)
    assert [s.filament for s in swaps] == ["chalk", "#c02020", "ink"]
    assert [s.number for s in swaps] == [1, 3, 2]
    with pytest.raises(InputError, match="#rrggbb"):
        color_swaps(stack, SETTINGS, PrinterSettings(filaments=("red",)))


def test_only_steps_have_one_colour_per_height(stack: LayerStack) -> None:
    with pytest.raises(InputError, match="mode terraced"):
        color_swaps(stack, ReliefSettings())


def test_text(stack: LayerStack) -> None:
    text = swaps_text(color_swaps(stack, SETTINGS), SETTINGS)
    assert "0.2 mm, 9 layers, 1.8 mm" in text
    assert "Start with filament 1, #ffffff" in text
    assert "Before layer 8 (at 1.4 mm) change to filament 3, #0d0d0d" in text


def test_files(stack: LayerStack, tmp_path: Path) -> None:
    swaps = color_swaps(stack, SETTINGS)
    rows = list(csv.DictReader(write_swaps(swaps, tmp_path / "s.csv", SETTINGS).open()))
    read = json.loads(write_swaps(swaps, tmp_path / "s.json", SETTINGS).read_text())["swaps"]
    for row, entry, swap in zip(rows, read, swaps, strict=True):
        assert row["color"] == entry["color"] == swap.color
        assert int(row["first_layer"]) == entry["first_layer"] == swap.first_layer
        assert float(row["top_mm"]) == entry["top_mm"] == swap.top_mm
    assert write_swaps(swaps, tmp_path / "s.txt", SETTINGS).read_text() == swaps_text(
        swaps, SETTINGS
    )
    with pytest.raises(InputError, match="exists"):
        write_swaps(swaps, tmp_path / "s.txt", SETTINGS)
    with pytest.raises(InputError, match=r"\.txt, \.csv, \.json"):
        write_swaps(swaps, tmp_path / "s.xls", SETTINGS)
