"""`hereabouts locate --verdict`: refused early, printed and written beside the table."""

from pathlib import Path

import pytest

from engine.cli.locate_output import check_verdict_path, readable, write_verdict
from engine.errors import InputError
from engine.export.json_result import answer_facts
from engine.locate.locator import Locator
from engine.testing import grey_photo


def test_a_verdict_needs_a_claim_and_a_known_format():
    assert check_verdict_path(None, None) is None
    assert check_verdict_path(Path("a.PDF"), "1,2") == Path("a.PDF")
    with pytest.raises(InputError, match="--claim"):
        check_verdict_path(Path("a.pdf"), None)
    with pytest.raises(InputError, match="neither"):
        check_verdict_path(Path("a.docx"), "1,2")


def test_the_table_is_printed_and_the_page_written(world, tmp_path):
    answer = Locator(world, []).locate(grey_photo())
    region = answer.search_map.region(budget_km2=1e5)
    facts = answer_facts(answer, region, (), (51.5, -0.12))
    facts["verdict_out"] = str(write_verdict(answer, region, tmp_path / "v.html", facts, many=True))
    text = readable(facts)
    assert "Nothing in the photo speaks for or against this place." in text
    assert "    baseline:\n      - Photos taken there: " in text
    assert "what would settle it next:" in text
    assert f"written: {tmp_path / ('v-' + answer.photo.sha256[:12] + '.html')}" in text
    assert (tmp_path / f"v-{answer.photo.sha256[:12]}.html").read_text("utf-8").startswith("<!DOCTYPE html>")
