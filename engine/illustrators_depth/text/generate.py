"""A text-to-image model, through diffusers, asked for flat vector art (extra `[text]`).

Nothing is fetched unless it is allowed; weights are read as safetensors only, which cannot carry
code, and a pipeline's own code is never run.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Mapping
from typing import Any

import numpy as np

from ..errors import InputError, UnavailableError
from ..io.user_path import user_path
from ..product_settings import TextSettings
from ..progress import Progress, no_progress
from ..types import Image

__all__ = ["check_drawing", "generate_picture", "prompt_for"]

_MAX_PROMPT_LENGTH = 2000


def prompt_for(subject: str, settings: TextSettings) -> str:
    """The full prompt for a subject such as "a fox"; InputError when it is empty or too long."""
    parts = subject.split()
    # The template says "a simple X": an article of the subject's own would double it.
    if parts and parts[0].lower() in ("a", "an", "the"):
        parts = parts[1:]
    words = " ".join(parts)
    if not words:
        raise InputError('Say what to draw, such as "a fox".')
    if len(words) > _MAX_PROMPT_LENGTH:
        raise InputError(
            f"The text is longer than {_MAX_PROMPT_LENGTH} characters; say it more briefly."
        )
    return settings.template.replace("{subject}", words)


def check_drawing(subject: str, settings: TextSettings) -> None:
    """Say what is wrong with words or settings before anything heavy is imported.

    Raises UnavailableError when the generator is not on this machine and must not be fetched, and
    InputError when the subject or a setting cannot be used.
    """
    settings.check()
    prompt_for(subject, settings)
    _check_device_name(settings.device)
    _check_folder(settings.generator)
    if not (user_path(settings.generator).is_dir() or settings.allow_download):
        _check_downloaded(settings.generator)


def generate_picture(
    subject: str, settings: TextSettings, progress: Progress | None = None
) -> Image:
    """Draw a subject as flat vector art.

    Args:
        subject: what to draw, such as "a fox".
        settings: the generator and how it is run.
        progress: called with ("draw", fraction); may raise Cancelled.

    Returns:
        Image named after the subject, opaque.

    Raises:
        UnavailableError: diffusers or torch, the model or the device is missing.
        InputError: the subject or a setting cannot be used.
    """
    check_drawing(subject, settings)
    prompt = prompt_for(subject, settings)
    report = progress or no_progress
    report("draw", 0.0)
    try:
        import diffusers
        import torch
        import transformers  # noqa: F401 - what pipelines read their prompts with
    except ImportError as error:
        raise UnavailableError(
            "text2vector needs diffusers, transformers and torch; run pip install "
            "'illustrators-depth[text]'."
        ) from error
    device = _device(settings.device)
    half = torch.float16 if device.startswith("cuda") else torch.float32
    pipeline = _load(diffusers, settings).to(device, half)
    pipeline.set_progress_bar_config(disable=True)
    seeded = torch.Generator("cpu").manual_seed(settings.seed)
    options = _options(pipeline, settings, seeded, report)
    try:
        picture = pipeline(prompt, **options).images[0]
    except torch.OutOfMemoryError as error:
        raise UnavailableError(
            f"The device {device} has too little memory for this model; ask for a smaller picture "
            "or use --device cpu."
        ) from error
    report("draw", 1.0)
    rgb = np.asarray(picture.convert("RGB"), np.float32) / np.float32(255.0)
    rgba = np.dstack([rgb, np.ones(rgb.shape[:2], np.float32)])
    return Image(rgba.astype(np.float32, copy=False), " ".join(subject.split())[:60], "text")


def _options(
    pipeline: Any, settings: TextSettings, generator: Any, report: Progress
) -> dict[str, Any]:
    """Arguments of a pipeline's call, those left out that this pipeline does not take."""
    accepted = inspect.signature(pipeline.__call__).parameters
    values: dict[str, Any] = {
        "negative_prompt": settings.negative or None,
        "guidance_scale": settings.guidance or None,
        "width": settings.width or None,
        "height": settings.height or None,
        "generator": generator,
        "num_inference_steps": settings.steps,
    }
    options = {k: v for k, v in values.items() if v is not None and k in accepted}
    if "callback_on_step_end" in accepted:

        def step(_: Any, number: int, __: Any, state: Mapping[str, Any]) -> Mapping[str, Any]:
            report("draw", (number + 1) / settings.steps)
            return state

        options["callback_on_step_end"] = step
    return options


def _check_folder(generator: str) -> None:
    """A path that leads nowhere is said before anything heavy is loaded."""
    folder = user_path(generator)
    if folder.is_dir():
        if not (folder / "model_index.json").is_file():
            raise UnavailableError(
                f"{folder} holds no diffusers pipeline (no model_index.json); name the folder that "
                "does."
            )
    elif folder.is_absolute() or generator.startswith((".", "~")):
        raise UnavailableError(f"There is no folder {folder}; check the generator's path.")


def _check_downloaded(generator: str) -> None:
    """The name of a model is looked up among those that were fetched before."""
    try:
        from huggingface_hub import try_to_load_from_cache
    except ImportError:  # diffusers, which needs it, is missing as well
        return
    try:
        index = try_to_load_from_cache(generator, "model_index.json")
    except ValueError:  # no name that a model can have
        index = None
    if not isinstance(index, str):
        raise UnavailableError(_not_here(generator))


def _not_here(generator: str) -> str:
    return (
        f"The generator {generator!r} is not on this machine; give the folder of a diffusers "
        "pipeline, or allow the download with --allow-download."
    )


def _load(diffusers: Any, settings: TextSettings) -> Any:
    """The diffusers pipeline, from this machine unless a download is allowed."""
    folder = user_path(settings.generator)
    local = folder.is_dir()
    logging = diffusers.utils.logging
    logging.set_verbosity_error()
    logging.disable_progress_bar()
    try:
        return diffusers.DiffusionPipeline.from_pretrained(
            str(folder) if local else settings.generator,
            local_files_only=local or not settings.allow_download,
            use_safetensors=True,
            trust_remote_code=False,
        )
    except (OSError, ValueError, KeyError, ImportError, json.JSONDecodeError) as error:
        first = (
            str(error).strip().splitlines()[0][:200] if str(error).strip() else "no reason given"
        )
        if local:
            raise UnavailableError(
                f"The generator in {folder} cannot be loaded: {first.rstrip('.')}. It must be a "
                "complete diffusers pipeline with safetensors weights."
            ) from error
        if settings.allow_download:
            raise UnavailableError(
                f"The generator {settings.generator!r} could not be fetched: {first.rstrip('.')}."
            ) from error
        raise UnavailableError(_not_here(settings.generator)) from error


def _check_device_name(name: str) -> None:
    if name.split(":")[0] not in ("auto", "cpu", "cuda", "mps"):
        raise InputError(f"The device must be auto, cpu, cuda, cuda:N or mps, not {name!r}.")


def _device(name: str) -> str:
    import torch

    cuda, mps = torch.cuda.is_available(), torch.backends.mps.is_available()
    if name == "auto":
        return "cuda" if cuda else "mps" if mps else "cpu"
    kind = name.split(":")[0]
    if (kind == "cuda" and not cuda) or (kind == "mps" and not mps):
        raise UnavailableError(f"There is no {kind} device here; use --device auto or cpu.")
    return name
