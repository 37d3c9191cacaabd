"""The extension's lock, checks, packing and licences (the built zip: end_to_end/test_extension)."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from extension import lock, stage, wheels
from extension.errors import BuildError
from extension.licences import collect_licences, licence_of, licence_texts
from extension.platforms import PLATFORMS
from small_wheels import make_wheel

ROOT = Path(__file__).resolve().parents[2]


def test_the_lock_has_every_package_for_every_blender() -> None:
    locked = lock.read_lock()
    linux = lock.read_requirements(PLATFORMS["linux-x64"])
    assert {w.name for w in locked} == set(linux)
    assert len({w.file for w in locked}) == len(locked)
    for wheel in locked:
        assert re.fullmatch(r"[0-9a-f]{64}", wheel.sha256), wheel.file
        assert wheel.name.lower() not in stage.BLENDER_SHIPS
        for platform, python in wheel.targets:
            assert stage.fits(wheel.file, platform, python), wheel.file
    assert "://" not in lock.CPU.lock.read_text(), "no addresses of a package index"


def test_a_lock_that_lags_behind_is_refused(tmp_path: Path) -> None:
    newer = lock.CPU.requirements.read_text().replace("trimesh==", "trimesh==9")
    (tmp_path / "extension.txt").write_text(newer)
    changed = replace(lock.CPU, requirements=tmp_path / "extension.txt")
    with pytest.raises(BuildError, match=r"differ, first in trimesh .*lock_extension"):
        lock.read_lock(changed)


def test_a_requirement_without_an_exact_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / "extension.txt").write_text("pillow>=10  # too loose\n")
    changed = replace(lock.CPU, requirements=tmp_path / "extension.txt")
    with pytest.raises(BuildError, match="'pillow>=10' needs an exact version"):
        lock.read_requirements(PLATFORMS["linux-x64"], changed)


@pytest.fixture
def staged(tmp_path: Path) -> Path:
    """A tree as `stage` leaves it for linux-x64 and Python 3.11, with small wheels."""
    folder = tmp_path / "tree"
    (folder / "wheels").mkdir(parents=True)
    for wheel in lock.read_lock():
        if wheel.serves(["linux-x64"], ["3.11"]):
            make_wheel(folder / "wheels" / wheel.file)
    make_wheel(folder / "wheels" / f"illustrators_depth-{stage.engine_version()}-py3-none-any.whl")
    stage.write_manifest(folder, "linux-x64")
    return folder


def test_a_good_tree_passes(staged: Path) -> None:
    stage.check(staged, "linux-x64", ["3.11"])


def rewrite(old: str, new: str) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        path = folder / "blender_manifest.toml"
        text = path.read_text()
        assert old in text
        path.write_text(text.replace(old, new, 1))

    return change


def bundle_numpy(folder: Path) -> None:
    make_wheel(folder / "wheels" / "numpy-1.26.4-py3-none-any.whl")
    stage.write_manifest(folder, "linux-x64")


def lose_a_wheel(folder: Path) -> None:
    next((folder / "wheels").glob("pillow*")).unlink()


def add_a_wheel(folder: Path) -> None:
    make_wheel(folder / "wheels" / "extra-1.0-py3-none-any.whl")


def cut_a_wheel(folder: Path) -> None:
    path = next((folder / "wheels").glob("pillow*"))
    path.write_bytes(path.read_bytes()[:200])


FAULTS: dict[str, tuple[Callable[[Path], None], str]] = {
    "unknown key": (rewrite("tagline", 'colour = "red"\ntagline'), "does not know: colour"),
    "full stop": (rewrite("ordered layers", "ordered layers."), "no full stop"),
    "long tagline": (rewrite("ordered layers", "ordered layers" * 4), "at most 64 characters"),
    "permission": (rewrite("files =", "disk ="), "no permission called 'disk'"),
    "platform": (rewrite('"linux-x64"', '"linux-x86"'), r"for \['linux-x86'\], not for linux-x64"),
    "version": (rewrite('version = "0', 'version = "7'), "says version 7"),
    "absent wheel": (lose_a_wheel, "which is not there"),
    "unlisted wheel": (add_a_wheel, "does not list it"),
    "cut wheel": (cut_a_wheel, "not a zip archive"),
    "numpy": (bundle_numpy, "numpy comes with Blender"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_every_fault_is_named(staged: Path, fault: str) -> None:
    spoil, message = FAULTS[fault]
    spoil(staged)
    with pytest.raises(BuildError, match=message):
        stage.check(staged, "linux-x64", ["3.11"])


def test_a_python_without_wheels_is_named(staged: Path) -> None:
    with pytest.raises(BuildError, match=r"has no wheel for linux-x64 with Python 3\.13"):
        stage.check(staged, "linux-x64", ["3.11", "3.13"])


@pytest.mark.parametrize(
    ("file", "platform", "python", "expected"),
    [
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux-x64", "3.11", True),
        ("a-1-cp311-cp311-manylinux_2_28_x86_64.whl", "linux-x64", "3.13", False),
        ("a-1-cp311-cp311-manylinux_2_34_x86_64.whl", "linux-x64", "3.11", False),
        ("a-1-cp37-abi3-win_amd64.whl", "windows-x64", "3.13", True),
        ("a-1-cp311-cp311-macosx_11_0_arm64.whl", "macos-x64", "3.11", False),
        ("a-1-cp311-cp311-macosx_13_0_universal2.whl", "macos-x64", "3.11", True),
        ("a-1-py2.py3-none-any.whl", "macos-arm64", "3.13", True),
    ],
)
def test_fits(file: str, platform: str, python: str, expected: bool) -> None:
    assert stage.fits(file, platform, python) is expected


def test_packing_changes_no_byte_of_a_member(tmp_path: Path) -> None:
    name = "tidy-1.0-py3-none-any.whl"
    plain = make_wheel(tmp_path / name)
    (tmp_path / "packed").mkdir()
    packed = tmp_path / "packed" / name
    wheels.pack(plain, packed)
    with zipfile.ZipFile(plain) as before, zipfile.ZipFile(packed) as after:
        assert after.namelist() == before.namelist()
        assert all(after.read(n) == before.read(n) for n in before.namelist())
    assert packed.stat().st_size < 0.9 * plain.stat().st_size
    # pip, which knows nothing of us, installs it.
    command = [sys.executable, "-m", "pip", "install", "--no-deps", "--quiet", "--no-index"]
    subprocess.run([*command, "--target", str(tmp_path / "site"), str(packed)], check=True)
    assert "42" in (tmp_path / "site" / "tidy" / "__init__.py").read_text()


def test_packing_is_kept_and_reused(tmp_path: Path) -> None:
    plain = make_wheel(tmp_path / "tidy-1.0-py3-none-any.whl")
    first = wheels.pack_all([plain], tmp_path / "cache")[plain]
    stamp = first.stat().st_mtime_ns
    assert wheels.pack_all([plain], tmp_path / "cache")[plain] == first
    assert first.stat().st_mtime_ns == stamp


def test_a_cached_wheel_that_was_altered_is_fetched_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the hash is checked whoever serves it: here a folder with a different wheel."""
    good = make_wheel(tmp_path / "tidy-1.0-py3-none-any.whl")
    wheel = lock.LockedWheel(
        "tidy", "1.0", good.name, wheels.sha256(good), (("linux-x64", "3.11"),)
    )
    cache = tmp_path / "cache"
    cache.mkdir()
    (cache / good.name).write_bytes(b"altered")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))
    assert wheels.fetch([wheel], cache)[wheel].read_bytes() == good.read_bytes()

    (cache / good.name).write_bytes(b"altered")
    make_wheel(good, {"tidy/evil.py": b"import os"})
    with pytest.raises(BuildError, match="pip download failed"):
        wheels.fetch([wheel], cache)


