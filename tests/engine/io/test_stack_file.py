"""`.idl` files: exact there and back, and safe to open from strangers."""

from __future__ import annotations

import dataclasses
import io
import json
import pickle
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from illustrators_depth.errors import InputError
from illustrators_depth.io.stack_file import load_stack, save_stack
from illustrators_depth.types import Layer, LayerStack


def make_stack(seed: int, height: int = 40, width: int = 30, count: int = 4) -> LayerStack:
    """Layers of every storage kind: 8-bit exact colours, free floats, windows, an empty one."""
    rng = np.random.default_rng(seed)
    masks = [rng.random((height, width)) > 0.4 for _ in range(count)]
    labels = np.full((height, width), -1, np.int32)
    for i, mask in enumerate(masks):
        mask[: (i * 5) % height, :] = False
        if i != 2:  # which is hidden
            labels[mask] = i
    layers = []
    for i, mask in enumerate(masks):
        visible = labels == i
        rgba = np.zeros((height, width, 4), np.float32)
        if i % 2:
            rgba[...] = rng.random((height, width, 4))
        else:
            rgba[...] = rng.integers(0, 256, (height, width, 4)) / np.float32(255)
        rgba *= mask[..., None]
        color = tuple(float(c) for c in rng.random(3))
        layer = Layer.from_full(
            f"läyer {i}/\u2603", float(rng.normal()), color, visible, mask, rgba, i == 2
        )  # type: ignore[arg-type]
        layers.append(dataclasses.replace(layer, uid=i + 1))
    return LayerStack(labels, tuple(layers), "näme", {"method": "bins", "cuts": [0.1, 0.5]})


def assert_same(a: LayerStack, b: LayerStack) -> None:
    assert (a.name, a.meta, len(a)) == (b.name, b.meta, len(b))
    assert a.labels.dtype == b.labels.dtype and np.array_equal(a.labels, b.labels)
    for p, q in zip(a, b, strict=True):
        for field in ("name", "depth", "color", "hidden", "frame", "window"):
            assert getattr(p, field) == getattr(q, field), field
        for field in ("visible_crop", "mask_crop", "rgba_crop"):
            left, right = getattr(p, field), getattr(q, field)
            assert left.dtype == right.dtype
            assert left.tobytes() == right.tobytes(), field


