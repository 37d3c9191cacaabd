"""What settings say of themselves: every field, and errors by the name that a person knows."""

from __future__ import annotations

from dataclasses import fields

import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.product_settings import (
    PapercutSettings,
    ParallaxSettings,
    PrinterSettings,
    TextSettings,
    VectorizeSettings,
)
from illustrators_depth.settings import (
    CompleteSettings,
    DecomposeSettings,
    DepthSettings,
    ReadSettings,
    ReliefSettings,
    SettingError,
    Settings,
    option_of,
    setting_info,
)

KINDS = (
    ReadSettings, DepthSettings, DecomposeSettings, CompleteSettings, ReliefSettings,
    VectorizeSettings, TextSettings, PapercutSettings, ParallaxSettings, PrinterSettings,
)  # fmt: skip
FIELDS = [(kind, field.name) for kind in KINDS for field in fields(kind)]


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda v: getattr(v, "__name__", v))
def test_every_field_says_what_it_is(kind: type[Settings], name: str) -> None:
    info = setting_info(kind, name)
    assert info is not None and info.label and info.help, "label and help are for people"
    assert info.label == info.label.strip() and info.label[0].isupper()
    assert not info.help.endswith("."), "whoever shows it ends the sentence"
    assert f"  {name}: " in (kind.__doc__ or "") or name in (kind.__doc__ or "")


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda v: getattr(v, "__name__", v))
def test_its_default_fits_and_its_ends_do_too(kind: type[Settings], name: str) -> None:
    info = setting_info(kind, name)
    default = next(f.default for f in fields(kind) if f.name == name)
    assert info is not None and info.fault(default) == ""
    if isinstance(default, int | float) and not isinstance(default, bool):
        for end in (info.least, info.most):
            assert end is None or info.fault(end) == ""
        if info.most is not None:
            assert info.fault(2 * info.most).startswith("must ")
        if info.above is not None:
            assert info.fault(info.above) != ""
        assert info.least is None or info.fault(float("nan")) != ""
        assert info.least is None or info.fault(float("inf")) != "", "no file can keep it"


def test_an_error_knows_its_option_and_its_label() -> None:
    with pytest.raises(
        SettingError, match=r"^gap_mm must lie between 0 and 10000, not -1\.$"
    ) as at:
        ReliefSettings(gap_mm=-1).check()
    assert isinstance(at.value, InputError)
    assert at.value.as_option == "--gap-mm must lie between 0 and 10000, not -1."
    assert at.value.as_label == "Gap must lie between 0 and 10000, not -1."
    with pytest.raises(SettingError) as at:
        CompleteSettings(method="magic").check()
    assert at.value.as_option == (
        "--complete must be contour, smooth, nearest or none, not 'magic'."
    )


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        (DepthSettings(size=5), "size must lie between 32 and 4096 pixels, or be 0 (automatic)"),
        (DecomposeSettings(layers=-1), "layers must lie between 1 and 255, or be 0 (automatic)"),
        (DecomposeSettings(thresholds=(0.5, 0.2)), "thresholds must rise strictly"),
        (ReliefSettings(mode="terraced", base_mm=0.0), "base_mm must be above 0, or the relief"),
        (ReliefSettings(size_mm=float("nan")), "size_mm must be above 0"),
        (PapercutSettings(hole_mm=9.0), "hole_mm must be less than 0.8 of the frame"),
        (VectorizeSettings(width_mm=0.01), "width_mm must lie between 0.1 and 100000 millimeters"),
    ],
)
def test_what_does_not_fit_is_one_sentence(settings: Settings, words: str) -> None:
    with pytest.raises(InputError) as at:
        settings.check()
    assert str(at.value).startswith(words) and str(at.value).endswith(".")


def test_options_are_named_after_fields_unless_said_otherwise() -> None:
    assert option_of(ReliefSettings, "layer_height_mm") == "--layer-height-mm"
    assert option_of(DepthSettings, "size") == "--network-size"
    with pytest.raises(InputError, match="no setting 'thicknes'"):
        option_of(ReliefSettings, "thicknes")
