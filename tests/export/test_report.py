"""The report: complete, offline, and in a real browser nothing of what others wrote does anything."""

import contextlib
import html
import shutil
from dataclasses import replace
from html.parser import HTMLParser

import pytest

from engine.export import report
from engine.export.files import write_export
from engine.export.report import LOAD_WHEN_OPENED, report_html
from engine.export.report_policy import policy, scripts_of
from engine.inference.prior import RECORD as PRIOR_RECORD

TAGS = {
    "html", "head", "meta", "title", "style", "body", "main", "h1", "h2", "p", "b", "bdi", "div", "figure", "img",
    "figcaption", "section", "ul", "li", "table", "thead", "tbody", "tr", "th", "td", "details", "summary", "code",
}  # fmt: skip
ATTRIBUTES = {"lang", "charset", "http-equiv", "content", "name", "class", "src", "alt"}
PIXEL = bytes.fromhex("ffd8ffd9")
MAP = "<!DOCTYPE html><html><body><p id=m>no</p><script>document.getElementById('m').textContent = 'drawn'</script>"


class Seen(HTMLParser):
    """Tags, attributes and texts of a page, as a parser sees them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.tags: set[str] = set()
        self.attributes: set[str] = set()
        self.texts: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data):
        self.texts.append(data)


@pytest.fixture(scope="module")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        pytest.skip("no Chromium on this system: install Debian's `chromium` to run the browser tests")
    flags = ["--no-sandbox", "--host-resolver-rules=MAP * ~NOTFOUND"]
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=found, args=flags)
        yield opened
        opened.close()


class Opened:
    """A report in the browser, with everything that it did."""

    def __init__(self, browser, path):
        self.page = browser.new_context().new_page()
        self.dialogs, self.requests, self.errors = [], [], []
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.on("console", lambda message: self.errors.append(message.text))
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.goto(path.as_uri())
        self.page.evaluate("document.querySelectorAll('details').forEach((each) => { each.open = true })")

    def _dialog(self, dialog):
        self.dialogs.append(dialog.message)
        dialog.dismiss()

    @property
    def asked(self):
        """Requests for anything that is not inside the page."""
        return [url for url in self.requests[1:] if not url.startswith(("data:", "about:"))]


@contextlib.contextmanager
def opened(browser, path):
    seen = Opened(browser, path)
    yield seen
    seen.page.context.close()


def test_the_report_says_what_is_known(contents):
    seen = Seen(report_html(contents))
    text = " ".join(seen.texts)
    for known in (
        "grey.png", contents.region.sha256, contents.photo["sha256"], PRIOR_RECORD.title, "hypothesis to test",
        "peaked",
        "10.0000, 20.0000", "corrected", "Apache-2.0", "NASA", "UTC", f"{contents.region.area_km2:,.0f} km²",
    ):  # fmt: skip
        assert known in text, known
    for place in contents.places:
        assert f"{place['lat']:.4f}" in text
    assert seen.tags <= TAGS
    assert seen.attributes <= ATTRIBUTES


def test_the_photo_is_there_only_if_it_was_asked_for(contents):
    bare, shown = report_html(contents), report_html(replace(contents, thumbnail_jpeg=PIXEL))
    assert bare.count("<img") == 2
    assert shown.count("<img") == 3
    assert "The photo, small and without its metadata." in shown


def test_a_long_list_of_parts_is_cut_and_says_so(contents, monkeypatch):
    monkeypatch.setattr(report, "MOST_PARTS", 3)
    region = contents.region.search_map.region(mass=0.99)
    page = report_html(replace(contents, region=region))
    assert region.components > 3
    assert f"{region.components - 3} smaller areas are in the map files." in page


def test_without_a_map_the_policy_lets_nothing_run_or_load():
    assert "script-src" not in policy("p {}")
    assert policy("p {}").startswith("default-src 'none'; img-src data:; style-src 'sha256-")


def test_scripts_are_named_by_their_digests():
    page = "<script>a < b && c</script><script src=x></script><p>d</p><script>e</script>"
    assert scripts_of(page) == ["a < b && c", "e"]
    told = policy("p {}", ["alert(1)"], ["https://tiles.example"])
    assert "script-src 'sha256-bhHHL3z2vDgxUt0W3dWQOrprscmda2Y5pLsLg4GF+pI='" in told
    assert "img-src data: https://tiles.example;" in told
    assert "unsafe-eval" not in told and "script-src 'unsafe-inline'" not in told


@pytest.fixture(scope="module")
def hostile_pages(poisoned, tmp_path_factory):
    """Reports full of hostile strings, as files."""
    folder = tmp_path_factory.mktemp("reports")
    return [write_export(contents, folder / f"{number}.html") for number, contents in enumerate(poisoned)]


def test_hostile_texts_add_no_element_and_no_attribute(hostile_pages):
    for path in hostile_pages:
        seen = Seen(path.read_text("utf-8"))
        assert seen.tags <= TAGS
        assert seen.attributes <= ATTRIBUTES


@pytest.mark.browser
def test_hostile_texts_are_only_text_in_a_browser(poisoned, hostile_pages, browser):
    for contents, path in zip(poisoned, hostile_pages, strict=True):
        with opened(browser, path) as seen:
            names = set(seen.page.evaluate("[...document.querySelectorAll('*')].map(e => e.localName)"))
            shown = seen.page.evaluate("[...document.querySelectorAll('.notes li')].map(e => e.textContent)")
            assert shown == contents.facts["notes"]
            assert names <= TAGS
            assert seen.dialogs == seen.asked == seen.errors == []


@pytest.mark.browser
def test_the_policy_stops_what_slips_through(contents, browser, tmp_path):
    attack = "<script>alert(1)</script><img src=//example.test/x onerror=alert(2)>"
    page = report_html(contents).replace("</main>", f"{attack}</main>")
    (tmp_path / "report.html").write_text(page, encoding="utf-8")
    with opened(browser, tmp_path / "report.html") as seen:
        seen.page.wait_for_timeout(300)
        assert seen.dialogs == []
        assert any("Content Security Policy" in error for error in seen.errors)
        assert not any("NAME_NOT_RESOLVED" in error for error in seen.errors)  # it was not even asked


@pytest.mark.browser
def test_a_map_is_drawn_when_it_is_opened_and_not_before(with_texts, hostile, browser, tmp_path):
    poisoned = with_texts(hostile[:50])
    path = write_export(replace(poisoned, map_html=MAP, map_hosts=("https://tiles.example",)), tmp_path / "report.html")
    assert path.read_text("utf-8").count("<script") == 1
    assert scripts_of(path.read_text("utf-8")) == [LOAD_WHEN_OPENED]
    page = browser.new_context().new_page()
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(path.as_uri())
    page.wait_for_timeout(300)
    assert len(page.frames) == 2 and page.frames[1].url == "about:blank"
    page.locator("#map summary").click()
    page.frame_locator("iframe").get_by_text("drawn").wait_for(timeout=5000)
    assert dialogs == []
    page.context.close()


def test_without_a_photo_the_report_is_about_the_evidence(contents):
    bare = replace(contents, facts={**contents.facts, "photo": {"name": "", "sha256": ""}})
    assert "<h1>Where does the evidence point?</h1>" in report_html(bare)
    assert "Where was" in report_html(contents)


def test_a_claimed_place_has_its_verdict_and_every_voice(contents):
    claim = contents.facts["claim"]
    page = html.unescape(report_html(contents))
    assert claim["verdict"] and claim["predictors"]
    for sentence in (*claim["verdict"], *(voice["sentence"] for voice in claim["predictors"])):
        assert sentence in page
