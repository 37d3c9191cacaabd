"""The check before printing finds what was put wrong on purpose, and nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from illustrators_depth.geometry import relief
from illustrators_depth.printing import PrintReport, check_print
from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import ReliefSettings
from illustrators_depth.types import LayerStack
from tests.engine.geometry.test_relief import stack_of

GOOD = ReliefSettings(mode="terraced", base_mm=0.8, thickness_mm=0.4, layer_height_mm=0.2)


def bars(thin: int = 12, page: int = 0) -> LayerStack:
    """On 200 x 100 pixels a bar of 40 and one of `thin` pixels, on a page or on nothing (-1)."""
    labels = np.full((100, 200), page, np.int32)
    labels[20:60, 20:180] = page + 1
    labels[80 : 80 + thin, 20:180] = page + 2
    return stack_of(labels)


def report(stack: LayerStack, settings: ReliefSettings, **options: object) -> PrintReport:
    return check_print(stack, relief(stack, settings), settings, **options)  # type: ignore[arg-type]


def found(made: PrintReport, severity: str) -> set[str]:
    return {f.check for f in made.findings if f.severity == severity}


def test_a_good_print() -> None:
    made = report(bars(), GOOD)
    assert made.findings == ()
    assert made.size_mm == pytest.approx((200.0, 100.0, 1.6))
    # 200 x 100 mm of base, and two bars one above the other
    assert made.volume_mm3 == pytest.approx(16000 + 0.4 * (160 * 52) + 0.4 * (160 * 12), rel=0.01)
    assert [layer.pieces for layer in made.layers] == [1, 2, 1]
    assert made.layers[1].area_mm2 == pytest.approx(160 * 52, rel=0.01)
    assert "nothing speaks against" in made.lines()[-1]


@pytest.mark.parametrize("thin", [1, 2, 4])
def test_features_under_the_nozzle(thin: int) -> None:
    """A bar of `thin` mm against nozzles just narrower and just wider than it."""
    stack = bars(thin)
    wide = report(stack, GOOD, printer=PrinterSettings(nozzle_mm=thin * 0.8))
    assert wide.layers[2].narrow_share == 0.0
    made = report(stack, GOOD, printer=PrinterSettings(nozzle_mm=thin * 1.3))
    assert made.layers[2].narrow_share > 0.95
    assert made.layers[1].narrow_share == pytest.approx(thin / (40 + thin), rel=0.15)
    assert found(made, "error") == {"feature"}
    assert found(made, "warning") == {"feature"}


def test_corners_are_no_narrow_features() -> None:
    labels = np.zeros((200, 200), np.int32)
    for k in range(100):  # a right-angled triangle
        labels[50 + k, 50 : 50 + k] = 1
    made = report(stack_of(labels), GOOD, printer=PrinterSettings(nozzle_mm=5.0))
    assert made.layers[1].narrow_share < 0.01


def test_layers_in_the_air() -> None:
    stack = bars()
    slabs = ReliefSettings(thickness_mm=0.4, gap_mm=0.2, layer_height_mm=0.2)
    assert found(report(stack, slabs), "error") == {"island"}
    assert found(report(stack, slabs, separately=True), "error") == set()
    # Without gaps the thin bar hangs beside the wide one, over the page.
    touching = replace(slabs, gap_mm=0.0)
    made = report(stack, touching)
    assert [f.text for f in made.errors] == [
        f"A part of {stack.layers[2].name!r} would hang in the air, with nothing below."
    ]
    assert made.layers[2].area_mm2 == pytest.approx(160 * 12, rel=0.02)


def test_loose_pieces() -> None:
    made = report(bars(page=-1), GOOD)
    assert found(made, "warning") == {"island"}
    assert "2 separate pieces" in made.warnings[0].text


def test_heights_against_printer_layers() -> None:
    thin = replace(GOOD, layer_height_mm=0.0, thickness_mm=0.1)
    assert found(report(bars(), thin), "error") == {"thickness"}
    odd = replace(GOOD, layer_height_mm=0.0, thickness_mm=0.3)
    assert found(report(bars(), odd), "warning") == {"thickness"}
    rounded = report(bars(), replace(GOOD, thickness_mm=0.33))
    assert found(rounded, "note") == {"rounding"} and not rounded.errors
    sheer = report(bars(), replace(GOOD, base_mm=0.2))
    assert any("0.24 mm or more" in f.text for f in sheer.warnings)


def test_the_bed() -> None:
    made = report(bars(), GOOD, printer=PrinterSettings(bed_mm=(100.0, 150.0, 200.0)))
    assert found(made, "warning") == {"size"}
    # Turned by a quarter it fits.
    assert not report(bars(), GOOD, printer=PrinterSettings(bed_mm=(120.0, 210.0, 50.0))).findings


def test_an_open_mesh_is_found() -> None:
    stack = bars()
    mesh = relief(stack, GOOD)
    part = replace(mesh.parts[0], faces=slice(0, len(mesh.faces) - 1))
    torn = replace(mesh, faces=mesh.faces[:-1], parts=(part,))
    made = check_print(stack, torn, GOOD)
    assert found(made, "error") == {"manifold"}
    inside_out = replace(mesh, faces=np.ascontiguousarray(mesh.faces[:, ::-1]))
    assert found(check_print(stack, inside_out, GOOD), "error") == {"manifold"}


def test_a_smooth_relief() -> None:
    settings = ReliefSettings(mode="heightfield", total_mm=4.0, base_mm=0.8, max_vertices=8000)
    made = report(bars(), settings)
    assert not made.errors
    assert made.size_mm[2] == pytest.approx(4.0, abs=1e-4)
    assert made.layers[0].area_mm2 == pytest.approx(200 * 100, rel=1e-3)


def test_the_report_is_json() -> None:
    import json

    read = json.loads(json.dumps(report(bars(), GOOD).to_dict()))
    assert read["layers"][0]["top_mm"] == 0.8


def test_numbers_off_the_printers_planes_are_told() -> None:
    """Whole layers of 0.2 mm, but over a first layer of 0.3 mm."""
    made = report(bars(), GOOD, printer=PrinterSettings(first_layer_mm=0.3))
    assert "over one of 0.3 mm" in " ".join(f.text for f in made.warnings)
    planned = replace(GOOD, first_layer_mm=0.3)
    assert "thickness" not in found(report(bars(), planned), "warning")
