"""The same build on a real Dask cluster: two worker processes, the same bytes."""

from __future__ import annotations

from pathlib import Path

import pytest

from illustrators_depth.errors import InputError
from illustrators_depth_training.data import build as building
from illustrators_depth_training.data.build import build
from illustrators_depth_training.data.config import load_config

distributed = pytest.importorskip("distributed", reason="Dask is not installed")


def test_cluster_gives_the_same_bytes(
    node: Path, folder_of_drawings: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(building, "BLOCK_SIZE", 8)
    path = tmp_path / "set.yaml"
    path.write_text(f"sources: ['dir:{folder_of_drawings}']\nscenes: {{count: 4}}\n")
    config = load_config(path)
    build(config, tmp_path / "local", width=48, workers=1)
    with distributed.LocalCluster(
        n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
    ) as cluster:
        address = cluster.scheduler_address
        summary = build(config, tmp_path / "cluster", width=48, scheduler=address)
    assert summary.counts["train"] > 0
    local = {p.name: p.read_bytes() for p in (tmp_path / "local").glob("*.tar")}
    assert local == {p.name: p.read_bytes() for p in (tmp_path / "cluster").glob("*.tar")}


def test_absent_scheduler_is_one_sentence(folder_of_drawings: Path, tmp_path: Path) -> None:
    path = tmp_path / "set.yaml"
    path.write_text(f"sources: ['dir:{folder_of_drawings}']\n")
    with pytest.raises(InputError, match="No Dask scheduler answers"):
        build(load_config(path), tmp_path / "out", width=48, scheduler="nonsense://x")
