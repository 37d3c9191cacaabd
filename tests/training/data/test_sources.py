"""Every kind of source, on real files, packages and generators."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest

from illustrators_depth.errors import InputError, UnavailableError
from illustrators_depth_training.data.config import load_config
from illustrators_depth_training.data.drawing.sample import Recipe, make_sample
from illustrators_depth_training.data.render.renderer import Renderer
from illustrators_depth_training.data.sources import Source, open_source, parse_spec

SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><circle r="5"/></svg>'


def fetched(text: str) -> Source:
    """Open a source that may need the network; skip without it."""
    try:
        return open_source(parse_spec(text))
    except UnavailableError as error:
        pytest.skip(str(error))


def test_specs_are_parsed() -> None:
    spec = parse_spec("npm:@iconify-json/noto@1.2.9")
    assert (spec.kind, spec.name, spec.version) == ("npm", "@iconify-json/noto", "1.2.9")
    spec = parse_spec("npm:some-pack@2.0.0-rc.1#svg/**/*.svg")
    assert (spec.name, spec.version, spec.rest) == ("some-pack", "2.0.0-rc.1", "svg/**/*.svg")
    spec = parse_spec("dicebear:toonHead@9.4.3?n=20&seed=7")
    assert dict(spec.options) == {"n": "20", "seed": "7"}
    assert parse_spec("parquet:/data/*.parquet").rest == "svg"
    assert parse_spec("parquet:/data/*.parquet#code").rest == "code"
    assert parse_spec("dir:art/*.svg", base=Path("/base")).name == "/base/art/*.svg"
    assert parse_spec("apt:openclipart-svg").name == "openclipart-svg"


def test_folder_finds_svg_and_svgz_but_not_links(tmp_path: Path) -> None:
    (tmp_path / "deep").mkdir()
    (tmp_path / "deep" / "one.svg").write_text(SVG)
    (tmp_path / "two.svgz").write_bytes(gzip.compress(SVG.encode()))
    (tmp_path / "three.svg").symlink_to(tmp_path / "deep" / "one.svg")
    (tmp_path / "note.txt").write_text("no drawing")
    source = open_source(parse_spec(f"dir:{tmp_path}"))
    assert source.names() == ["deep/one", "two"]
    assert source.read("deep/one") == SVG.encode()
    assert source.path("two") == str(tmp_path / "two.svgz")
    only = open_source(parse_spec(f"dir:{tmp_path}/**/one.svg"))
    assert only.names() == ["deep/one"]


def test_one_file_is_a_source(tmp_path: Path) -> None:
    (tmp_path / "one.svg").write_text(SVG)
    assert open_source(parse_spec(f"dir:{tmp_path}/one.svg")).names() == ["one"]


def test_sprite_is_split_into_its_symbols(tmp_path: Path, renderer: Renderer) -> None:
    (tmp_path / "sprite.svg").write_text(
        '<svg xmlns="http://www.w3.org/2000/svg"><style>.a{fill:#f00}</style>'
        '<symbol id="dot" viewBox="0 0 9 9"><circle class="a" cx="4" cy="4" r="3"/></symbol>'
        '<symbol id="box" viewBox="0 0 5 5"><rect width="3" height="3"/></symbol></svg>'
    )
    source = open_source(parse_spec(f"dir:{tmp_path}"))
    assert source.names() == ["sprite#box", "sprite#dot"]
    sample = make_sample(renderer, source.read("sprite#dot"), Recipe(36, 36))
    assert sample.palette == ((255, 255, 255), (255, 0, 0))


def test_iconify_collection() -> None:
    source = fetched("npm:@iconify-json/fxemoji@1.2.2")
    assert len(source.names()) == 1034
    assert source.licence == "Apache-2.0"
    assert source.author == "Mozilla"
    assert source.read(source.names()[0]).startswith(b"<svg xmlns=")


def test_package_without_collection_asks_for_a_glob() -> None:
    fetched("npm:@gravity-ui/illustrations@2.1.1#svgs/*.svg")
    with pytest.raises(InputError, match="name its files"):
        open_source(parse_spec("npm:@gravity-ui/illustrations@2.1.1"))


def test_dicebear_is_procedural_and_repeatable(renderer: Renderer) -> None:
    source = fetched("dicebear:toonHead@9.4.3?n=4&seed=3")
    again = fetched("dicebear:toonHead@9.4.3?n=4&seed=3")
    other = fetched("dicebear:toonHead@9.4.3?n=4&seed=4")
    drawings = [source.read(name) for name in source.names()]
    assert len(set(drawings)) == 4
    assert drawings == [again.read(name) for name in again.names()]
    assert drawings != [other.read(name) for name in other.names()]
    assert source.licence == "CC-BY-4.0"
    assert source.author == "Johan Melin"
    assert make_sample(renderer, drawings[0], Recipe(64, 64)).layers > 3


@pytest.mark.parametrize("style", ["avataaars", "bottts"])
def test_dicebear_styles_with_other_terms_are_refused(style: str) -> None:
    with pytest.raises(InputError, match="terms"):
        open_source(parse_spec(f"dicebear:{style}@9.4.3"))


def test_parquet_in_the_layout_of_mmsvg(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
    import pyarrow.parquet as parquet

    drawings = [SVG.replace("r=", f'id="n{i}" r=') for i in range(7)]
    table = pyarrow.table(
        {"id": [f"svg{i}" for i in range(7)], "svg": drawings, "description": ["a dot"] * 7}
    )
    parquet.write_table(table, tmp_path / "train-0.parquet", row_group_size=3)
    source = open_source(parse_spec(f"parquet:{tmp_path}/*.parquet#svg"))
    assert source.names() == [f"svg{i}" for i in range(7)]
    assert [source.read(f"svg{i}").decode() for i in (6, 0, 3)] == [drawings[i] for i in (6, 0, 3)]
    with pytest.raises(InputError, match="no column 'code'"):
        open_source(parse_spec(f"parquet:{tmp_path}/*.parquet#code"))
    (tmp_path / "bad.parquet").write_text(json.dumps({}))
    with pytest.raises(InputError, match="not a readable Parquet file"):
        open_source(parse_spec(f"parquet:{tmp_path}/bad.parquet"))


def test_a_shipped_configuration_goes_by_its_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for name in ("corpus", "corpus.yaml"):
        assert len(load_config(Path(name)).sources) > 40
    (tmp_path / "corpus.yaml").write_text('sources: ["dir:*.svg"]\n')
    assert len(load_config(Path("corpus.yaml")).sources) == 1, "a file here comes first"
    with pytest.raises(InputError, match="Cannot read the configuration nonsense"):
        load_config(Path("nonsense"))
