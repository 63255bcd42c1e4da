"""An XMP sidecar with ours added and everything that others wrote kept: bytes in, bytes out.

What others wrote stays as they wrote it; lists that both write (keywords, regions) are extended. What we wrote before
is found again by its root keyword, by the list marktrace:Keywords and by the mark a region names, and replaced.

Threat: XMP from anywhere, which can hold entity bombs and references to files (XXE). Text that declares a document type
is refused before any parser sees it, the parser resolves no entity, reads no file and has libxml2's limits. Accepted:
indentation, the padding of xpackets and the order of attributes are not kept, since they carry nothing.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vision.archive.exports.keywords import ROOT, Keyword
from vision.errors import MissingError, UsageError

Node = Any  # lxml's element; lxml is imported when it is needed

LARGEST = 16 * 2**20  # bytes; sidecars with a long editing history stay far below
NAMES = {
    "x": "adobe:ns:meta/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "dc": "http://purl.org/dc/elements/1.1/",
    "lr": "http://ns.adobe.com/lightroom/1.0/",
    "digiKam": "http://www.digikam.org/ns/1.0/",
    "mwg-rs": "http://www.metadataworkinggroup.com/schemas/regions/",
    "stArea": "http://ns.adobe.com/xmp/sType/Area#",
    "stDim": "http://ns.adobe.com/xap/1.0/sType/Dimensions#",
    "marktrace": "urn:marktrace:xmp:1#",
}
_ENCODINGS = {  # by byte order mark, the longer ones first
    codecs.BOM_UTF32_LE: "utf-32",
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_DECLARED = re.compile(r"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
_DECLARATION = re.compile(r"^\s*<\?xml\b.*?\?>", re.DOTALL)
_NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class SidecarError(UsageError):
    """A sidecar that is not XMP; the message says what it is instead, without the file's name."""


@dataclass(frozen=True, slots=True)
class Region:
    """A box on the photo as it is stored: centre and size as shares of its width and height."""

    mark: str
    says: str
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Ours:
    """What a sidecar is to say: keywords as paths, regions with the size (width, height) of the stored photo, and our
    own properties, texts by name."""

    keywords: Sequence[Keyword] = ()
    regions: Sequence[Region] = ()
    size_wh: tuple[int, int] = (0, 0)
    properties: Mapping[str, str] = field(default_factory=dict)


def merged(existing: bytes | None, ours: Ours) -> bytes:
    """The sidecar that says what existing says (None: nothing yet) and, in place of what we said before, ours.

    Raises SidecarError when existing is not an XMP sidecar, MissingError without lxml.
    """
    root = _parsed(existing) if existing is not None else _empty()
    rdf = _rdf(root)
    blocks = rdf.findall(_q("rdf:Description"))
    about = next((about for block in blocks if (about := block.get(_q("rdf:about")))), "")
    _take_out(rdf)
    own = _sub(rdf, "rdf:Description", "lr", "digiKam", "dc", "mwg-rs", "stDim", "stArea", "marktrace")
    own.set(_q("rdf:about"), about)
    flat = _add_keywords(rdf, own, ours.keywords)
    for name, value in ours.properties.items():
        _sub(own, f"marktrace:{name}").text = _xml(value)
    if flat:
        _extend(_list(rdf, own, "marktrace:Keywords", "Bag"), flat)
    if ours.regions:
        _add_regions(rdf, own, ours)
    if len(own):
        _etree().indent(own, space=" ", level=2)
    else:
        _remove(own)
    data: bytes = _etree().tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True)
    return data + b"\n"


def says_nothing(sidecar: bytes) -> bool:
    """Whether a sidecar that merged wrote is as bare as the one that we begin with: without a word of anybody's."""
    return sidecar == merged(None, Ours())


