"""What others wrote into a sidecar stays; what we wrote is replaced; what is not XMP is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from archive.exports.xmp_read import facts

from vision.archive.exports.sidecar import NAMES, Ours, Region, SidecarError, merged

SIDECARS = sorted((Path(__file__).parent / "sidecars").glob("*.xmp"))
LR, DIGIKAM, DC = (
    f"/{{{NAMES[p]}}}{n}" for p, n in (("lr", "hierarchicalSubject"), ("digiKam", "TagsList"), ("dc", "subject"))
)
REGIONS = f"/{{{NAMES['mwg-rs']}}}Regions/{{{NAMES['mwg-rs']}}}RegionList"
KEYWORDS = [("marktrace", "status", "marktrace confirmed"), ("marktrace", "country", "Serbia")]
OURS = Ours(
    KEYWORDS,
    [Region("m1", "headstamp: 188", 0.5, 0.25, 0.125, 0.0625)],
    (900, 760),
    {"Schema": "marktrace-xmp/1", "Record": '{"a": "<&>"}'},
)
OTHERS = Ours([("marktrace", "status", "marktrace rejected")], [], (900, 760), {"Schema": "marktrace-xmp/1"})


def test_there_are_sidecars_of_seven_programs() -> None:
    assert len(SIDECARS) == 7


@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_nothing_that_another_program_wrote_is_lost(path: Path) -> None:
    before, after = facts(path.read_bytes()), facts(merged(path.read_bytes(), OURS))
    lost = before - after
    if path.stem == "photomechanic":  # a keyword written as an attribute becomes the first of the list, where it counts
        assert list(lost) == [(DC, "single keyword")] or not lost
    assert not {fact for fact in lost if fact[1] != "single keyword"}
    assert all(
        ("marktrace" in str(fact) or fact[0] in (DC, "about") or REGIONS.split("/")[1] in fact[0])
        for fact in after - before
    )


@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_ours_is_there_once_in_every_list(path: Path) -> None:
    after = facts(merged(path.read_bytes(), OURS))
    assert after[LR, "marktrace|country|Serbia"] == 1
    assert after[DIGIKAM, "marktrace/country/Serbia"] == 1
    assert after[DC, "Serbia"] == 1
    assert after[f"{REGIONS}/{{{NAMES['mwg-rs']}}}Description", "headstamp: 188"] == 1
    assert after[f"{REGIONS}/{{{NAMES['mwg-rs']}}}Area/{{{NAMES['stArea']}}}x", "0.500000"] == 1
    assert after[f"/{{{NAMES['marktrace']}}}Record", '{"a": "<&>"}'] == 1


@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_writing_twice_gives_the_same_bytes_and_something_else_replaces_all_of_ours(path: Path) -> None:
    once = merged(path.read_bytes(), OURS)
    assert merged(once, OURS) == once
    replaced = merged(once, OTHERS)
    assert replaced == merged(path.read_bytes(), OTHERS)
    assert b"Serbia</rdf:li>" not in replaced or b"Serbia" in path.read_bytes()


@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_taking_ours_out_leaves_what_was_there(path: Path) -> None:
    def plain(data: bytes) -> set[tuple[str, str]]:
        return {fact for fact in facts(data) if fact[0] != "about"}

    assert plain(merged(merged(path.read_bytes(), OURS), Ours())) == plain(path.read_bytes())


def test_a_keyword_that_was_there_stays_when_ours_goes() -> None:
    lightroom = next(path for path in SIDECARS if path.stem == "lightroom").read_bytes()
    assert (DC, "Serbia") in facts(lightroom)
    gone = facts(merged(merged(lightroom, OURS), OTHERS))
    assert gone[DC, "Serbia"] == 1
    assert gone[LR, "Places|Serbia"] == 1
    assert gone[LR, "marktrace|country|Serbia"] == 0


def test_comments_and_the_packet_around_stay() -> None:
    by_name = {path.stem: merged(path.read_bytes(), OURS) for path in SIDECARS}
    assert b"<!-- written by the lab's copy station -->" in by_name["rawtherapee"]
    assert b'rdf:about="uuid:5f1c2d6e-9d7b-11ee-8c90-0242ac120002" xmlns:marktrace' in by_name["rawtherapee"] or (
        by_name["rawtherapee"].count(b"uuid:5f1c2d6e-9d7b-11ee-8c90-0242ac120002") == 3
    )
    assert by_name["digikam"].startswith(b"<?xml version='1.0' encoding='UTF-8'?>\n<?xpacket begin=\"\xef\xbb\xbf\"")
    assert by_name["digikam"].rstrip().endswith(b'<?xpacket end="w"?>')


def test_a_region_that_a_program_rewrote_is_still_ours() -> None:
    """Programs write structures as attributes or as elements; the mark names the region either way."""
    once = merged(None, OURS)
    rewritten = once.replace(
        b'<mwg-rs:Extensions rdf:parseType="Resource">', b'<mwg-rs:Extensions marktrace:Mark="m1">'
    )
    start, end = (rewritten.index(tag) for tag in (b"<marktrace:Mark>", b"</marktrace:Mark>"))
    rewritten = rewritten[:start] + rewritten[end + len(b"</marktrace:Mark>") :]
    assert b'marktrace:Mark="m1"' in rewritten
    assert merged(rewritten, OTHERS) == merged(None, OTHERS)


def test_a_size_that_others_noted_stays() -> None:
    theirs = (
        next(path for path in SIDECARS if path.stem == "digikam")
        .read_bytes()
        .replace(b'stDim:w="900"', b'stDim:w="450"')
    )
    name = f"/{{{NAMES['mwg-rs']}}}Regions/{{{NAMES['mwg-rs']}}}AppliedToDimensions/{{{NAMES['stDim']}}}w"
    assert [fact for fact in facts(merged(theirs, OURS)) if fact[0] == name] == [(name, "450")]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32", "utf-8-sig", "utf-16-le"])
def test_other_unicode_encodings_are_read(encoding: str) -> None:
    text = SIDECARS[1].read_bytes().decode("utf-8").replace('encoding="UTF-8"', f'encoding="{encoding}"')
    data = text.encode(encoding)
    if encoding == "utf-16-le":  # without a byte order mark nobody can tell
        with pytest.raises(SidecarError, match="it is not"):
            merged(data, OURS)
    else:
        assert facts(merged(data, OURS)) == facts(merged(SIDECARS[1].read_bytes(), OURS))


BOMB = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;</x>'
XXE = '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>'
RDF = '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "not XML"),
        (b"not XML at all", "not XML"),
        (b"<x:xmpmeta xmlns:x='adobe:ns:meta/'><rdf:RDF", "not XML"),
        (b"\xff\xd8\xff\xe0 a photo by mistake", "not UTF-8"),
        (b"<html><body>404</body></html>", "no rdf:RDF"),
        (BOMB.encode(), "document type"),
        (BOMB.encode("utf-16"), "document type"),
        (BOMB.replace("<!DOCTYPE", "<! doctype").encode(), "document type"),
        (XXE.encode(), "document type"),
        (f"{RDF}&undefined;</rdf:RDF>".encode(), "not XML"),
        (f"{RDF}{'<a>' * 5000}{'</a>' * 5000}</rdf:RDF>".encode(), "not XML"),
        (b" " * (16 * 2**20 + 1), "larger than 16 MiB"),
    ],
)
def test_what_is_not_xmp_is_refused_with_a_sentence(data: bytes, says: str) -> None:
    with pytest.raises(SidecarError, match=says):
        merged(data, OURS)


def test_characters_that_xml_cannot_hold_do_not_break_the_file() -> None:
    hostile = "a\x00b\x1b[2J\ud800]]><&\"'\uffff"
    data = merged(None, Ours([("marktrace", "reading", hostile)], [], (1, 1), {"Record": hostile}))
    assert facts(data)[f"/{{{NAMES['marktrace']}}}Record", "a�b�[2J�]]><&\"'�"] == 1


@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_prefixes_are_those_that_programs_look_for(path: Path) -> None:
    assert b"ns0:" not in merged(path.read_bytes(), OURS)
