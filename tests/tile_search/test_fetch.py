"""Servers that misbehave, and addresses that must not be asked."""

import socket
import threading
import time

import numpy as np
import pytest

from engine.errors import HereaboutsError, InputError, LayerError
from engine.geometry.web_mercator import Tile
from engine.testing.synthetic_tiles import SyntheticTiles, answer_from, encode_image, tile_picture, tile_server
from engine.tile_search import destinations
from engine.tile_search.destinations import is_public
from engine.tile_search.fetch import Fetcher, RequestPolicy
from engine.tile_search.imagery import SourceDown, SourceRecord, TileError
from engine.tile_search.sources.opening import Access, open_source
from engine.tile_search.sources.xyz import Xyz
from engine.tile_search.tile_files import TileFiles

QUICK = RequestPolicy(attempts=3, connect_s=0.3, total_s=0.6, first_pause_s=0.01, longest_pause_s=0.05, give_up_after=6)
PICTURE = encode_image(tile_picture(Tile(4, 1, 2)))


def source(address, files=None, policy=QUICK, **options):
    return Xyz(address + "/{z}/{x}/{y}.png", SourceRecord("s", "Server", "Us", "Ours."), files,
               allow_local=True, policy=policy, **options)  # fmt: skip


def served(answers):
    """What reads of a tile give from a server with these answers in turn, and how often it was asked."""
    asked = []

    def answer(path):
        asked.append(path)
        return answers[min(len(asked), len(answers)) - 1]

    with tile_server(answer) as address:
        this = source(address)
        try:
            return this.read(Tile(4, 1, 2)), len(asked)
        finally:
            this.close()


def test_a_tile_of_a_server():
    with tile_server(answer_from(SyntheticTiles())) as address:
        this = source(address)
        for x in range(12):  # one connection for all of them
            np.testing.assert_array_equal(this.read(Tile(4, x, 3)), tile_picture(Tile(4, x, 3)))
        this.close()


def test_rows_from_the_south():
    with tile_server(answer_from(SyntheticTiles())) as address:
        this = Xyz(address + "/{z}/{x}/{-y}", SourceRecord("s", "S", "", ""), allow_local=True)
        np.testing.assert_array_equal(this.read(Tile(4, 5, 0)), tile_picture(Tile(4, 5, 15)))
        this.close()


@pytest.mark.parametrize("status", [204, 404, 410])
def test_no_tile_is_no_error(status):
    assert served([(status, {}, b"")]) == (None, 1)


@pytest.mark.parametrize("status", [429, 500, 503])
def test_a_busy_server_is_asked_again(status):
    pixels, asked = served([(status, {"Retry-After": "0"}, b""), (status, {}, b""), (200, {}, PICTURE)])
    assert pixels is not None and asked == 3


