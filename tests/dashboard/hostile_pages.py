"""Hostile strings on pages without a browser: what a page says in Markdown, and whether anything of others is bare."""

import sys
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.message import Message

sys.path.insert(0, str(Path(__file__).parents[1] / "export"))  # the list of hostile strings is that of the exporters

from hostile import STRINGS

from dashboard.common.text import plain

# As a browser sends them: half characters cannot be sent.
SENT = tuple(dict.fromkeys(text.encode("utf-8", "replace").decode() for text in STRINGS))

MARKDOWN = (
    "http://example.test/a", "HTTPS://example.test", "www.example.test", "a@b.example", "mailto:a@b.example",
    "![a](http://example.test/x.png)", "[a](http://example.test)", "[a][b]", "<http://example.test>", ":material/home:",
    ":streamlit:", ":red[x]", ":red-background[x]", ":red-badge[x]", ":rainbow[x]", ":smile:", ":::note", "-->",
    ":color[x]{foreground='red'}", "-> <- <-> -- >= <= ~=", "$x^2$", "$$x$$", "[^1]", "- [ ] x", "# x", "1. x",
    "| a | b |\n|---|---|\n| 1 | 2 |", "a\n===", "a\n\nb", "    code", "\tcode", "a  \nb", "&copy;", "```\nx",
)  # fmt: skip
"""What else the Markdown of Streamlit knows."""

LITERAL = {
    "Text": {"body"},
    "Code": {"code_text"},
    "TextInput": {"default", "value", "placeholder"},
    "TextArea": {"default", "value", "placeholder"},
    "Selectbox": {"options", "value", "raw_value", "placeholder", "default"},
    "MultiSelect": {"options", "raw_values", "placeholder", "default"},
    "Image": {"alt", "url"},
    "FileUploader": {"uploaded_file_info"},
    "DeckGlJsonChart": {"json", "alt"},
    "BidiComponent": {"json"},  # the map and the search box set text content: see tests/dashboard/maps/test_web.py
    "MixedData": {"json"},
}
"""What Streamlit shows as it is; everything else may be Markdown."""

EVERYWHERE = {"id", "key", "element_id", "user_key", "url", "data", "form_id", "fragment_id", "script"}


def markdown(page) -> list[str]:
    """Every text on the page that Streamlit takes for Markdown, or might."""
    return [text for proto in protos(page) for text in texts(proto)]


def protos(page) -> Iterator[Message]:
    for node in nodes(page._tree):
        proto = getattr(node, "proto", None)
        if isinstance(proto, Message):
            yield proto


def nodes(block) -> Iterator[object]:
    for child in getattr(block, "children", {}).values():
        yield child
        yield from nodes(child)


def texts(proto: Message) -> Iterator[str]:
    literal = LITERAL.get(proto.DESCRIPTOR.name, set()) | EVERYWHERE
    for field, value in proto.ListFields():
        if field.name in literal:
            continue
        for each in value if field.is_repeated else [value]:
            if isinstance(each, str):
                yield each
            elif isinstance(each, Message):
                yield from texts(each)


def bare(page, *texts) -> list[tuple[str, str]]:
    """Texts that stand on the page without being escaped, though Markdown would act on them, and where."""
    acting, there = [text for text in texts if plain(text) != text], "\0".join(markdown(page))
    return [(text, each) for text in acting if text in there for each in there.split("\0") if text in each]


def refusals(page) -> list[str]:
    """The errors on the page; each is one sentence, letter for letter."""
    told = [each.value for each in page.error]
    for sentence in told:
        assert sentence.endswith(r"\.") and "\n" not in sentence and len(sentence) < 600, sentence
    return told
