"""What `make bench` runs: benchmarks by name, or every one that this machine can run."""

from __future__ import annotations

import subprocess
import sys

from .harness.measure import LACKING, child_environment, find_benchmarks


def main(arguments: list[str]) -> int:
    """Run the benchmarks named, or all of them; the first failure's exit code, or 0.

    Arguments from the first option on go to every benchmark that is named. Exit code 2 of a
    benchmark is no failure when all are run. All of them together end by writing
    docs/benchmarks.md.
    """
    first_option = next((i for i, a in enumerate(arguments) if a.startswith("-")), len(arguments))
    names, options = arguments[:first_option], arguments[first_option:]
    modules = find_benchmarks()
    if unknown := [name for name in names if name not in modules]:
        print(
            f"Error: there is no benchmark called {unknown[0]!r}; known: {', '.join(modules)}.",
            file=sys.stderr,
        )
        return 2
    failure = 0
    for name in names or modules:
        print(f"== {name}", flush=True)
        command = [sys.executable, "-m", modules[name], *options]
        code = subprocess.run(command, env=child_environment(), check=False).returncode
        if code and (names or code != LACKING):
            failure = failure or code
    if not names:
        page = [sys.executable, "-m", "benchmarks.report.page"]
        subprocess.run(page, env=child_environment(), check=True)
    return failure


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
