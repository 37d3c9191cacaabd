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


def plan(reproduction: Reproduction, state: RunState, quiet: bool = False) -> list[Stage]:
    """All stages in their order."""
    stages: list[Stage] = []

    def alone(name: str, title: str, work: Callable[[], dict[str, Any]]) -> None:
        stages.append(Stage(name, title, False, lambda _place: work()))

    if not reproduction.packed:
        alone(
            "data",
            "MMSVG, cleaned, 80/20",
            partial(_build, reproduction, "mmsvg", reproduction.mmsvg),
        )
        raw = partial(_build, reproduction, "mmsvg_uncleaned", reproduction.mmsvg)
        alone("data-uncleaned", "MMSVG without cleaning", raw)
    if reproduction.svgx is not None:
        alone("svgx", "SVGX, cleaned", partial(_build, reproduction, "svgx", reproduction.svgx))
    for name in reproduction.runs:
        work = partial(_train, reproduction, state, name, quiet)
        stages.append(Stage(f"train-{name}", f"training, {name.replace('_', ' ')}", True, work))
    tests = [("mmsvg", reproduction.data, "val")]
    if reproduction.svgx is not None:
        tests.append(("svgx", reproduction.out / "svgx", "unseen"))
    for test, data, split in tests:
        for row in ("depth_pro", *reproduction.runs):
            measure = partial(_evaluate, reproduction, row, test, data, split)
            title = f"{row.replace('_', ' ')} on {TEST_PICTURES} drawings of {test}, dense"
            stages.append(Stage(f"evaluate-{row}-{test}", title, True, measure))
    alone("page", "results.md", partial(_page, reproduction))
    return stages


def run(reproduction: Reproduction, state: RunState, say: Say, quiet: bool = False) -> bool:
    """Do what is not done; False when a training was told to stop, and the same command goes on.

    Raises what the stages raise: InputError and UnavailableError in one sentence.
    """
    for stage in plan(reproduction, state, quiet):
        if state.facts(stage.name) is not None:
            continue
        place, _ = current_place(reproduction.devices)
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


def _build(reproduction: Reproduction, config: str, tables: Path) -> dict[str, Any]:
    """Build a data set from the shipped configuration, its places filled in and kept beside it."""
    name = {"mmsvg": "data", "mmsvg_uncleaned": "data-uncleaned", "svgx": "svgx"}[config]
    column, _ = svg_tables(tables, "--svgx" if config == "svgx" else "--mmsvg")
    text = (_CONFIGS / f"{config}.yaml").read_text(encoding="utf-8")
    for mark, value in {
        "$MMSVG": str(tables.resolve()), "$SVGX": str(tables.resolve()), "$COLUMN": column
    }.items():  # fmt: skip
        text = text.replace(mark, value)
    kept = output_folder(reproduction.out) / f"{config}.yaml"
    write_text(kept, text)
    only = "train" if config == "mmsvg_uncleaned" else None
    summary = build(
        load_data_config(kept),
        reproduction.out / name,
        width=reproduction.size,
        workers=reproduction.workers,
        only=only,
    )
    return {"drawings": summary.counts}


def _train(
    reproduction: Reproduction, state: RunState, name: str, quiet: bool, _place: Place
) -> dict[str, Any] | None:
    """One run of the paper's schedule; it resumes from its own checkpoint."""
    if reproduction.packed:
        drawings = len(open_drawings(reproduction.data, "train"))
    else:
        facts = state.facts("data-uncleaned" if name == "no_cleaning" else "data")
        assert facts is not None
        drawings = int(facts["drawings"]["train"])
    config = reproduction.training(name, drawings)
    trainer = train(config, _folder(reproduction, name), quiet=quiet)
    if trainer.global_step < config.steps:
        return None
    return {"steps": config.steps, "drawings": drawings}


def _evaluate(
    reproduction: Reproduction, row: str, test: str, data: Path, split: str, place: Place
) -> dict[str, Any]:
    """Measure this process's share of the test; the first process then joins all shares."""
    folder = output_folder(reproduction.out / "evaluate")
    drawings = open_drawings(data, split)
    numbers = choose(drawings, TEST_PICTURES)
    part = folder / "parts" / f"{row}-{test}-{place.rank}-of-{place.ranks}.json"
    own = numbers[place.rank :: place.ranks]
    if not part.is_file():
        results = []
        if own:
            predictor = _predictor(reproduction, row)
            results = evaluate(predictor, drawings, own, test, split).pictures
        output_folder(part.parent)
        write_json(part, [asdict(result) for result in results])
    if place.rank:
        return {}
    parts = [part.with_name(f"{row}-{test}-{r}-of-{place.ranks}.json") for r in range(place.ranks)]
    height, width = drawings[numbers[0]].index.shape
    device = "cpu" if reproduction.on_cpu else "cuda"
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


def _predictor(reproduction: Reproduction, row: str) -> Predictor:
    sizes = reproduction.training("full", 1).network.sizes
    path = (
        reproduction.weights
        if row == "depth_pro"
        else _folder(reproduction, row) / "checkpoints" / LAST
    )
    own = int(os.environ.get("LOCAL_RANK", os.environ.get("SLURM_LOCALID", "0")))
    device = "cpu" if reproduction.on_cpu else f"cuda:{own % max(1, torch.cuda.device_count())}"
    return DensePredictor(path, device=device, sizes=sizes)


def _folder(reproduction: Reproduction, name: str) -> Path:
    return reproduction.out / "runs" / name


def _page(reproduction: Reproduction) -> dict[str, Any]:
    write_text(
        reproduction.out / "results.md",
        results_page(reproduction.out / "evaluate", reproduction.packed),
    )
    return {}