def test_a_server_that_stays_busy():
    with pytest.raises(TileError, match="after 3 attempts: the server answers 429"):
        served([(429, {}, b"")])
    with tile_server(lambda path: (503, {}, b"")) as address:
        this = source(address)
        for x in range(QUICK.give_up_after // QUICK.attempts):
            with pytest.raises(TileError):
                this.read(Tile(4, x, 0))
        with pytest.raises(SourceDown, match="does not answer any longer"):
            this.read(Tile(4, 9, 0))
        this.close()


def test_a_server_that_refuses():
    with pytest.raises(SourceDown, match=r"refuses to give its tiles \(403\)"):
        served([(403, {}, b"")])


@pytest.mark.parametrize("body", [b"<html>", PICTURE[:40], b""])
def test_answers_that_are_no_pictures(body):
    if not body:
        assert served([(200, {}, body)])[0] is None
        return
    with pytest.raises(TileError, match="not a picture"):
        served([(200, {}, body)])


def test_a_server_that_breaks_off_or_sends_too_much():
    with pytest.raises(TileError, match="3 attempts"):
        served([(200, {"Content-Length": "90000", "Connection": "close"}, PICTURE)])
    with pytest.raises(TileError, match="larger than a tile"):
        served([(200, {}, bytes(9_000_000))])


def test_a_server_that_hangs():
    with socket.socket() as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen(8)
        this = source(f"http://127.0.0.1:{deaf.getsockname()[1]}")
        started = time.monotonic()
        with pytest.raises(TileError, match="the server hangs"):
            this.read(Tile(4, 0, 0))
        assert time.monotonic() - started < 30
        this.close()


@pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b"HTTP/1.1 200 OK\r\nX-Slow: "])
def test_a_server_that_drips(head):
    stop = threading.Event()

    def drip(listener):
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        with connection:
            connection.recv(1000)
            connection.sendall(head)
            while not stop.wait(0.05):
                try:
                    connection.sendall(b"x")
                except OSError:
                    return

    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        thread = threading.Thread(target=drip, args=(listener,), daemon=True)
        thread.start()
        this = source(f"http://127.0.0.1:{listener.getsockname()[1]}", policy=RequestPolicy(attempts=1, total_s=0.3))
        with pytest.raises(TileError, match="hangs"):
            this.read(Tile(4, 0, 0))
        stop.set()
        this.close()
        thread.join()


def test_nobody_there():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(TileError, match="cannot be reached"):
        source(f"http://127.0.0.1:{port}").read(Tile(4, 0, 0))


def test_a_search_that_is_stopped_waits_for_nobody():
    with tile_server(lambda path: (429, {"Retry-After": "20"}, b"")) as address:
        this = source(address, policy=RequestPolicy(), cancelled=lambda: True)
        with pytest.raises(TileError, match="stopped"):
            this.read(Tile(4, 0, 0))
        this.close()


def test_redirects_are_followed_and_checked(monkeypatch):
    with tile_server(answer_from(SyntheticTiles())) as there:
        with tile_server(lambda path: (302, {"Location": there + path}, b"")) as address:
            this = source(address)
            assert this.read(Tile(4, 1, 1)) is not None
            this.close()
        with tile_server(
            lambda path: (302, {"Location": there.replace("127.0.0.1", "127.0.0.2") + path}, b"")
        ) as address:
            checked = destinations.is_public  # only the first server counts as public now
            monkeypatch.setattr(destinations, "is_public", lambda ip: ip == "127.0.0.1" or checked(ip))
            fetcher = Fetcher("Server", policy=QUICK)
            with pytest.raises(InputError, match=r"127\.0\.0\.2, a private or local address"):
                fetcher.get(address + "/4/1/1", "tile")
            fetcher.close()


@pytest.mark.parametrize("onward", ["file:///etc/passwd", "gopher://a/", "http://u:p@a/"])
def test_redirects_to_other_kinds_of_addresses(onward):
    with pytest.raises(InputError):
        served([(302, {"Location": onward}, b"")])


def test_redirects_in_circles():
    with pytest.raises(TileError, match="in circles"):
        served([(302, {"Location": "/4/1/2.png"}, b"")])


def test_the_address_that_was_checked_is_the_one_that_is_asked(monkeypatch):
    """A name that means another address a moment later (rebinding) leads nowhere new."""
    real = socket.getaddrinfo
    answers = iter(["127.0.0.1", "127.0.0.66"])
    looked_up = []

    def changing(host, *rest, **options):
        if host == "tiles.example":
            looked_up.append(host)
            host = next(answers)
        return real(host, *rest, **options)

    monkeypatch.setattr(socket, "getaddrinfo", changing)
    with tile_server(answer_from(SyntheticTiles())) as address:
        fetcher = Fetcher("Server", allow_local=True, policy=QUICK)
        assert fetcher.get(address.replace("127.0.0.1", "tiles.example") + "/4/1/1", "tile") is not None
        assert looked_up == ["tiles.example"]
        fetcher.close()


