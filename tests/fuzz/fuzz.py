"""Fuzzes one reader, or all in turn: python -m tests.fuzz.fuzz [TARGET ...] [--seconds 60]

With atheris (libFuzzer, guided by the paths that input takes through our code) where it can be had,
else with mutations of the seeds alone. What a target chokes on is kept in `tests/fuzz/found`, from
where `test_fuzz.py` tries it again in every run of the tests. Ends with code 1 when it found any.
"""

from __future__ import annotations

import argparse
import hashlib
import importlib.util
import os
import random
import re
import subprocess
import sys
import tempfile
import time
import traceback
from pathlib import Path

FOUND = Path(__file__).parent / "found"
_TIMEOUT = 20  # seconds that one input may take
_MEMORY_MB = 3000
# Fragments that formats and numbers break on.
_SPICE = (
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"-1",
    b"1e999",
    b"NaN",
    b"null",
    b"[",
    b"{}",
    b'"',
)


def mutated(seed: bytes, rng: random.Random) -> bytes:
    """A few places of good input changed, cut or filled with what formats break on."""
    data = bytearray(seed)
    for _ in range(rng.randint(1, 6)):
        at = rng.randrange(len(data) + 1)
        size = rng.choice((1, 1, 2, 4, 16))
        change = rng.choice((rng.randbytes(size), rng.choice(_SPICE), bytes(data[:size])))
        data[at : at + rng.choice((0, 0, size))] = change
    return bytes(data)


def by_mutation(name: str, seconds: float, runs: int, seed: int) -> int:
    """Mutate seeds blindly; returns the number of inputs tried. The first finding is raised."""
    from tests.fuzz.targets import TARGETS, seeds

    rng = random.Random(seed)
    corpus = list(seeds(name))
    end = time.monotonic() + seconds
    tried = 0
    while time.monotonic() < end and tried < runs:
        data = mutated(rng.choice(corpus), rng)
        try:
            TARGETS[name](data)
        except Exception:
            keep(name, data)
            raise
        tried += 1
    return tried


def by_coverage(name: str, seconds: float, runs: int, seed: int) -> None:
    """Hand over to libFuzzer, which ends the process."""
    import atheris

    with atheris.instrument_imports(include=["illustrators_depth", "illustrators_depth_training"]):
        from tests.fuzz.targets import TARGETS, seeds

        target = TARGETS[name]
        for data in (corpus := list(seeds(name))):
            target(data)  # imports what the reader needs, under instruments
    folder = Path(tempfile.mkdtemp(prefix="fuzz-corpus-"))
    for i, data in enumerate(corpus):
        (folder / f"seed{i}").write_bytes(data)

    def one_input(data: bytes) -> None:
        try:
            target(data)
        except Exception:
            keep(name, data)
            raise

    limits = [f"-max_total_time={seconds:g}", f"-runs={runs}", f"-seed={seed}", "-max_len=8192"]
    watch = [
        f"-timeout={_TIMEOUT}",
        f"-rss_limit_mb={_MEMORY_MB}",
        "-verbosity=1",
        "-print_final_stats=1",
    ]
    where = [f"-artifact_prefix={FOUND}/{name}-"]
    atheris.Setup([sys.argv[0], *limits, *watch, *where, str(folder)], one_input)
    atheris.Fuzz()


def keep(name: str, data: bytes) -> None:
    """Save what a target choked on, once."""
    FOUND.mkdir(exist_ok=True)
    (FOUND / f"{name}-{hashlib.sha256(data).hexdigest()[:12]}").write_bytes(data)


def main() -> int:
    """Run the targets named (all without names), each in a process of its own."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("targets", nargs="*")
    parser.add_argument("--seconds", type=float, default=60.0, help="for each target")
    parser.add_argument("--runs", type=int, default=1_000_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--blind", action="store_true", help="mutations alone, without atheris")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        (name,) = options.targets
        try:
            if options.blind or importlib.util.find_spec("atheris") is None:
                tried = by_mutation(name, options.seconds, options.runs, options.seed)
                print(f"Done {tried} runs")
            else:
                by_coverage(name, options.seconds, options.runs, options.seed)
        except Exception:
            traceback.print_exc()
            return 1
        return 0
    from tests.fuzz.targets import TARGETS

    if unknown := [name for name in options.targets if name not in TARGETS]:
        print(f"Error: no target {unknown[0]!r}; known: {', '.join(TARGETS)}.", file=sys.stderr)
        return 2
    bad = 0
    for name in options.targets or TARGETS:
        command = [sys.executable, "-m", "tests.fuzz.fuzz", name, "--here"]
        command += ["--seconds", str(options.seconds), "--runs", str(options.runs)]
        command += ["--seed", str(options.seed), *(["--blind"] if options.blind else [])]
        done = subprocess.run(
            command, capture_output=True, text=True, errors="replace", check=False,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )  # fmt: skip
        said = done.stdout + done.stderr
        counts = re.findall(r"number_of_executed_units: +(\d+)|Done (\d+) runs", said)
        tried = "".join(counts[0]) if counts else "an unknown number of"
        verdict = "a finding" if done.returncode else "nothing found"
        print(f"{name}: {tried} inputs, {verdict}", flush=True)
        if done.returncode:
            bad = 1
            print(said[-4000:], flush=True)
    return bad


if __name__ == "__main__":
    sys.exit(main())
