"""An XMP file as a set of (path, value) facts, read with the standard library: a second opinion on what was kept."""

from __future__ import annotations

from collections import Counter
from xml.etree import ElementTree

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_CONTAINERS = {f"{RDF}Bag", f"{RDF}Seq", f"{RDF}Alt"}


def facts(data: bytes) -> Counter[tuple[str, str]]:
    """Every property with its value, attributes and elements alike, the items of lists each by itself."""
    found: Counter[tuple[str, str]] = Counter()
    root = ElementTree.fromstring(data)
    rdf = root if root.tag == f"{RDF}RDF" else root.find(f"{RDF}RDF")
    assert rdf is not None
    for block in rdf:
        _walk(block, "", found)
    return found


def _walk(node: ElementTree.Element, path: str, found: Counter[tuple[str, str]]) -> None:
    for name, value in node.attrib.items():
        if name == f"{RDF}about":
            found["about", value] += 1
        elif name != f"{RDF}parseType":
            found[f"{path}/{name}", value] += 1
    text = (node.text or "").strip()
    if text:
        found[path, text] += 1
    for child in node:
        transparent = child.tag in _CONTAINERS or child.tag in (f"{RDF}li", f"{RDF}Description")
        _walk(child, path if transparent else f"{path}/{child.tag}", found)
