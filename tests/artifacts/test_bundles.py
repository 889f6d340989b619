import pytest

from engine.artifacts.bundles import bundle_status, fetch_bundle, removable, remove_bundle, source_of
from engine.artifacts.catalog import parse_catalog
from engine.errors import ArtifactError

RECORD = """
[[artifact]]
name = "{name}"
title = "{title}"
kind = "hub"
hub_id = "owner/{name}"
licence = "MIT"
citation = "nobody"
homepage = "https://example.org"
needs = {needs}
{more}
[[artifact.files]]
path = "weights.safetensors"
bytes_about = 1_000_000
"""
PACKAGE = """
[[artifact]]
name = "carried"
title = "Carried"
kind = "package"
package = "geoclip"
licence = "MIT"
citation = "nobody"
homepage = "https://example.org"
needs = ["encoder"]
[[artifact.files]]
path = "__init__.py"
bytes = {size}
sha256 = "{digest}"
"""
ENCODER, FIRST, SECOND = bytes(300_000), b"1" * 50_000, b"2" * 40_000


def record(name, needs="[]", more=""):
    return RECORD.format(name=name, title=name.capitalize(), needs=needs, more=more)


@pytest.fixture
def catalog():
    import hashlib
    import importlib.util
    from pathlib import Path

    inside = Path(importlib.util.find_spec("geoclip").origin)
    package = PACKAGE.format(size=inside.stat().st_size, digest=hashlib.sha256(inside.read_bytes()).hexdigest())
    texts = [
        record("encoder"), record("first", '["encoder"]'), record("second", '["encoder"]'), package,
        record("bound", '["free"]'), record("free", more="non_commercial = true"),
    ]  # fmt: skip
    return parse_catalog("\n".join(texts))


@pytest.fixture(autouse=True)
def _content(hub):
    contents = {"encoder": ENCODER, "first": FIRST, "second": SECOND, "bound": FIRST, "free": ENCODER}
    hub.files.update({f"owner/{name}/weights.safetensors": content for name, content in contents.items()})


def test_a_bundle_comes_needed_ones_first_and_progress_never_goes_back(store):
    seen = []
    paths = fetch_bundle(store, "first", lambda *words: seen.append(words))
    assert [path.parent.name for path in paths] == ["encoder", "first"]
    assert bundle_status(store, "first").present
    done = [each[1] for each in seen]
    assert done == sorted(done) and done[-1] == len(ENCODER) + len(FIRST)
    assert all(0 <= now <= total for _, now, total in seen)
    assert seen[-1][2] == done[-1], "the server's sizes replace the catalogue's"
    assert list(dict.fromkeys(each[0] for each in seen)) == ["Encoder", "First"]


def test_what_is_here_is_not_counted_again(store):
    fetch_bundle(store, "encoder")
    seen = []
    fetch_bundle(store, "second", lambda *words: seen.append(words))
    assert seen[-1] == ("Second", len(SECOND), len(SECOND))


def test_status_adds_up_what_is_here_and_what_is_to_come(store):
    fetch_bundle(store, "encoder")
    status = bundle_status(store, "first")
    assert not status.present
    assert status.can_fetch
    assert status.missing_bytes_about == 1_000_000
    assert status.bytes_about == len(ENCODER) + 1_000_000
    assert status.record.name == "first"
    assert [record.name for record in bundle_status(store, "bound").non_commercial] == ["free"]


def test_a_stopped_bundle_goes_on_where_it_was(store, hub):
    hub.faults.bytes_per_s = 5_000_000
    with pytest.raises(ArtifactError, match="was stopped"):
        fetch_bundle(store, "first", cancelled=lambda: hub.sent_bytes > 100_000)
    left = bundle_status(store, "first").partial_bytes
    assert 100_000 <= left < len(ENCODER)
    fetch_bundle(store, "first")
    assert [offset for method, _, offset in hub.requests if method == "GET"][1] == left


def test_a_licence_anywhere_in_the_bundle_has_to_be_agreed_to(store, hub):
    with pytest.raises(ArtifactError, match="may not be used commercially"):
        fetch_bundle(store, "bound")
    assert hub.gets == 0
    assert len(fetch_bundle(store, "bound", accept_non_commercial=True)) == 2


def test_what_another_model_needs_stays(store):
    fetch_bundle(store, "first")
    fetch_bundle(store, "second")
    assert [each.name for each in removable(store, "first")] == ["first"]
    ((gone, freed),) = remove_bundle(store, "first")
    assert gone.name == "first" and freed >= len(FIRST)
    assert bundle_status(store, "second").present
    assert {each.name for each in removable(store, "second")} == {"encoder", "second"}
    remove_bundle(store, "second")
    assert not bundle_status(store, "encoder").present


def test_a_model_in_a_package_gives_back_what_was_fetched_for_it(store):
    assert removable(store, "carried") == ()
    fetch_bundle(store, "carried")
    assert [each.name for each in removable(store, "carried")] == ["encoder"]
    remove_bundle(store, "carried")
    status = bundle_status(store, "carried")
    assert [part.present for part in status.parts] == [False, True]


def test_the_record_itself_goes_even_when_others_need_it(store):
    fetch_bundle(store, "first")
    assert [each.name for each in removable(store, "encoder")] == ["encoder"]


def test_a_part_of_a_file_can_be_removed(store, hub):
    hub.faults.bytes_per_s = 5_000_000
    with pytest.raises(ArtifactError):
        fetch_bundle(store, "encoder", cancelled=lambda: hub.sent_bytes > 50_000)
    assert [each.name for each in removable(store, "encoder")] == ["encoder"]
    remove_bundle(store, "encoder")
    assert bundle_status(store, "encoder").partial_bytes == 0


def test_files_of_the_user_are_not_ours_to_remove(store_at, tmp_path):
    mine = tmp_path / "mine" / "encoder"
    mine.mkdir(parents=True)
    (mine / "weights.safetensors").write_bytes(ENCODER)
    store = store_at(tmp_path / "models", by_hand=tmp_path / "mine")
    assert bundle_status(store, "encoder").present
    assert removable(store, "encoder") == ()


def test_sources_are_told_in_words(store):
    assert source_of(store.catalog.record("encoder")) == "owner/encoder on the hub"
    assert source_of(store.catalog.record("carried")) == "the package geoclip"
