"""Presets from JSON and TOML, and everything that may be wrong with one."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from illustrators_depth.batch import Preset, load_preset, make_recipe
from illustrators_depth.errors import InputError

TOML = """
[decompose]
layers = 8
thresholds = [0.25, 0.5]
[relief]
mode = "terraced"
size_mm = 150
[blender.displacement]
height_mm = 4
"""


def test_toml_and_json_mean_the_same(tmp_path: Path) -> None:
    toml, as_json = tmp_path / "print.toml", tmp_path / "print.json"
    toml.write_text(TOML)
    as_json.write_text(
        json.dumps(
            {
                "decompose": {"layers": 8, "thresholds": [0.25, 0.5]},
                "relief": {"mode": "terraced", "size_mm": 150},
                "blender": {"displacement": {"height_mm": 4}},
            }
        )
    )
    preset = load_preset(toml)
    assert preset == load_preset(as_json)
    assert preset.decompose.layers == 8
    assert preset.decompose.thresholds == (0.25, 0.5)
    assert preset.relief.mode == "terraced"
    assert preset.vectorize == Preset().vectorize
    assert preset.blender == {"displacement": {"height_mm": 4}}


def test_it_travels_as_plain_json() -> None:
    preset = Preset.from_dict({"decompose": {"thresholds": [0.5]}, "blender": {"a": {}}})
    values = json.loads(json.dumps(preset.to_dict()))
    assert values == preset.to_dict()
    assert "blender" not in values
    assert Preset.from_dict(values).decompose == preset.decompose


def test_options_take_the_place_of_fields() -> None:
    preset = Preset().changed("relief", mode="terraced", size_mm=None)
    assert preset.relief.mode == "terraced"
    assert preset.relief.size_mm == Preset().relief.size_mm
    with pytest.raises(InputError, match="size_mm"):
        Preset().changed("relief", size_mm=-1.0)


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("a.toml", "[relief]\nsize_mm = -3", "a.toml.*size_mm"),
        ("a.toml", "[relief]\nsize = 3", "Unknown setting 'size'"),
        ("a.toml", "[releif]\nsize_mm = 3", "no table 'releif'"),
        ("a.toml", "relief = 3", "'relief'.*table"),
        ("a.toml", "[relief\n", "not valid"),
        ("a.toml", '[decompose]\nlayers = "eight"', "layers.*whole number.*'eight'"),
        ("a.toml", "[decompose]\nlayers = true", "layers.*whole number"),
        ("a.toml", "[decompose]\nlayers = 2.5", "layers.*whole number"),
        ("a.toml", "[vectorize]\ngradients = 1", "gradients.*true or false"),
        ("a.toml", "[decompose]\nthresholds = ['a']", "thresholds.*list of numbers"),
        ("a.toml", "[depth]\nmodel = 3", "model.*text"),
        ("a.json", "[1]", "tables"),
        ("a.json", "{", "not valid"),
        ("a.json", "[" * 100_000, "nested|not valid"),
        ("a.yaml", "relief: 1", "toml or .json"),
        ("a.json", "\xff", "not valid"),
        ("a.json", '{"depth": {"size": ' + "9" * 10_000 + "}}", "not valid"),
        ("a.toml", "[depth]\nsize = " + "9" * 10_000, "not valid"),
        ("a.json", '{"depth": {"size": 1000000}}', "between 32 and 4096"),
    ],
)
def test_mistakes_are_one_sentence_with_the_file(
    tmp_path: Path, name: str, text: str, words: str
) -> None:
    path = tmp_path / name
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(InputError, match=words) as raised:
        load_preset(path)
    assert name in str(raised.value)
    assert "\n" not in str(raised.value)


def test_missing_and_huge_presets(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"gone\.toml cannot be read"):
        load_preset(tmp_path / "gone.toml")
    with (tmp_path / "huge.json").open("wb") as handle:
        handle.truncate(3_000_000_000)
    with pytest.raises(InputError, match="too large"):
        load_preset(tmp_path / "huge.json")


def test_a_model_path_that_no_file_can_have() -> None:
    preset = Preset.from_dict({"depth": {"model": "a\0b.onnx"}})
    with pytest.raises(InputError, match="cannot be read"):
        make_recipe(["depth"], preset)
