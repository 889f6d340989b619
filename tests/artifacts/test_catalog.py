import re
import tomllib
from importlib import metadata
from pathlib import Path

import pytest

from engine.artifacts import catalog
from engine.artifacts.catalog import Kind, bytes_text, default_catalog, parse_catalog
from engine.artifacts.digest import digest_of
from engine.artifacts.layout import find
from engine.errors import ArtifactError

MINIMAL = """
[[artifact]]
name = "a"
title = "A"
kind = "hub"
hub_id = "o/a"
licence = "MIT"
citation = "c"
homepage = "https://example.org"
files = [{path = "f.bin"}]
"""


def test_every_record_has_what_the_models_page_shows():
    for record in default_catalog():
        assert record.title
        assert record.licence
        assert record.citation
        assert record.homepage.startswith("https://")
        assert record.roles


def test_the_package_files_are_the_installed_ones():
    record = default_catalog().record("geoclip")
    for file in record.files:
        path = find(record, file, [])
        assert path is not None
        assert path.stat().st_size == file.bytes
        assert digest_of(path) == file.sha256
    assert metadata.version("geoclip").startswith("1.")


def test_the_backbone_is_where_open_clip_has_it():
    from open_clip.pretrained import get_pretrained_cfg

    for name in ("clip_vit_l14_openai", "clip_vit_b32_openai"):
        record = default_catalog().record(name)
        published = get_pretrained_cfg(record.encoder.architecture, "openai")
        assert published["hf_hub"] == f"{record.hub_id}/"
        assert published["quick_gelu"]
        assert record.preprocessing.mean == tuple(published["mean"])
        assert record.preprocessing.std == tuple(published["std"])


def test_non_commercial_licences_are_marked():
    marked = {record.name for record in default_catalog() if record.non_commercial}
    assert marked == {"streetclip", "plonk_osv5m"}
    for record in default_catalog():
        assert record.non_commercial == ("NC" in record.licence)


def test_no_address_for_withdrawn_weights():
    record = default_catalog().record("geoestimation")
    assert record.kind is Kind.USER
    assert not record.hub_id
    assert not record.url
    text = (Path(catalog.__file__).parent / "catalog.toml").read_text(encoding="utf-8")
    assert not re.search(r"TIBHannover|releases/download", text)


def test_a_bundle_brings_what_is_needed_first():
    assert [each.name for each in default_catalog().bundle("plonk_osv5m")] == ["streetclip", "plonk_osv5m"]
    assert [each.name for each in default_catalog().bundle("geoclip")] == ["clip_vit_l14_openai", "geoclip"]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("f.bin", "../f.bin"), "leaves its folder"),
        (("f.bin", "/etc/f.bin"), "leaves its folder"),
        (('name = "a"', 'name = "A b"'), "lower case"),
        (('kind = "hub"', 'kind = "torrent"'), "torrent"),
        (('hub_id = "o/a"', 'hub_id = ""'), "from where"),
        (('hub_id = "o/a"', 'hubid = "o/a"'), "hubid"),
        (('path = "f.bin"', 'path = "f.bin", sha256 = "abc"'), "64 hex digits"),
        (('kind = "hub"', 'kind = "url"\nurl = "https://example.org"'), "no sha256"),
        (('licence = "MIT"', ""), "licence"),
        (('title = "A"', 'title = "A"\nneeds = ["b"]'), "needs unknown"),
        (("[[artifact]]", "[[artifact"), "cannot be read"),
    ],
)
def test_a_wrong_catalogue_is_refused_with_a_sentence(change, sentence):
    with pytest.raises(ArtifactError, match=sentence) as caught:
        parse_catalog(MINIMAL.replace(*change))
    assert "\n" not in str(caught.value)


def test_a_name_cannot_be_used_twice():
    with pytest.raises(ArtifactError, match="twice"):
        parse_catalog(MINIMAL + MINIMAL)


def test_an_unknown_name_lists_the_known():
    with pytest.raises(ArtifactError, match="clip_vit_l14_openai"):
        default_catalog().record("gpt")


def test_a_record_with_several_files_wants_a_choice():
    record = default_catalog().record("geoclip")
    with pytest.raises(ArtifactError, match=r"coordinates_100K\.csv"):
        record.file()
    assert record.file("model/gps_gallery/coordinates_100K.csv").bytes == 2_024_065


@pytest.mark.parametrize(
    ("count", "text"),
    [(0, "0 B"), (759, "759 B"), (3_938_907, "3.94 MB"), (1_710_000_000, "1.71 GB"), (2500, "2.5 kB")],
)
def test_bytes_for_people(count, text):
    assert bytes_text(count) == text


def test_the_table_is_toml_with_underscored_numbers_only_for_sizes():
    table = tomllib.loads((Path(catalog.__file__).parent / "catalog.toml").read_text(encoding="utf-8"))
    assert len(table["artifact"]) == len(list(default_catalog()))
