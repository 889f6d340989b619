"""Photos of every format with marked strings planted in every place that metadata can hide in."""

import contextlib
import io
import struct
import zlib

import numpy as np
from PIL import Image, ImageCms, PngImagePlugin

MARK = "PLANTED"
LUND = {1: "N", 2: (55.0, 41.0, 53.4), 3: "E", 4: (13.0, 11.0, 43.4), 31: 6.5}
XMP = (
    f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="55,41.89N" '
    f'exif:GPSLongitude="13,11.7233E" aux:SerialNumber="{MARK}-xmp-serial" photoshop:City="{MARK}-xmp-city">'
    f"<dc:creator><rdf:Seq><rdf:li>{MARK}-xmp-creator</rdf:li></rdf:Seq></dc:creator>"
    "</rdf:Description></rdf:RDF></x:xmpmeta>"
).encode()


def scene(width=160, height=120, mode="RGB"):
    """A photo-like picture: soft colours with some detail."""
    rng = np.random.default_rng(5)
    small = Image.fromarray(rng.integers(0, 256, (8, 10, 3), dtype=np.uint8))
    soft = np.asarray(small.resize((width, height), Image.Resampling.BICUBIC)).astype(int)
    pixels = np.clip(soft + rng.normal(0, 4, soft.shape), 0, 255).astype(np.uint8)
    image = Image.fromarray(pixels)
    if mode == "RGBA":
        alpha = np.full((height, width), 255, np.uint8)
        alpha[: height // 3] = 0
        alpha[height // 3 : height // 2] = 120
        image.putalpha(Image.fromarray(alpha))
    return image if mode == "RGBA" else image.convert(mode)


def exif(orientation=1):
    """EXIF with a mark in every text, a position, a maker's note and a preview."""
    tags = Image.Exif()
    tags[0x0112] = orientation
    for tag, name in ((0x010E, "description"), (0x010F, "make"), (0x0110, "model"), (0x0131, "software"),
                      (0x013B, "artist"), (0x8298, "copyright"), (0x013C, "host")):  # fmt: skip
        tags[tag] = f"{MARK}-{name}"
    tags[0x9C9D] = f"{MARK}-xpauthor".encode("utf-16-le")
    tags[0x8769] = {
        0x9003: "2020:02:29 23:59:58", 0x9011: "+01:00", 0xA431: f"{MARK}-body", 0xA435: f"{MARK}-lens",
        0xA430: f"{MARK}-owner", 0xA420: f"{MARK}-unique", 0x927C: f"{MARK}-maker".encode(),
        0x9286: b"ASCII\0\0\0" + f"{MARK}-comment".encode(),
    }  # fmt: skip
    tags[0x8825] = LUND | {17: 90.0, 6: 86.5, 7: (22.0, 59.0, 58.0), 29: "2020:02:29", 27: f"{MARK}-gps".encode()}
    return tags


def exif_bytes(orientation=1):
    """The same with a preview in the directory of thumbnails, which Pillow does not write."""
    body = exif(orientation).tobytes().removeprefix(b"Exif\0\0")
    preview = encoded(scene(32, 24), "JPEG")
    return b"Exif\0\0" + with_preview(body, preview)


def with_preview(tiff, preview):
    """Link one more directory that points at a preview to the first directory of a TIFF block."""
    order = "<" if tiff[:2] == b"II" else ">"
    (first,) = struct.unpack(order + "I", tiff[4:8])
    (count,) = struct.unpack(order + "H", tiff[first : first + 2])
    link = first + 2 + 12 * count
    at = len(tiff)
    entry = struct.pack(order + "HHII", 0x0201, 4, 1, at + 30) + struct.pack(order + "HHII", 0x0202, 4, 1, len(preview))
    directory = struct.pack(order + "H", 2) + entry + struct.pack(order + "I", 0)
    return tiff[:link] + struct.pack(order + "I", at) + tiff[link + 4 :] + directory + preview


def iptc():
    """Photoshop's image resources with IPTC records and a preview."""

    def record(number, text):
        return b"\x1c\x02" + bytes([number]) + struct.pack(">H", len(text)) + text.encode()

    records = record(90, f"{MARK}-iptc-city") + record(80, f"{MARK}-iptc-author") + record(120, f"{MARK}-caption")
    thumbnail = b"8BIM\x04\x0c\0\0" + struct.pack(">I", 4) + b"abcd"
    return b"Photoshop 3.0\x008BIM\x04\x04\0\0" + struct.pack(">I", len(records)) + records + thumbnail


def profile():
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def jpeg(image=None, orientation=1):
    """A JPEG with EXIF, XMP, extended XMP, IPTC, ICC, MPF, comment, unknown segments and a trailer."""
    plain = encoded(image or scene(), "JPEG", quality=95, subsampling=0, exif=exif_bytes(orientation),
                    icc_profile=profile(), comment=f"{MARK}-com")  # fmt: skip

    def segment(marker, payload):
        return struct.pack(">BBH", 0xFF, marker, len(payload) + 2) + payload

    more = [
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP),
        segment(0xE1, b"http://ns.adobe.com/xmp/extension/\0" + f"{MARK}-extended".encode()),
        segment(0xED, iptc()),
        segment(0xE2, b"MPF\0" + f"{MARK}-mpf".encode()),
        segment(0xEC, b"Ducky" + f"{MARK}-ducky".encode()),
        segment(0xE5, f"{MARK}-app5".encode()),
    ]
    return plain[:2] + b"".join(more) + plain[2:] + f"{MARK}-trailer".encode()


def png(image=None, orientation=1):
    """A PNG with EXIF, XMP, text of all three kinds, raw profiles, a time, ICC, unknown chunks and a trailer."""
    text = PngImagePlugin.PngInfo()
    text.add_text("Comment", f"{MARK}-text")
    text.add_text("Author", f"{MARK}-ztxt", zip=True)
    text.add_itxt("XML:com.adobe.xmp", XMP.decode())
    text.add_itxt("Title", f"{MARK}-itxt", zip=True)
    raw = iptc().removeprefix(b"Photoshop 3.0\0").hex()
    text.add_text("Raw profile type iptc", f"\niptc\n{len(raw) // 2}\n{raw}", zip=True)
    text.add(b"tIME", struct.pack(">HBBBBB", 2020, 2, 29, 23, 59, 58))
    text.add(b"prVt", f"{MARK}-private".encode())
    plain = encoded(image or scene(), "PNG", pnginfo=text, exif=exif(orientation), icc_profile=profile())
    return plain + f"{MARK}-trailer".encode()


def webp(image=None, orientation=1, lossless=False):
    """A WebP with EXIF, XMP, ICC, an unknown chunk and a trailer."""
    plain = encoded(image or scene(), "WEBP", quality=95, lossless=lossless, exif=exif_bytes(orientation),
                    xmp=XMP, icc_profile=profile())  # fmt: skip
    unknown = f"{MARK}-unknown".encode()
    chunk = b"PRVT" + struct.pack("<I", len(unknown)) + unknown + b"\0" * (len(unknown) % 2)
    return b"RIFF" + struct.pack("<I", len(plain) - 8 + len(chunk)) + plain[8:] + chunk + f"{MARK}-trailer".encode()


def tiff(image=None, orientation=1):
    """A TIFF with EXIF, XMP, IPTC and ICC tags."""
    tags = Image.Exif()
    tags.load(exif(orientation).tobytes())
    tags[700] = XMP
    tags[34377] = iptc().removeprefix(b"Photoshop 3.0\0")
    return encoded(image or scene(), "TIFF", exif=tags, icc_profile=profile())


ALL = {"JPEG": jpeg, "PNG": png, "WEBP": webp, "TIFF": tiff}


def unpacked(data):
    """The bytes and everything in them that zlib can unpack, so that no mark hides in compressed text."""
    parts, at = [data], data.find(b"x")
    while 0 <= at < len(data):
        with contextlib.suppress(zlib.error):
            parts.append(zlib.decompressobj().decompress(data[at:], 100_000))
        at = data.find(b"x", at + 1)
    return b"\n".join(parts)


def marked(data):
    """Whether a mark is anywhere in the bytes, in any encoding that photos use."""
    everything = unpacked(data)
    forms = (MARK.encode(), MARK.encode("utf-16-le"), MARK.encode().hex().encode())
    return any(form in everything for form in forms)
