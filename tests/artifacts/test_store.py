import errno
import os
import stat
import threading

import pytest

from engine.artifacts import download, layout
from engine.artifacts.store import Store, default_root
from engine.artifacts.transport import HttpTransport
from engine.artifacts.verification import note_path, read_note
from engine.errors import ArtifactError
from engine.paths import cache_folder

WEIGHTS = bytes(range(256)) * 2000
ROOM = 10_000_000_000


def weights_of(store):
    return store.root / "model" / "weights.safetensors"


def one_sentence(error):
    text = str(error.value)
    assert "\n" not in text
    assert text.endswith(".")
    assert "Traceback" not in text
    return text


def fetch_fails(store, match):
    with pytest.raises(ArtifactError, match=match) as caught:
        store.fetch("model")
    assert not weights_of(store).exists()
    return one_sentence(caught)


def test_fetch_brings_verifies_and_remembers(store, hub):
    weights, config = store.fetch("model")
    assert weights.read_bytes() == WEIGHTS
    assert config.read_bytes() == b'{"size": 224}'
    note = read_note(weights)
    assert (note.source, note.digest.algorithm, note.bytes) == ("hub", "sha256", len(WEIGHTS))
    assert read_note(config).digest.algorithm == "git-sha1"
    assert note.commit in hub.requests[-1][1]  # the content is pinned to the commit that the hub stated
    assert store.status("model").verified
    assert store.status("model").bytes == len(WEIGHTS) + 13


def test_a_second_fetch_asks_nobody(store, store_at, hub):
    store.fetch("model")
    before = len(hub.requests)
    assert store_at(store.root).fetch("model") == store.fetch("model")
    assert len(hub.requests) == before


def test_making_a_store_touches_nothing(store, hub):
    assert not store.root.exists()
    assert not store.status("model").present
    assert not store.root.exists()
    assert hub.requests == []


def test_progress_reaches_the_total_and_never_falls(store):
    seen = []
    store.fetch("model", lambda done, total: seen.append((done, total)))
    assert {total for _, total in seen} == {len(WEIGHTS) + 13}
    assert [done for done, _ in seen] == sorted(done for done, _ in seen)
    assert seen[-1] == (len(WEIGHTS) + 13, len(WEIGHTS) + 13)


def test_cancel_keeps_what_came_and_the_next_run_goes_on(store, hub):
    hub.faults.bytes_per_s = 2_000_000
    wanted = threading.Event()
    with pytest.raises(ArtifactError, match="was stopped") as caught:
        store.fetch("model", lambda done, _: done > 100_000 and wanted.set(), wanted.is_set)
    one_sentence(caught)
    kept = store.status("model").files[0].partial_bytes
    assert 100_000 <= kept < len(WEIGHTS)
    assert not weights_of(store).exists()
    hub.faults.bytes_per_s = 0
    store.fetch("model")
    assert [start for method, _, start in hub.requests if method == "GET"][1] == kept
    assert weights_of(store).read_bytes() == WEIGHTS


@pytest.mark.parametrize("where", [1, 255_000, len(WEIGHTS) - 1])
def test_a_server_that_stops_half_way_is_asked_for_the_rest(store, hub, where):
    hub.faults.stop_after = [where]
    store.fetch("model")
    assert weights_of(store).read_bytes() == WEIGHTS
    assert hub.sent_bytes - len(WEIGHTS) - 13 < 0.05 * len(WEIGHTS)


def test_a_server_that_always_stops_is_a_sentence_and_the_next_run_mends_it(store, hub):
    hub.faults.stop_after = [200_000] + [0] * 100
    fetch_fails(store, "run it again to resume")
    assert store.status("model").files[0].partial_bytes == 200_000
    hub.faults.stop_after = []
    store.fetch("model")
    assert weights_of(store).read_bytes() == WEIGHTS
    assert hub.sent_bytes == len(WEIGHTS) + 13  # not one byte twice


def test_a_server_without_ranges_is_asked_from_the_start(store, hub):
    hub.faults.stop_after = [300_000]
    hub.faults.ignore_range = True
    store.fetch("model")
    assert weights_of(store).read_bytes() == WEIGHTS


def test_a_wrong_digest_is_thrown_away_and_the_next_run_mends_it(store, hub):
    hub.faults.body = b"\1" + WEIGHTS[1:]
    text = fetch_fails(store, "discarded")
    assert "sha256" in text
    assert not list(store.root.rglob("*.part"))
    hub.faults.body = None
    store.fetch("model")
    assert weights_of(store).read_bytes() == WEIGHTS


