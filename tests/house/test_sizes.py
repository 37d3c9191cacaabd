"""No folder with more modules, and no file with more lines, than a newcomer takes in at once.

The rule came with a list of exceptions that could only become shorter; it is empty, and gone.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
MAX_MODULES = 15
"""Python files directly in a folder, its `__init__` among them."""
MAX_FILE_LINES = 300

PRODUCT = (
    "benchmarks",
    "contrib",
    "engine/illustrators_depth",
    "illustrators_depth_addon",
    "scripts",
    "training/illustrators_depth_training",
)
SPLIT = "split it by idea; there are no exceptions"


def lines_of_files(root: Path, homes: tuple[str, ...]) -> dict[str, int]:
    """Path inside `root` -> number of lines, of every Python file below `homes`."""
    return {
        path.relative_to(root).as_posix(): len(path.read_text(encoding="utf-8").splitlines())
        for home in homes
        for path in sorted((root / home).rglob("*.py"))
    }


def full_folders(lines: Mapping[str, int]) -> set[str]:
    counts = Counter(Path(name).parent.as_posix() for name in lines)
    return {folder for folder, count in counts.items() if count > MAX_MODULES}


def long_files(lines: Mapping[str, int]) -> set[str]:
    return {name for name, count in lines.items() if count > MAX_FILE_LINES}


def test_no_folder_is_full() -> None:
    assert not full_folders(lines_of_files(ROOT, (*PRODUCT, "tests"))), SPLIT


def test_no_file_is_long() -> None:
    assert not long_files(lines_of_files(ROOT, PRODUCT)), SPLIT


def test_the_check_sees_what_is_too_large(tmp_path: Path) -> None:
    for room, count in (("full", MAX_MODULES + 1), ("fits", MAX_MODULES)):
        (tmp_path / "home" / room).mkdir(parents=True)
        for number in range(count):
            (tmp_path / "home" / room / f"m{number}.py").write_text("x = 1\n")
    (tmp_path / "home" / "long.py").write_text("x = 1\n" * (MAX_FILE_LINES + 1))
    (tmp_path / "home" / "fits.py").write_text("x = 1\n" * MAX_FILE_LINES)
    lines = lines_of_files(tmp_path, ("home",))
    assert full_folders(lines) == {"home/full"}
    assert long_files(lines) == {"home/long.py"}
