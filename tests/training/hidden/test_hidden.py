"""Hidden parts on drawings whose full shapes are known."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from stacks import disc_under_bar, random_shapes, stack_of, write_set
from typer.testing import CliRunner

from illustrators_depth.errors import InputError
from illustrators_depth.layering.visibility import VisibilityIndex
from illustrators_depth.progress import Progress, no_progress
from illustrators_depth.types import DepthMap, Image
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.hidden import (
    available_methods,
    completed_mask,
    evaluate_hidden,
    measure_part,
    ordered_labels,
)
from illustrators_depth_training.hidden.measure import OUTLINE_CAP_PX
from illustrators_depth_training.samples.drawings import DrawingSet, pack_shapes, unpack_shapes


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    stacks = [stack_of(disc_under_bar()), *(stack_of(random_shapes(s), s) for s in range(4))]
    return write_set(tmp_path_factory.mktemp("stacks"), stacks)


class _Reversed:
    """Answers with the reversed order of the drawing it is shown."""

    name, device = "reversed", "none"

    def __init__(self, drawings: DrawingSet) -> None:
        every = map(drawings.__getitem__, range(len(drawings)))
        self.known = {str(d.meta["key"]): d.index for d in every}

    def predict(self, image: Image, progress: Progress = no_progress) -> DepthMap:
        return DepthMap(-self.known[image.name].astype(np.float32))


def test_a_set_gives_back_its_shapes(data: Path) -> None:
    drawing = DrawingSet(data, "val")[0]
    assert drawing.shapes is not None and drawing.occlusions is not None
    np.testing.assert_array_equal(drawing.shapes, disc_under_bar())
    assert drawing.occlusions[:, :2].tolist() == [[2, 3]]


def test_shapes_without_the_page_are_read_and_others_refused() -> None:
    shapes = disc_under_bar(33)
    packed = pack_shapes(shapes[1:])
    np.testing.assert_array_equal(unpack_shapes(packed, 3, (33, 33), "k"), shapes)
    with pytest.raises(InputError, match="shapes of sample k do not fit its 5 layers"):
        unpack_shapes(packed, 5, (33, 33), "k")
    with pytest.raises(InputError, match="shapes of sample k are damaged"):
        unpack_shapes(packed[:20], 3, (33, 33), "k")


def test_the_true_shape_is_without_error_and_what_shows_has_nothing_hidden() -> None:
    shapes = disc_under_bar()
    _, index, _ = stack_of(shapes)
    exact = measure_part(2, index, shapes[1], shapes[1])
    assert (exact.iou, exact.outline, exact.partial) == (1.0, 0.0, True)
    assert exact.hidden == (shapes[1] & shapes[2]).sum()
    bare = measure_part(2, index, shapes[1], index == 2)
    assert bare.iou == 0.0 and 5.0 < bare.outline < 40.0


def test_outlines_are_measured_in_pixels_of_512_and_capped() -> None:
    shape = np.zeros((128, 128), bool)
    shape[32:96, 32:96] = True
    index = np.where(shape, 2, 1)
    index[32:96, 64:] = 3  # hides the right half
    moved = shape.copy()
    moved[:, 94:] = False  # the right side lies two pixels too far in
    part = measure_part(2, index, shape, moved)
    # A third of the hidden outline is that side: 62 pixels that are off by 2, 2 corners, 62 right.
    assert part.outline == pytest.approx(4 * 64 * 2 / 126, rel=0.05)
    empty = measure_part(2, index, shape, np.zeros_like(shape))
    assert empty.outline == OUTLINE_CAP_PX


def test_the_frame_is_no_outline() -> None:
    shape = np.zeros((64, 64), bool)
    shape[:, 20:] = True
    index = np.where(shape, 2, 1)
    index[:, 40:] = 3
    part = measure_part(2, index, shape, shape)
    assert np.isnan(part.outline), "all of the hidden border is the frame's"
    assert part.iou == 1.0


def test_layers_go_by_their_predicted_medians_and_ties_are_wrong() -> None:
    index = np.repeat([[1, 2, 4, 7]], 8, axis=0)  # layers may be missing
    labels, label_of = ordered_labels(index)
    assert labels[0].tolist() == [0, 1, 2, 3] and label_of[7] == 3
    labels, _ = ordered_labels(index, np.where(index == 2, 9.0, index.astype(float)))
    assert labels[0].tolist() == [0, 3, 1, 2]
    labels, _ = ordered_labels(index, np.zeros(index.shape))
    assert labels[0].tolist() == [3, 2, 1, 0]


def test_the_hull_of_a_disc_is_the_disc() -> None:
    shapes = disc_under_bar()
    labels, label_of = ordered_labels(stack_of(shapes)[1])
    mask = completed_mask(VisibilityIndex(labels), int(label_of[2]), "hull")
    assert (mask ^ shapes[1]).sum() < 0.02 * shapes[1].sum()


def test_rows_for_every_method_and_order(data: Path) -> None:
    drawings = DrawingSet(data, "val")
    rows = evaluate_hidden(
        ["smooth", "none"], drawings, range(5), "set", "val", predictor=_Reversed(drawings)
    )
    by_name = {(row.order, row.predictor): row for row in rows}
    assert len(by_name) == 4
    smooth = by_name["given", "smooth"]
    assert smooth.mean("iou") > by_name["reversed", "smooth"].mean("iou")
    assert by_name["given", "none"].mean("iou") == 0.0
    report = smooth.to_json()
    assert report["parts"] == len(smooth.parts) > 4
    assert set(report["strata"]["layers"]) == {"2-6"}
    assert report["mean_over_layers"]["iou"] == pytest.approx(
        np.mean([part.iou for _, part in smooth.parts])
    )


def test_the_command_writes_tables_and_sheets(data: Path, tmp_path: Path) -> None:
    out = tmp_path / "report"
    command = ["evaluate-hidden", str(data), "--out", str(out), "--order", "given"]
    result = CliRunner().invoke(app, [*command, "--method", "smooth", "--method", "hull"])
    assert result.exit_code == 0, result.output
    rows = json.loads((out / "report.json").read_text())["rows"]
    assert [row["predictor"] for row in rows] == ["smooth", "hull"]
    assert "| given | hull |" in (out / "report.md").read_text()
    for name in ("smooth-worst", "smooth-random", "hull-worst", "hull-random"):
        assert (out / f"{name}.png").stat().st_size > 1000
    parts = json.loads((out / "parts.json").read_text())
    assert len(parts[0]["parts"]) == rows[0]["parts"]


def test_sets_without_shapes_and_unknown_methods_are_one_sentence(tmp_path: Path) -> None:
    bare = write_set(tmp_path / "bare", [stack_of(disc_under_bar())], full_shapes=False)
    drawings = DrawingSet(bare, "val")
    with pytest.raises(InputError, match=r"built without full shapes.*--full-shapes\.$"):
        evaluate_hidden(["smooth"], drawings, [0], "set", "val")
    with pytest.raises(InputError, match=r"--method is one of .* not 'magic'"):
        available_methods(["magic"])
    assert {"smooth", "nearest", "none", "hull"} <= set(available_methods())
