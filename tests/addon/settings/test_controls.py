"""Blender's controls have the labels, ranges and defaults of the engine's settings."""

from __future__ import annotations

import bpy
import pytest

from illustrators_depth.product_settings import PrinterSettings
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
    setting_info,
)

CONTROLS = [
    ("illdepth", "denoise", DepthSettings, "denoise"),
    ("illdepth", "layers", DecomposeSettings, "layers"),
    ("illdepth", "detail", DecomposeSettings, "detail"),
    ("illdepth", "min_region", DecomposeSettings, "min_region"),
    ("illdepth", "gap_mm", ReliefSettings, "gap_mm"),
    ("illdepth_print", "max_steps", ReliefSettings, "max_steps"),
    ("illdepth_print", "smallest_mm", ReliefSettings, "smallest_mm"),
    ("illdepth_print", "nozzle_mm", PrinterSettings, "nozzle_mm"),
]


@pytest.mark.parametrize(("group", "name", "kind", "field"), CONTROLS)
def test_ranges_are_the_settings_own(addon, group: str, name: str, kind: type, field: str) -> None:
    control = getattr(bpy.context.scene, group).bl_rna.properties[name]
    info = setting_info(kind, field)
    assert info is not None and control.name == info.label
    least = 0 if info.zero else info.least
    assert control.hard_min == pytest.approx(least)
    if info.most is not None:
        assert control.hard_max == pytest.approx(info.most)


def test_choices_are_the_settings_own(addon) -> None:
    properties = bpy.context.scene.illdepth.bl_rna.properties
    for name, kind, field in (
        ("method", DecomposeSettings, "method"),
        ("completion", CompleteSettings, "method"),
    ):
        info = setting_info(kind, field)
        assert info is not None and info.choices is not None
        assert [item.identifier for item in properties[name].enum_items] == list(info.choices)
        assert properties[name].default == getattr(kind, field)
    info = setting_info(ReadSettings, "split")
    for owner, name in (
        (addon.properties.image_results.ILLDEPTH_PG_image, "layers_split"),
        (bpy.ops.illdepth.import_image, "split"),
        (bpy.ops.illdepth.import_layers, "split"),
    ):
        rna = owner.bl_rna if hasattr(owner, "bl_rna") else owner.get_rna_type()
        control = rna.properties[name]
        assert control.name == info.label and control.default == "auto"
        assert [item.identifier for item in control.enum_items] == list(info.choices)


def test_an_error_names_the_control(addon) -> None:
    from illustrators_depth.errors import InputError
    from illustrators_depth.settings import SettingError

    context = __import__(f"{addon.__name__}.context", fromlist=["sentence_of"])
    wrong = SettingError(ReliefSettings, "{gap_mm} must be at least 0, not -1.")
    assert context.sentence_of(wrong) == "Gap must be at least 0, not -1."
    assert context.sentence_of(InputError("As it is.")) == "As it is."
