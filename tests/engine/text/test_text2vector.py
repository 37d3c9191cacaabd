"""Text to vector: through a real diffusers pipeline, tiny and built on the spot."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from PIL import Image as PilImage

from illustrators_depth.errors import Cancelled, InputError, UnavailableError
from illustrators_depth.product_settings import TextSettings
from illustrators_depth.settings import DepthSettings
from illustrators_depth.text import generate_picture, text2vector
from illustrators_depth.text.generate import check_drawing, prompt_for


@pytest.fixture(scope="module")
def generator(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A Stable Diffusion pipeline with a few thousand random weights, saved as a folder."""
    diffusers = pytest.importorskip("diffusers", reason="diffusers is not installed")
    transformers = pytest.importorskip("transformers", reason="transformers is not installed")
    torch = pytest.importorskip("torch", reason="torch is not installed")
    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("generator")
    letters = "abcdefghijklmnopqrstuvwxyz0123456789.,"
    words = [*letters, *(c + "</w>" for c in letters), "<|startoftext|>", "<|endoftext|>"]
    (folder / "vocab.json").write_text(json.dumps({w: i for i, w in enumerate(words)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    tokenizer = transformers.CLIPTokenizer.from_pretrained(folder, model_max_length=77)
    text = transformers.CLIPTextConfig(
        vocab_size=len(words), hidden_size=16, intermediate_size=16, num_hidden_layers=1,
        num_attention_heads=2, max_position_embeddings=77,
        bos_token_id=len(words) - 2, eos_token_id=len(words) - 1, pad_token_id=len(words) - 1,
    )  # fmt: skip
    pipeline = diffusers.StableDiffusionPipeline(
        vae=diffusers.AutoencoderKL(
            block_out_channels=(8, 8), down_block_types=("DownEncoderBlock2D",) * 2,
            up_block_types=("UpDecoderBlock2D",) * 2, latent_channels=4, norm_num_groups=4,
        ),
        text_encoder=transformers.CLIPTextModel(text),
        tokenizer=tokenizer,
        unet=diffusers.UNet2DConditionModel(
            sample_size=32, block_out_channels=(8, 8), layers_per_block=1, norm_num_groups=4,
            down_block_types=("DownBlock2D", "CrossAttnDownBlock2D"),
            up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"),
            cross_attention_dim=16, attention_head_dim=2,
        ),
        scheduler=diffusers.DDIMScheduler(),
        safety_checker=None, feature_extractor=None, requires_safety_checker=False,
    )  # fmt: skip
    saved = folder / "pipeline"
    pipeline.save_pretrained(saved, safe_serialization=True)
    return saved


def tiny(generator: Path, **changes: object) -> TextSettings:
    return TextSettings(generator=str(generator), steps=2, device="cpu", **changes)  # type: ignore[arg-type]


def test_words_become_a_layered_drawing(generator: Path) -> None:
    seen: list[str] = []
    drawn = text2vector(
        "a fox",
        tiny(generator),
        DepthSettings(model="heuristic"),
        progress=lambda stage, _: seen.append(stage),
    )
    assert drawn.image.rgba.shape == (64, 64, 4) and drawn.image.name == "a fox"
    root = ElementTree.fromstring(drawn.svg.encode())
    assert root.get("viewBox") == "0 0 64 64"
    assert len(root.findall("{http://www.w3.org/2000/svg}g")) == len(drawn.stack) >= 1
    assert seen[0] == "draw" and "vectorize" in seen


def test_the_seed_the_text_and_the_size_arrive(generator: Path) -> None:
    one = generate_picture("a fox", tiny(generator, guidance=7.5)).rgba
    again = generate_picture("the fox", tiny(generator, guidance=7.5)).rgba
    other = generate_picture("a fox", tiny(generator, guidance=7.5, seed=5)).rgba
    words = generate_picture("a castle on a hill", tiny(generator, guidance=7.5)).rgba
    wide = generate_picture("a fox", tiny(generator, width=96, height=48)).rgba
    assert np.array_equal(one, again)  # the article is the template's
    assert not np.array_equal(one, other) and not np.array_equal(one, words)
    assert wide.shape == (48, 96, 4)


def test_drawing_can_be_cancelled(generator: Path) -> None:
    def stop(stage: str, fraction: float) -> None:
        if fraction > 0.0:
            raise Cancelled

    with pytest.raises(Cancelled):
        generate_picture("a fox", tiny(generator), stop)


def test_the_command(generator: Path, tmp_path: Path, monkeypatch, capsys) -> None:
    from illustrators_depth.cli.app import app
    from illustrators_depth.cli.run import run_app

    out, kept = tmp_path / "fox.svg", tmp_path / "fox.png"
    arguments = ["text2vector", "a fox", "-o", out, "-g", generator, "--steps", 2, "--device",
                 "cpu", "--model", "heuristic", "--picture", kept]  # fmt: skip
    monkeypatch.setattr(sys, "argv", ["illustrators-depth", *map(str, arguments)])
    with pytest.raises(SystemExit) as stopped:
        run_app(app)
    assert stopped.value.code in (0, None), capsys.readouterr().err
    assert out.read_text().startswith("<?xml")
    assert PilImage.open(kept).size == (64, 64)


def test_the_papers_prompt() -> None:
    wanted = "Vector graphics of a simple fox. SVG file. Filled shapes, minimalist design."
    for subject in ("fox", "a fox", "  The   fox "):
        assert prompt_for(subject, TextSettings("x")).lower() == wanted.lower()
    assert prompt_for("ants {subject}", TextSettings("x")).count("ants {subject}") == 1


@pytest.mark.parametrize(
    ("subject", "changes", "error", "says"),
    [
        ("", {}, InputError, "what to draw"),
        ("the ", {}, InputError, "what to draw"),
        ("x" * 3000, {}, InputError, "2000"),
        ("fox", {"generator": ""}, InputError, "needs a generator"),
        ("fox", {"steps": 0}, InputError, "steps"),
        ("fox", {"width": 100}, InputError, "multiple of 8"),
        ("fox", {"template": "a drawing"}, InputError, "{subject}"),
        ("fox", {"device": "gpu"}, InputError, "device must be"),
        ("fox", {"generator": "/nowhere/at-all"}, UnavailableError, "no folder"),
    ],
)
def test_mistakes_need_no_model(subject: str, changes: dict, error: type, says: str) -> None:
    with pytest.raises(error) as caught:
        generate_picture(subject, TextSettings(**{"generator": "some/model", **changes}))
    assert says in str(caught.value)


def test_a_folder_that_is_no_pipeline(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match=r"model_index\.json"):
        generate_picture("fox", TextSettings(str(tmp_path)))
    (tmp_path / "model_index.json").write_text("{")
    pytest.importorskip("diffusers", reason="diffusers is not installed")
    with pytest.raises(UnavailableError, match="cannot be loaded"):
        generate_picture("fox", TextSettings(str(tmp_path)))


def test_a_model_that_is_not_here_stays_offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """One sentence, and not a single connection is tried."""
    pytest.importorskip("diffusers", reason="diffusers is not installed")
    import socket

    def refuse(*_: object, **__: object) -> None:
        raise AssertionError("a connection was tried")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    with pytest.raises(UnavailableError, match="allow-download"):
        generate_picture("fox", TextSettings("nobody/no-such-model"))


@pytest.mark.parametrize("generator", ["nobody/no-such-model", "nosuch", "no such/model", "a/b/c"])
def test_an_unknown_model_is_named_before_anything_heavy_is_imported(
    generator: str, tmp_path: Path
) -> None:
    """Importing diffusers and torch took a minute, for a name that was mistyped."""
    pytest.importorskip("huggingface_hub", reason="huggingface_hub is not installed")
    code = (
        "import sys\n"
        "from illustrators_depth.errors import UnavailableError\n"
        "from illustrators_depth.product_settings import TextSettings\n"
        "from illustrators_depth.text import text2vector\n"
        "try:\n"
        f"    text2vector('fox', TextSettings({generator!r}))\n"
        "except UnavailableError as error:\n"
        "    print(error)\n"
        "print(sorted({'diffusers', 'torch', 'transformers', 'onnxruntime'} & set(sys.modules)))\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True,
        env={**os.environ, "HF_HOME": str(tmp_path), "HF_HUB_CACHE": str(tmp_path)},
    ).stdout.splitlines()  # fmt: skip
    assert "--allow-download" in answer[0] and answer[1] == "[]", answer


def test_a_model_that_was_fetched_before_is_looked_for_in_the_cache(
    generator: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Found by name, where huggingface_hub keeps it, without a connection."""
    constants = pytest.importorskip("huggingface_hub.constants")
    folder = tmp_path / "models--somebody--tiny"
    (folder / "refs").mkdir(parents=True)
    (folder / "refs" / "main").write_text("0" * 40)
    shutil.copytree(generator, folder / "snapshots" / ("0" * 40))
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path))
    check_drawing("fox", TextSettings("somebody/tiny"))
    with pytest.raises(UnavailableError, match="allow-download"):
        check_drawing("fox", TextSettings("somebody/other"))


def test_an_unknown_depth_model_is_said_before_a_picture_is_drawn(generator: Path) -> None:
    stages: list[str] = []
    with pytest.raises(InputError, match="no model called 'nosuch'"):
        text2vector(
            "fox",
            tiny(generator),
            DepthSettings(model="nosuch"),
            progress=lambda stage, _: stages.append(stage),
        )
    assert not stages


def test_missing_packages_are_one_sentence(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "model_index.json").write_text("{}")
    monkeypatch.setitem(sys.modules, "diffusers", None)
    with pytest.raises(UnavailableError, match=r"illustrators-depth\[text\]"):
        generate_picture("fox", TextSettings(str(tmp_path)))
