"""The Flamenco job type: it compiles, and headless.py takes the command lines it writes."""

from __future__ import annotations

import json
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "contrib" / "flamenco"
SCRIPT = FOLDER / "illustrators_depth_batch.js"
NODE = shutil.which("node")

needs_node = pytest.mark.skipif(NODE is None, reason="node is not installed")

# The two objects that Flamenco hands to a job type, writing down what they are told.
# https://flamenco.blender.org/usage/job-types/
HARNESS = """
const author = {
    Task: (name, type) => ({name, type, commands: [], addCommand(c) { this.commands.push(c); }}),
    Command: (name, parameters) => ({name, parameters}),
};
const tasks = [];
const settings = Object.fromEntries(JOB_TYPE.settings.map(s => [s.key, s.default]));
compileJob({settings: Object.assign(settings, GIVEN), addTask(t) { tasks.push(t); }});
console.log(JSON.stringify({type: JOB_TYPE, tasks}));
"""


def compiled(**settings: Any) -> dict[str, Any]:
    """The job type, and the tasks it makes of these settings (the others at their defaults)."""
    assert NODE is not None
    code = f"{SCRIPT.read_text()}\nconst GIVEN = {json.dumps(settings)};\n{HARNESS}"
    done = subprocess.run([NODE, "-e", code], capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return found


@needs_node
def test_the_syntax_is_right() -> None:
    assert NODE is not None
    subprocess.run([NODE, "--check", str(SCRIPT)], check=True)


@needs_node
def test_settings_are_ones_that_flamenco_knows() -> None:
    kinds = {"bool", "int32", "float", "string"}
    job_type = compiled()["type"]
    assert job_type["label"]
    for setting in job_type["settings"]:
        assert setting["key"].isidentifier()
        assert setting["type"] in kinds
        assert setting["description"]
        assert not setting["description"].endswith(".")
        assert setting.get("visible", "visible") in ("visible", "hidden", "submission", "web")


@needs_node
def test_every_task_is_a_share_that_headless_takes(tmp_path: Path) -> None:
    pytest.importorskip("bpy")
    from illustrators_depth.batch import Shard
    from illustrators_depth_addon import api
    from illustrators_depth_addon.batch.options import make_request, parse

    preset = tmp_path / "print.toml"
    preset.write_text("[relief]\nsize_mm = 90\n")
    tasks = compiled(
        pictures="/art/**/*.png", out="/layered", tasks=3, jobs=2, preview=True,
        export_kinds="blend,svg", preset=str(preset),
    )["tasks"]  # fmt: skip
    assert len(tasks) == 3
    for number, task in enumerate(tasks, start=1):
        assert task["type"] == "blender"
        (command,) = task["commands"]
        assert command["name"] == "exec"
        assert command["parameters"]["exe"] == "{blender}"
        words = command["parameters"]["args"]
        assert all(isinstance(word, str) for word in words)
        before, after = words[: words.index("--")], words[words.index("--") + 1 :]
        assert before[0] == "-b"
        assert before[before.index("--python") + 1] == "{illustrators_depth}"
        assert before.index("--python-exit-code") < before.index("--python")
        request = make_request(parse(after), api.BUILDS)
        assert request.patterns == ("/art/**/*.png",)
        assert request.out == Path("/layered")
        assert request.options.resume
        assert request.options.shard == Shard(number, 3)
        assert request.jobs == 2
        assert request.preset.relief.size_mm == 90
        assert request.recipe.endings == (".blend", ".svg", ".png")


@needs_node
def test_defaults_are_sensible() -> None:
    tasks = compiled()["tasks"]
    assert len(tasks) == 8
    words = tasks[0]["commands"][0]["parameters"]["args"]
    assert "--preset" not in words
    assert "--preview" not in words
