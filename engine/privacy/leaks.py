"""What each field of a photo's metadata gives away, as data.

Sources: Exif 3.0 (CIPA DC-008-2023), XMP part 2 and IPTC Photo Metadata Standard 2023.1 for the names, IPTC IIM 4.2 for
the numbers of the records inside Photoshop's image resources.
"""

from dataclasses import dataclass
from enum import StrEnum

from PIL.ExifTags import Base

from engine.photos.xmp_position import LATITUDE_NAMES


class Gives(StrEnum):
    """What a piece of metadata gives away."""

    PLACE = "place"
    TIME = "time"
    PERSON = "person or camera"
    PICTURE = "other pictures"
    OTHER = "other"


@dataclass(frozen=True)
class Leak:
    """One thing that the file says besides its picture.

    Attributes:
        gives: what it gives away.
        sentence: for people; holds none of the file's own values.
        value: what is written there, as harmless text, or empty; do not show it to others.
    """

    gives: Gives
    sentence: str
    value: str = ""


EXIF_LEAKS: tuple[tuple[int, Gives, str], ...] = (
    (Base.BodySerialNumber, Gives.PERSON, "The serial number of the camera ties this photo to all others from it."),
    (Base.CameraSerialNumber, Gives.PERSON, "The serial number of the camera ties this photo to all others from it."),
    (Base.LensSerialNumber, Gives.PERSON, "The serial number of the lens ties this photo to all others through it."),
    (Base.CameraOwnerName, Gives.PERSON, "The name of the camera's owner is written in the file."),
    (Base.Artist, Gives.PERSON, "The name of an author is written in the file."),
    (Base.XPAuthor, Gives.PERSON, "The name of an author is written in the file."),
    (Base.Copyright, Gives.PERSON, "A copyright notice, which may hold a name, is written in the file."),
    (Base.HostComputer, Gives.PERSON, "The name of the computer or phone is written in the file."),
    (Base.ImageUniqueID, Gives.PERSON, "A number that is unique to this shot finds its other copies."),
    (Base.Model, Gives.PERSON, "The model of the camera is written in the file."),
    (Base.MakerNote, Gives.PERSON, "The maker's own note may hold a serial number, the lens, faces or a place."),
    (Base.Software, Gives.OTHER, "The program that wrote the file is named."),
    (Base.ImageDescription, Gives.OTHER, "A description is written in the file."),
    (Base.UserComment, Gives.OTHER, "A comment is written in the file."),
    (Base.XPComment, Gives.OTHER, "A comment is written in the file."),
    (Base.XPTitle, Gives.OTHER, "A title is written in the file."),
    (Base.XPSubject, Gives.OTHER, "A subject is written in the file."),
    (Base.XPKeywords, Gives.OTHER, "Keywords are written in the file."),
)

XMP_LEAKS: tuple[tuple[str, Gives, str], ...] = (
    *((name, Gives.PLACE, "The position of the camera is written in the XMP data.") for name in LATITUDE_NAMES),
    ("drone-dji:GimbalYawDegree", Gives.PLACE, "The direction in which the drone's camera looked is in the XMP data."),
    ("drone-dji:AbsoluteAltitude", Gives.PLACE, "The altitude of the drone is written in the XMP data."),
    ("photoshop:City", Gives.PLACE, "The name of a town is written in the XMP data."),
    ("photoshop:State", Gives.PLACE, "The name of a region is written in the XMP data."),
    ("photoshop:Country", Gives.PLACE, "The name of a country is written in the XMP data."),
    ("Iptc4xmpCore:Location", Gives.PLACE, "The name of a place is written in the XMP data."),
    ("Iptc4xmpCore:CountryCode", Gives.PLACE, "The code of a country is written in the XMP data."),
    ("Iptc4xmpExt:LocationCreated", Gives.PLACE, "The place where the photo was taken is written in the XMP data."),
    ("Iptc4xmpExt:LocationShown", Gives.PLACE, "The place that the photo shows is written in the XMP data."),
    ("exif:DateTimeOriginal", Gives.TIME, "The time is written in the XMP data."),
    ("photoshop:DateCreated", Gives.TIME, "The time is written in the XMP data."),
    ("xmp:CreateDate", Gives.TIME, "The time is written in the XMP data."),
    ("aux:SerialNumber", Gives.PERSON, "The serial number of the camera is written in the XMP data."),
    ("exifEX:BodySerialNumber", Gives.PERSON, "The serial number of the camera is written in the XMP data."),
    ("aux:OwnerName", Gives.PERSON, "The name of the camera's owner is written in the XMP data."),
    ("dc:creator", Gives.PERSON, "The name of an author is written in the XMP data."),
    ("xmpMM:OriginalDocumentID", Gives.PERSON, "A number that finds other copies of this photo is in the XMP data."),
    ("xmpMM:DocumentID", Gives.PERSON, "A number that finds other copies of this photo is in the XMP data."),
    ("dc:description", Gives.OTHER, "A description is written in the XMP data."),
    ("dc:title", Gives.OTHER, "A title is written in the XMP data."),
    ("dc:subject", Gives.OTHER, "Keywords are written in the XMP data."),
    ("mwg-rs:Regions", Gives.PERSON, "Faces or other regions of the photo are marked in the XMP data."),
    ("xmp:Thumbnails", Gives.PICTURE, "A small preview is kept in the XMP data and may show what was cut off."),
    ("GImage:Data", Gives.PICTURE, "A second picture is kept in the XMP data."),
)

IPTC_LEAKS: dict[int, tuple[Gives, str]] = {
    90: (Gives.PLACE, "The name of a town is written in the IPTC data."),
    92: (Gives.PLACE, "The name of a place is written in the IPTC data."),
    95: (Gives.PLACE, "The name of a region is written in the IPTC data."),
    100: (Gives.PLACE, "The code of a country is written in the IPTC data."),
    101: (Gives.PLACE, "The name of a country is written in the IPTC data."),
    55: (Gives.TIME, "The date is written in the IPTC data."),
    80: (Gives.PERSON, "The name of an author is written in the IPTC data."),
    110: (Gives.PERSON, "A credit, which may hold a name, is written in the IPTC data."),
    116: (Gives.PERSON, "A copyright notice, which may hold a name, is written in the IPTC data."),
    5: (Gives.OTHER, "A title is written in the IPTC data."),
    25: (Gives.OTHER, "Keywords are written in the IPTC data."),
    105: (Gives.OTHER, "A headline is written in the IPTC data."),
    120: (Gives.OTHER, "A caption is written in the IPTC data."),
}

SEGMENT_LEAKS: dict[str, tuple[Gives, str]] = {
    "comment": (Gives.OTHER, "A comment is written in the file."),
    "time": (Gives.TIME, "The time of the last change is written in the file."),
    "more pictures": (Gives.PICTURE, "The file holds more pictures, such as a depth map or an uncut original."),
    "trailer": (Gives.PICTURE, "Data follows the picture's end, such as a short video or a second picture."),
    "icc": (Gives.OTHER, "A colour profile is kept in the file and may name the screen or the camera."),
    "unread": (Gives.OTHER, "The file holds data that were not read; they may give away more."),
    "other": (Gives.OTHER, "The file holds data that only some programs read."),
}

PREVIEW = "A small preview is kept in the file and may show what was cut off or painted over."
