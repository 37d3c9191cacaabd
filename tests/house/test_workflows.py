"""The CI jobs are valid YAML and every command in them leads somewhere."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))
# What a step of ours may start with; anything else is a typing mistake or wants a line here.
PROGRAMS = {"sudo", "make", "python", "pip", "sha256sum"}


def load(path: Path) -> dict[str, Any]:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def steps(workflow: dict[str, Any]) -> list[dict[str, Any]]:
    return [step for job in workflow["jobs"].values() for step in job["steps"]]


def test_there_are_the_jobs_that_were_promised() -> None:
    assert [path.stem for path in WORKFLOWS] == ["extension", "tests"]
    jobs = load(ROOT / ".github" / "workflows" / "tests.yml")["jobs"]
    assert set(jobs) == {"lint", "everything", "blender"}
    versions = jobs["blender"]["strategy"]["matrix"]["include"]
    assert {v["blender"]: v["python"] for v in versions}["5.2"] == "3.13"


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_the_form_is_right(path: Path) -> None:
    workflow = load(path)
    # YAML 1.1 reads the key `on` as true.
    assert workflow.get("on", workflow.get(True))
    assert workflow["permissions"] == {"contents": "read"}
    for name, job in workflow["jobs"].items():
        assert job["runs-on"], name
        assert 0 < job["timeout-minutes"] <= 90, name
        assert set(job.get("needs", "").split()) <= set(workflow["jobs"])
    for step in steps(workflow):
        assert ("uses" in step) != ("run" in step), step
        if "uses" in step:
            assert re.fullmatch(r"[\w.-]+/[\w./-]+@v\d+", step["uses"]), step["uses"]
        for key in re.findall(r"\$\{\{ *(\w+)", str(step)):
            assert key in {"matrix", "github", "hashFiles"}, step


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_commands_lead_somewhere(path: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for step in steps(load(path)):
        command = re.sub(r"^[A-Z_]+=\S+( \S+\))? ", "", step.get("run", "sudo"))
        assert command.split()[0] in PROGRAMS, command
        for target in re.findall(r"\bmake (\S+)", command):
            assert target in targets, command
        for file in re.findall(r"\b(?:scripts|tests|requirements)/[\w./]+", command):
            assert (ROOT / file).exists(), command


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda p: p.name)
def test_matrices_agree_with_the_script_that_knows(path: Path) -> None:
    """Blender, its Python and its numpy are written down in scripts/test_blenders.py."""
    known = dict(
        re.findall(r'"(\d\.\d)": \("(3\.\d+)"', (ROOT / "scripts" / "test_blenders.py").read_text())
    )
    assert known
    for job in load(path)["jobs"].values():
        for entry in job.get("strategy", {}).get("matrix", {}).get("include", []):
            assert known[entry["blender"]] == entry["python"], entry
