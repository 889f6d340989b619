import os
import sys

import pytest

from engine.bench import start
from engine.errors import HereaboutsError


def test_ratios_are_those_of_the_medians(monkeypatch):
    seconds = {
        "pass": iter([9.0, 1.0, 3.0, 2.0]),
        "help": iter([9.0, 4.0, 6.0, 5.0]),
        "locate": iter([99.0, 20.0, 18.0, 22.0]),
    }

    def run(command, environment):
        assert "PYTHONDONTWRITEBYTECODE" not in environment
        name = "locate" if "locate" in command else "help" if "--help" in command else "pass"
        return next(seconds[name])

    monkeypatch.setattr(start, "_time", run)
    steps = []
    figures = start.bench_start(3, lambda what, share: steps.append((what, share)))
    assert figures == {"pass_s": 2.0, "help_s": 5.0, "locate_s": 20.0, "help_ratio": 2.5, "locate_ratio": 10.0}
    assert len(steps) == 9 and steps[-1] == ("Timing locate", pytest.approx(2 / 3))


def test_the_photo_can_be_located_and_a_failure_is_reported(tmp_path):
    from engine.photos.photo import open_photo

    photo = open_photo(start._write_photo(tmp_path))
    assert (photo.width, photo.height) == (640, 480)
    assert start._time([sys.executable, "-c", "pass"], os.environ) > 0
    with pytest.raises(HereaboutsError, match="status 3"):
        start._time([sys.executable, "-c", "raise SystemExit(3)"], os.environ)
