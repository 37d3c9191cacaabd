"""What `make bench` runs: every benchmark that this machine can run, one after the other."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, or all of them; the first failure's exit code, or 0.

    A benchmark is a script in this folder. Code 2 says that the machine lacks what it needs (a
    GPU), which is no failure when all are run.
    """
    known = sorted(p.stem for p in HERE.glob("*.py") if not p.stem.startswith("_"))
    if unknown := [name for name in arguments if name not in known]:
        print(
            f"Error: there is no benchmark called {unknown[0]!r}; known: {', '.join(known)}.",
            file=sys.stderr,
        )
        return 2
    failed = 0
    for name in arguments or known:
        print(f"== {name}", flush=True)
        code = subprocess.run([sys.executable, str(HERE / f"{name}.py")], check=False).returncode
        if code and (arguments or code != 2):
            failed = failed or code
    if not arguments:
        subprocess.run([sys.executable, str(HERE / "_report.py")], check=True)
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
