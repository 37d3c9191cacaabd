"""Makes the checkout's .venv ready for `make relief` or `make test`; does nothing when it is.

    python3 scripts/bootstrap.py relief|dev

Runs on any Python 3.8 or later with the standard library alone: it finds a Python that Blender's
module exists for, checks (as root: installs) the system libraries that module loads, makes the
virtual environment and fills it. Where no fitting Python is found, it fetches a standalone one with
uv. A stamp file remembers what was installed, so that a second run costs nothing.
"""

import ctypes
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
# Pythons that a bpy wheel exists for, best first.
PYTHONS = ("3.11", "3.13")
# Shared library that bpy loads -> Debian package that holds it.
LIBRARIES = {
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libSM.so.6": "libsm6",
    "libXrender.so.1": "libxrender1",
    "libXfixes.so.3": "libxfixes3",
    "libXi.so.6": "libxi6",
    "libxkbcommon.so.0": "libxkbcommon0",
}


def fail(message: str) -> NoReturn:
    print(f"Error: {message}", file=sys.stderr)
    sys.exit(2)


def fingerprint(level: str) -> str:
    """Hash of everything that decides what is installed."""
    digest = hashlib.sha256(str(ROOT).encode())
    for name in (
        "requirements/relief.txt",
        "requirements/dev.txt" if level == "dev" else "requirements/relief.txt",
        "engine/pyproject.toml",
        "training/pyproject.toml",
    ):
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def is_ready(level: str) -> bool:
    """Whether an earlier run finished with the present requirements (dev includes relief)."""
    for stamped in {level, "dev"}:
        stamp = VENV / f".ready-{stamped}"
        if stamp.is_file() and stamp.read_text() == fingerprint(stamped):
            return True
    return False


def missing_libraries() -> "list[str]":
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def ensure_libraries() -> None:
    """Blender's module cannot even be imported without these."""
    if not sys.platform.startswith("linux"):
        return
    packages = missing_libraries()
    if not packages:
        return
    command = ["apt-get", "install", "-y", "--no-install-recommends", *packages]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        fail(
            "Blender needs system libraries that are missing here; install them with your "
            f"package manager, on Debian or Ubuntu: sudo {' '.join(command)}"
        )
    print(f"Installing system libraries: {', '.join(packages)}", flush=True)
    environment = dict(os.environ, DEBIAN_FRONTEND="noninteractive")
    subprocess.run(["apt-get", "update", "-qq"], env=environment, check=False)
    if subprocess.run(command, env=environment, check=False).returncode:
        fail(f"apt-get could not install {', '.join(packages)}; install them and run this again.")


def find_python() -> str:
    """A Python of a fitting version: this one, one on PATH, or one of pyenv's."""
    if ".".join(map(str, sys.version_info[:2])) == PYTHONS[0]:
        return sys.executable
    for version in PYTHONS:
        on_path = shutil.which(f"python{version}")
        # pyenv's shims exist for versions that are not active, and then fail: try it.
        if on_path and runs(on_path):
            return on_path
        pyenv = Path(os.environ.get("PYENV_ROOT", str(Path.home() / ".pyenv"))) / "versions"
        for folder in sorted(pyenv.glob(f"{version}.*"), reverse=True):
            if runs(str(folder / "bin" / "python")):
                return str(folder / "bin" / "python")
    fetched = fetch_python()
    if fetched:
        return fetched
    fail(
        f"Blender's Python module needs Python {' or '.join(PYTHONS)} and neither was found; "
        "install one (for example with your package manager or pyenv) and run this again."
    )


def fetch_python() -> str:
    """A standalone Python of the first fitting version, through uv; "" where that fails."""
    version = PYTHONS[0]
    print(
        f"No Python {' or '.join(PYTHONS)} here: fetching a standalone {version} with uv",
        flush=True,
    )
    with tempfile.TemporaryDirectory() as folder:
        uv = shutil.which("uv") or installed_uv(folder)
        if not uv or not succeeds([uv, "python", "install", version]):
            return ""
        answer = subprocess.run(
            [uv, "python", "find", version], check=False, stdout=subprocess.PIPE, text=True
        )
    path = answer.stdout.strip()
    return path if path and runs(path) else ""


def installed_uv(folder: str) -> str:
    """uv from the package index, in a virtual environment of its own; "" where that fails."""
    if not succeeds([sys.executable, "-m", "venv", folder]):
        return ""
    python = str(program_of(Path(folder)))
    if not succeeds([python, "-m", "pip", "install", "--quiet", "uv"]):
        return ""
    return str(program_of(Path(folder), "uv"))


def succeeds(command: "list[str]") -> bool:
    nowhere = subprocess.DEVNULL
    try:
        done = subprocess.run(command, check=False, stdout=nowhere, stderr=nowhere)
        return done.returncode == 0
    except OSError:
        return False


def program_of(environment: Path, name: str = "python") -> Path:
    """A program of a virtual environment, wherever this system keeps them."""
    if sys.platform == "win32":
        return environment / "Scripts" / f"{name}.exe"
    return environment / "bin" / name


def runs(python: str) -> bool:
    try:
        return subprocess.run([python, "-c", "import venv"], check=False).returncode == 0
    except OSError:
        return False


def install(python: Path, level: str) -> int:
    """Fill the environment with pip; one line for each package that is fetched. pip's exit code."""
    command = [str(python), "-m", "pip", "--disable-pip-version-check", "install"]
    command += ["--progress-bar", "off", "-r", f"requirements/{level}.txt"]
    log = VENV / "setup.log"
    with log.open("w", encoding="utf-8") as stream:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            encoding="utf-8",
            errors="replace",
        )
        for line in process.stdout or ():
            stream.write(line)
            message = progress_of(line)
            if message:
                print(message, flush=True)
        return process.wait()


def progress_of(line: str) -> str:
    """What a line of pip's means for somebody who waits; "" for most of them."""
    fetched = re.match(r"\s*(?:Downloading|Processing) (\S+?)(?: \(([\d.]+ [kMG]B)\))?\s*$", line)
    if fetched:
        name = re.split(r"[/\\]", fetched.group(1))[-1].split("-")[0]
        size = f"  {fetched.group(2)}" if fetched.group(2) else ""
        return "" if name.endswith(".metadata") or ".metadata" in line else f"  {name}{size}"
    if line.startswith("Installing collected packages"):
        return f"  putting {line.count(',') + 1} packages in place"
    return ""


def set_up(level: str) -> Path:
    """Make `.venv` ready for a level, if it is not; its Python."""
    python = program_of(VENV)
    if is_ready(level):
        return python
    start = time.monotonic()
    ensure_libraries()
    if not python.exists():
        base_python = find_python()
        print(f"Setting up .venv with {base_python} (once; a few minutes)", flush=True)
        subprocess.run([base_python, "-m", "venv", str(VENV)], check=True)
    if install(python, level):
        log = VENV / "setup.log"
        print("".join(log.open(encoding="utf-8").readlines()[-15:]), file=sys.stderr)
        fail(f"pip could not install the packages; {log} says why. Then run this again.")
    (VENV / f".ready-{level}").write_text(fingerprint(level))
    print(f"Set up in {time.monotonic() - start:.0f} s", flush=True)
    return python


def main() -> None:
    level = sys.argv[1] if len(sys.argv) == 2 else ""
    if level not in ("relief", "dev"):
        fail("usage: python3 scripts/bootstrap.py relief|dev")
    set_up(level)


if __name__ == "__main__":
    main()
