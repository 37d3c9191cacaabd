"""A full disk, for every kind of file the engine writes: one sentence, the old files untouched."""

from __future__ import annotations

import contextlib
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.depth import predict_depth
from illustrators_depth.errors import EngineError, InputError
from illustrators_depth.export.meshes.mesh_file import write_mesh
from illustrators_depth.export.stack_writer import write_stack
from illustrators_depth.geometry import relief
from illustrators_depth.io.depth_file import write_depth
from illustrators_depth.io.stack_file import save_stack
from illustrators_depth.layering import decompose
from illustrators_depth.settings import DepthSettings, ReliefSettings
from illustrators_depth.types import DepthMap, Image, LayerStack, Mesh
from illustrators_depth.worker import WorkerClient, submit_layers
from tests.reliability.faults import listing, one_sentence, poster, small_disk

_ROOM_KB = 48  # less than any of the files below


@pytest.fixture(scope="module")
def made() -> tuple[DepthMap, LayerStack, Mesh]:
    """A noisy picture's products: noise does not shrink when it is packed."""
    picture = poster(300, 400)
    noise = np.random.default_rng(0).normal(0.0, 0.02, picture.rgba.shape[:2])
    rgba = picture.rgba.copy()
    rgba[..., :3] = np.clip(rgba[..., :3] + noise[..., None], 0.0, 1.0)
    depth = predict_depth(picture, settings=DepthSettings(model="heuristic"))
    stack = decompose(Image(rgba), depth)
    bumpy = DepthMap((depth.values + noise).astype(np.float32))
    mesh = relief(stack, ReliefSettings(mode="heightfield", max_vertices=5000), bumpy)
    return bumpy, stack, mesh


# What is written, by the name of the file or folder it ends in.
WRITERS: dict[str, Callable[[tuple[DepthMap, LayerStack, Mesh], Path], object]] = {
    **{
        f"depth{s}": lambda made, path: write_depth(made[0], path, overwrite=True)
        for s in (".npy", ".png", ".exr", ".tif")
    },
    **{
        f"relief{s}": lambda made, path: write_mesh(made[2], path, overwrite=True)
        for s in (".stl", ".glb", ".3mf", ".obj", ".ply")
    },
    "stack.idl": lambda made, path: save_stack(made[1], path, overwrite=True),
    **{
        f"layers{s}": lambda made, path: write_stack(made[1], path, overwrite=True)
        for s in ("", ".psd", ".ora", ".exr")
    },
}


@contextlib.contextmanager
def short_files(kilobytes: int) -> Iterator[None]:
    """No file of this process may grow beyond this: a full disk for those who cannot mount one."""
    import resource

    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (kilobytes * 1024, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def refused(made: tuple[DepthMap, LayerStack, Mesh], name: str, folder: Path) -> None:
    """Writing fails with one sentence; the folder is as before, over an old file as over none."""
    for old in (False, True):
        final = folder / name
        if old and "." in name:
            final.write_bytes(b"old")
        elif old:
            final.mkdir()
            (final / "old.png").write_bytes(b"old")
        before = listing(folder)
        with pytest.raises(InputError, match=r"disk is (not )?full") as raised:
            WRITERS[name](made, final)
        one_sentence(str(raised.value))
        del raised  # its traceback holds the unlinked file open, and that its room
        assert listing(folder) == before


@pytest.mark.parametrize("name", WRITERS)
def test_on_a_small_disk(
    made: tuple[DepthMap, LayerStack, Mesh], tmp_path: Path, name: str
) -> None:
    with small_disk(tmp_path, _ROOM_KB) as disk:
        refused(made, name, disk)


@pytest.mark.skipif(sys.platform == "win32", reason="limits file sizes the POSIX way")
@pytest.mark.parametrize("name", WRITERS)
def test_where_files_may_not_grow(
    made: tuple[DepthMap, LayerStack, Mesh], tmp_path: Path, name: str
) -> None:
    with short_files(4):
        refused(made, name, tmp_path)


def test_the_exchange_of_arrays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No room for the picture: the client says so. Room for it but not for the answer: the worker.

    Either way the next, smaller picture goes through.
    """
    picture = poster(200, 300)
    one = picture.rgba.nbytes // 1024
    with small_disk(tmp_path, one + one // 4) as disk:
        monkeypatch.setattr(tempfile, "tempdir", str(disk))
        monkeypatch.setenv("TMPDIR", str(disk))
        with WorkerClient() as worker:
            with pytest.raises(InputError, match=r"disk is full: .*image\.npy"):
                submit_layers(worker, poster(400, 600))
            with pytest.raises(EngineError, match="disk is full") as raised:
                worker.wait(submit_layers(worker, picture, DepthSettings(model="heuristic")), 60)
            one_sentence(str(raised.value))
            assert listing(worker.folder) == {}
            small = submit_layers(worker, poster(40, 60), DepthSettings(model="heuristic"))
            assert worker.wait(small, 60)["layers"] > 1
        assert not list(disk.glob("illustrators-depth-*"))
