"""Synthetic map tiles and a server for them, for tests, demonstrations and benchmarks; product code on purpose.

Every tile has two colours of its own. A photo taken in it is a picture of sixteen fields: two for each of the seven
levels, in the colours of the tiles around the location, and two of noise. A tile shows its own level's two fields and
grey elsewhere, so that aerial and ground images share a pattern level by level.
"""

import hashlib
import io
import threading
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
from PIL import Image

from engine.artifacts.catalog import EncoderRecord, Preprocessing
from engine.errors import HereaboutsError
from engine.geometry import web_mercator
from engine.geometry.web_mercator import LEVELS, Tile
from engine.networks.backbones import Device
from engine.networks.encoders import Backbone, ImageEncoder
from engine.photos.exif import ExifFacts
from engine.photos.photo import Photo
from engine.tile_search.imagery import Pixels, SourceRecord, TileSource
from engine.tile_search.tile_encoders import MapEncoders

FIELDS = 4
"""Fields along each side of a picture."""
FIELD_PIXELS = 8
"""Pixels along each side of a field: a picture is 32 pixels wide, the input of the smallest CLIP."""
GREY = 128
SYNTHETIC_RECORD = SourceRecord("synthetic-tiles", "Synthetic Earth", "Nobody", "For tests.", parallel=2)
TEXTURED_RECORD = SourceRecord("textured-tiles", "Textured Earth", "Nobody", "For measuring time.")


def tile_colours(zoom: int, code: int, seed: int = 0) -> Pixels:
    """The two colours of a tile, ``(2, 3)`` uint8, the same on every machine."""
    digest = hashlib.sha256(f"{seed} {zoom} {code}".encode()).digest()
    return np.frombuffer(digest[:6], np.uint8).reshape(2, 3).copy()


def tile_picture(tile: Tile, seed: int = 0, levels: tuple[int, ...] = LEVELS) -> Pixels:
    """Picture of a tile: its own two fields in their positions, grey elsewhere."""
    fields = np.full((FIELDS * FIELDS, 3), GREY, np.uint8)
    if tile.z in levels:
        first = 2 * levels.index(tile.z)
        fields[first : first + 2] = tile_colours(tile.z, tile.code, seed)
    return _render(fields)


def place_picture(
    latitude: float,
    longitude: float,
    noise: float = 0.0,
    seed: int = 0,
    photo_seed: int = 0,
    levels: tuple[int, ...] = LEVELS,
) -> Pixels:
    """A photo taken at a location: the fields of every level, with noise of a standard deviation in grey values."""
    rng = np.random.default_rng(photo_seed)
    fields = rng.integers(0, 256, (FIELDS * FIELDS, 3)).astype(np.float64)
    for level, zoom in enumerate(levels):
        code = int(web_mercator.codes_at(latitude, longitude, zoom))
        fields[2 * level : 2 * level + 2] = tile_colours(zoom, code, seed)
    return _render(np.clip(fields + rng.normal(0, noise, fields.shape), 0, 255).astype(np.uint8))


def place_photo(latitude: float, longitude: float, noise: float = 0.0, seed: int = 0, photo_seed: int = 0) -> Photo:
    """The same as a photo with a name and a hash."""
    pixels = place_picture(latitude, longitude, noise, seed, photo_seed)
    digest = hashlib.sha256(pixels.tobytes()).hexdigest()
    return Photo(f"{digest[:8]}.png", digest, pixels, pixels.shape[1], pixels.shape[0], ExifFacts(), ())


def _render(fields: Pixels) -> Pixels:
    square = fields.reshape(FIELDS, FIELDS, 3)
    return np.ascontiguousarray(np.kron(square, np.ones((FIELD_PIXELS, FIELD_PIXELS, 1), np.uint8)))


@dataclass(frozen=True, eq=False)
class SyntheticTiles:
    """The synthetic Earth as a tile source.

    Attributes:
        seed: of the colours.
        record: record of the source.
        broken: called before every tile; raises the error to simulate, or returns True for a missing tile.
    """

    seed: int = 0
    record: SourceRecord = SYNTHETIC_RECORD
    broken: Callable[[Tile], bool] | None = None

    def read(self, tile: Tile) -> Pixels | None:
        """The picture of a tile."""
        if self.broken is not None and self.broken(tile):
            return None
        return tile_picture(tile, self.seed)

    def close(self) -> None:
        """Do nothing; there are no resources."""