def _parsed(data: bytes) -> Node:
    etree = _etree()
    if len(data) > LARGEST:
        raise SidecarError(f"it is larger than {LARGEST >> 20} MiB")
    encoding = next((name for mark, name in _ENCODINGS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as fault:
        raise SidecarError("it is not UTF-8, UTF-16 or UTF-32 text") from fault
    if _DECLARED.search(text):
        raise SidecarError("it declares a document type or entities, which XMP never needs")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_blank_text=False
    )
    try:
        return etree.fromstring(_DECLARATION.sub("", text).strip("\0 \r\n\t").encode("utf-8"), parser)
    except etree.XMLSyntaxError as fault:
        raise SidecarError(f"it is not XML ({fault.msg})") from fault


def _empty() -> Node:
    meta = _etree().Element(_q("x:xmpmeta"), nsmap={"x": NAMES["x"]})
    meta.append(meta.makeelement(_q("rdf:RDF"), nsmap={"rdf": NAMES["rdf"]}))
    return meta


def _rdf(root: Node) -> Node:
    rdf = root if root.tag == _q("rdf:RDF") else root.find(_q("rdf:RDF"))
    if rdf is None:
        raise SidecarError("it is XML but not XMP: it holds no rdf:RDF")
    return rdf


# Taking out what we wrote before


def _take_out(rdf: Node) -> None:
    """Remove what an earlier export wrote, and the lists that this leaves empty."""
    ours = {item.text for listed in _found(rdf, "marktrace:Keywords") for item in listed.iter(_q("rdf:li"))}
    _drop(rdf, "lr:hierarchicalSubject", lambda text: text.partition("|")[0] == ROOT)
    _drop(rdf, "digiKam:TagsList", lambda text: text.partition("/")[0] == ROOT)
    _drop(rdf, "dc:subject", lambda text: text in ours)
    for regions in _found(rdf, "mwg-rs:Regions"):
        before = list(regions.iter(_q("rdf:li")))
        for region in filter(_is_ours, before):
            _remove(region)
        if before and next(regions.iter(_q("rdf:li")), None) is None:
            _remove(regions)
    for block in rdf.findall(_q("rdf:Description")):
        for node in [node for node in block if _in_our_space(node.tag)]:
            _remove(node)
        for name in filter(_in_our_space, list(block.attrib)):
            del block.attrib[name]
        if len(block) == 0 and set(block.attrib) <= {_q("rdf:about")}:
            _remove(block)


def _drop(rdf: Node, name: str, ours: Callable[[str], bool]) -> None:
    """Take the items that are ours out of a list, and the list itself when that empties it."""
    for listed in _found(rdf, name):
        for item in [item for item in listed.iter(_q("rdf:li")) if ours(item.text or "")]:
            _remove(item)
            if next(listed.iter(_q("rdf:li")), None) is None:
                _remove(listed)


def _is_ours(region: Node) -> bool:
    return any(node.tag == _q("marktrace:Mark") or _q("marktrace:Mark") in node.attrib for node in region.iter("*"))


def _in_our_space(name: object) -> bool:
    return str(name).startswith(f"{{{NAMES['marktrace']}}}")


def _remove(node: Node) -> None:
    parent = node.getparent()
    if parent is not None:
        parent.remove(node)


# Adding ours


def _add_keywords(rdf: Node, own: Node, keywords: Sequence[Keyword]) -> list[str]:
    """Add keywords to the three lists that photo managers read; returns the flat ones that nobody had there yet."""
    if not keywords:
        return []
    _extend(_list(rdf, own, "lr:hierarchicalSubject", "Bag"), ["|".join(path) for path in keywords])
    _extend(_list(rdf, own, "digiKam:TagsList", "Seq"), ["/".join(path) for path in keywords])
    flat = _list(rdf, own, "dc:subject", "Bag")
    there = {item.text for item in flat}
    new = [leaf for leaf in dict.fromkeys(path[-1] for path in keywords) if _xml(leaf) not in there]
    _extend(flat, new)
    return new


def _add_regions(rdf: Node, own: Node, ours: Ours) -> None:
    """Add regions to the photo's list of them; a size that others noted stays."""
    regions = next(_found(rdf, "mwg-rs:Regions"), None)
    if regions is None:
        regions = _sub(own, "mwg-rs:Regions")
        regions.set(_q("rdf:parseType"), "Resource")
    inner = _fields(regions)
    if inner.find(_q("mwg-rs:AppliedToDimensions")) is None:
        width, height = ours.size_wh
        facts = {"stDim:w": str(width), "stDim:h": str(height), "stDim:unit": "pixel"}
        _set(_sub(inner, "mwg-rs:AppliedToDimensions", "stDim"), facts)
    listed = inner.find(_q("mwg-rs:RegionList"))
    if listed is None:
        listed = _sub(inner, "mwg-rs:RegionList")
    bag = next(listed.iterchildren("*"), None)
    bag = _sub(listed, "rdf:Bag") if bag is None else bag
    for region in ours.regions:
        _add_region(bag, region)


def _add_region(bag: Node, region: Region) -> None:
    """One region. It has no name and no type, since photo managers take named regions for people's faces."""
    item = _sub(bag, "rdf:li")
    item.set(_q("rdf:parseType"), "Resource")
    box = {"x": region.x, "y": region.y, "w": region.width, "h": region.height}
    area = {f"stArea:{name}": f"{value:.6f}" for name, value in box.items()} | {"stArea:unit": "normalized"}
    _set(_sub(item, "mwg-rs:Area", "stArea"), area)
    _sub(item, "mwg-rs:Description").text = _xml(region.says)
    extension = _sub(item, "mwg-rs:Extensions")
    extension.set(_q("rdf:parseType"), "Resource")
    _sub(extension, "marktrace:Mark").text = _xml(region.mark)


def _fields(node: Node) -> Node:
    """Where the fields of a structure stand: in it (parseType Resource) or in a description within it."""
    inner = node.find(_q("rdf:Description"))
    if inner is not None or node.get(_q("rdf:parseType")) == "Resource":
        return node if inner is None else inner
    inner = _sub(node, "rdf:Description")
    for name, value in node.attrib.items():
        inner.set(name, value)
        del node.attrib[name]
    return inner


def _list(rdf: Node, own: Node, name: str, kind: str) -> Node:
    """The container of a list that others may have begun, else a new one in our block.

    A value that was written as plain text or as an attribute, which some programs do, becomes its first item.
    """
    node = next(_found(rdf, name), None)
    for block in rdf.findall(_q("rdf:Description")):
        if node is None and _q(name) in block.attrib:
            node = _sub(block, name)
            node.text = block.attrib.pop(_q(name))
    if node is None:
        node = _sub(own, name)
    container = next(node.iterchildren("*"), None)
    if container is None:
        text, node.text = (node.text or "").strip(), None
        container = _sub(node, f"rdf:{kind}")
        _extend(container, [text] if text else [])
    return container


def _extend(container: Node, texts: Iterable[str]) -> None:
    for text in texts:
        _sub(container, "rdf:li").text = _xml(text)


# Names


def _found(rdf: Node, name: str) -> Iterator[Node]:
    """The elements of a property in all blocks of a sidecar, those there are now."""
    return iter([node for block in rdf.findall(_q("rdf:Description")) for node in block.findall(_q(name))])


def _sub(parent: Node, name: str, *prefixes: str) -> Node:
    """A new last child, which declares its own prefix and further ones where they are not known yet."""
    wanted = (name.partition(":")[0], *prefixes)
    node = parent.makeelement(_q(name), nsmap={prefix: NAMES[prefix] for prefix in wanted})
    parent.append(node)
    return node


def _set(node: Node, facts: Mapping[str, str]) -> None:
    for name, value in facts.items():
        node.set(_q(name), value)


def _q(name: str) -> str:
    prefix, _, local = name.partition(":")
    return f"{{{NAMES[prefix]}}}{local}"


def _xml(text: str) -> str:
    """text without the characters that XML cannot hold."""
    return _NOT_XML.sub("\ufffd", text)


def _etree() -> Any:
    try:
        from lxml import etree
    except ImportError as fault:
        raise MissingError("XMP sidecars need lxml: pip install 'marktrace[export]'.") from fault
    return etree
