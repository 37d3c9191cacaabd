"""A training step on a device asks it for nothing, and is one graph for the compiler."""

from __future__ import annotations

import random
import shutil
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import torch
from stacks import random_shapes, stack_of, write_set
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from illustrators_depth.networks.compact import CompactNetwork
from illustrators_depth_training.batched import BatchMaker, CorpusTensors, load_corpus
from illustrators_depth_training.batched.tensors.dice import Dice
from illustrators_depth_training.device_run import compiled
from illustrators_depth_training.device_run.__main__ import recipe_of
from illustrators_depth_training.device_run.compiled import gradient_gap
from illustrators_depth_training.device_run.networks import build_network
from illustrators_depth_training.device_run.recipe import DeviceRecipe
from illustrators_depth_training.device_run.run import optimizer_step
from illustrators_depth_training.device_run.state import RunState
from illustrators_depth_training.device_run.step import Batch, loss_function
from illustrators_depth_training.effects import EffectChances
from illustrators_depth_training.packed import pack_corpus

CPU = torch.device("cpu")
# What makes the host wait for a device, by the name of the operation.
WAITING = (
    "_local_scalar_dense", "nonzero", "is_nonzero", "equal", "masked_select", "unique", "bincount"
)  # fmt: skip


class Waits(TorchDispatchMode):
    """Notes the operations for which a device would have to be waited for."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        name = func.overloadpacket.__name__
        by_mask = name.startswith("index") and any(
            isinstance(one, torch.Tensor) and one.dtype == torch.bool
            for given in args[1:]
            if isinstance(given, (list, tuple))
            for one in given
        )
        if by_mask or name.startswith(WAITING):
            self.found.append(name)
        return func(*args, **(kwargs or {}))


class Transfers(TorchFunctionMode):
    """Notes what is sent from the host to a device, "meta" here, so that the host waits for it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        made = func(*args, **kwargs)
        given = [t for t in tree_leaves((args, kwargs)) if isinstance(t, torch.Tensor)]
        everywhere = given + [t for t in tree_leaves(made) if isinstance(t, torch.Tensor)]
        name = getattr(func, "__name__", str(func))
        if any(t.device.type == "meta" for t in everywhere):
            # Numbers travel with the operation; tensors do not.
            from_host = any(t.device.type == "cpu" and t.ndim for t in given)
            from_list = name in ("tensor", "as_tensor", "asarray")
            if from_list or (from_host and not kwargs.get("non_blocking")):
                self.found.append(name)
        return made


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> CorpusTensors:
    folder = tmp_path_factory.mktemp("step")
    stacks = [stack_of(random_shapes(seed, 64), seed) for seed in range(4)]
    write_set(folder / "set", stacks, "train", full_shapes=False)
    pack_corpus(folder / "set", folder / "corpus.pack", workers=1)
    return load_corpus(folder / "corpus.pack", "train", CPU)


@pytest.fixture(scope="module")
def recipe() -> DeviceRecipe:
    return recipe_of("compact-gpu", {"size": 32, "batch": 2, "tokens": 8})


@pytest.fixture(scope="module")
def network() -> CompactNetwork:
    torch.manual_seed(0)
    network = build_network("compact", "none", CPU)
    torch.nn.init.normal_(network.regions.head.weight, std=0.1)
    return network.train()


def test_a_step_has_no_operation_that_waits(
    corpus: CorpusTensors, recipe: DeviceRecipe, network: CompactNetwork
) -> None:
    """Samples, forward and backward; the seeds of samples are with and without scenes."""
    maker = BatchMaker(corpus, recipe.samples)
    loss = loss_function(network, recipe.loss, torch.float32)
    with Waits() as waits:
        for number in range(4):
            batch = maker.batch(number, 4)
        loss(batch).backward()
    assert waits.found == []
    with Waits() as waits:  # the check itself can fail
        assert float(batch["rgb"].float().mean()) > 0
        batch["rgb"][batch["rgb"] > 3].sum()
    assert waits.found == ["_local_scalar_dense", "index"]


def test_nothing_is_sent_so_that_the_host_waits(
    corpus: CorpusTensors, recipe: DeviceRecipe
) -> None:
    """Samples with every effect, and a whole step, of a device without values."""
    meta = torch.device("meta")
    held = {n: v.to(meta) for n, v in vars(corpus).items() if isinstance(v, torch.Tensor)}
    often = EffectChances(backdrop=0.5, shade=0.5, grain=0.5, wobble=0.5, surface=0.9, files=0.9)
    samples = replace(recipe.samples, effects=often, compose=0.4)
    maker = BatchMaker(replace(corpus, **held), samples)
    with meta:
        network = CompactNetwork()
    network.regions.limit_neighbors(8)
    state = RunState(network, recipe.optimizer)
    loss = loss_function(network, recipe.loss, torch.float32)
    with Transfers() as transfers:
        for seed in range(4):
            batch = maker.batch_from(Dice(meta, host=random.Random(seed)), 8)
        optimizer_step(state, loss, batch, recipe)
    assert transfers.found == []
    rows = torch.tensor([0, 1])
    with Transfers() as transfers:  # the check itself can fail
        batch["rgb"][rows], rows.to(meta), torch.tensor([1.0], device=meta)
        rows.to(meta, non_blocking=True), batch["cover"] * 2.0
    assert transfers.found == ["__getitem__", "to", "tensor"]