def test_wrong_bytes_left_by_an_older_run_cost_one_more_download(store, hub):
    hub.faults.stop_after = [200_000] + [0] * 100
    fetch_fails(store, "closed the connection|stopped")
    hub.faults.stop_after = []
    partial = next(store.root.rglob("*.part"))
    partial.write_bytes(b"\0" * 200_000)  # what a power cut may leave
    store.fetch("model")
    assert weights_of(store).read_bytes() == WEIGHTS


@pytest.mark.parametrize("status", [401, 403, 404, 410, 418, 500])
def test_a_refusal_is_a_sentence(store, hub, status):
    hub.faults.status = status
    assert str(status) in fetch_fails(store, "127.0.0.1")


def test_a_file_the_hub_does_not_have_is_a_sentence(store, hub):
    hub.files.clear()
    assert "404" in fetch_fails(store, "supply the file manually")


def test_a_busy_server_is_asked_again(store, hub):
    hub.faults.busy = 3
    store.fetch("model")
    hub.faults.busy = 100
    store.remove("model")
    assert "503" in fetch_fails(store, "is busy")


def test_the_other_name_of_a_file_is_tried(store, hub):
    hub.files["owner/model/weights.bin"] = hub.files.pop("owner/model/weights.safetensors")
    weights, _ = store.fetch("model")
    assert weights.name == "weights.bin"
    assert store.path("model", "weights.safetensors") == weights
    assert store.status("model").verified


@pytest.mark.parametrize("target", ["https://evil.example/weights", "http://127.0.0.1:9/weights", "http://hf.co/w"])
def test_a_redirect_to_another_host_is_refused(store, hub, target):
    hub.faults.redirect = target
    text = fetch_fails(store, "not a host")
    assert target.split("/")[2] in text


def test_a_redirect_to_a_host_that_the_record_allows_is_followed(store_at, hub, hubs, tmp_path):
    with hubs.running(hubs.Hub(files=hub.files)) as delivery:
        address = delivery.endpoint.removeprefix("http://")
        hub.faults.redirect = f"{delivery.endpoint}/owner/model/cdn/weights.safetensors"
        hub.files.pop("owner/model/config.json", None)
        transport = HttpTransport(endpoint=hub.endpoint, hosts=(address,))
        store = store_at(tmp_path / "m", transport=transport)
        with pytest.raises(ArtifactError, match="404"):  # the second file is gone, the first came
            store.fetch("model")
        hub.files["owner/model/config.json"] = WEIGHTS
        store.fetch("model")
        assert store.path("model", "weights.safetensors").read_bytes() == WEIGHTS
        assert delivery.gets == 2


def test_a_redirect_that_goes_in_a_circle_ends_in_a_sentence(store, hub):
    hub.faults.redirect = "/owner/model/resolve/main/weights.safetensors"
    fetch_fails(store, "redirects in a loop")


def test_ten_times_the_size_is_refused_before_and_while_it_comes(store, hub):
    hub.faults.stated_bytes = 10_000_000
    assert "10 MB" in fetch_fails(store, "nothing was received")
    hub.faults.stated_bytes = None
    hub.faults.body = WEIGHTS * 10
    fetch_fails(store, "more than")
    assert hub.sent_bytes < 2 * len(WEIGHTS) or not list(store.root.rglob("*.part"))
    assert store.status("model").files[0].partial_bytes == 0


def test_nothing_is_refused(store, hub):
    hub.faults.body = b""
    fetch_fails(store, "where 512 kB were stated")
    hub.faults.body = None
    hub.files["owner/model/weights.safetensors"] = b""
    assert "offers 0 B" in fetch_fails(store, "nothing was received")


def test_a_hub_that_states_no_digest_is_not_trusted(store, hub):
    hub.faults.stated_etag = "no-digest"
    fetch_fails(store, "cannot be verified")


def test_a_full_disk_is_refused_before_the_first_byte(store_at, hub, tmp_path):
    store = store_at(tmp_path / "m", free_bytes=lambda _: 1_000_000)
    text = fetch_fails(store, "free some space")
    assert "1 MB left" in text
    assert hub.gets == 0


