"""3MF files in a real PrusaSlicer: one object, as high as it was made, a tool for every colour."""

from __future__ import annotations

import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path

import pytest

from illustrators_depth import decompose, predict_depth, read_image, relief, write_relief
from illustrators_depth.printing import preset
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack

CASES = Path(__file__).resolve().parents[2] / "cases"
SLICER = shutil.which("prusa-slicer")

pytestmark = [
    pytest.mark.slicer,
    pytest.mark.skipif(SLICER is None, reason="prusa-slicer is not installed"),
]
MACHINE = (
    "--nozzle-diameter=0.4,0.4,0.4,0.4",
    "--filament-diameter=1.75,1.75,1.75,1.75",
    "--layer-height=0.2",
    "--first-layer-height=0.2",
    "--bed-shape=0x0,250x0,250x250,0x250",
    "--fill-density=0",
    "--skirts=0",
)


def stack_of(name: str) -> LayerStack:
    image = read_image(CASES / name)
    return decompose(image, predict_depth(image, model="heuristic"))


def run_slicer(*words: str) -> str:
    assert SLICER is not None
    done = subprocess.run(
        [SLICER, *words], capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def sliced(path: Path) -> tuple[float, list[str]]:
    """Height of the highest printed layer, and the tools in the order they are called."""
    code = path.with_suffix(".gcode")
    said = run_slicer("--export-gcode", str(path), "--output", str(code), *MACHINE)
    assert "could not fit" not in said
    text = code.read_text()
    heights = [float(z) for z in re.findall(r"^;Z:([\d.]+)$", text, re.MULTILINE)]
    tools = re.findall(r"^T\d+$", text, re.MULTILINE)
    changes = [t for k, t in enumerate(tools) if k == 0 or tools[k - 1] != t]
    return max(heights), changes


def test_a_relief_is_one_object_of_its_height(tmp_path: Path) -> None:
    path = write_relief(stack_of("hole.png"), preset("standard"), tmp_path / "hole.3mf")
    info = run_slicer("--info", str(path))
    assert len(re.findall(r"^\[.*\.3mf\]$", info, re.MULTILINE)) == 1
    assert re.search(r"^size_z = 1\.6", info, re.MULTILINE)
    assert sliced(path) == (1.6, ["T0", "T1", "T2"])


def test_tools_are_the_filaments_at_hand(tmp_path: Path) -> None:
    """White comes twice, at the bottom and as teeth: one filament, called for twice."""
    at_hand = ("black=#000000", "white=#ffffff", "red=#c80000", "yellow=#ffc800")
    printer = PrinterSettings(filaments=at_hand)
    stack = stack_of("face.png")
    small = replace(preset("standard"), size_mm=80.0)
    path = write_relief(stack, small, tmp_path / "face.3mf", printer=printer)
    height, tools = sliced(path)
    assert height == pytest.approx(relief(stack, small).size_mm[2])
    assert tools[0] == "T1" and tools[-1] == "T1"
    assert set(tools) == {"T0", "T1", "T2", "T3"}


def test_a_flat_print_has_its_colours_in_the_first_layers_only(tmp_path: Path) -> None:
    flat = ReliefSettings(
        mode="flat", size_mm=80.0, thickness_mm=0.4, base_mm=0.8, layer_height_mm=0.2
    )
    path = write_relief(stack_of("hole.png"), flat, tmp_path / "flat.3mf")
    height, tools = sliced(path)
    assert height == pytest.approx(1.2)
    assert set(tools) == {"T0", "T1", "T2"} and len(tools) <= 7
