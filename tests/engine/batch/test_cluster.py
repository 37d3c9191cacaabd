"""The same batch on a real Dask cluster: two worker processes, the same bytes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from illustrators_depth.batch import LocalWorkers, Options, Preset, make_recipe, run_batch
from illustrators_depth.batch.cluster import ClusterWorkers
from illustrators_depth.batch.manifest import read_journal
from tests.engine.batch.conftest import Notes, listing, run_command

distributed = pytest.importorskip("distributed", reason="Dask is not installed")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None,
        local_directory=str(tmp_path_factory.mktemp("dask")),
    ) as cluster:  # fmt: skip
        yield cluster.scheduler_address


def test_cluster_and_local_run_give_the_same_bytes(
    address: str, pictures: Path, tmp_path: Path
) -> None:
    """With the network, whose sums depend on the number of threads when that is left open."""
    (pictures / "bad.png").write_bytes(b"no picture")
    recipe = make_recipe(("svg", "layers", "depth", "idl", "glb"), Preset())
    local, cluster = tmp_path / "local", tmp_path / "cluster"
    run_batch([str(pictures)], local, recipe, LocalWorkers(1), Options(), Notes())
    notes = Notes()
    outcome = run_batch(
        [str(pictures), str(tmp_path / "gone.png")], cluster, recipe, ClusterWorkers(address),
        Options(), notes,
    )  # fmt: skip
    assert sorted(r.name for r in outcome.failed) == ["bad", "gone"]
    assert listing(cluster) == listing(local)
    assert len(listing(cluster)) >= 15
    here, there = read_journal(local).last, read_journal(cluster).last
    for name in ("fox", "hill", "sea"):
        assert there[name].outputs == here[name].outputs
        assert there[name].input_sha256 == here[name].input_sha256
        assert there[name].settings == here[name].settings

    # what a cluster made, a local run takes as done
    again = Notes()
    how = Options(resume=True)
    run_batch([str(pictures / "*.png")], cluster, recipe, LocalWorkers(1), how, again)
    assert again.skipped == 3
    assert [r.name for r in again.records] == ["bad"]


def test_the_command(address: str, pictures: Path, tmp_path: Path) -> None:
    done = run_command("art", "-o", "out", "-p", "svg", "--scheduler", address, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert {p.name for p in (tmp_path / "out").iterdir()} == {
        "fox.svg", "hill.svg", "sea.svg", "manifest.jsonl",
    }  # fmt: skip


def test_workers_with_another_model_are_refused(
    address: str, pictures: Path, tmp_path: Path
) -> None:
    recipe = make_recipe(("svg",), Preset())
    recipe.settings["model_sha256"] = "0" * 64
    outcome = run_batch(
        [str(pictures)], tmp_path / "out", recipe, ClusterWorkers(address), Options(), Notes()
    )
    assert len(outcome.failed) == 3
    assert all("another model" in r.error["message"] for r in outcome.failed if r.error)


def test_a_cluster_worker_that_dies_fails_its_picture_only(
    address: str, pictures: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One picture ends every process that takes it; Dask gives up on it, the others are made."""
    from illustrators_depth.batch import cluster
    from tests.engine.batch.deadly import deadly_for_hill

    monkeypatch.setattr(cluster, "make_products_elsewhere", deadly_for_hill)
    recipe = make_recipe(("svg",), Preset().changed("depth", model="heuristic"))
    outcome = run_batch(
        [str(pictures)], tmp_path / "out", recipe, ClusterWorkers(address), Options(), Notes()
    )
    assert [r.name for r in outcome.failed] == ["hill"]
    assert outcome.failed[0].error is not None
    assert "KilledWorker" in outcome.failed[0].error["message"]
    assert {p.name for p in (tmp_path / "out").glob("*.svg")} == {"fox.svg", "sea.svg"}
