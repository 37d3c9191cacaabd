"""Collects the licences of all bundled packages into the extension's folder THIRD-PARTY."""

from __future__ import annotations

import re
import shutil
import zipfile
from collections.abc import Iterable
from dataclasses import dataclass
from email.parser import HeaderParser
from email.policy import compat32
from pathlib import Path, PurePosixPath

from .errors import BuildError
from .lock import ROOT, LockedWheel

__all__ = ["collect_licences", "licence_of", "licence_texts"]

_TEXT = re.compile(r"(licen[cs]e|copying|notice|third.?party|authors)", re.IGNORECASE)
# Packages whose metadata name no licence, and what the text they bring is.
_LICENCE_OF_TEXT = {"openexr": "BSD-3-Clause", "resvg-py": "MIT"}
_MODEL = ROOT / "engine" / "illustrators_depth" / "models" / "compact.md"


@dataclass(frozen=True)
class _Entry:
    name: str
    version: str
    licence: str
    home: str
    texts: tuple[str, ...]


def licence_texts(wheel: zipfile.ZipFile) -> dict[str, bytes]:
    """File name -> text of every licence, notice and list of authors in a wheel, each once.

    They lie in the dist-info folder, or in the package's own or the archive's top folder.
    """
    texts: dict[str, bytes] = {}
    for member in wheel.infolist():
        path = PurePosixPath(member.filename)
        shallow = len(path.parts) <= 2 or ".dist-info" in path.parts[0]
        is_text = path.suffix.lower() in ("", ".txt", ".md", ".rst")
        if member.is_dir() or not shallow or not is_text or not _TEXT.search(path.name):
            continue
        text = wheel.read(member).replace(b"\r\n", b"\n")
        if text in texts.values():
            continue
        name = path.name if path.name not in texts else f"{path.parent.name}-{path.name}"
        texts[name] = text
    return texts


def licence_of(wheel: zipfile.ZipFile) -> tuple[str, str]:
    """(licence, home page) as the wheel's own metadata state them, empty where they do not."""
    (name,) = (n for n in wheel.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", n))
    headers = HeaderParser(policy=compat32).parsestr(wheel.read(name).decode("utf-8", "replace"))
    classifiers = [
        c.rpartition(" :: ")[2]
        for c in headers.get_all("Classifier", [])
        if c.startswith("License :: ") and c != "License :: OSI Approved"
    ]
    stated = str(headers.get("License") or "").strip().splitlines()
    licence = headers.get("License-Expression") or (stated[0] if stated else "")
    urls = {
        label.strip().lower(): address.strip()
        for label, _, address in (u.partition(",") for u in headers.get_all("Project-URL", []))
    }
    home = headers.get("Home-page") or urls.get("homepage") or urls.get("source") or ""
    return str(licence or ", ".join(classifiers)), str(home)


def collect_licences(folder: Path, wheels: Iterable[tuple[LockedWheel, Path]]) -> None:
    """Fill a new folder with one sub-folder of texts per package, and an index, README.md.

    Raises BuildError for a package that states no licence or brings no text of it.
    """
    entries: dict[str, _Entry] = {}
    for wheel, path in wheels:
        with zipfile.ZipFile(path) as archive:
            texts = licence_texts(archive)
            licence, home = licence_of(archive)
        licence = licence or _LICENCE_OF_TEXT.get(wheel.name, "")
        if not texts or not licence:
            raise BuildError(f"{path.name} brings no licence text; find it before shipping it.")
        # Wheels of one package may differ by Python in what they link, and so in their notices.
        package_folder = folder / wheel.name
        package_folder.mkdir(parents=True, exist_ok=True)
        for name, text in texts.items():
            path_of_text = package_folder / name
            if path_of_text.exists() and path_of_text.read_bytes() != text:
                path_of_text = package_folder / f"python{wheel.targets[0][1]}-{name}"
            path_of_text.write_bytes(text)
        listed = tuple(sorted(path.name for path in package_folder.iterdir()))
        entries[wheel.name] = _Entry(wheel.name, wheel.version, licence, home, listed)
    shutil.copy(_MODEL, folder / "compact-model.md")
    (folder / "README.md").write_text(_index(entries.values()), encoding="utf-8")


def _index(entries: Iterable[_Entry]) -> str:
    rows = [
        f"| {e.name} {e.version} | {e.licence} | {e.home} | "
        + ", ".join(f"[{text}]({e.name}/{text})" for text in e.texts)
        + " |"
        for e in sorted(entries, key=lambda e: e.name)
    ]
    return "\n".join(
        [
            "# What this extension contains of others",
            "",
            "Each package travels as its authors published it, every file unchanged.",
            "",
            "| package | licence | home | texts |",
            "|---|---|---|---|",
            *rows,
            "",
            "The compact model learned from drawings under free licences:",
            "[compact-model.md](compact-model.md).",
            "",
        ]
    )
