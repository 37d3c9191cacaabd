"""Outputs that are there in full or not at all, and never replace a file unasked.

A file is written under a temporary name in the same folder and renamed into place when it is
complete, so that a crash, a full disk or Ctrl-C leaves the old file (or nothing) behind. A link is
followed: what it points at is written, and the link stays.
"""

from __future__ import annotations

import contextlib
import errno
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

from ..errors import EngineError, InputError, OutputExistsError
from .user_path import user_path

__all__ = ["atomic_folder", "atomic_path", "check_output", "check_output_folder"]

_DISK_FULL_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_PERMISSION_ERRNOS = {errno.EACCES, errno.EPERM, errno.EROFS}
_MIN_FREE_BYTES = 4096  # bytes: less than one block


def check_output(final: str | Path, overwrite: bool = False) -> Path:
    """Say early, before costly work, whether the file `final` may be written; return its path.

    Raises InputError when it exists without `overwrite`, is a folder, or its folder is missing or
    not writable.
    """
    path = user_path(final)
    _check_reachable(path)
    if path.is_dir():
        raise InputError(f"{path} is a folder; name a file to write, such as {path / 'out'}.")
    if path.exists() and not path.is_file():
        raise InputError(f"{path} is no ordinary file, and files are written whole; name a file.")
    if path.exists() and not overwrite:
        raise _exists(path)
    _check_parent(_link_target(path))
    return path


def check_output_folder(final: str | Path, overwrite: bool = False) -> Path:
    """Say early whether the folder `final` may be filled; return its path.

    A missing or empty folder is fine. Raises InputError when it holds files and `overwrite` is
    off, when it is a file, or when its parent is missing or not writable.
    """
    path = user_path(final)
    _check_reachable(path)
    if path.exists() and not path.is_dir():
        raise InputError(f"{path} is a file, but a folder is to be written there; choose another.")
    if path.is_dir():
        if not overwrite and any(path.iterdir()):
            raise _not_empty(path)
        _check_writable(path)
    else:
        _check_parent(_link_target(path))
    return path


@contextlib.contextmanager
def atomic_path(
    final: str | Path, overwrite: bool = False, *, durable: bool = False
) -> Iterator[Path]:
    """Yield a temporary path in `final`'s folder and rename it to `final` on success.

    Args:
        final: where the file is to appear.
        overwrite: replace an existing file.
        durable: flush the file to the disk (fsync) before it is renamed.

    Yields:
        Path: an existing, empty file with `final`'s suffix, to be written by the caller. It is
        removed when the block raises.

    Raises:
        InputError: as `check_output` does, and when the disk is full.
    """
    path = check_output(final, overwrite)
    target = _link_target(path)
    temporary = target.with_name(f".{path.stem[:40]}-{uuid.uuid4().hex[:8]}{path.suffix}")
    try:
        with _readable_errors(path):
            _begin(lambda: temporary.open("xb").close(), path)
            yield temporary
            if durable:
                with temporary.open("rb+") as handle:
                    os.fsync(handle.fileno())
            if overwrite or not _link_into_place(temporary, target, path):
                temporary.replace(target)
    finally:
        temporary.unlink(missing_ok=True)


@contextlib.contextmanager
def atomic_folder(final: str | Path, overwrite: bool = False) -> Iterator[Path]:
    """Yield a temporary folder beside `final`; its files appear in `final` on success.

    A new or empty folder appears in one rename. Into a folder that holds files (only with
    `overwrite`) the new files are moved one by one; files of other names stay.

    Raises InputError as `check_output_folder` does, and when the disk is full.
    """
    path = check_output_folder(final, overwrite)
    target = _link_target(path)
    temporary = target.with_name(f".{path.name[:40]}-{uuid.uuid4().hex[:8]}")
    try:
        with _readable_errors(path):
            _begin(temporary.mkdir, path)
            yield temporary
            _move_into_place(temporary, target, path, overwrite)
    finally:
        shutil.rmtree(temporary, ignore_errors=True)


def _begin(create: Callable[[], object], path: Path) -> None:
    """Create what is written first; InputError where its folder takes no files, as /proc."""
    try:
        create()
    except FileNotFoundError as error:
        raise InputError(
            f"{path} cannot be written ({os.strerror(error.errno or errno.ENOENT)}); write "
            "elsewhere."
        ) from error


def _link_target(path: Path) -> Path:
    """What is written when `path` is: the file at the other end, if it is a link."""
    return Path(os.path.realpath(path)) if path.is_symlink() else path


