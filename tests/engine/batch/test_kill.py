"""kill -9 and Ctrl-C at any moment: whole files, no leftovers, and a resumed run ends the same."""

from __future__ import annotations

import os
import signal
import subprocess
import time
from glob import glob
from pathlib import Path

import pytest

from tests.engine.batch.conftest import command, draw, listing, run_command

pytestmark = pytest.mark.skipif(os.name != "posix", reason="sends POSIX signals")

PRODUCTS = "svg,layers,psd,stl"


@pytest.fixture(scope="module")
def art(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("killed") / "art"
    for seed in range(14):  # enough that a busy machine is not through before it is stopped
        draw(folder / f"p{seed}.png", seed, (200, 150))
    return folder


@pytest.fixture(scope="module")
def reference(art: Path) -> dict[str, str]:
    """What an undisturbed batch makes."""
    done = run_command("art", "-o", "reference", "-p", PRODUCTS, "-j", 2, cwd=art.parent)
    assert done.returncode == 0, done.stderr
    return listing(art.parent / "reference")


def start(art: Path, out: Path, temporary: Path) -> subprocess.Popen[str]:
    """The batch in a process of its own, with its own folder for temporary files."""
    temporary.mkdir(exist_ok=True)
    return subprocess.Popen(
        command(art, "-o", out, "-p", PRODUCTS, "-j", 2, "-m", "heuristic", "--resume"),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1", "TMPDIR": str(temporary)},
    )


def found(folder: Path, pattern: str) -> int:
    """How many match, while files and folders come and go, which `Path.glob` does not endure."""
    return len(glob(str(folder / pattern)))  # noqa: PTH207


def count_files(folder: Path) -> int:
    return found(folder, "*.*") + found(folder, "*-layers/*")


def wait_until(condition, seconds: float = 60.0) -> None:  # type: ignore[no-untyped-def]
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.002)


def test_kill_at_any_point_leaves_whole_files_and_resuming_ends_the_same(
    art: Path, reference: dict[str, str], tmp_path: Path
) -> None:
    """Killed in the first picture, between files, and later; then run to the end."""
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    kills = 0
    for files in (0, 5, 20):
        process = start(art, out, temporary)
        staged = out / ".illustrators-depth-batch"
        wait_until(
            lambda p=process, n=files, s=staged: (
                p.poll() is not None or (found(s, "*/files/*") and count_files(out) >= n)
            )
        )
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            kills += 1
        process.communicate()
        left = listing(out, private=False)
        assert left.items() <= reference.items(), "a file that is not whole"
    assert kills >= 2
    # The workers saw their client die: they end, and take their private folders along.
    wait_until(lambda: not any(temporary.iterdir()), 20.0)
    process = start(art, out, temporary)
    _, err = process.communicate(timeout=180)
    assert process.returncode == 0, err
    assert listing(out) == reference
    assert list(temporary.iterdir()) == []


def test_ctrl_c_leaves_nothing_half_done(
    art: Path, reference: dict[str, str], tmp_path: Path
) -> None:
    out, temporary = tmp_path / "out", tmp_path / "tmp"
    process = start(art, out, temporary)
    wait_until(lambda: (out / "manifest.jsonl").is_file())
    folders = list(temporary.iterdir())
    assert folders
    assert all(f.stat().st_mode & 0o777 == 0o700 for f in folders), "readable by others"
    process.send_signal(signal.SIGINT)
    printed, err = process.communicate(timeout=60)
    assert process.returncode == 130
    assert "Cancelled" in err
    assert "Traceback" not in err + printed
    left = listing(out)
    assert left.items() <= reference.items(), "leftovers in the output folder"
    assert left
    assert list(temporary.iterdir()) == [], "temporary files are left"
