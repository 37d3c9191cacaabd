"""Any input to any command: python -m tests.reliability.any_input [--seed 1] [--count 120]

Good files of many kinds are damaged at random and given to the command line in a process of its own
(forked, so that the libraries are loaded once). Prints one line for each input that breaks the
property, and at the end how many were tried and how each ended. The property: exit code 0, or 2
with one sentence and a folder as it was; peak memory within `allowed_memory`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import shutil
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree import ElementTree

from tests.fuzz.fuzz import mutated
from tests.fuzz.targets import seeds
from tests.reliability.faults import listing

MAX_PIXELS = 250_000
_SECONDS = 60  # that one input may take

# Command words by the kind of file they are given; IN stands for it.
_COMMANDS = {
    "picture": (
        "info IN", "info IN --json", "depth IN -m heuristic", "depth IN -m heuristic -o d.exr",
        "layers IN -m heuristic", "layers IN -m heuristic -o a.idl",
        "layers IN -m heuristic -o a.psd",
        "vectorize IN -m heuristic -o a.svg", "relief IN -m heuristic -o a.stl",
        "papercut IN -m heuristic -o a.pdf", "depth fine.png -m IN",
    ),
    "idl": (
        "info IN", "edit IN --op hide+1 -o b.idl", "edit IN --op split+1 -o b.idl",
        "layers IN -o a.exr", "layers IN -o a.ora", "vectorize IN -o a.svg", "relief IN -o a.3mf",
        "relief IN -o a.glb", "papercut IN -o sheets",
    ),
    "svg": ("info IN", "layers IN -o a.idl", "relief IN -o a.stl"),
    "model": ("depth fine.png -m IN -o d.npy", "layers fine.png -m IN -o a.idl"),
}  # fmt: skip
_SUFFIXES = {"picture": ".png", "idl": ".idl", "svg": ".svg", "model": ".onnx"}
_UNLIMITED = {"info", "edit", "papercut"}  # have no --max-pixels


def allowed_memory(pixels: int, file_bytes: int) -> int:
    """Bytes that a command may take beyond its libraries for a picture of so many pixels."""
    return (96 << 20) + 180 * pixels + 40 * file_bytes


def cases(seed: int, count: int) -> Iterator[tuple[list[str], str, bytes]]:
    """Command words, the name of the damaged file, and its bytes."""
    rng = random.Random(seed)
    good = {kind: list(seeds(kind)) for kind in _COMMANDS}
    for _ in range(count):
        kind = rng.choice(list(_COMMANDS))
        data = mutated(rng.choice(good[kind]), rng)
        words = rng.choice(_COMMANDS[kind]).split()
        if words[0] not in _UNLIMITED:
            words += ["--max-pixels", str(MAX_PIXELS)]
        name = f"in{_SUFFIXES[kind]}"
        yield [name if w == "IN" else w.replace("+", " ") for w in words], name, data


def run_forked(words: list[str], folder: Path) -> tuple[int, str, int]:
    """Exit code (negative: a signal's), what was said on stderr, and peak memory in bytes."""
    said = folder.with_suffix(".stderr")
    child = os.fork()
    if child == 0:
        signal.alarm(_SECONDS)
        os.chdir(folder)
        for number, path in ((1, os.devnull), (2, str(said))):
            os.dup2(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), number)
        sys.argv = ["illustrators-depth", *words]
        code = 99
        try:
            from illustrators_depth.cli import main

            main()
            code = 0
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status, usage = os.wait4(child, 0)
    return (
        os.waitstatus_to_exitcode(status),
        said.read_text(errors="replace"),
        usage.ru_maxrss << 10,
    )


def fault(
    words: list[str], before: dict[str, bytes | None], folder: Path, base: int, size: int
) -> tuple[str, int]:
    """What is wrong with how a command ended, or nothing; and its exit code."""
    code, said, peak = run_forked(words, folder)
    after = listing(folder)
    if code == 2:
        if not (said.startswith("Error: ") and said.count("\n") == 1 and said.endswith(".\n")):
            return f"not one sentence: {said[-600:]!r}", code
        if after != before:
            return f"left {sorted(set(after) - set(before))} behind after: {said!r}", code
    elif code != 0:
        return f"exit code {code}: {said[-1500:]}", code
    elif said:
        return f"said {said!r} although it worked", code
    elif wrong := next(
        filter(None, (_unreadable(folder / n) for n in set(after) - set(before))), ""
    ):
        return wrong, code
    allowed = base + allowed_memory(MAX_PIXELS, size)
    return (f"took {peak >> 20} MiB of {allowed >> 20}" if peak > allowed else ""), code


def _unreadable(path: Path) -> str:
    """Why an output is no whole file of its kind."""
    from illustrators_depth.io.stack_file import load_stack

    readers: dict[str, Callable[[Path], object]] = {".idl": load_stack, ".svg": ElementTree.parse}
    try:
        if path.suffix in readers:
            readers[path.suffix](path)
    except Exception as error:
        return f"{path.name} cannot be read back: {error}"
    hidden = path.name.startswith(".") or (path.is_file() and path.stat().st_size == 0)
    return f"{path.name} was left" if hidden else ""


def _fine_png() -> bytes:
    import cv2
    import numpy as np

    picture = np.full((24, 32, 3), 255, np.uint8)
    picture[6:18, 8:20] = (40, 60, 200)
    return bytes(cv2.imencode(".png", picture)[1])


def _preload() -> int:
    """Load what commands need; the process's memory then, in bytes."""
    import onnxruntime  # noqa: F401
    import PIL.ImageCms  # noqa: F401

    import illustrators_depth.cli.app
    import illustrators_depth.depth
    import illustrators_depth.editing.script
    import illustrators_depth.geometry.relief
    import illustrators_depth.layering
    import illustrators_depth.tracing  # noqa: F401
    from illustrators_depth.blas_memory import reserve_blas_memory

    reserve_blas_memory()
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=120)
    options = parser.parse_args()
    os.environ["OMP_NUM_THREADS"] = "1"
    base = _preload()
    fine = _fine_png()
    home = Path(tempfile.mkdtemp(prefix="any-input-"))
    ends: Counter[int] = Counter()
    bad = 0
    for number, (words, name, data) in enumerate(cases(options.seed, options.count)):
        folder = home / f"{number}"
        folder.mkdir()
        (folder / "fine.png").write_bytes(fine)
        (folder / name).write_bytes(data)
        wrong, code = fault(words, listing(folder), folder, base, len(data))
        ends[code] += 1
        if wrong:
            bad += 1
            kept = Path(tempfile.gettempdir()) / f"any-input-{options.seed}-{number}-{name}"
            kept.write_bytes(data)
            print(f"FAULT {' '.join(words)} ({kept}): {wrong}", flush=True)
        with contextlib.suppress(OSError):
            shutil.rmtree(folder)
    shutil.rmtree(home, ignore_errors=True)
    print(f"{options.count} inputs, {bad} faults; exit codes {dict(sorted(ends.items()))}")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
