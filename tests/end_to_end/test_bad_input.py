"""Bad input, from the file to the command line: one sentence, exit code 2, nothing half-written."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.cli.app import app
from illustrators_depth.cli.run import run_app
from illustrators_depth.errors import InputError
from illustrators_depth.io.pictures.read_image import read_image
from illustrators_depth.settings import ReadSettings
from tests.end_to_end.bad_files import BAD


def make(case: str, folder: Path) -> tuple[Path, str]:
    name, build, words = BAD[case]
    build(folder / name)
    return folder / name, words


def listing(folder: Path) -> dict[str, bytes | None]:
    """Every file below a folder with its content, hidden ones included."""
    return {
        str(p.relative_to(folder)): p.read_bytes() if p.is_file() else None
        for p in folder.rglob("*")
    }


def one_sentence(text: str, name: str) -> None:
    """The message is one line that names the file and ends like a sentence."""
    assert text.count("\n") == 0
    assert name in text
    assert text.endswith(".")
    assert "Traceback" not in text
    assert len(text) < 400


def run_command(
    *arguments: str | Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> tuple[int, str, str]:
    """The command in this process: its exit code, stdout and stderr."""
    monkeypatch.setattr(sys, "argv", ["illustrators-depth", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        run_app(app)
    captured = capsys.readouterr()
    code = stopped.value.code
    return (code if isinstance(code, int) else 0), captured.out, captured.err


def spawn(*arguments: str | Path, cwd: Path) -> subprocess.CompletedProcess[str]:
    """The command as a user runs it, in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "illustrators_depth", *map(str, arguments)],
        cwd=cwd, capture_output=True, text=True, timeout=120, check=False,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_read_image_says_it_in_one_sentence(tmp_path: Path, case: str) -> None:
    path, words = make(case, tmp_path)
    with pytest.raises(InputError) as raised:
        read_image(path)
    message = str(raised.value)
    one_sentence(message, path.name)
    assert re.search(words, message), message


