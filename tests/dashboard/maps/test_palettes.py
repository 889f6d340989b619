"""Colors that stay in order, and that differ."""

import numpy as np
import pytest

from dashboard.maps.palettes import INFERNO, class_colours, ramp_palette


@pytest.mark.parametrize("anchors", [INFERNO])
def test_ramp_grows_lighter_and_more_opaque_with_rank(anchors: tuple[tuple[int, int, int], ...]) -> None:
    palette = ramp_palette(anchors).astype(int)
    luminance = palette[1:, :3] @ (0.2126, 0.7152, 0.0722)
    assert palette[0, 3] == 0
    assert (np.diff(luminance) > -1.5).all()
    assert (np.diff(palette[1:, 3]) >= 0).all()


def test_class_colours_are_all_different() -> None:
    assert len(set(class_colours(16))) == 16
