"""Every command in the documentation: run on a small drawing, or at least known by its options.

A fenced `sh` or `python` block is run as it stands, page by page, in a folder that holds
`picture.png`, `fox.png`, `moon.png`, `pictures/`, `art/` and `examples/`. A block that cannot be
run here says why in its info string (```sh skip="needs a GPU"); its commands, options, make
targets, scripts and extras must exist all the same.
"""

from __future__ import annotations

import functools
import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from .markdown import PAGES, ROOT, Block, blocks, commands

UNIX = {
    "cd",
    "cp",
    "ls",
    "mkdir",
    "printf",
    "unzip",
    "sha256sum",
    "source",
    "for",
    "do",
    "done",
    "git",
}
RUNNABLE = ("sh", "python")
PAGES_TO_RUN = [p for p in PAGES if any(b.language in RUNNABLE and not b.skip for b in blocks(p))]
NAMED = [b for p in PAGES for b in blocks(p) if b.language == "sh"]


def draw(path: Path, background: tuple[int, int, int], scale: int = 1, alpha: bool = False) -> None:
    height, width = 96 * scale, 128 * scale
    page = np.full((height, width, 3), background, np.uint8)
    cv2.rectangle(page, (0, 64 * scale), (width, height), (70, 140, 60), -1)
    disc, dot = ((72 * scale, 48 * scale), 29 * scale), ((78 * scale, 46 * scale), 11 * scale)
    cv2.circle(page, *disc, (40, 60, 220), -1, cv2.LINE_AA)
    cv2.circle(page, *dot, (30, 200, 240), -1, cv2.LINE_AA)
    if alpha:
        mask = cv2.circle(np.zeros((height, width), np.uint8), *disc, 255, -1, cv2.LINE_AA)
        page = np.dstack([page, mask])
    path.parent.mkdir(exist_ok=True)
    cv2.imwrite(str(path), page)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    draw(tmp_path / "picture.png", (235, 215, 190))
    draw(tmp_path / "fox.png", (200, 220, 240), scale=4)
    (tmp_path / "changes.txt").write_text("# one operation a line\nhide 1\n")
    draw(tmp_path / "moon.png", (90, 60, 40), alpha=True)
    draw(tmp_path / "pictures" / "one.png", (235, 215, 190))
    draw(tmp_path / "pictures" / "two.png", (200, 220, 240))
    for number in range(3):
        art = tmp_path / "art" / f"{number}.svg"
        art.parent.mkdir(exist_ok=True)
        art.write_text(
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24">'
            f'<path fill="#28a" d="M2 2h20v20H2z"/><circle fill="#fc{number}" cx="12" cy="12" '
            'r="6"/></svg>'
        )
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    return tmp_path


