"""XML files element by element: ElementTree escapes, and nothing that XML forbids reaches it. Never reads XML."""

from pathlib import Path
from xml.etree.ElementTree import Element, ElementTree, SubElement, indent

from engine.export.texts import LONGEST
from engine.photos.plain import plain_text


def add(parent: Element, name: str, text: str | None = None, /, **attributes: str) -> Element:
    """A child element with a text, or with none."""
    child = SubElement(parent, name, attributes)
    if text is not None:
        child.text = plain_text(text, max(LONGEST, len(text)))
    return child


def write_xml(root: Element, path: Path) -> None:
    """Write the tree as UTF-8 with its declaration."""
    indent(root, " ")
    ElementTree(root).write(path, encoding="UTF-8", xml_declaration=True)
