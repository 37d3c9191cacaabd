"""The model file or its card cut, garbled, missing or of another kind; real workers load it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth.predictors import make_predictor
from illustrators_depth.settings import DepthSettings
from illustrators_depth.worker import WorkerClient, submit_layers
from tests.reliability.faults import engine_copy, one_sentence, poster


def _cut(file: Path, share: float) -> None:
    data = file.read_bytes()
    file.write_bytes(data[: int(len(data) * share)])


def _flip(file: Path) -> None:
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 0x55
    file.write_bytes(bytes(data))


def _folder(file: Path) -> None:
    file.unlink()
    file.mkdir()


# Case -> (file, what happens to it, words of the sentence).
DAMAGE: dict[str, tuple[str, Callable[[Path], object], str]] = {
    "model cut": ("compact.onnx", lambda f: _cut(f, 0.5), "checksum"),
    "model empty": ("compact.onnx", lambda f: _cut(f, 0.0), "checksum"),
    "one byte of the model changed": ("compact.onnx", _flip, "checksum"),
    "model missing": ("compact.onnx", Path.unlink, "missing"),
    "model is a folder": ("compact.onnx", _folder, "missing .* or damaged"),
    "card cut": ("compact.json", lambda f: _cut(f, 0.5), "damaged"),
    "card empty": ("compact.json", lambda f: _cut(f, 0.0), "damaged"),
    "card missing": ("compact.json", Path.unlink, "missing"),
    "card is a list": ("compact.json", lambda f: f.write_text("[1]"), "damaged"),
    "card is a number": ("compact.json", lambda f: f.write_text("7"), "damaged"),
    "card is not text": ("compact.json", lambda f: f.write_bytes(b"\xff\xfe\x00"), "damaged"),
    "card nests deeply": ("compact.json", lambda f: f.write_text("[" * 100_000), "damaged"),
    "card without checksum": ("compact.json", lambda f: f.write_text("{}"), "damaged"),
    "checksum is a number": ("compact.json", lambda f: f.write_text('{"sha256": 1}'), "checksum"),
}  # fmt: skip


def test_in_the_worker(tmp_path: Path) -> None:
    """One worker meets every kind of damage in turn, says each, and then the mended model works."""
    models = engine_copy(tmp_path / "engine")
    good = {f.name: f.read_bytes() for f in models.iterdir()}
    picture = poster()
    with WorkerClient(paths=[str(tmp_path / "engine")]) as worker:
        for case, (name, damage, words) in DAMAGE.items():
            damage(models / name)
            with pytest.raises(UnavailableError, match=words) as raised:
                worker.wait(submit_layers(worker, picture), 60)
            one_sentence(str(raised.value))
            assert "reinstall" in str(raised.value), case
            assert list(worker.folder.iterdir()) == []
            if (models / name).is_dir():
                (models / name).rmdir()
            (models / name).write_bytes(good[name])
        assert worker.wait(submit_layers(worker, picture), 60)["predictor"] == "compact"


@pytest.mark.parametrize("share", [0.0, 0.001, 0.3, 0.999])
def test_a_model_of_ones_own(tmp_path: Path, share: float) -> None:
    shipped = engine_copy(tmp_path / "engine") / "compact.onnx"
    own = tmp_path / "own.onnx"
    own.write_bytes(shipped.read_bytes())
    _cut(own, share)
    with pytest.raises(InputError, match=r"own\.onnx") as raised:
        make_predictor(DepthSettings(model=str(own)))
    one_sentence(str(raised.value))


def test_the_card_that_ships_fits_its_model(tmp_path: Path) -> None:
    models = engine_copy(tmp_path / "engine")
    assert len(json.loads((models / "compact.json").read_text())["sha256"]) == 64