def run(block: Block, folder: Path) -> None:
    bin_folder = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{bin_folder}{os.pathsep}{os.environ['PATH']}",
        "OMP_NUM_THREADS": "1",
        "COLUMNS": "100",
    }
    if block.language == "sh":
        command = ["bash", "-euo", "pipefail", "-c", block.text]
    else:
        command = [sys.executable, "-I", "-c", block.text]
    done = subprocess.run(
        command,
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, f"{block} failed:\n{block.text}\n{done.stdout}{done.stderr}"


@pytest.mark.slow
@pytest.mark.parametrize("page", PAGES_TO_RUN, ids=lambda p: str(p.relative_to(ROOT)))
def test_blocks_run(page: Path, folder: Path) -> None:
    for block in blocks(page):
        if block.language in RUNNABLE and not block.skip:
            run(block, folder)


@pytest.mark.parametrize("block", NAMED, ids=str)
def test_commands_exist(block: Block) -> None:
    for words in commands(block.text):
        check(words)


def test_the_checker_sees_what_is_wrong() -> None:
    for line in (
        "make nonsense",
        "make relief PICTURE=x.png",
        "illustrators-depth nonsense fox.png",
        "illustrators-depth layers fox.png --nonsense 3",
        "illustrators-depth-training data build x.yaml --nonsense",
        "python scripts/nonsense.py",
        "python scripts/make_relief.py --nonsense",
        "pip install 'illustrators-depth[nonsense]'",
        "nonsense",
    ):
        with pytest.raises(AssertionError):
            check(commands(line)[0])


def check(words: list[str]) -> None:
    """A command's program, verb and options exist; AssertionError says which does not."""
    program = words[0]
    if program in ("illustrators-depth", "illustrators-depth-training"):
        check_verb(program, words[1:])
    elif program == "make":
        check_make(words[1:])
    elif program == "pip" or words[1:3] == ["-m", "pip"]:
        check_extras(words)
    elif program == "blender" and "--python" in words:
        check_script(words[words.index("--python") + 1], words)
    elif program == "blender":
        assert words[1:4] in (["-c", "extension", "install-file"],), words
    elif Path(program).name in ("python", "python3", "bash") and len(words) > 1:
        if words[1:3] != ["-m", "venv"]:
            check_script(words[1], words)
    elif program in ("torchrun", "srun"):  # launchers of one of ours
        own = next(n for n, word in enumerate(words) if word.startswith("illustrators-depth"))
        check(words[own:])
    elif program.startswith(".venv/bin/"):
        check([program.removeprefix(".venv/bin/"), *words[1:]])
    else:
        assert program in UNIX, f"unknown program {program!r}"


@functools.cache
def tree(program: str) -> Any:
    import typer

    if program == "illustrators-depth":
        from illustrators_depth.cli.app import app
    else:
        training = pytest.importorskip("illustrators_depth_training.cli.app")
        app = training.app
    return typer.main.get_command(app)


def check_verb(program: str, words: list[str]) -> None:
    command = tree(program)
    while words and words[0] in getattr(command, "commands", {}):
        command = command.commands[words[0]]
        words = words[1:]
    known = {"--help", "-h"}
    for option in command.params:
        known |= {name for name in (*option.opts, *option.secondary_opts) if name[0] == "-"}
    if hasattr(command, "commands"):
        assert words and words[0] in known, f"{program} has no verb {words[:1]}"
    for word in words:
        if re.match(r"--?[a-z]", word):
            assert word.partition("=")[0] in known, f"{program}: no option {word}"


def check_make(words: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    targets = set(re.findall(r"^([a-z]+):", makefile, re.MULTILINE))
    for word in words:
        name, equals, _ = word.partition("=")
        if equals:
            assert f"$({name})" in makefile, f"make takes no {name}"
        else:
            assert name in targets, f"make has no target {name}"


def check_extras(words: list[str]) -> None:
    for word in words:
        match = re.fullmatch(r"(?:\./)?([\w-]+)\[([\w,]+)\]", word)
        if not match:
            continue
        folder = "training" if "training" in match[1] else "engine"
        project = tomllib.loads((ROOT / folder / "pyproject.toml").read_text(encoding="utf-8"))
        extras = project["project"]["optional-dependencies"]
        assert set(match[2].split(",")) <= set(extras), f"no such extra: {word}"


@functools.cache
def help_of(script: str) -> str:
    command = [sys.executable, str(ROOT / script), "--help"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, f"{script} --help failed: {done.stderr}"
    return done.stdout


def check_script(script: str, words: list[str]) -> None:
    path = ROOT / script
    assert path.is_file(), f"no script {script}"
    if path.suffix != ".py":
        return
    after = words[words.index(script) + 1 :]
    options = [w.partition("=")[0] for w in after if re.match(r"--[a-z]", w)]
    if options:
        text = help_of(script)
        for option in options:
            assert re.search(rf"{re.escape(option)}\b", text), f"{script} has no option {option}"


def test_the_page_of_commands_is_up_to_date() -> None:
    script = ROOT / "scripts" / "cli_page.py"
    done = subprocess.run([sys.executable, str(script), "--check"], capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr
