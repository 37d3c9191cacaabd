"""`make relief` for systems without make, such as Windows: one picture through the whole house.

    python scripts/relief.py [IMAGE] [--out DIR] [--overwrite] ...

Runs on any Python 3.8 or later: it sets `.venv` up the first time (scripts/bootstrap.py) and hands
its arguments on to scripts/make_relief.py, which runs there.
"""

import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

import bootstrap


def main() -> int:
    python = bootstrap.set_up("relief")
    command = [str(python), str(bootstrap.ROOT / "scripts" / "make_relief.py"), *sys.argv[1:]]
    try:
        return subprocess.run(command, check=False).returncode
    except KeyboardInterrupt:  # the other program has said so
        return 130


if __name__ == "__main__":
    sys.exit(main())