def test_the_optimiser_and_the_average_wait_for_nothing(
    corpus: CorpusTensors, recipe: DeviceRecipe
) -> None:
    """A whole step on tensors without values: whatever asks for one fails."""
    meta = torch.device("meta")
    batch = {n: v.to(meta) for n, v in BatchMaker(corpus, recipe.samples).batch(0, 2).items()}
    with meta:
        empty = CompactNetwork()
    empty.regions.limit_neighbors(8)
    state = RunState(empty, recipe.optimizer)
    loss = loss_function(empty, recipe.loss, torch.float32)
    for _ in range(2):  # the first makes the optimiser's moments
        assert optimizer_step(state, loss, batch, recipe).device == meta
    assert state.step == 2


def test_a_step_is_one_graph(
    corpus: CorpusTensors, recipe: DeviceRecipe, network: CompactNetwork
) -> None:
    loss = loss_function(network, recipe.loss, torch.float32)
    explained = torch._dynamo.explain(loss)(BatchMaker(corpus, recipe.samples).batch(0, 2))
    torch._dynamo.reset()
    assert (explained.graph_count, explained.graph_break_count) == (1, 0), explained.break_reasons


def test_a_step_is_compiled_once(
    corpus: CorpusTensors, recipe: DeviceRecipe, network: CompactNetwork
) -> None:
    """Batches with and without scenes, and steps before and after, are of one shape."""
    loss = loss_function(network, recipe.loss, torch.float32)
    traced = torch.compile(loss, backend="eager", dynamic=False, fullgraph=True)
    state = RunState(network, recipe.optimizer)
    maker = BatchMaker(corpus, recipe.samples)
    torch._dynamo.reset()
    torch._dynamo.utils.counters.clear()
    try:
        for number in range(4):
            optimizer_step(state, traced, maker.batch(number, 2), recipe)
        graphs = torch._dynamo.utils.counters["stats"]["unique_graphs"]
        assert graphs == 1
        traced(maker.batch(9, 3))  # the count can rise
        assert torch._dynamo.utils.counters["stats"]["unique_graphs"] == 2
    finally:
        torch._dynamo.reset()


@pytest.mark.slow
def test_the_traced_gradients_are_the_plain_ones(
    corpus: CorpusTensors, recipe: DeviceRecipe, network: CompactNetwork
) -> None:
    """What the compiler is given, forward and backward, run operation by operation."""
    batch = BatchMaker(corpus, recipe.samples).batch(0, 2)
    plain = loss_function(network, recipe.loss, torch.float32)
    traced = torch.compile(plain, backend="aot_eager", dynamic=False, fullgraph=True)
    try:
        assert gradient_gap(network, plain, traced, batch) < 1e-4
    finally:
        torch._dynamo.reset()


def _half_lost(network: CompactNetwork) -> Callable[..., Any]:
    """A loss function whose compiled form loses a path of the gradient."""

    def chosen(*given: Any, compiled: bool = False) -> Callable[[Batch], torch.Tensor]:
        plain = loss_function(*given)
        if not compiled:
            return plain

        def lossy(batch: Batch) -> torch.Tensor:
            hook = network.middle_to4.register_forward_hook(lambda _m, _i, out: out.detach())
            try:
                return plain(batch)
            finally:
                hook.remove()

        return lossy

    return chosen


def test_a_compiler_that_loses_a_gradient_is_not_used(
    corpus: CorpusTensors,
    recipe: DeviceRecipe,
    network: CompactNetwork,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    said: list[str] = []
    asked = replace(recipe, compile=True)
    maker = BatchMaker(corpus, recipe.samples)
    monkeypatch.setattr(compiled, "loss_function", _half_lost(network))
    chosen = compiled.working_loss(asked, network, None, torch.float32, maker, said.append)
    assert len(said) == 1 and said[0].startswith("torch.compile gives gradients that are off by ")
    batch = maker.batch(1, 2)
    plain = loss_function(network, recipe.loss, torch.float32)
    assert gradient_gap(network, plain, chosen, batch) < 1e-4
    assert all(p.grad is not None for p in network.middle_to4.parameters())


@pytest.mark.slow
def test_a_compiled_step_is_the_plain_one_or_is_not_used(
    corpus: CorpusTensors, recipe: DeviceRecipe, network: CompactNetwork
) -> None:
    """With the machine's own compiler: what is trained on has the plain gradients."""
    if not any(shutil.which(name) for name in ("c++", "g++", "clang++")):
        pytest.skip("torch.compile needs a C++ compiler, and none is here")
    said: list[str] = []
    maker = BatchMaker(corpus, recipe.samples)
    batch = maker.batch(0, 2)
    plain = loss_function(network, recipe.loss, torch.float32)
    try:
        chosen = compiled.working_loss(
            replace(recipe, compile=True), network, None, torch.float32, maker, said.append
        )
        assert gradient_gap(network, plain, chosen, batch) < 0.2
        assert not any("failed" in line for line in said), said
        torch.testing.assert_close(chosen(batch), plain(batch), rtol=1e-4, atol=1e-4)
    finally:
        torch._dynamo.reset()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs glibc")
def test_memory_that_tensors_leave_is_kept() -> None:
    """Pages that are asked for anew are counted by the system; in a process of its own."""
    code = (
        "import resource, sys, torch\n"
        "from illustrators_depth_training.hardware import keep_freed_memory\n"
        "kept = keep_freed_memory() if sys.argv[1] == 'keep' else None\n"
        "for _ in range(8): torch.ones(1 << 24)\n"
        "before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt\n"
        "for _ in range(8): torch.ones(1 << 24)\n"
        "print(kept, resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)\n"
    )
    pages = {}
    for how in ("keep", "leave"):
        text = subprocess.run(
            [sys.executable, "-c", code, how], capture_output=True, text=True, check=True
        ).stdout
        kept, count = text.split()
        pages[how] = int(count)
        if kept == "False":
            pytest.skip("the C library is not glibc")
    assert pages["keep"] < 0.3 * pages["leave"]
