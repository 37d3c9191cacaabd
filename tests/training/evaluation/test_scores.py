"""The table of scores: the same on the results page, on other pages and in a model's card."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path

import pytest
from stacks import disc_under_bar, random_shapes, stack_of, write_set
from typer.testing import CliRunner

from illustrators_depth.errors import InputError
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.cli.evaluate import NO_OCCLUSIONS
from illustrators_depth_training.evaluation import table_rows
from illustrators_depth_training.evaluation.degraded import DEGRADATIONS
from illustrators_depth_training.evaluation.evaluate import (
    METRICS,
    Evaluation,
    PictureResult,
    choose,
)
from illustrators_depth_training.evaluation.report import degraded_table, depth_table, scores_table
from illustrators_depth_training.evaluation.strata import drawing_kind
from illustrators_depth_training.export.model_card import put_scores_into_card
from illustrators_depth_training.output_files import write_json
from illustrators_depth_training.results import put_scores, results_page, saved_scores, scores_block
from illustrators_depth_training.samples.drawings import DrawingSet

MARKS = [
    f"<!-- scores: {edge} of `illustrators-depth-training results --into`, do not edit -->"
    for edge in ("begin", "end")
]


def _evaluation(predictor: str = "compact", data: str = "val512") -> Evaluation:
    """Four pictures: two illustrations, deep and shallow, an icon, and a flag without values."""
    found = Evaluation(predictor, "cpu", data, "val", (512, 512))
    pictures = (("illustration", 30, 0.5), ("illustration", 8, 0.75), ("icons", 3, 1.0))
    for number, (kind, layers, value) in enumerate(pictures):
        values = dict.fromkeys(METRICS, value)
        found.pictures.append(PictureResult(number, str(number), "s", layers, values, 0.1, kind))
    nothing = dict.fromkeys(METRICS, float("nan"))
    found.pictures.append(PictureResult(3, "3", "s", 2, nothing, 0.1, "flags"))
    return found


def test_strata_are_means_of_their_pictures() -> None:
    strata = _evaluation().to_json()["strata"]
    assert strata["kind"]["illustration"]["mean"]["occlusion_order"] == 0.625
    assert strata["kind"]["illustration"]["interval95"]["order"] == [0.5, 0.75]
    assert {name: part["pictures"] for name, part in strata["layers"].items()} == {
        "2-6": 2, "7-20": 1, "21+": 1,
    }  # fmt: skip
    assert list(strata["kind"]) == ["illustration", "icons", "flags"]


@pytest.mark.parametrize(
    ("meta", "kind"),
    [
        ({"kind": "avatars", "source": "npm:@iconify-json/noto@1.2.9"}, "avatars"),
        ({"source": "npm:@iconify-json/flag@1.2.12"}, "flags"),
        ({"source": "npm:@iconify-json/circle-flags@1.2.11"}, "flags"),
        ({"source": "npm:@iconify-json/noto-v1@1.2.5"}, "emoji"),
        ({"source": "npm:@iconify-json/streamline-emojis@1.2.4"}, "emoji"),
        ({"source": "npm:@iconify-json/material-icon-theme@1.2.70"}, "icons"),
        ({"source": "apt:papirus-icon-theme#usr/share/icons/Papirus/64x64/**/*.svg"}, "themes"),
        ({"source": "apt:openclipart-svg#usr/share/openclipart/svg/**/*.svg"}, "illustration"),
        ({"source": "npm:@gravity-ui/illustrations@2.1.1#svgs/*.svg"}, "illustration"),
        ({"source": "dicebear:funEmoji@9.4.3"}, "avatars"),
        ({"kind": "poetry", "source": "npm:@iconify-json/logos@1.2.19"}, "icons"),
    ],
)
def test_kinds_of_drawings(meta: dict[str, str], kind: str) -> None:
    assert drawing_kind(meta) == kind


def test_kinds_can_weigh_the_same(tmp_path: Path) -> None:
    stacks = [stack_of(disc_under_bar(32))] * 5
    write_set(tmp_path, stacks, kind="icons")
    drawings = DrawingSet(tmp_path, "val")
    drawings.meta[3]["kind"] = "illustration"
    chosen = choose(drawings, 0, per_kind=2)
    assert len(chosen) == 3 and 3 in chosen
    assert choose(drawings, 0, per_kind=2) == chosen


def test_illustration_leads_and_the_mean_over_all_comes_last() -> None:
    lines = scores_table(_evaluation().to_json()).splitlines()
    assert lines[2].startswith("| illustration | 2 | **0.625** (0.500 to 0.750) | 0.625 |")
    assert lines[-1].startswith("| all of them | 4 | **0.750** (0.500 to 1.000) |")
    assert "| flags | 1 | - | - |" in "\n".join(lines)
    row = depth_table([_evaluation().to_json()], {}).splitlines()[2]
    assert row.startswith("| compact | **0.625** (0.500 to 0.750) | **0.750** (0.500 to 1.000) |")


def test_files_saved_before_there_were_occlusions_say_so() -> None:
    old = _evaluation().to_json()
    del old["strata"], old["mean"]["occlusion_order"]
    assert "| compact |  | not stored | 0.750 |" in depth_table([old], {})


def test_reports_are_json_that_every_reader_takes(tmp_path: Path) -> None:
    write_json(tmp_path / "r.json", _evaluation().to_json())

    def refuse(name: str) -> None:
        raise AssertionError(name)

    read = json.loads((tmp_path / "r.json").read_text(), parse_constant=refuse)
    assert read["strata"]["kind"]["flags"]["mean"]["order"] is None
    assert "| flags | 1 | - | - |" in scores_table(read)


def _saved(folder: Path) -> Path:
    folder.mkdir()
    worse = _evaluation()
    worse.condition = "canvas"
    report = {"rows": [_evaluation().to_json()], "degraded": [worse.to_json()], "not_run": {}}
    write_json(folder / "depth-a.json", report)
    return folder


def test_one_table_on_every_page(tmp_path: Path) -> None:
    saved = _saved(tmp_path / "results")
    table = scores_table(_evaluation().to_json())
    page = results_page(saved)
    assert table in page and "| canvas | 0.625 | 0.750 |" in page
    other = tmp_path / "page.md"
    other.write_text(f"before\n{MARKS[0]}\nold\n{MARKS[1]}\nafter\n")
    put_scores(other, scores_block(saved_scores(saved)))
    assert table in other.read_text() and "old" not in other.read_text()
    once = other.read_text()
    put_scores(other, scores_block(saved_scores(saved)))
    assert other.read_text() == once
    assert once.startswith("before\n") and once.endswith("\nafter\n")


def test_scores_go_into_the_card_of_their_model(tmp_path: Path) -> None:
    card = {
        "name": "compact", "bytes": 12, "storage": "s", "date": "d", "input": "i", "output": "o",
        "encoder": "e", "notes": "", "validation": {}, "training_data": [],
    }  # fmt: skip
    (tmp_path / "compact.json").write_text(json.dumps(card))
    rows = [_evaluation().to_json(), _evaluation("heuristic").to_json()]
    put_scores_into_card(tmp_path, rows)
    assert scores_table(rows[0]) in (tmp_path / "compact.md").read_text()
    stored = json.loads((tmp_path / "compact.json").read_text())
    assert [score["predictor"] for score in stored["scores"]] == ["compact"]
    assert stored["validation"]["occlusion_order"] == 0.75
    with pytest.raises(InputError, match="None of the saved evaluations is of the model compact"):
        put_scores_into_card(tmp_path, rows[1:])
    with pytest.raises(InputError, match=r"gone.compact\.json is not a model's card"):
        put_scores_into_card(tmp_path / "gone", rows)


def test_pages_without_marks_and_folders_without_strata_are_one_sentence(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("nothing here")
    with pytest.raises(InputError, match=r"page\.md has no place for scores"):
        put_scores(page, "x")
    assert page.read_text() == "nothing here"
    old = _evaluation().to_json()
    del old["strata"]
    write_json(tmp_path / "depth-old.json", {"rows": [old], "not_run": {}})
    with pytest.raises(InputError, match="with strata; run evaluate again"):
        saved_scores(tmp_path)


def test_the_command_measures_degraded_pictures_and_results_reads_its_report(
    tmp_path: Path,
) -> None:
    stacks = [stack_of(disc_under_bar(96)), stack_of(random_shapes(1), 1)]
    data = write_set(tmp_path / "set", stacks, kind="illustration")
    out = tmp_path / "out"
    command = ["evaluate", "darkness", "--data", str(data), "-o", str(out), "--degraded"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert NO_OCCLUSIONS not in result.output
    report = json.loads((out / "report.json").read_text())
    assert [row["condition"] for row in report["degraded"]] == list(DEGRADATIONS)
    assert degraded_table([*report["rows"], *report["degraded"]]) in (out / "report.md").read_text()
    saved = tmp_path / "results"
    saved.mkdir()
    (saved / "depth-set.json").write_text((out / "report.json").read_text())
    assert degraded_table([*report["rows"], *report["degraded"]]) in results_page(saved)


def test_a_set_that_does_not_say_what_hides_is_one_sentence(tmp_path: Path) -> None:
    data = write_set(tmp_path / "set", [stack_of(disc_under_bar(96))], occlusions=False)
    command = ["evaluate", "darkness", "--data", str(data), "-o", str(tmp_path / "out")]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert result.output.count(NO_OCCLUSIONS) == 1
    assert NO_OCCLUSIONS in (tmp_path / "out" / "report.md").read_text()


def test_a_file_named_like_a_baseline_does_not_share_its_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = write_set(tmp_path / "set", [stack_of(disc_under_bar(96))])
    model = tmp_path / "mine" / "darkness.onnx"
    model.parent.mkdir()
    model.touch()
    # The file stands for a network that orders by area.
    named_predictor = table_rows.named_predictor
    monkeypatch.setattr(
        table_rows,
        "named_predictor",
        lambda name, size=0: named_predictor("area" if name == str(model) else name, size),
    )
    rows = [("darkness", partial(named_predictor, "darkness"))]
    monkeypatch.setattr(table_rows, "baseline_rows", lambda: rows)
    out = tmp_path / "out"
    command = ["evaluate", str(model), "--data", str(data), "-o", str(out), "--baselines"]
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    saved = json.loads((out / "report.json").read_text())["rows"]
    assert len({row["predictor"] for row in saved}) == 2
    files = sorted(path.name for path in out.glob("*darkness.json"))
    assert files == ["darkness.json", "mine-darkness.json"]