def test_licences_are_collected_and_demanded(tmp_path: Path) -> None:
    wheel = lock.LockedWheel("tidy", "1.0", "tidy-1.0-py3-none-any.whl", "0" * 64, ())
    path = make_wheel(
        tmp_path / wheel.file,
        {"tidy/ThirdPartyNotices.txt": b"and others", "tidy/deep/er/LICENSE": b"not ours"},
    )
    with zipfile.ZipFile(path) as archive:
        assert set(licence_texts(archive)) == {"LICENSE", "ThirdPartyNotices.txt"}
        assert licence_of(archive)[0] == "MIT"
    collect_licences(tmp_path / "out", [(wheel, path)])
    assert "| tidy 1.0 | MIT |" in (tmp_path / "out" / "README.md").read_text()
    assert (tmp_path / "out" / "tidy" / "LICENSE").read_text() == "Anybody may use tidy."
    assert "Whose work" in (tmp_path / "out" / "compact-model.md").read_text()

    bare = tmp_path / "bare" / wheel.file
    bare.parent.mkdir()
    with zipfile.ZipFile(path) as given, zipfile.ZipFile(bare, "w") as archive:
        for name in given.namelist():
            if "LICENSE" not in name and "Notices" not in name:
                archive.writestr(name, given.read(name))
    with pytest.raises(BuildError, match="brings no licence text"):
        collect_licences(tmp_path / "again", [(wheel, bare)])


@pytest.mark.slow
def test_the_engine_wheel_is_built_from_a_clean_copy(tmp_path: Path) -> None:
    """A module removed long ago, still lying in `engine/build`, must not be packed."""
    stale = ROOT / "engine" / "build" / "lib" / "illustrators_depth" / "stale_test_module.py"
    existed = (ROOT / "engine" / "build").exists()
    stale.parent.mkdir(parents=True, exist_ok=True)
    stale.write_text("")
    try:
        wheel = wheels.build_engine_wheel(tmp_path)
    finally:
        stale.unlink()
        if not existed:
            shutil.rmtree(ROOT / "engine" / "build")
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    assert not any("stale_test_module" in name for name in names)
    assert {
        "illustrators_depth/py.typed",
        "illustrators_depth/models/compact.onnx",
        "illustrators_depth/models/compact.md",
        "illustrators_depth/models/compact.json",
    } <= set(names)


def test_platforms_are_the_four_promised() -> None:
    assert list(PLATFORMS) == ["linux-x64", "windows-x64", "macos-arm64", "macos-x64"]
    assert all("3.11" in p.pythons for p in PLATFORMS.values())


def test_the_wheels_for_python_3_11_sort_last_among_those_of_their_version():
    """Blender 4.2.0 installs, of the wheels of one package, the file name that sorts last."""
    files = [
        "onnxruntime-1.27.0-cp311-cp311-manylinux_2_27_x86_64.whl",
        "onnxruntime-1.27.0-cp313-cp313-manylinux_2_27_x86_64.whl",
        "opencv_python_headless-4.11.0.86-cp37-abi3-manylinux_2_17_x86_64.whl",
        "trimesh-5.2.0-py3-none-any.whl",
    ]
    names = stage.wheel_names(files)
    assert max(names[name] for name in files if name.startswith("onnx")) == files[0]
    assert names[files[1]] == "onnxruntime-1.27.0-0-cp313-cp313-manylinux_2_27_x86_64.whl"
    assert [names[name] for name in files[2:]] == files[2:]
