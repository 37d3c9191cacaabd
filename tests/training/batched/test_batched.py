"""Samples made in batches of tensors, against the sample maker that makes one at a time."""

from __future__ import annotations

import math
import random
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from stacks import random_shapes, stack_of, write_set

from illustrators_depth.errors import InputError
from illustrators_depth_training.batched import (
    BatchMaker,
    CorpusTensors,
    SampleRecipe,
    load_corpus,
)
from illustrators_depth_training.batched.cutouts import (
    Placed,
    cut_out_in_frames,
    cut_out_in_windows,
)
from illustrators_depth_training.batched.drawings import place_slots
from illustrators_depth_training.batched.effects.files import jpeg
from illustrators_depth_training.batched.region_inputs import region_tokens
from illustrators_depth_training.batched.scenes import compose_slots, make_background
from illustrators_depth_training.batched.targets import REGIONS, make_targets
from illustrators_depth_training.batched.tensors.color import apply_color_maps, color_maps
from illustrators_depth_training.batched.tensors.components import (
    connected_components,
    spread_labels,
)
from illustrators_depth_training.batched.tensors.dice import Dice
from illustrators_depth_training.batched.tensors.fields import border_distance, box_mean
from illustrators_depth_training.batched.tensors.placing import affine_matrices
from illustrators_depth_training.data.layered import layer_relations
from illustrators_depth_training.data.scenes.compose import _covered_pairs
from illustrators_depth_training.effects import EffectChances
from illustrators_depth_training.effects.shading import border_distance as reference_distance
from illustrators_depth_training.learning.losses import LossWeights, depth_loss
from illustrators_depth_training.packed import PackedDrawings, pack_corpus
from illustrators_depth_training.samples.augment import Augmentation, renumber
from illustrators_depth_training.samples.region_tokens import region_tokens as reference_tokens
from illustrators_depth_training.samples.shard_source import ShardSource
from illustrators_depth_training.samples.stream import SampleStream
from illustrators_depth_training.samples.targets import connected_regions, touching_regions

CPU = torch.device("cpu")
SIZE = 64
EVERYTHING = EffectChances(
    backdrop=0.5, shade=0.5, grain=0.5, wobble=0.5, surface=0.9, files=0.9
)  # fmt: skip


