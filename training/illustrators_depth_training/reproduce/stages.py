"""The stages of a reproduction, each of which can be killed and goes on where it was."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import torch

from illustrators_depth.predictors import Predictor

from ..data.build import build
from ..data.config import load_config as load_data_config
from ..evaluation.dense import DensePredictor
from ..evaluation.evaluate import Evaluation, PictureResult, choose, evaluate, save
from ..output_files import output_folder, write_json, write_text
from ..packed import open_drawings
from ..trainer.train import LAST, train
from .page import results_page
from .settings import Reproduction, svg_tables
from .state import Place, RunState, current_place

__all__ = ["Stage", "plan", "run"]

TEST_PICTURES = 100
_CONFIGS = Path(__file__).resolve().parents[1] / "configs"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Stage:
    """One step: its name, what it is, whether all processes take part, and the work itself.

    `work` gets the process's place and gives what is kept of the stage; None when it was told to
    stop, its own state saved.
    """

    name: str
    title: str
    together: bool
    work: Callable[[Place], dict[str, Any] | None]


def plan(wanted: Reproduction, state: RunState, quiet: bool = False) -> list[Stage]:
    """All stages in their order."""
    stages: list[Stage] = []

    def alone(name: str, title: str, work: Callable[[], dict[str, Any]]) -> None:
        stages.append(Stage(name, title, False, lambda _place: work()))

    if not wanted.packed:
        alone("data", "MMSVG, cleaned, 80/20", partial(_build, wanted, "mmsvg", wanted.mmsvg))
        raw = partial(_build, wanted, "mmsvg_uncleaned", wanted.mmsvg)
        alone("data-uncleaned", "MMSVG without cleaning", raw)
    if wanted.svgx is not None:
        alone("svgx", "SVGX, cleaned", partial(_build, wanted, "svgx", wanted.svgx))
    for name in wanted.runs:
        work = partial(_train, wanted, state, name, quiet)
        stages.append(Stage(f"train-{name}", f"training, {name.replace('_', ' ')}", True, work))
    tests = [("mmsvg", wanted.data, "val")]
    if wanted.svgx is not None:
        tests.append(("svgx", wanted.out / "svgx", "unseen"))
    for test, data, split in tests:
        for row in ("depth_pro", *wanted.runs):
            measure = partial(_evaluate, wanted, row, test, data, split)
            title = f"{row.replace('_', ' ')} on {TEST_PICTURES} drawings of {test}, dense"
            stages.append(Stage(f"evaluate-{row}-{test}", title, True, measure))
    alone("page", "results.md", partial(_page, wanted))
    return stages


def run(wanted: Reproduction, state: RunState, say: Say, quiet: bool = False) -> bool:
    """Do what is not done; False when a training was told to stop, and the same command goes on.

    Raises what the stages raise: InputError and UnavailableError in one sentence.
    """
    for stage in plan(wanted, state, quiet):
        if state.facts(stage.name) is not None:
            continue
        place, _ = current_place(wanted.devices)
        if not stage.together and place.rank:
            state.wait_for(stage.name)
            continue
        if not place.rank:
            say(f"{stage.name}: {stage.title}")
        facts = stage.work(place)
        if facts is None:
            return False
        if not place.rank:
            state.finish(stage.name, facts)
    return True


def _build(wanted: Reproduction, config: str, tables: Path) -> dict[str, Any]:
    """Build a data set from the shipped configuration, its places filled in and kept beside it."""
    name = {"mmsvg": "data", "mmsvg_uncleaned": "data-uncleaned", "svgx": "svgx"}[config]
    column, _ = svg_tables(tables, "--svgx" if config == "svgx" else "--mmsvg")
    text = (_CONFIGS / f"{config}.yaml").read_text(encoding="utf-8")
    for mark, value in {
        "$MMSVG": str(tables.resolve()), "$SVGX": str(tables.resolve()), "$COLUMN": column
    }.items():  # fmt: skip
        text = text.replace(mark, value)
    kept = output_folder(wanted.out) / f"{config}.yaml"
    write_text(kept, text)
    only = "train" if config == "mmsvg_uncleaned" else None
    summary = build(
        load_data_config(kept), wanted.out / name, width=wanted.size, workers=wanted.workers,
        only=only,
    )  # fmt: skip
    return {"drawings": summary.counts}


def _train(
    wanted: Reproduction, state: RunState, name: str, quiet: bool, _place: Place
) -> dict[str, Any] | None:
    """One run of the paper's schedule; it resumes from its own checkpoint."""
    if wanted.packed:
        drawings = len(open_drawings(wanted.data, "train"))
    else:
        facts = state.facts("data-uncleaned" if name == "no_cleaning" else "data")
        assert facts is not None
        drawings = int(facts["drawings"]["train"])
    config = wanted.training(name, drawings)
    trainer = train(config, _folder(wanted, name), quiet=quiet)
    if trainer.global_step < config.steps:
        return None
    return {"steps": config.steps, "drawings": drawings}


def _evaluate(
    wanted: Reproduction, row: str, test: str, data: Path, split: str, place: Place
) -> dict[str, Any]:
    """Measure this process's share of the test; the first process then joins all shares."""
    folder = output_folder(wanted.out / "evaluate")
    drawings = open_drawings(data, split)
    numbers = choose(drawings, TEST_PICTURES)
    part = folder / "parts" / f"{row}-{test}-{place.rank}-of-{place.ranks}.json"
    own = numbers[place.rank :: place.ranks]
    if not part.is_file():
        results = []
        if own:
            predictor = _predictor(wanted, row)
            results = evaluate(predictor, drawings, own, test, split).pictures
        output_folder(part.parent)
        write_json(part, [asdict(result) for result in results])
    if place.rank:
        return {}
    parts = [part.with_name(f"{row}-{test}-{r}-of-{place.ranks}.json") for r in range(place.ranks)]
    height, width = drawings[numbers[0]].index.shape
    device = "cpu" if wanted.on_cpu else "cuda"
    joined = Evaluation(row, device, test, split, (height, width))
    for path in parts:
        while not path.is_file():
            time.sleep(1.0)
        joined.pictures += [_picture(kept) for kept in json.loads(path.read_text("utf-8"))]
    joined.pictures.sort(key=lambda picture: picture.number)
    save(joined, folder / f"{row}-{test}.json")
    return {"pictures": len(joined.pictures), "order_paper": joined.mean("order_paper")}


def _picture(kept: dict[str, Any]) -> PictureResult:
    """A result as it was before JSON made null of NaN."""
    values = {k: float("nan") if v is None else float(v) for k, v in kept["values"].items()}
    return PictureResult(**{**kept, "values": values})


def _predictor(wanted: Reproduction, row: str) -> Predictor:
    sizes = wanted.training("full", 1).network.sizes
    path = wanted.weights if row == "depth_pro" else _folder(wanted, row) / "checkpoints" / LAST
    own = int(os.environ.get("LOCAL_RANK", os.environ.get("SLURM_LOCALID", "0")))
    device = "cpu" if wanted.on_cpu else f"cuda:{own % max(1, torch.cuda.device_count())}"
    return DensePredictor(path, device=device, sizes=sizes)


def _folder(wanted: Reproduction, name: str) -> Path:
    return wanted.out / "runs" / name


def _page(wanted: Reproduction) -> dict[str, Any]:
    write_text(wanted.out / "results.md", results_page(wanted.out / "evaluate", wanted.packed))
    return {}
