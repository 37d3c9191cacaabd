"""Data sets in one file: as they were, or small enough to send and drawn again."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest
from stacks import disc_under_bar, random_shapes, stack_of, write_set
from typer.testing import CliRunner

from illustrators_depth.errors import InputError
from illustrators_depth_training.cli.app import app
from illustrators_depth_training.packed import (
    PackedDrawings,
    open_drawings,
    pack_corpus,
    pack_travel,
    unpack_travel,
)
from illustrators_depth_training.packed.container import Container, ContainerWriter, open_container
from illustrators_depth_training.packed.index_codec import decode_index, encode_index
from illustrators_depth_training.packed.paints import fit_planes, paint
from illustrators_depth_training.packed.region_table import region_table
from illustrators_depth_training.samples.drawings import Drawing, DrawingSet
from illustrators_depth_training.samples.region_tokens import segment
from illustrators_depth_training.samples.shard_source import ShardSource


def _hex(color: np.ndarray) -> str:
    return "#{:02x}{:02x}{:02x}".format(*color.tolist())


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two flat drawings to train on, with palettes, and one to validate with, without."""
    folder = tmp_path_factory.mktemp("set")
    for number, split in enumerate(("train", "val")):
        stacks = [stack_of(disc_under_bar(96), number), stack_of(random_shapes(number), number)]
        write_set(folder, stacks[: 2 - number], split, full_shapes=False, flat=True)
    return folder