def test_a_disk_that_fills_up_on_the_way_keeps_what_came(store, hub, monkeypatch):
    real = download._write_all

    def full(write, piece):
        if full.written > 100_000:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        full.written += len(piece)
        real(write, piece)

    full.written = 0
    monkeypatch.setattr(download, "_write_all", full)
    fetch_fails(store, "disk is full")
    monkeypatch.undo()
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    kept = store.status("model").files[0].partial_bytes
    assert kept > 100_000
    store.fetch("model")
    assert hub.sent_bytes < 2 * len(WEIGHTS)
    assert weights_of(store).read_bytes() == WEIGHTS


def test_a_folder_that_cannot_be_made_is_a_sentence(store_at, tmp_path):
    (tmp_path / "file").write_text("not a folder")
    fetch_fails(store_at(tmp_path / "file" / "models"), "choose a folder")


@pytest.mark.skipif(os.geteuid() == 0, reason="the superuser may write everywhere")
def test_a_read_only_cache_is_a_sentence(store_at, tmp_path):
    folder = tmp_path / "locked"
    folder.mkdir()
    folder.chmod(stat.S_IRUSR | stat.S_IXUSR)
    fetch_fails(store_at(folder / "models"), "choose a folder")


def test_a_full_read_only_cache_is_used(store, store_at, hub, monkeypatch):
    store.fetch("model")
    note_path(weights_of(store)).unlink()
    before = len(hub.requests)

    def refuse(*_):
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))

    monkeypatch.setattr("engine.artifacts.verification.write_note", refuse)
    monkeypatch.setattr("engine.artifacts.layout._lock", refuse)
    monkeypatch.setattr("os.access", lambda *_: False)
    again = store_at(store.root)
    assert again.fetch("model")[0].read_bytes() == WEIGHTS
    assert again.path("model", "weights.safetensors") == weights_of(store)
    assert len(hub.requests) == before


def test_offline_says_what_is_missing_how_large_and_where_to_put_it(store_at, tmp_path):
    store = store_at(tmp_path / "m", transport=HttpTransport(endpoint="http://127.0.0.1:9"))
    text = fetch_fails(store, "cannot be reached")
    assert "about 1 MB" in text
    assert str(tmp_path / "m" / "model" / "weights.safetensors") in text
    assert "owner/model" in text
    with pytest.raises(ArtifactError, match="not on this machine") as caught:
        store.path("model", "weights.safetensors")
    assert "hereabouts models fetch model" in one_sentence(caught)


def test_offline_mode_of_the_hub_is_respected(store, monkeypatch, hub):
    monkeypatch.setattr("huggingface_hub.constants.is_offline_mode", lambda: True)
    fetch_fails(store, "HF_HUB_OFFLINE")
    assert hub.requests == []


@pytest.mark.parametrize("place", ["model", "owner/model", f"models--owner--model/snapshots/{'a' * 40}"])
def test_a_folder_filled_by_hand_works_without_a_network(store_at, tmp_path, place, hub):
    by_hand = tmp_path / "by_hand"
    (by_hand / place).mkdir(parents=True)
    (by_hand / place / "weights.safetensors").write_bytes(WEIGHTS)
    (by_hand / place / "config.json").write_bytes(b"{}")
    store = store_at(tmp_path / "m", by_hand=by_hand)
    assert store.path("model", "weights.safetensors").read_bytes() == WEIGHTS
    assert store.status("model").present
    assert not store.status("model").verified
    assert hub.requests == []
    assert "supplied manually" in store.verify("model")[0].sentence


def test_the_environment_names_the_folder_filled_by_hand(store_at, tmp_path, monkeypatch):
    (tmp_path / "h" / "mine").mkdir(parents=True)
    (tmp_path / "h" / "mine" / "mine.ckpt").write_bytes(b"weights")
    monkeypatch.setenv("HEREABOUTS_MODELS", str(tmp_path / "h"))
    assert store_at(tmp_path / "m").path("mine").read_bytes() == b"weights"


def test_fetch_has_the_hub_vouch_for_what_came_by_hand(store_at, tmp_path, hub):
    by_hand = tmp_path / "h" / "model"
    by_hand.mkdir(parents=True)
    (by_hand / "weights.safetensors").write_bytes(WEIGHTS)
    store = store_at(tmp_path / "m", by_hand=tmp_path / "h")
    weights, config = store.fetch("model")
    assert weights.parent == by_hand
    assert config.parent == tmp_path / "m" / "model"
    assert store.status("model").verified
    assert hub.sent_bytes == 13  # only the file that was missing
    (by_hand / "weights.safetensors").write_bytes(b"other" + WEIGHTS)
    with pytest.raises(ArtifactError, match="as the hub states"):
        store.fetch("model")
    assert (by_hand / "weights.safetensors").exists()  # not ours to remove