LOCAL = [
    "127.0.0.1", "2130706433", "0x7f.1", "127.1", "0", "localhost", "10.0.0.1", "192.168.1.1", "172.16.0.1",
    "169.254.169.254", "100.64.0.1", "192.0.0.8", "198.18.0.1", "224.0.0.1", "255.255.255.255", "240.0.0.1", "[::1]",
    "[::]", "[::ffff:127.0.0.1]", "[::ffff:10.0.0.1]", "[fe80::1]", "[fc00::1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]",
    "[::127.0.0.1]", "[ff02::1]",
]  # fmt: skip


@pytest.mark.parametrize("host", LOCAL)
def test_private_and_local_addresses_are_not_asked(host):
    with pytest.raises((InputError, LayerError), match=r"private or local|not known"):
        open_source(f"http://{host}/{{z}}/{{x}}/{{y}}")


@pytest.mark.parametrize(
    ("template", "word"),
    [
        ("https://a.example/{x}/{y}", "no {z}"),
        ("https://a.example/{z}/{x}", "no {y}"),
        ("https://{s}.a.example/{z}/{x}/{y}", "not known"),
        ("https://{z}.a.example/{x}/{y}", "name of its server"),
        ("ftp://a.example/{z}/{x}/{y}", "not an http"),
        ("file:///etc/{z}/{x}/{y}", "not an http"),
        ("{z}/{x}/{y}", "not an http"),
        ("https://me:secret@a.example/{z}/{x}/{y}", "password"),
        ("https://a.example:99999/{z}/{x}/{y}", "not an address"),
        ("https://a.example/{z}/{x}/{y} HTTP/1.1", "spaces"),
        ("https://[bad/{z}/{x}/{y}", "not an address"),
    ],
)
def test_templates_that_make_no_sense(template, word):
    with pytest.raises(InputError, match=word) as caught:
        open_source(template)
    assert "secret" not in str(caught.value)


def test_public_addresses():
    assert is_public("8.8.8.8") and is_public("2606:4700::1111")
    assert not is_public("not an address")


def test_tiles_are_kept_and_asked_once(tmp_path):
    asked = []

    def answer(path):
        asked.append(path)
        return (404, {}, b"") if "/9/" in path else (200, {}, PICTURE)

    with tile_server(answer) as address:
        access = Access(TileFiles(tmp_path), allow_local=True, policy=QUICK)
        for _ in range(3):
            this = open_source(address + "/{z}/{x}/{y}", access)
            assert this.read(Tile(4, 1, 2)) is not None
            assert this.read(Tile(4, 9, 2)) is None
            this.close()
        assert len(asked) == 2
        kept = tmp_path / this.record.name / "4/1/2"
        kept.write_bytes(b"damaged")
        this = open_source(address + "/{z}/{x}/{y}", access)
        assert this.read(Tile(4, 1, 2)) is not None and len(asked) == 3
        assert kept.read_bytes() == PICTURE
        this.close()


def test_the_kept_tiles_stay_below_their_bound(tmp_path):
    files = TileFiles(tmp_path, largest_bytes=50_000)
    for x in range(100):
        files.put("s", Tile(8, x, 0), bytes(2000))
    assert files.sweep() <= 50_000
    assert files.get("s", Tile(8, 99, 0)) == bytes(2000)
    assert files.get("s", Tile(8, 0, 0)) is None


def test_a_disk_that_cannot_be_written_only_means_that_nothing_is_kept(tmp_path):
    (tmp_path / "file").write_text("")
    files = TileFiles(tmp_path / "file")
    files.put("s", Tile(4, 0, 0), b"x")
    assert files.get("s", Tile(4, 0, 0)) is None


def test_every_refusal_is_one_sentence():
    for host in LOCAL[:4]:
        with pytest.raises(HereaboutsError) as caught:
            open_source(f"http://{host}/{{z}}/{{x}}/{{y}}")
        assert "\n" not in str(caught.value) and str(caught.value).endswith(".")
