"""Small real wheels, under any name."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import zipfile
from pathlib import Path

import numpy as np


def make_wheel(path: Path, extra: dict[str, bytes] | None = None) -> Path:
    """A real wheel (PEP 427) with a module, metadata, licence and RECORD."""
    name, version = path.name.split("-")[:2]
    info = f"{name}-{version}.dist-info"
    noise = np.random.default_rng(1).bytes(100_000)
    files = {
        f"{name}/__init__.py": b"ANSWER = 42\n",
        f"{name}/data.bin": noise + noise,  # farther apart than deflate can see
        f"{info}/METADATA": f"Name: {name}\nVersion: {version}\nLicense: MIT\n".encode(),
        f"{info}/WHEEL": b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
        f"{info}/licenses/LICENSE": f"Anybody may use {name}.".encode(),
        **(extra or {}),
    }
    record = io.StringIO()
    writer = csv.writer(record, lineterminator="\n")
    for inside, data in files.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
        writer.writerow([inside, f"sha256={digest}", len(data)])
    writer.writerow([f"{info}/RECORD", "", ""])
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for inside, data in files.items():
            archive.writestr(inside, data)
        archive.writestr(f"{info}/RECORD", record.getvalue())
    return path
