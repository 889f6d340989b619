import io

import numpy as np
import pytest
from PIL import Image

from engine.export.globe_image import AMBER, globe_jpeg

SIDE = 240


def picture(*call, **named):
    return np.asarray(Image.open(io.BytesIO(globe_jpeg(*call, side=SIDE, **named))), int)


def near(pixels, colour, tolerance=60):
    return np.abs(pixels - colour).max(axis=2) < tolerance


def test_the_globe_is_round_on_white(regions):
    pixels = picture(regions["origin-3e+06"], 0.0, 0.0)
    dark = pixels.min(axis=2) < 200
    assert pixels.shape == (SIDE, SIDE, 3)
    assert dark.mean() == pytest.approx(np.pi / 4, abs=0.06)
    assert not dark[:12, :12].any() and not dark[-12:, -12:].any()


def cyan(pixels):
    """The line around a region: green and blue far above red."""
    return np.minimum(pixels[..., 1], pixels[..., 2]) - pixels[..., 0] > 90


@pytest.mark.parametrize("name", ["origin", "brisbane", "north_pole", "date_line", "tierra"])
def test_a_region_lies_in_the_middle_of_the_picture_that_looks_at_it(regions, middles, name):
    latitude, longitude = middles[name]
    pixels = picture(regions[f"{name}-3e+06"], latitude, longitude)
    rows, columns = np.nonzero(cyan(pixels))
    assert rows.size > 50
    assert abs(rows.mean() - SIDE / 2) < 8 and abs(columns.mean() - SIDE / 2) < 8
    behind = picture(regions[f"{name}-3e+06"], -latitude, longitude - 180)
    assert not cyan(behind).any()


def test_places_are_marked_north_up_and_east_to_the_right(regions):
    region = regions["tierra-500"]
    pixels = picture(region, 0.0, 0.0, places=[(1, 40.0, 0.0), (2, 0.0, 40.0), (3, 0.0, 180.0)])
    rows, columns = np.nonzero(near(pixels, AMBER, 40))
    north, east = rows < SIDE / 3, columns > 2 * SIDE / 3
    assert (north | east).all()
    offset = SIDE / 2 * np.sin(np.radians(40)) / 1.01
    assert rows[north].mean() == pytest.approx(SIDE / 2 - offset, abs=2)
    assert columns[east].mean() == pytest.approx(SIDE / 2 + offset, abs=2)