@pytest.mark.parametrize("case", BAD)
def test_command_exits_2_and_writes_nothing(
    tmp_path: Path, case: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    path, words = make(case, tmp_path)
    before = listing(tmp_path)
    code, out, err = run_command(
        "layers", path, "-o", tmp_path / "out", "-m", "heuristic",
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 2
    assert out == ""
    assert err.startswith("Error: ")
    one_sentence(err.strip(), path.name)
    assert re.search(words, err)
    assert listing(tmp_path) == before


@pytest.mark.parametrize("case", ["missing", "truncated 16-bit png", "bomb", "nan exr", "svg"])
def test_separate_process(tmp_path: Path, case: str) -> None:
    """Nothing leaks to stderr from decoders or the interpreter either."""
    path, words = make(case, tmp_path)
    before = listing(tmp_path)
    done = spawn("depth", path.name, "-o", "out.npy", "-m", "heuristic", cwd=tmp_path)
    assert done.returncode == 2
    assert done.stdout == ""
    one_sentence(done.stderr.strip(), path.name)
    assert re.search(words, done.stderr)
    assert listing(tmp_path) == before


def test_bombs_take_no_memory(tmp_path: Path) -> None:
    """The size is refused from the header: peak memory hardly moves."""
    resource = pytest.importorskip("resource")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for case in ("bomb", "16-bit bomb", "exr bomb", "tiff bomb"):
        path, _ = make(case, tmp_path)
        with pytest.raises(InputError, match=r"max_pixels|of its size can hold"):
            read_image(path)
    grown_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - peak
    assert grown_kb < 50_000


def test_limit_is_the_callers(tmp_path: Path) -> None:
    PilImage.new("RGB", (60, 50)).save(tmp_path / "a.png")
    with pytest.raises(InputError, match=r"a\.png is 60x50.*max_pixels = 2999"):
        read_image(tmp_path / "a.png", ReadSettings(max_pixels=2999))
    assert read_image(tmp_path / "a.png", ReadSettings(max_pixels=3000)).width == 60
    with pytest.raises(InputError, match="max_pixels"):
        read_image(np.zeros((50, 60), np.uint8), ReadSettings(max_pixels=2999))
    with pytest.raises(InputError, match="max_pixels"):
        read_image(PilImage.new("L", (60, 50)), ReadSettings(max_pixels=2999))


def test_pillows_own_limit_does_not_interfere(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    PilImage.new("RGB", (60, 50), (9, 9, 9)).save(tmp_path / "a.png")
    monkeypatch.setattr(PilImage, "MAX_IMAGE_PIXELS", 100)
    assert read_image(tmp_path / "a.png").width == 60
    assert PilImage.MAX_IMAGE_PIXELS == 100


# ---- odd but good pictures ------------------------------------------------------------------


def odd_picture(kind: str) -> PilImage.Image:
    if kind == "1x1":
        return PilImage.new("RGB", (1, 1), (200, 30, 40))
    if kind == "single colour":
        return PilImage.new("RGB", (48, 32), (200, 30, 40))
    size = (1, 40) if kind == "1xN" else (40, 1)
    picture = PilImage.new("RGB", size, (200, 30, 40))
    picture.paste((10, 20, 250), (0, 0, max(1, size[0] // 2), max(1, size[1] // 2)))
    return picture


@pytest.mark.parametrize("kind", ["1x1", "1xN", "Nx1", "single colour"])
@pytest.mark.parametrize("mode", ["stacked", "terraced", "heightfield"])
def test_odd_pictures_work_all_the_way(
    tmp_path: Path, kind: str, mode: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    import trimesh

    odd_picture(kind).save(tmp_path / "a.png")
    code, out, err = run_command(
        "relief", tmp_path / "a.png", "-o", tmp_path / "a.stl", "-m", "heuristic", "--mode", mode,
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert "wrote" in out
    mesh = trimesh.load(tmp_path / "a.stl")
    assert mesh.is_watertight
    assert max(mesh.extents[:2]) == pytest.approx(200.0, abs=1e-3)


@pytest.mark.parametrize("kind", ["1x1", "single colour"])
def test_one_colour_is_one_layer(
    tmp_path: Path, kind: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    odd_picture(kind).save(tmp_path / "a.png")
    code, out, _ = run_command(
        "layers", tmp_path / "a.png", "-o", tmp_path / "out", "-m", "heuristic",
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 0
    assert "1 layer" in out and "1 layers" not in out
    assert len(list((tmp_path / "out").glob("*.png"))) == 1


# ---- outputs --------------------------------------------------------------------------------

OUTPUTS = [("depth", "out.npy"), ("layers", "out.idl"), ("layers", "out"), ("relief", "out.glb")]


@pytest.mark.parametrize(("verb", "name"), OUTPUTS)
def test_existing_output_is_kept(
    tmp_path: Path, verb: str, name: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    odd_picture("single colour").save(tmp_path / "a.png")
    target = tmp_path / name
    if name == "out":
        target.mkdir()
        (target / "mine.txt").write_text("mine")
    else:
        target.write_text("old")
    before = listing(tmp_path)
    arguments = (verb, tmp_path / "a.png", "-o", target, "-m", "heuristic")
    code, _, err = run_command(*arguments, capsys=capsys, monkeypatch=monkeypatch)
    assert code == 2
    one_sentence(err.strip(), name)
    assert "--overwrite" in err
    assert listing(tmp_path) == before
    code, _, _ = run_command(*arguments, "--overwrite", capsys=capsys, monkeypatch=monkeypatch)
    assert code == 0
    assert listing(tmp_path) != before
    if name == "out":
        assert (target / "mine.txt").read_text() == "mine"


@pytest.mark.parametrize(("verb", "name"), OUTPUTS)
def test_output_folder_missing(
    tmp_path: Path, verb: str, name: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    odd_picture("single colour").save(tmp_path / "a.png")
    before = listing(tmp_path)
    code, _, err = run_command(
        verb, tmp_path / "a.png", "-o", tmp_path / "no" / name, "-m", "heuristic",
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 2
    one_sentence(err.strip(), name)
    assert "does not exist" in err
    assert listing(tmp_path) == before


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs a folder nobody can write")
@pytest.mark.parametrize(("verb", "name"), OUTPUTS)
def test_unwritable_output(
    tmp_path: Path, verb: str, name: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    odd_picture("single colour").save(tmp_path / "a.png")
    code, _, err = run_command(
        verb, tmp_path / "a.png", "-o", Path("/proc/self") / name, "-m", "heuristic",
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 2
    assert "cannot be written" in err or "not writable" in err or "does not exist" in err
    assert "Traceback" not in err


@pytest.mark.parametrize(("verb", "name"), [("depth", "out.jpg"), ("relief", "out.fbx")])
def test_unknown_output_kind_is_refused_before_any_work(
    tmp_path: Path, verb: str, name: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    code, _, err = run_command(
        verb, tmp_path / "missing.png", "-o", tmp_path / name,
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 2
    one_sentence(err.strip(), name)


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--detail", "3", "--detail must lie"),
        ("--layers", "999", "between 1 and 255"),
        ("--thresholds", "0.5,0.2", "rise strictly"),
        ("--thresholds", "a,b", "--thresholds takes numbers such as 0.2,0.5,0.8"),
        ("--model", "no-such-model", "no-such-model"),
        ("--model", "none.onnx", "none.onnx does not exist"),
        ("--max-pixels", "0", "--max-pixels must"),
        ("--min-region", "-1", "--min-region must"),
        ("--network-size", "9999999", "--network-size must"),
        ("--feather", "99", "--feather must"),
    ],
)
def test_bad_settings(
    tmp_path: Path, option: str, value: str, words: str, capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    odd_picture("single colour").save(tmp_path / "a.png")
    before = listing(tmp_path)
    code, _, err = run_command(
        "layers", tmp_path / "a.png", "-o", tmp_path / "out", option, value,
        capsys=capsys, monkeypatch=monkeypatch,
    )  # fmt: skip
    assert code == 2
    assert words in err
    assert "Traceback" not in err
    assert listing(tmp_path) == before