@pytest.fixture(scope="module")
def packed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six drawings of 128 pixels."""
    folder = tmp_path_factory.mktemp("batched")
    stacks = [stack_of(random_shapes(seed, 2 * SIZE, 6), seed) for seed in range(6)]
    write_set(folder / "set", stacks, "train", full_shapes=False)
    pack_corpus(folder / "set", folder / "corpus.pack", workers=1)
    return folder / "corpus.pack"


@pytest.fixture(scope="module")
def corpus(packed: Path) -> CorpusTensors:
    return load_corpus(packed, "train", CPU)


@pytest.fixture(scope="module")
def samples(corpus: CorpusTensors) -> dict[str, torch.Tensor]:
    """A batch with everything in it."""
    recipe = SampleRecipe(size=SIZE, tokens=24, compose=0.4, effects=EVERYTHING)
    return BatchMaker(corpus, recipe, seed=1).batch(0, 12)


def _matrix(scale: float, degrees: float, shift: tuple[float, float]) -> torch.Tensor:
    turn = torch.tensor([math.radians(degrees)])
    return affine_matrices(
        (2 * SIZE, 2 * SIZE), SIZE, torch.tensor([scale]), turn, torch.tensor([shift])
    )


@pytest.mark.parametrize(
    ("scale", "degrees", "shift", "exact"),
    [(0.5, 0.0, (0.0, 0.0), True), (0.5, 0.0, (5.0, -3.0), True), (0.61, 11.0, (4.3, 7.7), False)],
)
def test_drawings_are_placed_as_the_reference_places_them(
    corpus: CorpusTensors,
    packed: Path,
    scale: float,
    degrees: float,
    shift: tuple[float, float],
    exact: bool,
) -> None:
    drawing = PackedDrawings(packed, "train")[2]
    matrix = cv2.getRotationMatrix2D((SIZE, SIZE), degrees, scale)
    matrix[:, 2] += SIZE / 2 - SIZE + np.array(shift)
    ours = _matrix(scale, degrees, shift)
    np.testing.assert_allclose(ours[0].numpy(), matrix, atol=1e-4)
    placed = place_slots(corpus, torch.tensor([2]), ours, SIZE)
    page = tuple(int(v) for v in drawing.rgb[0, 0])
    truth = cv2.warpAffine(
        drawing.index.astype(np.float32), matrix, (SIZE, SIZE), flags=cv2.INTER_NEAREST,
        borderValue=(1.0,),
    )  # fmt: skip
    same = (placed.index[0].numpy() == renumber(truth.astype(np.int32))).mean()
    assert same == 1.0 if exact else same > 0.99
    soft = cv2.GaussianBlur(drawing.rgb, (0, 0), 0.35 / scale) if scale < 0.75 else drawing.rgb
    rgb = cv2.warpAffine(soft, matrix, (SIZE, SIZE), flags=cv2.INTER_LINEAR, borderValue=page)
    apart = np.abs(placed.rgb[0].permute(1, 2, 0).numpy() - rgb).mean(axis=2)
    border = cv2.morphologyEx(truth, cv2.MORPH_GRADIENT, np.ones((5, 5))) > 0
    assert np.quantile(apart[~border], 0.99) <= 1.0  # in shapes to the level; slivers are softer
    assert apart[border].mean() < 12.0


def test_colors_change_as_the_reference_changes_them() -> None:
    dice = Dice.seeded(CPU, 3, 0)
    rgb = dice.uniform((8, 3, 16, 16), 0, 255).round()
    matrix, offset = color_maps(dice, 8, Augmentation(invert=0.5, permute=0.5))
    ours = apply_color_maps(rgb, matrix, offset)
    for one, m, o, out in zip(rgb, matrix, offset, ours, strict=True):
        plain = one.permute(1, 2, 0).numpy().astype(np.uint8)
        theirs = cv2.transform(plain, np.concatenate([m.numpy(), o.numpy()[:, None]], axis=1))
        assert np.abs(out.permute(1, 2, 0).numpy() - theirs).max() <= 1


def _spiral(side: int) -> np.ndarray:
    """Two arms that wind around each other: the longest way from a region's first pixel."""
    out = np.zeros((side, side), np.int64)
    for ring in range(0, side // 2, 2):
        out[ring : side - ring, ring : side - ring] = 1
        out[ring + 1 : side - ring - 1, ring + 1 : side - ring - 1] = 0
        out[ring + 1, ring : ring + 2] = 1
        out[ring : ring + 1, ring] = 0
    return out


def test_regions_without_opencv_are_those_of_opencv() -> None:
    rng = np.random.default_rng(0)
    maps = np.stack([rng.integers(0, n, (SIZE, SIZE)) for n in (2, 3, 9)] + [_spiral(SIZE)])
    ours = spread_labels(torch.from_numpy(maps)).view(4, SIZE, SIZE).numpy()
    theirs = connected_components(torch.from_numpy(maps), SIZE * SIZE).numpy()
    for one, other in zip(ours, theirs, strict=True):
        pairs = np.unique(np.stack([one.ravel(), other.ravel()], axis=1), axis=0)
        assert len(pairs) == len(np.unique(one)) == len(np.unique(other))


def test_region_inputs_are_the_reference_s(samples: dict[str, torch.Tensor]) -> None:
    for number in range(len(samples["rgb"])):
        rgb = samples["rgb"][number].permute(1, 2, 0).numpy()
        labels = samples["region"][number].numpy()
        ours = region_tokens(
            samples["rgb"][number : number + 1],
            samples["region"][number : number + 1].long(),
            REGIONS,
            24,
        )
        theirs = reference_tokens(rgb, labels, 24)
        for name, value in theirs.items():
            np.testing.assert_allclose(ours[name][0].numpy(), value, atol=1e-4, err_msg=name)


def test_targets_are_the_reference_s(samples: dict[str, torch.Tensor]) -> None:
    index = samples["index"].long()
    relations = torch.full((len(index), 65, 65), 2, dtype=torch.uint8)
    rgb = (index[:, None] * 9).expand(-1, 3, -1, -1).to(torch.uint8)  # no two layers alike
    targets = make_targets(Dice.seeded(CPU, 0, 0), index, relations, rgb)
    for number in range(len(index)):
        region, count = connected_regions(samples["index"][number].numpy())
        np.testing.assert_array_equal(targets["region"][number].numpy(), region)
        pairs, length = touching_regions(region, count)
        known = {tuple(p): math.sqrt(n) for p, n in zip(pairs.tolist(), length, strict=True)}
        weight = targets["edge_weight"][number]
        found = {
            tuple(sorted(p)): w
            for p, w in zip(targets["edges"][number].tolist(), weight.tolist(), strict=True)
            if w > 0
        }
        assert found and all(known[pair] == pytest.approx(w) for pair, w in found.items())
        if count <= 24:
            assert len(found) == min(len(known), 128)
    assert (targets["pixel_relation"] == 2).all()


def test_small_regions_are_looked_at_as_often_as_the_reference_does() -> None:
    index = torch.ones(1, SIZE, SIZE, dtype=torch.long)
    index[:, :8, :8] = 2  # 64 pixels against 4032: one in nine by root of area
    relations = torch.full((1, 65, 65), 2, dtype=torch.uint8)
    rgb = (index[:, None] * 90).expand(-1, 3, -1, -1).to(torch.uint8)
    drawn = make_targets(Dice.seeded(CPU, 0, 0), index, relations, rgb, pixels=4000)["pixels"]
    share = (index.flatten()[drawn.long()] == 2).float().mean()
    assert share == pytest.approx(8 / (8 + math.sqrt(4032)), abs=0.02)


def test_relations_of_single_drawings(corpus: CorpusTensors, packed: Path) -> None:
    drawings = PackedDrawings(packed, "train")
    numbers = torch.arange(len(drawings))
    matrix = _matrix(0.5, 0.0, (0.0, 0.0)).expand(len(drawings), 2, 3)
    placed = place_slots(corpus, numbers, matrix, SIZE)
    for number, drawing in enumerate(drawings[i] for i in range(len(drawings))):
        layers = int(drawing.meta["layers"])
        if int(placed.index[number].max()) < layers:
            continue  # a sliver is gone at half the size
        theirs = layer_relations(layers, drawing.layered.hides, drawing.layered.invisible)
        ours = placed.relations[number].numpy()
        np.testing.assert_array_equal(ours[1 : layers + 1, 1 : layers + 1], theirs[1:, 1:])


def test_scenes_are_stacked_as_the_reference_stacks_them(
    corpus: CorpusTensors, packed: Path
) -> None:
    drawings = PackedDrawings(packed, "train")
    shifts, chosen = [(-9.0, 0.0), (6.0, 8.0), (0.0, -11.0)], [0, 3, 5]
    matrices = torch.stack([_matrix(0.5, 0.0, shift)[0] for shift in shifts])[None]
    dice = Dice.seeded(CPU, 5, 0)
    background = make_background(dice, 1, SIZE)
    scene = compose_slots(dice, corpus, torch.tensor([chosen]), matrices, [3], background)
    index = background.value[0].numpy().copy()
    hides = [
        _covered_pairs(below[0].numpy()[over[0] > 0], over[0].numpy()[over[0] > 0], SIZE)
        for below, over in background.covered
    ]
    assert any(len(pairs) for pairs in hides)
    for number, shift in zip(chosen, shifts, strict=True):
        drawing = drawings[number]
        matrix = np.array([[0.5, 0, shift[0]], [0, 0.5, shift[1]]])
        over = cv2.warpAffine(
            (drawing.index - 1).astype(np.float32), matrix, (SIZE, SIZE), flags=cv2.INTER_NEAREST
        ).astype(np.int32)
        inside, offset = over > 0, int(index.max()) + 100
        hides.append(_covered_pairs(index[inside], over[inside] + offset, SIZE))
        own = drawing.layered.hides
        assert own is not None
        hides.append(own[(own > 1).all(axis=1)] - 1 + offset)
        index = np.where(inside, over + offset, index)
    rank = np.zeros(index.max() + 1, np.int32)
    rank[np.unique(index)] = np.arange(1, len(np.unique(index)) + 1)
    np.testing.assert_array_equal(scene.index[0].numpy(), rank[index])
    pairs = rank[np.concatenate([p[(p < len(rank)).all(axis=1)] for p in hides])]
    pairs = pairs[(pairs > 0).all(axis=1)]
    layers = int(rank.max())
    theirs = layer_relations(layers, np.unique(pairs, axis=0))
    ours = scene.relations[0].numpy()[1 : layers + 1, 1 : layers + 1]
    off = ~np.eye(layers, dtype=bool)
    np.testing.assert_array_equal(ours[off], theirs[1:, 1:][off])


def test_cut_outs_in_windows_are_those_of_whole_frames(corpus: CorpusTensors) -> None:
    dice = Dice.seeded(CPU, 2, 0)
    shifts = [(0, 0), (21, -18), (-40, 7), (33, 33), (2.5, -58.5), (500, 0), (-26, 26), (1, 63)]
    count, shift = len(shifts), torch.tensor(shifts, dtype=torch.float32)
    scale, turn = dice.log_uniform((count,), 0.1, 0.7), dice.uniform((count,), -0.3, 0.3)
    drawings = Placed(
        torch.arange(count) % 6,
        affine_matrices(corpus.shape, SIZE, scale, turn, shift),
        torch.arange(count) % 3 == 0,
        *color_maps(dice, count, Augmentation()),
    )
    frames = cut_out_in_frames(corpus, drawings, [5, 3], SIZE)
    windows = cut_out_in_windows(corpus, drawings, [5, 3], SIZE)
    assert len(windows) < count  # one lies beyond the frame
    assert len({cut.window.side for cut in windows}) > 2
    for whole in frames:
        layer, region = torch.zeros_like(whole.layer), torch.zeros_like(whole.region)
        alpha, colors = torch.zeros_like(whole.colors), torch.zeros_like(whole.colors)
        for cut in (cut for cut in windows if cut.slot == whole.slot):
            cut.view(layer).copy_(cut.layer)
            cut.view(region).copy_(cut.region)
            cut.view(alpha).copy_(box_mean((cut.layer > 0)[:, None].float()))
            cut.view(colors).copy_(cut.colors)
        torch.testing.assert_close(layer, whole.layer, rtol=0, atol=0)
        torch.testing.assert_close(
            torch.where(layer > 0, region, -1),
            torch.where(layer > 0, whole.region, -1), rtol=0, atol=0,
        )  # fmt: skip
        cover = box_mean((whole.layer > 0)[:, None].float()).expand_as(alpha)
        torch.testing.assert_close(alpha, cover)
        torch.testing.assert_close(alpha * colors, cover * whole.colors, rtol=0, atol=1e-2)


def test_distances_to_borders_are_opencv_s() -> None:
    index = stack_of(random_shapes(3, SIZE))[1]
    ours = border_distance(torch.from_numpy(index)[None])[0].numpy()
    np.testing.assert_allclose(ours, reference_distance(index).clip(max=ours.max()), atol=1e-3)


@pytest.mark.parametrize("quality", [30, 60, 88])
def test_blocks_of_jpeg(quality: int) -> None:
    rgb = cv2.GaussianBlur(stack_of(random_shapes(4, SIZE))[0], (0, 0), 0.8)
    data = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    theirs = cv2.imdecode(data, cv2.IMREAD_COLOR)[..., ::-1].astype(int)
    tensor = torch.from_numpy(rgb.transpose(2, 0, 1)[None]).float()
    ours = jpeg(tensor, torch.tensor([quality]))[0].permute(1, 2, 0).numpy()
    damage = np.abs(theirs - rgb).mean()
    assert np.abs(ours - theirs).mean() < 0.25 * damage


def test_batches_have_the_reference_s_fields(
    corpus: CorpusTensors, packed: Path, samples: dict[str, torch.Tensor]
) -> None:
    stream = SampleStream(ShardSource(PackedDrawings(packed, "train")), SIZE, 12, 0, tokens=24)
    theirs = stream.batch_at(0)
    assert set(samples) == set(theirs)
    for name, value in theirs.items():
        assert samples[name].shape == value.shape, name
        if name not in ("pixels", "edges"):
            assert samples[name].dtype == value.dtype, name
    prediction = torch.randn(12, SIZE, SIZE)
    weights = LossWeights(region=0.5, rank=1.0, touch=1.0)
    loss, terms = depth_loss(prediction, samples, weights, REGIONS)
    assert loss.isfinite() and torch.equal(loss, depth_loss(prediction, samples, weights)[0])
    assert all(value > 0 for value in terms.values())
    right = depth_loss(samples["index"].float(), samples, weights, REGIONS)[0]
    assert right < 0.3 * loss


def test_a_batch_is_a_function_of_its_number(corpus: CorpusTensors) -> None:
    recipe = SampleRecipe(size=SIZE, tokens=8, compose=0.3, effects=EVERYTHING)
    first, again = (BatchMaker(corpus, recipe, 7).batch(4, 3) for _ in range(2))
    other = BatchMaker(corpus, recipe, 7).batch(5, 3)
    for name, value in first.items():
        assert torch.equal(value, again[name]), name
    assert not torch.equal(first["rgb"], other["rgb"])


def test_making_samples_never_waits_for_the_device(corpus: CorpusTensors) -> None:
    """Tensors without values: whatever asks for one, or for a number of things, fails."""
    recipe = SampleRecipe(size=SIZE, tokens=8, compose=0.4, effects=EVERYTHING)
    empty = {n: v.to("meta") for n, v in vars(corpus).items() if isinstance(v, torch.Tensor)}
    held = CorpusTensors(**{**vars(corpus), **empty})
    for seed in range(3):
        dice = Dice(torch.device("meta"), host=random.Random(seed))
        batch = BatchMaker(held, recipe).batch_from(dice, 6)
        assert batch["pairs"].shape == (6, 8, 8, 11)
        assert {value.device.type for value in batch.values()} == {"meta"}


def test_what_cannot_be_trained_on_is_one_sentence(tmp_path: Path) -> None:
    write_set(tmp_path / "set", [stack_of(random_shapes(0, 32))], "train", full_shapes=False)
    pack_corpus(tmp_path / "set", tmp_path / "bare.pack", workers=1, regions=False)
    with pytest.raises(InputError, match="was packed without regions"):
        load_corpus(tmp_path / "bare.pack", "train", CPU)
    flat = (np.full((32, 32, 3), 255, np.uint8), np.ones((32, 32), np.int32), np.ones((1, 32, 32)))
    write_set(tmp_path / "flat", [flat], "train", full_shapes=False)
    pack_corpus(tmp_path / "flat", tmp_path / "flat.pack", workers=1)
    with pytest.raises(InputError, match="nothing to order"):
        load_corpus(tmp_path / "flat.pack", "train", CPU)