@pytest.fixture(scope="module")
def packed(data: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("packed") / "corpus.pack"
    assert pack_corpus(data, out, workers=1) == 3
    return out


def test_a_packed_corpus_holds_what_the_set_held(data: Path, packed: Path) -> None:
    for split in ("train", "val"):
        was, now = DrawingSet(data, split), open_drawings(packed, split)
        assert isinstance(now, PackedDrawings) and len(now) == len(was)
        assert now.sources == was.sources and now.layers.tolist() == was.layers.tolist()
        for number in range(len(was)):
            one, other = was[number], now[number]
            np.testing.assert_array_equal(one.rgb, other.rgb)
            np.testing.assert_array_equal(one.index, other.index)
            np.testing.assert_array_equal(one.occlusions, other.occlusions)
            assert other.index.dtype == np.int32
            assert other.meta["key"] == one.meta["key"]
            labels, table = now.regions(number)
            np.testing.assert_array_equal(labels, segment(one.rgb))
            assert len(table.area) == labels.max() + 1


def test_training_draws_the_same_samples_from_either(data: Path, packed: Path) -> None:
    samples = [
        ShardSource(open_drawings(place, "train")).draw(np.random.default_rng(3), 64)
        for place in (data, packed)
    ]
    np.testing.assert_array_equal(samples[0].rgb, samples[1].rgb)
    np.testing.assert_array_equal(samples[0].index, samples[1].index)


def test_region_tables_say_what_the_labels_show() -> None:
    rgb, index, _ = stack_of(disc_under_bar(64))
    labels = np.full((64, 64), -1, np.int32)
    labels[index == 2], labels[index == 3] = 0, 1
    labels[30:32, 30:32] = 0  # four pixels of the bar
    table = region_table(rgb, index, labels)
    assert table.area.sum() == (labels >= 0).sum()
    assert table.layer.tolist() == [2, 3]
    rows, columns = np.nonzero(labels == 1)
    box = [rows.min(), columns.min(), rows.max() + 1, columns.max() + 1]
    assert table.box[1].tolist() == box
    np.testing.assert_array_equal(table.color[1], rgb[index == 3][0])


def test_flat_drawings_travel_to_the_byte(data: Path, tmp_path: Path) -> None:
    travel, out = tmp_path / "travel.pack", tmp_path / "corpus.pack"
    assert pack_travel(data, travel) == 3
    assert unpack_travel(travel, out, workers=1) == 3
    for split in ("train", "val"):
        was, now = DrawingSet(data, split), PackedDrawings(out, split)
        for number in range(len(was)):
            one, other = was[number], now[number]
            np.testing.assert_array_equal(one.index, other.index)
            np.testing.assert_array_equal(one.rgb, other.rgb)  # these have no blended edges
            np.testing.assert_array_equal(one.occlusions, other.occlusions)
            assert other.meta["licence"] == "CC0-1.0" and other.meta["flat"]
    assert travel.stat().st_size < out.stat().st_size / 10


def test_unpacking_gives_the_same_bytes_again(data: Path, tmp_path: Path) -> None:
    pack_travel(data, tmp_path / "t")
    for name in ("one", "two"):
        unpack_travel(tmp_path / "t", tmp_path / name, workers=1)
    assert (tmp_path / "one").read_bytes() == (tmp_path / "two").read_bytes()


def test_blended_edges_come_back_as_the_palette_and_gradients_as_planes() -> None:
    rgb, index, _ = stack_of(disc_under_bar(96))
    colors = [rgb[index == layer][0] for layer in (1, 2, 3)]
    blended = np.round(rgb * 0.75 + np.roll(rgb, 1, axis=0) * 0.25).astype(np.uint8)
    meta = {"key": "k", "layers": 3, "palette": [_hex(color) for color in colors]}
    np.testing.assert_array_equal(
        paint(index, fit_planes(Drawing(blended, index, meta))), np.array(colors)[index - 1]
    )
    ramp = rgb.copy()
    ramp[index == 2] = (
        np.arange(96)[None, :, None] * [2, 1, 0] + [10, 20, 30] * np.ones((96, 1, 1))
    )[index == 2]
    painted = paint(index, fit_planes(Drawing(ramp, index, {"key": "k", "layers": 3})))
    assert np.abs(painted.astype(int) - ramp).max() <= 1


def test_indices_of_many_layers_survive() -> None:
    index = np.arange(1, 64 * 64 + 1, dtype=np.int32).reshape(64, 64)
    events = encode_index(index)
    decoded = decode_index(events, index.shape)
    assert decoded is not None
    np.testing.assert_array_equal(decoded, index)
    cut = decode_index(events[:40], index.shape)
    assert cut is None or (cut != index).any()


def test_thin_and_tiny_layers_have_finite_paints() -> None:
    index = np.ones((64, 64), np.int32)
    index[10, :], index[30, 30] = 2, 3
    rgb = np.random.default_rng(0).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    planes = fit_planes(Drawing(rgb, index, {"key": "k", "layers": 3}))
    assert np.isfinite(planes).all()


@pytest.mark.parametrize("kind", ["corpus", "travel"])
def test_what_cannot_be_read_is_one_sentence(
    data: Path, packed: Path, tmp_path: Path, kind: str
) -> None:
    whole = packed
    if kind == "travel":
        pack_travel(data, whole := tmp_path / "travel.pack")
    bad = tmp_path / "bad.pack"

    def read() -> object:
        if kind == "corpus":
            return PackedDrawings(bad, "train")[0]
        return unpack_travel(bad, tmp_path / "out.pack", workers=1)

    data_bytes = whole.read_bytes()
    for content, sentence in (
        (data_bytes[: len(data_bytes) // 2], r"was cut short; copy it or pack it again\.$"),
        (data_bytes[:-1], "was cut short"),
        (data_bytes[:10], "is no packed|is no travel"),
        (b"", "is no "),
        (b"PNG" + data_bytes[3:], "is no "),
        (data_bytes[:8] + struct.pack("<I", 7) + data_bytes[12:], "of version 7, but this program"),
    ):
        bad.write_bytes(content)
        with pytest.raises(InputError, match=sentence):
            read()
    bad.unlink()
    with pytest.raises(InputError, match="cannot be read"):
        open_container(bad, "corp", "packed corpus")
    with pytest.raises(
        InputError, match=r"is a folder, but a packed corpus is one file; .*data pack"
    ):
        open_container(data, "corp", "packed corpus")
    assert not (tmp_path / "out.pack").exists()
    bad.write_bytes(data_bytes)
    other = {"corpus": "trvl", "travel": "corp"}[kind]
    with pytest.raises(InputError, match="but another packed file"):
        open_container(bad, other, "thing")


def test_damaged_pictures_of_a_travel_pack_are_one_sentence(data: Path, tmp_path: Path) -> None:
    travel = tmp_path / "travel.pack"
    pack_travel(data, travel)
    held: Container = open_container(travel, "trvl", "travel pack")
    with travel.open("r+b") as file:
        file.seek(held.slots["events_0"].offset)
        file.write(bytes(64))
    result = CliRunner().invoke(
        app, ["data", "unpack", str(travel), "-o", str(tmp_path / "out.pack"), "--workers", "1"]
    )
    assert isinstance(result.exception, InputError)
    assert "is damaged at drawing 0" in str(result.exception)
    assert not list(tmp_path.glob("*out*"))


def test_drawings_of_other_sizes_are_refused_and_nothing_is_left(
    data: Path, tmp_path: Path
) -> None:
    mixed = tmp_path / "mixed"
    write_set(mixed, [stack_of(disc_under_bar(96)), stack_of(disc_under_bar(64))], "train")
    sentence = r"Sample 0001 is 64x64, but a .* holds drawings of one size, here 96x96\.$"
    with pytest.raises(InputError, match=sentence):
        pack_corpus(mixed, tmp_path / "c.pack", workers=1, regions=False)
    with pytest.raises(InputError, match=sentence):
        pack_travel(mixed, tmp_path / "t.pack")
    assert not list(tmp_path.glob("*.pack"))


def test_splits_of_two_sizes_are_refused_before_anything_is_packed(tmp_path: Path) -> None:
    mixed = tmp_path / "mixed"
    write_set(mixed, [stack_of(disc_under_bar(64))] * 2, "train")
    write_set(mixed, [stack_of(disc_under_bar(96))], "val")
    seen: list[int] = []
    for title, pack in (("packed corpus", pack_corpus), ("travel pack", pack_travel)):
        with pytest.raises(InputError, match=rf"\(train 64x64, val 96x96\), but a {title} holds"):
            pack(mixed, tmp_path / "all.pack", progress=lambda done, _all: seen.append(done))
    assert not seen and not (tmp_path / "all.pack").exists()
    for extra in ([], ["--travel"]):
        chosen = ["--split", "val", "--workers", "1", *extra]
        out = tmp_path / f"val{len(extra)}.pack"
        result = CliRunner().invoke(app, ["data", "pack", str(mixed), "-o", str(out), *chosen])
        assert result.exit_code == 0 and "1 drawings" in result.output
    with pytest.raises(InputError, match="nowhere"):
        pack_corpus(mixed, tmp_path / "c.pack", workers=1, splits=["nowhere"])


def test_a_pack_that_holds_other_sizes_than_it_says(tmp_path: Path) -> None:
    path = tmp_path / "odd.pack"
    writer = ContainerWriter(path, "corp")
    writer.add("rgb", np.zeros((1, 8, 8, 3), np.uint8))
    writer.add("index", np.ones((1, 8, 9), np.uint8))
    meta = b'[{"key": "k", "split": "val", "layers": 2}]'
    writer.add("meta", np.frombuffer(meta, np.uint8), compress=True)
    writer.finish(size=[8, 8], count=1, layers=2)
    with pytest.raises(InputError, match=r"says that its drawings are 8x8, but holds index of"):
        PackedDrawings(path, "val")


def test_splits_that_are_not_there(packed: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="holds no drawings of the split unseen"):
        PackedDrawings(packed, "unseen")
    with pytest.raises(InputError, match="holds no shards; build the data set first"):
        pack_travel(tmp_path, tmp_path / "t.pack")


def test_the_commands(data: Path, tmp_path: Path) -> None:
    travel, out = tmp_path / "t.pack", tmp_path / "c.pack"
    for arguments in (
        ["pack", str(data), "-o", str(travel), "--travel"],
        ["unpack", str(travel), "-o", str(out), "--workers", "1", "--no-regions"],
        ["pack", str(data), "-o", str(out), "--workers", "1"],
    ):
        result = CliRunner().invoke(app, ["data", *arguments])
        assert result.exit_code == 0, result.output
        assert "3 drawings" in result.output
    assert PackedDrawings(out, "val").regions(0)[0].shape == (96, 96)
