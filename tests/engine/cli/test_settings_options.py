"""Options made from settings: names, shared ones, presets, and errors as typed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner

from illustrators_depth.cli.settings_options import Group, takes
from illustrators_depth.errors import InputError
from illustrators_depth.product_settings import PapercutSettings, PrinterSettings
from illustrators_depth.settings import DecomposeSettings, DepthSettings

SEEN: dict[str, Any] = {}


def _app() -> typer.Typer:
    app = typer.Typer(pretty_exceptions_enable=False)

    @app.command()
    @takes(
        cuts=Group(DecomposeSettings, "Layers"),
        depth=Group(DepthSettings, "Depth"),
        cut=Group(PapercutSettings, "Sheets", without=("size_mm",)),
        printer=Group(PrinterSettings, "Printing", only=("bed_mm", "filaments")),
    )
    def make(
        image: Path,
        *,
        cuts: DecomposeSettings,
        depth: DepthSettings,
        cut: PapercutSettings,
        printer: PrinterSettings,
        overwrite: bool = False,
    ) -> None:
        """Make it."""
        SEEN.update(locals())

    return app


def run(*arguments: str) -> Any:
    SEEN.clear()
    return CliRunner().invoke(_app(), ["a.png", *arguments], catch_exceptions=False)


def test_defaults_are_the_settings_own() -> None:
    assert run().exit_code == 0
    assert SEEN["cuts"] == DecomposeSettings() and SEEN["depth"] == DepthSettings()
    assert SEEN["cut"] == PapercutSettings() and SEEN["printer"] == PrinterSettings()
    assert SEEN["overwrite"] is False


def test_values_are_typed_as_people_type_them() -> None:
    run("-n", "7", "--thresholds", "0.2,0.5", "--network-size", "256", "--no-support",
        "--plate", "300x200", "--bed-mm", "1,2,3", "--filaments", "#ffffff, ink=#101010",
        "--overwrite", "--method", "bins")  # fmt: skip
    assert SEEN["cuts"].layers == 7 and SEEN["cuts"].thresholds == (0.2, 0.5)
    assert SEEN["cuts"].method == "bins" and type(SEEN["cuts"].method) is str
    assert SEEN["depth"].size == 256 and SEEN["cut"].support is False
    assert SEEN["cut"].plate_mm == (300.0, 200.0) and SEEN["printer"].bed_mm == (1.0, 2.0, 3.0)
    assert SEEN["printer"].filaments == ("#ffffff", "ink=#101010") and SEEN["overwrite"] is True


def test_an_option_that_two_settings_share_goes_to_both() -> None:
    run("--denoise", "0.5")
    assert SEEN["cuts"].denoise == SEEN["depth"].denoise == 0.5


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--network-size", "7"], "--network-size must lie between 32 and 4096 pixels"),
        (["--detail", "3"], "--detail must lie between 0 and 1, not 3"),
        (["--plate", "wide"], "--plate takes WIDTHxHEIGHT"),
        (["--thresholds", "a"], "--thresholds takes numbers"),
        (["--kerf-mm", "nan"], "--kerf-mm must lie between 0 and 5, not nan"),
    ],
)
def test_errors_name_the_option(arguments: list[str], sentence: str) -> None:
    with pytest.raises(InputError) as at:
        run(*arguments)
    assert str(at.value).startswith(sentence) and not SEEN


def test_what_is_left_out_has_no_option() -> None:
    text = CliRunner().invoke(_app(), ["--help"], env={"COLUMNS": "200"}).output
    assert "--size-mm" not in text and "--nozzle-mm" not in text and "--kerf-mm" in text