def _link_into_place(temporary: Path, target: Path, path: Path) -> bool:
    """Give a complete file its name, unless another program has taken it in the meantime.

    Returns False where the file system has no second names for a file (FAT, some network ones).
    Raises InputError when the name is taken.
    """
    try:
        os.link(temporary, target)  # unlike a rename it never replaces; `temporary` goes later
    except FileExistsError as error:
        raise _exists(path) from error
    except (OSError, NotImplementedError) as error:
        if target.exists():
            raise _exists(path) from error
        return False
    return True


def _move_into_place(temporary: Path, target: Path, path: Path, overwrite: bool) -> None:
    """Give a complete folder its name; another's files that lie there by now are not mixed in."""
    for last in (False, True):
        if overwrite and target.is_dir() and any(target.iterdir()):
            _move_into(temporary, target)
            return
        try:
            if target.is_dir():
                target.rmdir()  # a rename onto an empty folder fails on Windows
            temporary.replace(target)
            return
        except OSError as error:
            if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
                raise
            if last or not overwrite:
                raise _not_empty(path) from error


def _move_into(source: Path, target: Path) -> None:
    """Move every file of a folder tree over another, file by file; others' files stay."""
    for item in sorted(source.iterdir()):
        place = target / item.name
        if item.is_dir() and place.is_dir():
            _move_into(item, place)
        else:
            item.replace(place)


def _exists(path: Path) -> OutputExistsError:
    return OutputExistsError(
        f"{path} exists already; pass overwrite (--overwrite) to replace it, or choose another "
        "name.",
        path,
    )


def _not_empty(path: Path) -> OutputExistsError:
    return OutputExistsError(
        f"The folder {path} is not empty; pass overwrite (--overwrite) to write into it, or choose "
        "another name.",
        path,
        is_folder=True,
    )


def _check_reachable(path: Path) -> None:
    """Refuse a name that cannot even be asked for: too long, or in a folder closed to this user."""
    if str(path) == "-":
        raise InputError("Nothing is written to standard output (-); name a file or a folder.")
    try:
        path.lstat()
    except OSError as error:
        if error.errno == errno.ENAMETOOLONG:
            short = f"{path.name[:60]}..."
            raise InputError(
                f"The output name {short} is too long; choose a shorter one."
            ) from error
        if error.errno in _PERMISSION_ERRNOS:
            raise InputError(
                f"{path} cannot be written ({os.strerror(error.errno)}); change the permissions or "
                "write elsewhere."
            ) from error


def _check_parent(path: Path) -> None:
    parent = path.parent
    if not parent.exists():
        raise InputError(
            f"The folder {parent} does not exist; create it first or write {path.name} elsewhere."
        )
    if not parent.is_dir():
        raise InputError(f"{parent} is not a folder; {path.name} cannot be written into it.")
    _check_writable(parent)


def _check_writable(folder: Path) -> None:
    if not os.access(folder, os.W_OK | os.X_OK):
        raise InputError(
            f"The folder {folder} is not writable; change its permissions or write elsewhere."
        )


@contextlib.contextmanager
def _readable_errors(path: Path) -> Iterator[None]:
    """Turn the operating system's refusals into one sentence; other errors pass unchanged.

    Libraries in C tell of a full disk in their own words or none (NumPy: "8000 requested and 992
    written", Pillow: "encoder error -2", OpenEXR: RuntimeError), so the disk is asked, too.
    """
    try:
        yield
    except EngineError:
        raise
    except Exception as error:
        if _is_full(error, path.parent):
            raise InputError(
                f"The disk is full: {path} could not be written; free some space and try again."
            ) from error
        if isinstance(error, OSError) and error.errno in _PERMISSION_ERRNOS:
            raise InputError(
                f"{path} cannot be written ({os.strerror(error.errno)}); change the permissions or "
                "write elsewhere."
            ) from error
        if isinstance(error, OSError) and error.errno is None:
            raise InputError(
                f"{path} could not be written ({error}); see that the disk is not full and try "
                "again."
            ) from error
        raise


def _is_full(error: Exception, folder: Path) -> bool:
    """Whether a failed write failed for want of room; what it wrote so far is still there."""
    if isinstance(error, OSError) and error.errno in _DISK_FULL_ERRNOS:
        return True
    if any(os.strerror(code) in str(error) for code in _DISK_FULL_ERRNOS):
        return True
    try:
        return shutil.disk_usage(folder).free < _MIN_FREE_BYTES
    except OSError:
        return False