@given(st.integers(0, 10_000), st.integers(1, 40), st.integers(1, 40), st.integers(1, 6))
@settings(
    max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_round_trip(tmp_path: Path, seed: int, height: int, width: int, count: int) -> None:
    stack = make_stack(seed, height, width, count)
    path = save_stack(stack, tmp_path / "a.idl", overwrite=True)
    assert_same(stack, load_stack(path))


def test_same_stack_same_bytes(tmp_path: Path) -> None:
    one = save_stack(make_stack(3), tmp_path / "a.idl").read_bytes()
    assert one == save_stack(make_stack(3), tmp_path / "b.idl").read_bytes()


def test_negative_zero_survives(tmp_path: Path) -> None:
    mask = np.ones((3, 3), bool)
    rgba = np.full((3, 3, 4), -0.0, np.float32)
    layer = Layer("a", 0.0, (0.0, 0.0, 0.0), (3, 3), (0, 0, 3, 3), mask, mask, rgba)
    stack = LayerStack(np.zeros((3, 3), np.int32), (layer,))
    assert_same(stack, load_stack(save_stack(stack, tmp_path / "a.idl")))


def test_no_overwrite_and_right_suffix(tmp_path: Path) -> None:
    save_stack(make_stack(1), tmp_path / "a.idl")
    with pytest.raises(InputError, match="exists"):
        save_stack(make_stack(1), tmp_path / "a.idl")
    with pytest.raises(InputError, match=r"\.idl"):
        save_stack(make_stack(1), tmp_path / "a.zip")
    bad = LayerStack(make_stack(1).labels, make_stack(1).layers, "x", {"array": np.zeros(3)})
    with pytest.raises(InputError, match="JSON"):
        save_stack(bad, tmp_path / "b.idl")
    assert [p.name for p in tmp_path.iterdir()] == ["a.idl"]


# ---- files from strangers -------------------------------------------------------------------

Members = dict[str, bytes]


def edited(tmp_path: Path, change: Callable[[Members], None]) -> Path:
    """A good file taken apart, changed and put together again."""
    good = save_stack(make_stack(5), tmp_path / "good.idl", overwrite=True)
    with zipfile.ZipFile(good) as archive:
        members = {i.filename: archive.read(i) for i in archive.infolist()}
    change(members)
    bad = tmp_path / "bad.idl"
    with zipfile.ZipFile(bad, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return bad


def manifest(**changes: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        data = json.loads(members["stack.json"])
        data.update(changes)
        members["stack.json"] = json.dumps(data).encode()

    return change


def layer_entry(**changes: object) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        data = json.loads(members["stack.json"])
        data["layers"][1].update(changes)
        members["stack.json"] = json.dumps(data).encode()

    return change


def replace(name: str, data: bytes) -> Callable[[Members], None]:
    return lambda members: members.update({name: data})


def replace_text(old: str, new: str) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        text = members["stack.json"].decode()
        assert old in text
        members["stack.json"] = text.replace(old, new).encode()

    return change


def npy(array: np.ndarray) -> bytes:
    buffer = io.BytesIO()
    np.save(buffer, array)
    return buffer.getvalue()


def replace_plane(key: str, value: np.float32) -> Callable[[Members], None]:
    """One of layer 1's planes, filled with a value."""

    def change(members: Members) -> None:
        data = json.loads(members["stack.json"])
        top, left, bottom, right = data["layers"][1]["window"]
        shape = (bottom - top, right - left, 3)[: 3 if key == "rgb" else 2]
        data["layers"][1][key] = "filled.npy"
        members["filled.npy"] = npy(np.full(shape, value, np.float32))
        members["stack.json"] = json.dumps(data).encode()

    return change


def labels(change_array: Callable[[np.ndarray], None]) -> Callable[[Members], None]:
    def change(members: Members) -> None:
        array = np.load(io.BytesIO(members["labels.npy"]))
        change_array(array)
        members["labels.npy"] = npy(array)

    return change


class Boom:
    """Unpickling this would create a file."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (Path.touch, (Path("pickle-was-read"),))


def pickled_npy() -> bytes:
    stream = io.BytesIO()
    np.lib.format.write_array(stream, np.array([Boom()], dtype=object), allow_pickle=True)
    return stream.getvalue()


def huge_header_npy() -> bytes:
    import io

    stream = io.BytesIO()
    header = {"descr": "<i4", "fortran_order": False, "shape": (1 << 20, 1 << 20)}
    np.lib.format.write_array_header_1_0(stream, header)
    return stream.getvalue() + b"\0" * 64


HOSTILE: dict[str, tuple[Callable[[Members], None], str]] = {
    "other version": (manifest(version=99), "version 99"),
    "other kind": (manifest(format="x"), "another kind"),
    "huge picture": (manifest(height=1 << 20, width=1 << 20), "claims a picture"),
    "negative size": (manifest(height=-1), "claims a picture"),
    "size is text": (manifest(height="a lot"), "makes no sense"),
    "layers is text": (manifest(layers="abc"), "more than|makes no sense"),
    "too many layers": (manifest(layers=[{}] * 5000), "more than 4096"),
    "labels without layers": (manifest(layers=[]), "labels without a layer"),
    "meta is a list": (manifest(meta=[1]), "facts that are no object"),
    "history is text": (manifest(meta={"history": "abc"}), "no list of edits"),
    "history of numbers": (manifest(meta={"history": [1]}), "no list of edits"),
    "half a character in the name": (manifest(name="a\ud800"), "no valid text"),
    "half a character in a layer's name": (layer_entry(name="\udcff"), "no valid text"),
    "name is a number": (layer_entry(name=7), "no text"),
    "NaN colour": (layer_entry(color=[float("nan"), 0, 0]), "colour"),
    "two colours": (layer_entry(color=[0.1, 0.2]), "colour"),
    "depth NaN": (layer_entry(depth=float("nan")), "depth nan"),
    "depth 1e30": (layer_entry(depth=1e30), "depth 1e\\+30"),
    "depth is text": (layer_entry(depth="1"), "depth '1'"),
    "hidden is text": (layer_entry(hidden="false"), "neither hidden nor shown"),
    "uid repeated": (layer_entry(uid=1), "two layers with one uid"),
    "uid negative": (layer_entry(uid=-3), "uid -3"),
    "uid of ten thousand digits": (replace_text('"uid": 2', '"uid": ' + "9" * 10_000),
                                   "makes no sense"),
    "window of fractions": (layer_entry(window=[0.5, 0, 3, 3]), "whole numbers|makes no sense"),
    "size of fractions": (manifest(height=40.5), "makes no sense"),
    "alpha 7": (replace_plane("alpha", np.float32(7.0)), "from .* to 7, not 0 to 1"),
    "colour below zero": (replace_plane("rgb", np.float32(-1.0)), "not 0 to 1"),
    "labels of another layer": (labels(lambda a: a.fill(0)), "not those of its layers"),
    "hidden layer that is seen": (layer_entry(hidden=True), "not those of its layers"),
    "visible elsewhere": (layer_entry(visible="layers/0002/mask.png"), "visible pixels"),
    "window outside": (layer_entry(window=[0, 0, 4000, 4000]), "outside its picture"),
    "window upside down": (layer_entry(window=[9, 9, 3, 3]), "outside its picture"),
    "member missing": (layer_entry(mask="layers/none.png"), "lacks its member"),
    "member is a number": (layer_entry(mask=7), "makes no sense"),
    "no manifest": (lambda m: m.pop("stack.json") and None, "lacks its member"),
    "manifest is not JSON": (replace("stack.json", b"{"), "makes no sense"),
    "deeply nested JSON": (replace("stack.json", b"[" * 200_000), "damaged"),
    "pickle": (replace("labels.npy", pickled_npy()), "not what its list"),
    "huge array header": (replace("labels.npy", huge_header_npy()), "not what its list"),
    "cut array": (lambda m: m.update({"labels.npy": m["labels.npy"][:200]}), "not what its list"),
    "another picture": (lambda m: m.update({"layers/0002/mask.png": m["layers/0001/rgb.png"]}),
                        "not what its list"),
    "not a picture": (replace("layers/0002/mask.png", b"GIF89a....."), "not what its list"),
    "path upwards": (replace("../../evil", b""), "evil"),
    "absolute path": (replace("/etc/evil", b""), "evil"),
    "windows path": (replace("C:\\evil", b""), "evil"),
    "oversized member": (replace("layers/0002/mask.png", b"\0" * 5_000_000), "at most"),
    "many members": (lambda m: m.update({f"x{i}": b"" for i in range(21_000)}), "members"),
}  # fmt: skip


@pytest.mark.parametrize("case", HOSTILE)
def test_hostile_files_are_refused(
    tmp_path: Path, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    change, words = HOSTILE[case]
    with pytest.raises(InputError, match=words) as raised:
        load_stack(edited(tmp_path, change))
    assert "bad.idl" in str(raised.value)
    assert not Path("pickle-was-read").exists()
    assert sorted(p.name for p in tmp_path.iterdir()) == ["bad.idl", "good.idl"]


def test_layers_without_uids_get_some(tmp_path: Path) -> None:
    path = edited(tmp_path, replace_text('"uid": 2', '"uid": 0'))
    uids = [layer.uid for layer in load_stack(path)]
    assert sorted(uids) == sorted(set(uids)) and min(uids) > 0


def test_pickle_would_have_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The trap above is armed: reading it with pickles allowed springs it."""
    monkeypatch.chdir(tmp_path)
    pickle.loads(pickle.dumps(Boom()))
    assert Path("pickle-was-read").exists()


def test_lying_sizes_and_bombs(tmp_path: Path) -> None:
    """A directory entry that understates its member does not get past its limit."""
    path = edited(tmp_path, replace("layers/0002/mask.png", b"\0" * 300_000))
    data = bytearray(path.read_bytes())
    size = (300_000).to_bytes(4, "little")
    at = data.rindex(size)  # the central directory's copy
    data[at : at + 4] = (100).to_bytes(4, "little")
    path.write_bytes(bytes(data))
    with pytest.raises(InputError):
        load_stack(path)


def test_repeated_member_and_compression(tmp_path: Path) -> None:
    path = edited(tmp_path, lambda _: None)
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning):
        archive.writestr("stack.json", b"{}")
    with pytest.raises(InputError, match="twice"):
        load_stack(path)
    path = edited(tmp_path, lambda _: None)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_LZMA) as archive:
        archive.writestr("extra", b"0" * 100)
    with pytest.raises(InputError, match="compression"):
        load_stack(path)


@pytest.mark.parametrize("length", [0, 10, 500, -30])
def test_truncated_and_foreign_files(tmp_path: Path, length: int) -> None:
    data = save_stack(make_stack(2), tmp_path / "a.idl").read_bytes()
    (tmp_path / "cut.idl").write_bytes(data[:length])
    with pytest.raises(InputError, match=r"cut\.idl is damaged"):
        load_stack(tmp_path / "cut.idl")
    with pytest.raises(InputError, match="no layer file"):
        load_stack(tmp_path / "none.idl")


def test_flipped_bytes_never_crash(tmp_path: Path) -> None:
    """Random damage gives the same stack or one InputError, nothing else."""
    data = save_stack(make_stack(2, 12, 10, 2), tmp_path / "a.idl").read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        damaged = bytearray(data)
        damaged[int(rng.integers(len(data)))] ^= int(rng.integers(1, 256))
        (tmp_path / "d.idl").write_bytes(bytes(damaged))
        try:
            load_stack(tmp_path / "d.idl")
        except InputError:
            refused += 1
    assert refused > 75


def test_files_of_version_1_stay_readable() -> None:
    """A file as this version writes it, kept: whatever comes later has to read it."""
    stack = load_stack(Path(__file__).parents[2] / "cases" / "files" / "layers_v1.idl")
    assert (stack.width, stack.height, stack.name) == (5, 6, "seed")
    assert [(x.name, x.depth, x.uid) for x in stack] == [("layer 0", 0.0, 1), ("layer 1", 1.0, 2)]
    assert np.count_nonzero(stack.labels == 1) == 6
    assert stack.meta == {"method": "bins"}
