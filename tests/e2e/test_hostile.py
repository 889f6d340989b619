"""Texts of others in a real browser: every hostile string is seen letter for letter, and none does anything."""

import sys
from collections.abc import Callable, Iterator

import pytest
from browser import PROJECT, SCRIPTS, Server, Visit, serve

sys.path.insert(0, str(PROJECT / "tests" / "dashboard"))

from hostile_pages import MARKDOWN, SENT

pytestmark = pytest.mark.browser

KINDS = "[data-testid=stMarkdownContainer], [data-testid=stCaptionContainer]"
SHOWN = """(kinds) => Object.fromEntries([...document.querySelectorAll("[class*=st-key-shown_]")].map((box) => [
    box.className.match(/st-key-shown_(\\d+)/)[1],
    {
        text: box.querySelector(kinds)?.textContent ?? "",
        made: [...box.querySelectorAll("a, img, code, pre, em, strong, table, li, hr, del, h1, h2, sup, .katex")]
            .map((each) => each.outerHTML.slice(0, 200)),
    },
]))"""
"""Per string what is seen of it, and what Markdown may have made of it."""

DRAWN = (
    """(many) => document.querySelectorAll("[class*=st-key-shown_] [data-testid=stMarkdownContainer]").length >= many"""
)
"""Whether all are there: parts of Streamlit come when they are first needed."""

LIVE = """() => {
    const found = [];
    const harmless = /^(alt|title|aria-.*|value|placeholder|class|id|for)$/;
    const alive = /example\\.test|alert\\(1\\)|^\\s*(javascript|vbscript):|^\\s*data:text\\/html/i;
    const look = (root) => root.querySelectorAll("*").forEach((each) => {
        if (each.shadowRoot) look(each.shadowRoot);
        const risky = [...each.attributes].some(({ name, value }) =>
            /^on/i.test(name) || (!harmless.test(name) && alive.test(value)));
        const made = each.matches("iframe, object, embed, base, form[action], marquee, plaintext, xmp, listing, math");
        if (risky || made || (each.matches("script, style") && alive.test(each.textContent)))
            found.push(each.outerHTML.slice(0, 200));
    });
    look(document);
    return found;
}"""
"""Elements and attributes that only a string can have brought, shadow roots included."""


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serve(SCRIPTS / "hostile_texts.py", tmp_path_factory.mktemp("server") / "log.txt") as running:
        yield running


def letters(text: str) -> str:
    """What readers see of a text, however wide its spaces are; the rest may have been marked or taken away."""
    seen = (
        letter
        for letter in text
        if letter.isspace() or (letter.isprintable() and letter != "\N{REPLACEMENT CHARACTER}")
    )
    return " ".join("".join(seen).split())


def test_every_hostile_string_is_seen_and_none_does_anything(server: Server, visit: Callable[[str], Visit]):
    """At the end of the visit nothing may have been asked of another host, nor may an error have been written down."""
    opened = visit(server.url)
    ran: list[str] = []
    opened.page.on("dialog", lambda box: (ran.append(box.message), box.dismiss()))
    opened.page.get_by_text("All are shown").wait_for(timeout=60_000)
    texts = [f"Q{number} {text} Z" for number, text in enumerate((*SENT, *MARKDOWN))]
    opened.page.wait_for_function(
        "n => document.querySelectorAll('[role=option]').length >= 0 && n > 0", arg=len(texts)
    )
    opened.page.locator(f".st-key-shown_{len(texts) - 1}").get_by_text("Z").wait_for()
    opened.page.wait_for_timeout(500)
    shown = opened.page.evaluate(SHOWN, KINDS)
    assert [letters(shown[str(number)]["text"]) for number in range(len(texts))] == [letters(text) for text in texts]
    assert [each["made"] for each in shown.values() if each["made"]] == []
    places = opened.page.locator("li[role=option] span").all_inner_texts()
    assert [letters(text) for text in places] == [letters(text) for text in texts]
    assert opened.page.evaluate(LIVE) == [] and ran == []
