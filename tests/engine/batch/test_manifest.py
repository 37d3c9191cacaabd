"""The manifest: what is written is read again, and nothing in it is trusted."""

from __future__ import annotations

import json
import os
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from illustrators_depth.batch import Record
from illustrators_depth.batch.manifest import append, describe, read_journal, unaltered
from illustrators_depth.batch.safe_paths import inside
from illustrators_depth.errors import InputError

ESCAPES = [
    "../evil.svg",
    "a/../../evil.svg",
    "/etc/passwd",
    "C:/evil.svg",
    "C:evil.svg",
    "..\\evil.svg",
    "a\\..\\..\\evil",
    "\\\\host\\share",
    "",
    ".",
    "..",
    "a\0b",
    7,
    None,
]


def record(name: str = "fox", **changes: object) -> Record:
    made = Record(name, f"/art/{name}.png", "ab" * 32, {"products": ["svg"]}, id=name + "1")
    return replace(made, **changes)  # type: ignore[arg-type]


def test_records_come_back(tmp_path: Path) -> None:
    (tmp_path / "fox-layers").mkdir()
    (tmp_path / "fox-layers" / "01_é.png").write_bytes(b"abc")
    (tmp_path / "fox.svg").write_bytes(b"<svg/>")
    outputs = describe(tmp_path)
    assert [o["path"] for o in outputs] == ["fox-layers/01_é.png", "fox.svg"]
    first = record(outputs=outputs, finished="2026-01-01", seconds=1.5, facts={"layers": 3})
    second = record("hill", error={"code": "input", "message": "No."}, finished="2026-01-02")
    third = replace(first, finished="2026-01-03", id="fox2", seconds=2.0)
    path = tmp_path / "manifest.jsonl"
    for each in (first, second, third):
        append(path, each)
    assert [json.loads(line)["name"] for line in path.read_text().splitlines()] == [
        "fox", "hill", "fox",
    ]  # fmt: skip
    journal = read_journal(tmp_path)
    assert journal.last == {"fox": third, "hill": second}
    assert journal.outputs == {"fox-layers/01_é.png", "fox.svg"}
    assert unaltered(tmp_path, outputs)
    (tmp_path / "fox.svg").write_bytes(b"<SVG/>")
    assert not unaltered(tmp_path, outputs)
    (tmp_path / "fox.svg").unlink()
    assert not unaltered(tmp_path, outputs)


@pytest.mark.parametrize("keep", [0, 1, 40, -1])
def test_a_torn_last_line_is_left_aside_and_cut_off(tmp_path: Path, keep: int) -> None:
    path = tmp_path / "manifest.jsonl"
    append(path, record())
    whole = path.read_bytes()
    append(path, record("hill"))
    torn = path.read_bytes()[len(whole) :][:keep]
    path.write_bytes(whole + torn)
    assert set(read_journal(tmp_path).last) == {"fox"}
    append(path, record("sea"))
    assert set(read_journal(tmp_path).last) == {"fox", "sea"}
    assert path.read_bytes().startswith(whole)


def test_only_a_torn_line(tmp_path: Path) -> None:
    path = tmp_path / "manifest.jsonl"
    path.write_bytes(b'{"name"' + b" " * 200_000)
    assert not read_journal(tmp_path).ids
    append(path, record())
    assert set(read_journal(tmp_path).last) == {"fox"}


@pytest.mark.parametrize("escape", ESCAPES)
def test_paths_that_lead_out_are_refused(tmp_path: Path, escape: object) -> None:
    values = asdict(record(outputs=[{"path": escape, "bytes": 1, "sha256": ""}]))
    (tmp_path / "manifest.jsonl").write_text(json.dumps(values) + "\n")
    with pytest.raises(InputError, match=r"Line 1 of .*manifest"):
        read_journal(tmp_path)


@pytest.mark.skipif(os.name != "posix", reason="makes symbolic links")
def test_a_link_to_elsewhere_is_refused(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "out" / "fox-layers").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(InputError, match="not a file inside"):
        inside(tmp_path / "out", "fox-layers/01.png", "The manifest")
    assert inside(tmp_path / "out", "hill-layers/01.png", "The manifest")


@pytest.mark.parametrize(
    "line",
    [
        "[]",
        "7",
        "{}",
        '{"name": "fox"}',
        "not json",
        '"' + "[" * 50,
        "[" * 100_000,
        json.dumps(asdict(record()) | {"outputs": {}}),
        json.dumps(asdict(record()) | {"outputs": [{"path": "a"}]}),
        json.dumps(asdict(record()) | {"more": 1}),
        json.dumps(asdict(record()) | {"error": {}}),
        json.dumps(asdict(record()) | {"settings": None}),
    ],
)
def test_damaged_lines_are_one_sentence(tmp_path: Path, line: str) -> None:
    path = tmp_path / "manifest.jsonl"
    append(path, record())
    with path.open("a") as handle:
        handle.write(line + "\n")
    with pytest.raises(InputError, match=r"Line 2 of .*damaged") as raised:
        read_journal(tmp_path)
    assert "\n" not in str(raised.value)


def test_manifests_of_parts_are_read_together(tmp_path: Path) -> None:
    append(tmp_path / "manifest-1-of-2.jsonl", record())
    append(tmp_path / "manifest-2-of-2.jsonl", record("hill"))
    assert set(read_journal(tmp_path).last) == {"fox", "hill"}