@dataclass(frozen=True, eq=False)
class TexturedTiles:
    """Tiles of 256 pixels that take as long to decode as satellite pictures do; for measuring time."""

    record: SourceRecord = TEXTURED_RECORD

    def read(self, tile: Tile) -> Pixels | None:
        """Noise at three scales, different for every tile."""
        rng = np.random.default_rng([tile.z, tile.x, tile.y])
        total = np.zeros((256, 256, 3), np.float32)
        for size in (8, 32, 128):
            small = rng.integers(0, 85, (size, size, 3)).astype(np.float32)
            total += small.repeat(256 // size, axis=0).repeat(256 // size, axis=1)
        return np.asarray(total, np.uint8)

    def close(self) -> None:
        """Do nothing; there are no resources."""


Answer = tuple[int, dict[str, str], bytes]
"""Status, headers and body."""


@contextmanager
def tile_server(answer: Callable[[str], Answer]) -> Iterator[str]:
    """A server on this machine while the block runs; gives its address without a path.

    Args:
        answer: from the path of a request to its answer; called from several threads.
    """

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1  # headers and body in one packet

        def do_GET(self) -> None:
            status, headers, body = answer(self.path)
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            if "Content-Length" not in headers:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:  # noqa: A002 - the base class calls it so
            """Say nothing."""

    class Server(ThreadingHTTPServer):
        daemon_threads = True

        def handle_error(self, request: object, client_address: object) -> None:
            """A client that goes away is no news."""

    server = Server(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def answer_from(source: TileSource, kind: str = "PNG") -> Callable[[str], Answer]:
    """Answers to ``/z/x/y`` from a source."""

    def answer(path: str) -> Answer:
        try:
            z, x, y = (int(part.split(".")[0]) for part in path.strip("/").split("/"))
            pixels = source.read(Tile(z, x, y))
        except (ValueError, HereaboutsError):
            pixels = None
        if pixels is None:
            return 404, {}, b""
        return 200, {"Content-Type": f"image/{kind.lower()}"}, encode_image(pixels, kind)

    return answer


def encode_image(pixels: Pixels, kind: str = "PNG") -> bytes:
    """Pixels as a file."""
    stream = io.BytesIO()
    Image.fromarray(pixels).save(stream, kind, **({"quality": 80} if kind != "PNG" else {}))
    return stream.getvalue()


def make_encoders(seed: int = 1, width: int = 96) -> MapEncoders:
    """A photo encoder that sees the sixteen fields, made of two blocks that can be trained as CLIP's last two are.

    Everything around it is the real thing (preprocessing, batches, swapping of blocks); only the network is small
    enough to be trained in seconds.
    """
    import torch
    from torch import nn

    class Block(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.up, self.down = nn.Linear(width, 2 * width), nn.Linear(2 * width, width)
            nn.init.normal_(self.down.weight, std=0.02)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            moved: torch.Tensor = x + self.down(nn.functional.gelu(self.up(x)))
            return moved

    class Visual(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.first = nn.Linear(3 * FIELDS * FIELDS, width, bias=False)
            self.blocks = nn.ModuleList([Block(), Block()])
            self.transformer = nn.ModuleDict({"resblocks": self.blocks})
            self.ln_post = nn.LayerNorm(width)

        def forward(self, images: torch.Tensor) -> torch.Tensor:
            x = self.first(nn.functional.avg_pool2d(images, FIELD_PIXELS).flatten(1))[:, None]
            for block in self.blocks:
                x = block(x)
            normed: torch.Tensor = self.ln_post(x)
            return normed[:, 0]

    class Network(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.visual = Visual()

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = Network().requires_grad_(requires_grad=False).eval()
    wanted = Preprocessing(FIELDS * FIELD_PIXELS, (0.5, 0.5, 0.5), (0.29, 0.29, 0.29))
    record = EncoderRecord("known", "sixteen-fields", "none", width)
    backbone = Backbone(
        ("known", seed), record, wanted, network, Device("cpu", "float32"), threading.RLock(), OrderedDict()
    )
    return MapEncoders(ImageEncoder(backbone), f"known-{seed}-{width}")


def make_source_and_encoders(options: object = None) -> tuple[TileSource, MapEncoders]:
    """The synthetic Earth and its encoders, as workers of ``engine.batch.tiles`` load them."""
    del options
    return SyntheticTiles(), make_encoders()