def test_a_user_record_says_where_to_put_the_copy(store):
    with pytest.raises(ArtifactError, match="put your own copy") as caught:
        store.fetch("mine")
    assert str(store.root / "mine" / "mine.ckpt") in one_sentence(caught)
    assert "290 MB" in str(caught.value)


def test_verify_says_which_file_fails_and_fetch_mends_it(store):
    store.fetch("model")
    assert [check.ok for check in store.verify("model")] == [True, True]
    before = weights_of(store).stat()
    weights_of(store).write_bytes(b"\1" + WEIGHTS[1:])
    os.utime(weights_of(store), ns=(before.st_atime_ns, before.st_mtime_ns))  # even if nobody can see it from outside
    bad, good = store.verify("model")
    assert (bad.ok, good.ok) == (False, True)
    assert "weights.safetensors" in bad.sentence
    weights_of(store).write_bytes(b"\1" + WEIGHTS[1:])
    with pytest.raises(ArtifactError, match="as the hub states"):
        store.path("model", "weights.safetensors")
    store.fetch("model")
    assert [check.ok for check in store.verify("model")] == [True, True]


def test_verify_of_what_is_not_here(store):
    assert [check.ok for check in store.verify("model")] == [False, False]


def test_remove_frees_everything(store):
    store.fetch("model")
    assert store.remove("model") > len(WEIGHTS)
    assert not (store.root / "model").exists()
    assert not store.status("model").present
    assert store.remove("model") == 0


def test_what_a_package_carries_is_found_verified_and_not_removed(tmp_path):
    store = Store(tmp_path / "m")
    gallery = store.path("geoclip", "model/gps_gallery/coordinates_100K.csv")
    assert gallery.read_text(encoding="utf-8").startswith("LAT,LON")
    assert store.status("geoclip").verified
    assert all(check.ok for check in store.verify("geoclip"))
    with pytest.raises(ArtifactError, match="uninstall"):
        store.remove("geoclip")


def test_a_non_commercial_licence_needs_a_tick(tmp_path):
    store = Store(tmp_path / "m", transport=HttpTransport(endpoint="http://127.0.0.1:9"), pause=lambda _: None)
    with pytest.raises(ArtifactError, match="agree to that") as caught:
        store.fetch("streetclip")
    assert "CC-BY-NC-4.0" in one_sentence(caught)
    with pytest.raises(ArtifactError, match="cannot be reached"):
        store.fetch("streetclip", accept_non_commercial=True)


def test_orphans_are_swept_and_what_can_be_resumed_is_not(store, hub):
    hub.faults.stop_after = [200_000] + [0] * 100
    fetch_fails(store, "closed the connection|stopped")
    hub.faults.stop_after = []
    partial = next(store.root.rglob("*.part"))
    stranger = store.root / layout.PARTIALS / "gone" / "x.abc.part"
    other_content = partial.with_name("weights.safetensors.0000000000000000.part")
    note_rest = store.root / "model" / ".part-0123456789abcdef.json"
    for path in (stranger, other_content, note_rest):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"rest")
    assert store.sweep() == 2
    assert partial.exists()
    store.fetch("model")
    assert not list(store.root.rglob("*.part"))
    assert not list(store.root.rglob(".part-*"))
    os.utime(store.root, None)


def test_a_partial_file_of_a_week_ago_is_an_orphan(store, hub):
    hub.faults.stop_after = [200_000] + [0] * 100
    fetch_fails(store, "closed the connection|stopped")
    partial = next(store.root.rglob("*.part"))
    old = partial.stat().st_mtime - layout.KEEP_PARTIAL_S - 60
    os.utime(partial, (old, old))
    assert store.sweep() == 1
    assert not partial.exists()


def test_the_default_folder_is_the_users_cache():
    assert default_root() == cache_folder() / "models"


def test_a_file_that_vanishes_while_it_is_looked_at_is_no_fault(tmp_path):
    from engine.artifacts.download import size_of

    assert size_of(tmp_path / "moved-away.part") == 0
