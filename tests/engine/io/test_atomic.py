"""Outputs are there in full or not at all."""

from __future__ import annotations

import errno
import os
import stat
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from illustrators_depth.errors import InputError
from illustrators_depth.io.atomic import atomic_folder, atomic_path


def names(folder: Path) -> list[str]:
    return sorted(p.name for p in folder.iterdir())


def test_appears_on_success(tmp_path: Path) -> None:
    with atomic_path(tmp_path / "a.npy", durable=True) as temporary:
        assert temporary.parent == tmp_path
        assert temporary.suffix == ".npy"
        temporary.write_bytes(b"whole")
        assert not (tmp_path / "a.npy").exists()
    assert names(tmp_path) == ["a.npy"]
    assert (tmp_path / "a.npy").read_bytes() == b"whole"


def test_leaves_nothing_on_failure(tmp_path: Path) -> None:
    with pytest.raises(KeyboardInterrupt), atomic_path(tmp_path / "a.npy") as temporary:
        temporary.write_bytes(b"half")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


def test_keeps_the_old_file_on_failure(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("old")
    with pytest.raises(ValueError), atomic_path(tmp_path / "a", overwrite=True) as temporary:
        temporary.write_text("new, half")
        raise ValueError
    assert (tmp_path / "a").read_text() == "old"
    assert names(tmp_path) == ["a"]


def test_existing_output_needs_overwrite(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_text("old")
    refused = pytest.raises(InputError, match=r"a\.png exists already.*--overwrite")
    with refused, atomic_path(tmp_path / "a.png"):
        raise AssertionError("not reached")
    with atomic_path(tmp_path / "a.png", overwrite=True) as temporary:
        temporary.write_text("new")
    assert (tmp_path / "a.png").read_text() == "new"


def test_folder_missing_or_not_one(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for final, words in (
        (tmp_path / "no" / "a.png", "does not exist"),
        (tmp_path / "file" / "a.png", "not a folder"),
        (tmp_path, "is a folder"),
    ):
        with pytest.raises(InputError, match=words), atomic_path(final):
            raise AssertionError("not reached")


@pytest.mark.skipif(
    sys.platform == "win32" or os.geteuid() == 0, reason="permissions do not bind here"
)
def test_unwritable_folder(tmp_path: Path) -> None:
    tmp_path.chmod(stat.S_IRUSR | stat.S_IXUSR)
    try:
        with pytest.raises(InputError, match="not writable"), atomic_path(tmp_path / "a"):
            raise AssertionError("not reached")
    finally:
        tmp_path.chmod(stat.S_IRWXU)


@pytest.mark.skipif(not Path("/proc/self").is_dir(), reason="needs /proc")
def test_folder_that_even_root_cannot_write() -> None:
    refused = pytest.raises(InputError, match=r"cannot be written|not writable|does not exist")
    with refused, atomic_path("/proc/self/a.npy"):
        raise AssertionError("not reached")


def test_names_too_long_for_the_file_system(tmp_path: Path) -> None:
    for opened in (atomic_path, atomic_folder):
        with (
            pytest.raises(InputError, match=r"n\.\.\. is too long"),
            opened(tmp_path / ("n" * 300)),
        ):
            raise AssertionError("not reached")


def test_long_names_in_any_script(tmp_path: Path) -> None:
    name = "\u68ee" * 80  # three bytes each, in all close to the 255 that file systems allow
    with atomic_path(tmp_path / f"{name}.blend") as temporary:
        temporary.write_text("whole")
    with atomic_folder(tmp_path / name) as folder:
        (folder / "a").write_text("whole")
    assert names(tmp_path) == [name, f"{name}.blend"]


def test_full_disk(tmp_path: Path) -> None:
    refused = pytest.raises(InputError, match=r"disk is full: .*a\.stl")
    with refused, atomic_path(tmp_path / "a.stl") as temporary:
        temporary.write_text("half")
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert names(tmp_path) == []


def test_permissions_are_those_of_a_plain_file(tmp_path: Path) -> None:
    (tmp_path / "plain").write_text("")
    with atomic_path(tmp_path / "atomic") as temporary:
        temporary.write_text("")
    assert (tmp_path / "plain").stat().st_mode == (tmp_path / "atomic").stat().st_mode


def test_folder_appears_whole(tmp_path: Path) -> None:
    with atomic_folder(tmp_path / "out") as temporary:
        (temporary / "1.png").write_text("1")
        assert names(tmp_path) == [temporary.name]
    assert names(tmp_path / "out") == ["1.png"]
    with pytest.raises(ZeroDivisionError), atomic_folder(tmp_path / "two") as temporary:
        (temporary / "1.png").write_text("1")
        raise ZeroDivisionError
    assert names(tmp_path) == ["out"]


def test_folder_with_files(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with atomic_folder(out) as temporary:  # an empty folder is nobody's loss
        (temporary / "a").write_text("1")
    (out / "mine.txt").write_text("keep")
    with pytest.raises(InputError, match="not empty"), atomic_folder(out):
        raise AssertionError("not reached")
    with atomic_folder(out, overwrite=True) as temporary:
        (temporary / "a").write_text("2")
    assert names(out) == ["a", "mine.txt"]
    assert (out / "a").read_text() == "2"
    with pytest.raises(InputError, match="is a file"), atomic_folder(out / "a", overwrite=True):
        raise AssertionError("not reached")


def test_folder_over_a_tree(tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "sub").mkdir(parents=True)
    (out / "sub" / "old").write_text("1")
    (out / "sub" / "both").write_text("1")
    with atomic_folder(out, overwrite=True) as temporary:
        (temporary / "sub").mkdir()
        (temporary / "sub" / "both").write_text("2")
    assert names(out / "sub") == ["both", "old"]
    assert (out / "sub" / "both").read_text() == "2"


def test_a_name_taken_meanwhile_is_not_replaced(tmp_path: Path) -> None:
    """Two programs write one name: the second is told, and the first one's file stays."""
    with (
        pytest.raises(InputError, match=r"a\.svg exists already"),
        atomic_path(tmp_path / "a.svg") as temporary,
    ):
        temporary.write_text("second")
        (tmp_path / "a.svg").write_text("first")
    assert (tmp_path / "a.svg").read_text() == "first"
    with (
        pytest.raises(InputError, match=r"out is not empty"),
        atomic_folder(tmp_path / "out") as folder,
    ):
        (folder / "a").write_text("second")
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "b").write_text("first")
    assert names(tmp_path) == ["a.svg", "out"]
    assert names(tmp_path / "out") == ["b"]


def test_a_file_system_without_second_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unsupported(*_: object) -> None:
        raise OSError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(os, "link", unsupported)
    with atomic_path(tmp_path / "a") as temporary:
        temporary.write_text("whole")
    assert (tmp_path / "a").read_text() == "whole"
    refused = pytest.raises(InputError, match="exists already")
    with refused, atomic_path(tmp_path / "b") as temporary:
        (tmp_path / "b").write_text("first")
    assert names(tmp_path) == ["a", "b"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need rights there")
def test_links_are_followed_and_stay(tmp_path: Path) -> None:
    shelf = tmp_path / "shelf"
    shelf.mkdir()
    (tmp_path / "new").symlink_to(shelf / "new")  # nothing there yet
    with atomic_path(tmp_path / "new") as temporary:
        assert temporary.parent == shelf
        temporary.write_text("1")
    with pytest.raises(InputError, match="exists already"), atomic_path(tmp_path / "new"):
        raise AssertionError("not reached")
    with atomic_path(tmp_path / "new", overwrite=True) as temporary:
        temporary.write_text("2")
    assert (tmp_path / "new").is_symlink()
    assert (shelf / "new").read_text() == "2"
    (tmp_path / "nowhere").symlink_to(tmp_path / "no" / "file")
    with pytest.raises(InputError, match="does not exist"), atomic_path(tmp_path / "nowhere"):
        raise AssertionError("not reached")
    (shelf / "empty").mkdir()
    (tmp_path / "folder").symlink_to(shelf / "empty")
    with atomic_folder(tmp_path / "folder") as temporary:
        (temporary / "a").write_text("1")
    assert (tmp_path / "folder").is_symlink()
    assert names(shelf / "empty") == ["a"]


@pytest.mark.skipif(not Path("/dev/null").exists(), reason="needs /dev/null")
def test_a_device_is_not_replaced_by_a_file() -> None:
    refused = pytest.raises(InputError, match="no ordinary file")
    with refused, atomic_path("/dev/null", overwrite=True):
        raise AssertionError("not reached")


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="Linux's /proc takes no files")
@pytest.mark.parametrize("place", [atomic_path, atomic_folder])
def test_a_folder_that_takes_no_files_is_no_full_disk(place: Callable[..., object]) -> None:
    if os.geteuid() != 0:
        pytest.skip("other users may not write there in the first place")
    with pytest.raises(
        InputError, match=r"^/proc/out cannot be written \(.*\); write elsewhere\.$"
    ):
        place("/proc/out").__enter__()  # type: ignore[attr-defined]
