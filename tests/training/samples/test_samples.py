"""Samples: procedural scenes, drawings from shards, augmentation, and the numbered stream."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from illustrators_depth.errors import InputError
from illustrators_depth_training.data.drawing.sample import encode_index_png, encode_png
from illustrators_depth_training.data.layered import LayeredImage
from illustrators_depth_training.data.shards import tar_bytes
from illustrators_depth_training.procedural import (
    charts,
    make_chart,
    make_crowd,
    make_lines,
    make_materials,
    make_scene,
)
from illustrators_depth_training.samples.augment import Augmentation, jitter_colors, place, renumber
from illustrators_depth_training.samples.drawings import DrawingSet
from illustrators_depth_training.samples.frames import FramedDrawings
from illustrators_depth_training.samples.shard_source import (
    EpochSource,
    KindShares,
    PlainSource,
    ShardSource,
    sampling_weights,
)
from illustrators_depth_training.samples.stream import Mixture, ProceduralSource, SampleStream
from illustrators_depth_training.trainer.run_data import validation_share


@pytest.fixture(scope="module")
def shards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six procedural drawings as a built data set: four to train on, two to validate on."""
    folder = tmp_path_factory.mktemp("set")
    for split, numbers in (("train", range(4)), ("val", range(4, 6))):
        members = []
        for number in numbers:
            scene = make_scene(np.random.default_rng(number), 96)
            meta = {
                "source": f"made:{number % 2}",
                "layers": int(scene.index.max()),
                "name": f"scene {number}",
            }
            members += [
                (f"{number:04d}.rgb.png", encode_png(scene.rgb)),
                (f"{number:04d}.index.png", encode_index_png(scene.index)),
                (f"{number:04d}.json", json.dumps(meta).encode()),
            ]
        (folder / f"{split}-000000.tar").write_bytes(tar_bytes(members))
    return folder


@pytest.mark.parametrize("make", [make_scene, make_lines, make_crowd, make_chart, make_materials])
def test_scenes_are_repeatable_and_well_formed(
    make: Callable[[np.random.Generator, int], LayeredImage],
) -> None:
    for seed in range(12):
        one, two = (make(np.random.default_rng(seed), 64) for _ in range(2))
        assert (one.rgb == two.rgb).all() and (one.index == two.index).all()
        layers = np.unique(one.index)
        assert layers.tolist() == list(range(1, len(layers) + 1))
        assert len(layers) >= 2
        assert one.hides is not None
        assert (one.hides[:, 0] < one.hides[:, 1]).all()
        assert one.hides.size == 0 or one.hides.max() <= len(layers)


def test_fields_of_a_net_are_the_page() -> None:
    """Where a line drawing shows the page's colour, pure, it is the page: never over the lines."""
    for seed in range(30):
        scene = make_lines(np.random.default_rng(seed), 96)
        corner = scene.rgb[0, 0]
        if scene.index[0, 0] == 1 and (scene.rgb[0, :4] == corner).all():
            page = (scene.rgb == corner).all(axis=2)
            assert page.sum() > 200
            assert (scene.index[page] == 1).mean() > 0.97


def test_shards_come_back_as_they_were_written(shards: Path) -> None:
    drawings = DrawingSet(shards, "train")
    scene = make_scene(np.random.default_rng(2), 96)
    assert len(drawings) == 4
    assert (drawings[2].rgb == scene.rgb).all()
    assert (drawings[2].index == scene.index).all()
    assert drawings[2].meta["name"] == "scene 2"
    assert len(DrawingSet(shards, "val")) == 2


def test_sources_can_be_left_out(shards: Path) -> None:
    assert set(DrawingSet(shards, "train", exclude=["made:1"]).sources) == {"made:0"}
    with pytest.raises(InputError, match="hold no drawings"):
        DrawingSet(shards, "train", exclude=["made"])


