"""Reading weights from files that may be damaged, foreign or hostile."""

from __future__ import annotations

import os
import pickle
from pathlib import Path

import pytest
import torch

from illustrators_depth.errors import InputError
from illustrators_depth.networks.checkpoint import load_compact, read_tensors
from illustrators_depth.networks.compact import CompactNetwork


@pytest.fixture(scope="module")
def state() -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    return CompactNetwork().state_dict()


def test_plain_state_dict_and_safetensors(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    from safetensors.torch import save_file

    torch.save(state, tmp_path / "a.pt")
    save_file(state, tmp_path / "a.safetensors")
    for name in ("a.pt", "a.safetensors"):
        loaded = load_compact(tmp_path / name)
        assert all(torch.equal(loaded[k], v) for k, v in state.items())


def test_training_checkpoint_gives_averaged_weights(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    average = {k: v + 1 for k, v in state.items()}
    checkpoint = {
        "state_dict": {f"network.{k}": v for k, v in state.items()},
        "callbacks": {"AveragedWeights": {"average": average}},
    }
    torch.save(checkpoint, tmp_path / "a.ckpt")
    assert torch.equal(load_compact(tmp_path / "a.ckpt")["head.bias"], average["head.bias"])
    torch.save({"state_dict": checkpoint["state_dict"]}, tmp_path / "b.ckpt")
    assert torch.equal(load_compact(tmp_path / "b.ckpt")["head.bias"], state["head.bias"])


def test_half_precision_comes_back_as_float32(
    state: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    torch.save({k: v.half() for k, v in state.items()}, tmp_path / "a.pt")
    assert load_compact(tmp_path / "a.pt")["head.weight"].dtype == torch.float32


def test_truncated_file(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    path = tmp_path / "cut.pt"
    torch.save(state, path)
    path.write_bytes(path.read_bytes()[:-5000])
    with pytest.raises(InputError, match=r"cut\.pt is damaged"):
        load_compact(path)


@pytest.mark.parametrize("name", ["noise.pt", "noise.ckpt", "noise.safetensors"])
def test_not_a_checkpoint(name: str, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(os.urandom(4096))
    with pytest.raises(InputError, match=name):
        load_compact(tmp_path / name)


def test_wrong_keys_and_shapes_are_named(state: dict[str, torch.Tensor], tmp_path: Path) -> None:
    changed = dict(state)
    del changed["head.bias"]
    changed["tail.bias"] = torch.zeros(3)
    changed["head.weight"] = torch.zeros(2, 2)
    torch.save(changed, tmp_path / "odd.pt")
    with pytest.raises(InputError) as caught:
        load_compact(tmp_path / "odd.pt")
    message = str(caught.value)
    assert "odd.pt" in message and "head.bias" in message and "tail.bias" in message
    assert "head.weight (2, 2) instead of" in message


class _Bomb:
    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (self.folder,)

    folder = ""


@pytest.mark.parametrize("plain_pickle", [False, True])
def test_hostile_pickle_is_refused_and_does_not_run(plain_pickle: bool, tmp_path: Path) -> None:
    bomb = _Bomb()
    bomb.folder = str(tmp_path / "exploded")
    path = tmp_path / "hostile.pt"
    if plain_pickle:
        path.write_bytes(pickle.dumps(bomb))
    else:
        torch.save({"head.bias": bomb}, path)
    with pytest.raises(InputError, match=r"hostile\.pt"):
        read_tensors(path)
    assert not (tmp_path / "exploded").exists()


def test_missing_file(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="does not exist"):
        load_compact(tmp_path / "nowhere.pt")
