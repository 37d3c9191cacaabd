"""The build's configuration: one YAML file with sources and rules, checked before any work starts.

sources:                      # strings, or mappings with more to say
  - dir:~/art/**/*.svg
  - {source: "npm:@iconify-json/noto@1.2.9", cap: 1500}
seed: 1                       # decides order and splits
val_fraction: 0.02            # of the groups
cleaning: {merge: true, discard_invisible_boundaries: true}
"""

from __future__ import annotations

import dataclasses
import hashlib
import json
import reprlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

import yaml

from illustrators_depth.errors import InputError

from .drawing.cleaning import CleaningRules
from .drawing.frame import FRAMES
from .sources.spec import ROLES, STRATA, SourceSpec, parse_spec
from .svg.sanitize import SvgLimits

__all__ = ["BuildConfig", "SceneMix", "load_config"]

_T = TypeVar("_T")


@dataclass(frozen=True)
class SceneMix:
    """Composed scenes added to the train split: how many, and of how many drawings each."""

    count: int = 0
    least: int = 2
    most: int = 6


@dataclass(frozen=True)
class BuildConfig:
    """What to build, from where, under which rules."""

    sources: tuple[SourceSpec, ...]
    seed: int = 1
    val_fraction: float = 0.02
    shard_size: int = 1000
    cleaning: CleaningRules = field(default_factory=CleaningRules)
    limits: SvgLimits = field(default_factory=SvgLimits)
    scenes: SceneMix = field(default_factory=SceneMix)
    reserved: str | None = None

    def fingerprint(self, **more: Any) -> str:
        """Return a hash of everything that decides the result, with the builder's own `more`."""
        content = json.dumps([dataclasses.asdict(self), more], sort_keys=True, default=str)
        return hashlib.sha256(content.encode()).hexdigest()


_SHIPPED = Path(__file__).resolve().parents[1] / "configs"


def load_config(path: Path) -> BuildConfig:
    """Read and check a YAML configuration; raises InputError naming the file and the entry.

    A bare name that is no file here, such as "corpus", means the one shipped in the package.
    """
    shipped = _SHIPPED / f"{path.stem}.yaml"
    if not path.exists() and path.name == str(path) and shipped.is_file():
        path = shipped
    try:
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(f"Cannot read the configuration {path}: {error.strerror}.") from None
    except (yaml.YAMLError, UnicodeDecodeError, RecursionError) as error:
        line = str(error).splitlines()[0]
        raise InputError(f"{path} is not valid YAML ({line}); correct it and retry.") from None
    if not isinstance(content, dict) or not content.get("sources"):
        raise InputError(f"{path} names no sources; write e.g. `sources: [dir:~/art/**/*.svg]`.")
    if not isinstance(content["sources"], list):
        raise InputError(f"{path}: `sources` must be a list.")
    sources = tuple(_source(entry, path) for entry in content.pop("sources"))
    labels = [source.label for source in sources]
    for label in labels:
        if labels.count(label) > 1:
            raise InputError(f"{path} names the source {label} twice; keep one of them.")
    nested = {
        "cleaning": _section(CleaningRules, content.pop("cleaning", None), path, "cleaning"),
        "limits": _section(SvgLimits, content.pop("limits", None), path, "limits"),
        "scenes": _section(SceneMix, content.pop("scenes", None), path, "scenes"),
    }
    if isinstance(content.get("reserved"), str):
        content["reserved"] = str(path.parent / Path(content["reserved"]).expanduser())
    config = _section(BuildConfig, {**content, **nested, "sources": sources}, path, "top level")
    if not 0.0 <= config.val_fraction < 1.0:
        raise InputError(f"{path}: val_fraction must lie in 0..1, not {config.val_fraction}.")
    scenes = config.scenes
    if scenes.count < 0 or not 1 <= scenes.least <= scenes.most:
        # Else it would come up after hours, when the drawings are rendered.
        raise InputError(f"{path}: scenes must have count >= 0 and 1 <= least <= most.")
    if config.reserved is not None and not isinstance(config.reserved, str):
        raise InputError(f"{path}: reserved must name a file.")
    if config.shard_size < 1:
        raise InputError(f"{path}: shard_size must be at least 1.")
    return config


def _source(entry: Any, path: Path) -> SourceSpec:
    more = {"source": entry} if isinstance(entry, str) else entry
    if not isinstance(more, dict) or not isinstance(more.get("source"), str):
        raise InputError(
            f"{path}: a source is a text or a mapping with `source`, not {reprlib.repr(entry)}."
        )
    allowed_keys = {f.name for f in dataclasses.fields(SourceSpec)} & {
        "cap", "licence", "author", "role", "frame", "grouping", "url", "invisible_boundary"
    }  # fmt: skip
    unknown = set(more) - allowed_keys - {"source", "kind"}
    if unknown:
        raise InputError(f"{path}: {more['source']}: unknown key {sorted(unknown)[0]!r}.")
    spec = parse_spec(more["source"], base=path.parent)
    spec = dataclasses.replace(spec, **{k: v for k, v in more.items() if k in allowed_keys})
    if more.get("kind") is not None:
        if more["kind"] not in STRATA:
            raise InputError(f"{path}: {spec.label}: kind is one of {', '.join(STRATA)}.")
        spec = dataclasses.replace(spec, stratum=more["kind"])
    if spec.frame not in FRAMES:
        raise InputError(f"{path}: {spec.label}: frame is one of {', '.join(FRAMES)}.")
    if spec.role not in ROLES:
        raise InputError(
            f"{path}: {spec.label}: role is one of {', '.join(ROLES)}, not {spec.role!r}."
        )
    limit = spec.invisible_boundary
    if limit is not None and not (isinstance(limit, int | float) and 0 <= limit <= 1):
        raise InputError(
            f"{path}: {spec.label}: invisible_boundary must lie in 0..1, not {limit!r}."
        )
    if spec.cap is not None and (not isinstance(spec.cap, int) or spec.cap < 1):
        raise InputError(f"{path}: {spec.label}: cap must be a whole number above 0.")
    return spec


def _section(kind: type[_T], content: Any, path: Path, name: str) -> _T:
    if content is None:
        return kind()
    if not isinstance(content, dict):
        raise InputError(f"{path}: {name} must be a mapping.")
    fields = {f.name: f for f in dataclasses.fields(kind)}  # type: ignore[arg-type]
    for key, value in content.items():
        if key not in fields:
            raise InputError(f"{path}: unknown key {key!r} in {name}.")
        default, shown = fields[key].default, reprlib.repr(value)
        if isinstance(default, bool) and not isinstance(value, bool):
            raise InputError(f"{path}: {name}.{key} must be true or false, not {shown}.")
        if isinstance(default, int) and not isinstance(value, int):
            raise InputError(f"{path}: {name}.{key} must be a whole number, not {shown}.")
        if isinstance(default, float) and not isinstance(value, int | float):
            raise InputError(f"{path}: {name}.{key} must be a number, not {shown}.")
    return kind(**content)