def test_damaged_and_missing_shards_are_named(shards: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match="unseen"):
        DrawingSet(shards, "unseen")
    data = (shards / "train-000000.tar").read_bytes()
    (tmp_path / "train-000000.tar").write_bytes(data[: len(data) // 2 + 100])
    with pytest.raises(InputError, match=r"train-000000\.tar"):
        DrawingSet(tmp_path, "train")


def test_plain_source_shows_drawings_whole(shards: Path) -> None:
    drawings = DrawingSet(shards, "val")
    shown = PlainSource(drawings).draw(np.random.default_rng(0), 96)
    rgb, index = shown.rgb, shown.index
    same = [(d.index == index).mean() > 0.999 for d in (drawings[0], drawings[1])]
    assert any(same) and rgb.shape == (96, 96, 3)


@pytest.mark.parametrize("compose", [0.0, 1.0])
def test_augmented_samples_are_well_formed(shards: Path, compose: float) -> None:
    source = ShardSource(DrawingSet(shards, "train"), compose)
    for seed in range(12):
        drawing = source.draw(np.random.default_rng(seed), 64)
        again = source.draw(np.random.default_rng(seed), 64)
        rgb, index = drawing.rgb, drawing.index
        assert (rgb == again.rgb).all()
        assert rgb.shape == (64, 64, 3) and rgb.dtype == np.uint8
        layers = np.unique(index)
        assert layers.tolist() == list(range(1, len(layers) + 1)) and len(layers) >= 2


def test_geometry_moves_picture_and_truth_together() -> None:
    """A map painted as grey levels must stay in step with itself under every placement."""
    index = np.ones((80, 80), np.int32)
    index[20:60, 15:50] = 2
    index[30:50, 30:70] = 3
    rgb = np.repeat((index * 80).astype(np.uint8)[..., None], 3, axis=2)
    everything = Augmentation(scale=(0.5, 2.0), turn=90.0, shift=0.4, flip=0.5)
    for seed in range(20):
        out, truth = place(np.random.default_rng(seed), rgb, index, 64, everything)
        agree = np.abs(out[..., 0].astype(int) - truth * 80) <= 40
        assert agree.mean() > 0.95, seed


def test_colors_change_but_not_their_equality() -> None:
    levels = np.random.default_rng(0).integers(0, 4, (16, 16, 1)) * 60
    rgb: np.ndarray = np.repeat(levels, 3, axis=2).astype(np.uint8)
    changed = jitter_colors(np.random.default_rng(3), rgb, Augmentation(invert=1.0))
    assert (changed != rgb).any()
    for value in np.unique(rgb):
        assert len(np.unique(changed[rgb[..., 0] == value].reshape(-1, 3), axis=0)) == 1


def test_renumbering_keeps_the_order() -> None:
    index = np.array([[2, 9], [5, 9]], np.int32)
    assert renumber(index).tolist() == [[1, 3], [2, 3]]


def test_deep_drawings_and_small_sources_are_drawn_more() -> None:
    weights = sampling_weights(np.array([2, 32, 8, 8]), ["a", "a", "a", "b"])
    assert weights.sum() == pytest.approx(1.0)
    assert weights[1] == pytest.approx(weights[0] * np.sqrt(30 / 2))
    assert weights[3] > weights[2]


def test_kinds_get_their_shares() -> None:
    layers, sources = np.full(8, 4), ["a"] * 6 + ["b"] * 2
    kinds = ["emoji"] * 5 + ["illustration"] + ["flags"] + [""]
    weight = sampling_weights(layers, sources, kinds, KindShares(illustration=0.6, emoji=0.2))
    assert weight[:5].sum() == pytest.approx(0.25) and weight[5] == pytest.approx(0.75)
    assert weight[6:].sum() == 0
    plain = sampling_weights(layers, sources)
    np.testing.assert_array_equal(sampling_weights(layers, sources, kinds, KindShares()), plain)
    # A user's own set, which says nothing of kinds, is taken as it is.
    unsaid = sampling_weights(layers, sources, [""] * 8, KindShares(avatars=1.0))
    np.testing.assert_array_equal(unsaid, plain)


def test_ranks_and_workers_share_one_numbering(shards: Path) -> None:
    source = Mixture([ProceduralSource(), ShardSource(DrawingSet(shards, "train"))], [0.5, 0.5])

    def stream(batch: int, rank: int = 0, ranks: int = 1) -> SampleStream:
        made = SampleStream(source, 32, batch, seed=3)
        made.rank, made.ranks = rank, ranks
        return made

    whole = stream(4).batch_at(5)["rgb"].numpy()
    halves = [stream(2, rank, 2).batch_at(5)["rgb"].numpy() for rank in (0, 1)]
    assert (np.concatenate(halves) == whole).all()
    later = stream(4)
    later.first_step = 5
    assert (next(iter(later))["rgb"].numpy() == whole).all()


def test_epochs_show_every_drawing_once_and_ranks_different_ones(shards: Path) -> None:
    drawings = DrawingSet(shards, "train")
    plain = Augmentation(scale=(1.0, 1.0), turn=0.0, shift=0.0)
    source = EpochSource(drawings, 3, plain)
    count = len(drawings)
    first, second = (
        [source.number_of(n) for n in range(start, start + count)] for start in (0, count)
    )
    assert sorted(first) == sorted(second) == list(range(count))
    assert first != second or count < 3
    again = EpochSource(drawings, 3, plain)
    assert [again.number_of(n) for n in range(count)] == first
    # In one pass the samples of two ranks are drawings that the other does not see.
    streams = []
    for rank in range(2):
        stream = SampleStream(source, 32, 1, seed=3)
        stream.rank, stream.ranks = rank, 2
        streams.append(stream)
    left, right = (stream.batch_at(0)["rgb"] for stream in streams)
    assert not bool((left == right).all())


def test_region_tokens_are_padded_and_painted_back() -> None:
    import torch

    from illustrators_depth_training.samples.region_tokens import paint_regions, region_batch

    stream = SampleStream(ProceduralSource(), 64, 3, seed=1, tokens=24)
    batch = stream.batch_at(0)
    assert batch["cover"].shape == (3, 24, 16, 16)
    regions = region_batch(batch)
    assert regions.real is not None
    for i in range(3):
        count = int(regions.real[i].sum())
        assert 1 <= count <= 24
        assert batch["token"][i].max() == count - 1
        assert regions.cover[i, count:].sum() == 0
    values = torch.arange(24.0).expand(3, 24)
    painted = paint_regions(torch.full((3, 64, 64), -7.0), values, batch["token"])
    assert (painted[batch["token"] < 0] == -7.0).all()
    assert (painted == torch.where(batch["token"] >= 0, batch["token"].float(), painted)).all()


def test_frames_of_other_proportions_are_padded_without_regions() -> None:
    """Batches stack, are multiples of the stride, and have no token where the predictor pads."""
    stream = SampleStream(ProceduralSource(), 96, 2, 8, tokens=12, aspect=2.0)
    shapes = set()
    for step in range(8):
        batch = stream.batch_at(step)
        height, width = batch["index"].shape[1:]
        assert height % 32 == 0 and width % 32 == 0 and max(height, width) == 96
        assert batch["rgb"].shape[2:] == (height, width) == batch["token"].shape[1:]
        shapes.add((height, width))
        for rgb, token, index in zip(batch["rgb"], batch["token"], batch["index"], strict=True):
            assert len(np.unique(index)) >= 2
            for lines, picture in (((token == -1).all(0), rgb), ((token == -1).all(1), rgb.mT)):
                first = int(lines.numpy().argmax())
                if first > 0:  # padding: to the end, the border repeated, and of no region
                    assert lines[first:].all()
                    assert (picture[:, :, first:] == picture[:, :, first - 1 : first]).all()
    assert len(shapes) >= 3


def test_square_streams_are_what_they_were() -> None:
    plain = SampleStream(ProceduralSource(), 64, 2, 5).batch_at(3)
    alone = SampleStream(ProceduralSource(), 64, 2, 5).sample(6)
    assert (plain["rgb"][0].numpy() == alone["rgb"]).all()
    rgb = ProceduralSource().draw(np.random.default_rng([5, 6]), 64).rgb
    assert (alone["rgb"].transpose(1, 2, 0) == rgb).all()


def test_framed_drawings_are_the_middle(shards: Path) -> None:
    whole, framed = DrawingSet(shards, "val"), FramedDrawings(shards, "val", 1.5)
    assert framed[0].index.shape == (64, 96) and framed[1].index.shape == (96, 64)
    assert (framed[0].rgb == whole[0].rgb[16:80]).all()
    assert framed[1].index.max() == len(np.unique(whole[1].index[:, 16:80]))


def test_a_missing_font_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_size: float) -> None:
        raise OSError("no FreeType")

    charts._font.cache_clear()
    monkeypatch.setattr(charts.ImageFont, "load_default", broken)
    with pytest.raises(InputError, match=r"no scalable font here \(no FreeType\)"):
        for seed in range(40):
            make_chart(np.random.default_rng(seed), 48)
    charts._font.cache_clear()


def test_ranks_share_the_validation_pictures() -> None:
    """Every picture once, in as many steps on each rank; the rest only fills up."""
    for count, ranks in ((100, 8), (3, 8), (7, 1), (8, 2)):
        shares = [list(validation_share(count, rank, ranks)) for rank in range(ranks)]
        assert len({len(share) for share in shares}) == 1
        together = sorted(number for share in shares for number in share)
        assert together[:count] == list(range(count)) and len(together) < count + ranks
