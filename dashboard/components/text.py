"""Texts of others inside Streamlit's Markdown."""

MARKDOWN = frozenset(r"\`*_{}[]()<>#+-.!|~:$&")


def plain(text: str) -> str:
    """Return the text with every character escaped that Markdown would act on."""
    return "".join(f"\\{letter}" if letter in MARKDOWN else letter for letter in text)
