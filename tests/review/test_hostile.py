"""P3, P4, P5, P8 and P9: nothing from a photo, a marking set or a person's note can act on the page or read a file."""

from __future__ import annotations

import io
import logging
import random
import re
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from review.made import Browser, MadeSource, hidden, photo_bytes, record, source_of, web_of

import vision
from vision.review.app import STATIC
from vision.review.web import Web

TAGS = [
    "<script>alert(1)</script>",
    "</script><script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<svg><animate onbegin=alert(1)>",
    "<iframe src=javascript:alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<math><mi//xlink:href='data:x,<script>alert(1)</script>'>",
    "<body onload=alert(1)>",
    "<details open ontoggle=alert(1)>",
    "<input autofocus onfocus=alert(1)>",
    "<style>@import 'http://evil.test/x.css'</style>",
    "<link rel=stylesheet href=http://evil.test/x>",
    "<base href=http://evil.test/>",
    "<meta http-equiv=refresh content='0;url=http://evil.test'>",
    "<form action=http://evil.test><button>go</button></form>",
    "<object data=x>",
    "<embed src=x>",
    "<template><script>alert(1)</script></template>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<!--><script>alert(1)</script>-->",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<textarea></textarea><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    "</title><script>alert(1)</script>",
    "</select><script>alert(1)</script>",
    "<x style=animation-name:a onanimationstart=alert(1)>",
    "<%2Fscript><script>alert(1)",
    "＜script＞alert(1)＜/script＞",
    "<ſcript>alert(1)</ſcript>",
]
QUOTES = [
    '" onmouseover="alert(1)',
    "' onmouseover='alert(1)",
    '"><script>alert(1)</script>',
    "'><script>alert(1)</script>",
    "` onmouseover=alert(1)",
    '" autofocus onfocus=alert(1) x="',
    '" style="background:url(http://evil.test)',
    "&quot;><script>alert(1)</script>",
    "&#34;&#62;<script>alert(1)</script>",
    '\\"><script>alert(1)</script>',
]
TEMPLATES = [
    "{{ 7 * 7 }}",
    "{{ config }}",
    "{% for x in ().__class__.__base__.__subclasses__() %}{% endfor %}",
    "{{ ''.__class__.__mro__ }}",
    "${7*7}",
    "#{7*7}",
    "{# comment #}",
    "%(asctime)s {0} {name}",
]
HIDDEN = [
    "\u202egnp.exe",
    "\u2066isolate\u2069",
    "\u200bzero\u200dwidth",
    "nul\x00byte",
    "bell\x07\x1b[31mred",
    "line\r\nSet-Cookie: x=1",
    "\ufeffbom",
    "half \ud800 surrogate",
    "\U000e0041tag",
]
OTHER = [
    "javascript:alert(1)",
    "data:text/html,<script>alert(1)</script>",
    "file:///etc/passwd",
    "../../../../etc/passwd",
    '=HYPERLINK("http://evil.test")',
    "'; DROP TABLE decision_log; --",
    "x" * 1_000_000,
]
HOSTILE = [*TAGS, *QUOTES, *TEMPLATES, *HIDDEN, *OTHER]


class Seen(HTMLParser):
    """What a browser would make of a page: every tag with its attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    handle_startendtag = handle_starttag

    def handle_data(self, data: str) -> None:
        self.text += data


def shape(html: str) -> list[tuple[str, tuple[str, ...]]]:
    """The tags of a page with the names of their attributes: what no text may change."""
    return [(tag, tuple(sorted(attributes))) for tag, attributes in Seen(html).tags]


def check_harmless(html: str) -> None:
    for tag, attributes in Seen(html).tags:
        assert tag not in ("iframe", "object", "embed", "base", "style", "math", "template", "animate"), tag
        assert not [name for name in attributes if name.startswith("on") or name in ("style", "srcdoc")], attributes
        if tag == "script":
            assert attributes["src"] in ("/static/viewer.js", "/static/review.js")
        for name in ("href", "src", "action", "formaction"):
            value = attributes.get(name)
            assert value is None or value.startswith(("/", "#")), (tag, name, value)
            assert value is None or not value.startswith("//")
    assert not re.search(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\u202a-\u202e\u2066-\u2069]", html)


def hostile_record(text: str, made: dict[str, Any]) -> dict[str, Any]:
    """A record that says text wherever a photo's file, its metadata, a reader or a marking set could say it."""
    mark = made["marks"][0]
    made["photo"] |= {"path": f"/photos/{text}", "taken_at": text}
    made["run"]["kit"] = text
    mark["reading"]["text"] = text
    for one in mark["reading"]["elements"]:
        one["text"] = text
        one["characters"] = [{"text": text, "probability": 0.5, "alternatives": [[text, 0.2]]}]
    for one in mark["attribution"]["candidates"]:
        one |= dict.fromkeys(("code", "manufacturer", "state_then", "calibre"), text) | {"pattern": text[:500]}
        one |= {"for": [text], "against": [text], "sources": [text]}
    return made


def test_there_are_sixty_hostile_strings() -> None:
    assert len(set(HOSTILE)) >= 60


@pytest.fixture(scope="module")
def hostile(tmp_path_factory: pytest.TempPathFactory) -> Browser:
    """A store in which every photo says one of the hostile strings, and the first a plain word; all are decided on."""
    folder = tmp_path_factory.mktemp("hostile")
    source = source_of(folder, len(HOSTILE) + 1, candidates=[("ru-17-barnaul", "17", 0.7)])
    for text, made in zip(["plainword", *HOSTILE], source.records.values(), strict=True):
        hostile_record(text, made)
    lena = Browser(web_of(folder, source), "lena", "lead")
    for place, text in enumerate(["plainword", *HOSTILE]):
        words = text[:300].encode("utf-8", "replace").decode()
        form = lena.mark(10 * place + 1) | {"verdict": "corrected", "reading": words, "note": words}
        assert lena.post("/decide", form).status_code == 303
    return lena


@pytest.mark.parametrize("place", range(len(HOSTILE)))
def test_hostile_text_changes_nothing_on_a_marks_page(hostile: Browser, place: int) -> None:
    usual, answer = (hostile.get(f"/mark/{10 * n + 1}") for n in (0, place + 1))
    assert answer.status_code == 200
    check_harmless(answer.text)
    if len(HOSTILE[place]) < 1000:
        assert shape(answer.text) == shape(usual.text)
    if HOSTILE[place] in TEMPLATES:
        assert HOSTILE[place] in Seen(answer.text).text


@pytest.mark.parametrize(
    "path", ["/", "/log", "/conflicts", "/people", "/groups", "/next?text=plainword&state=decided"]
)
def test_hostile_text_changes_nothing_on_pages_of_many_marks(hostile: Browser, path: str) -> None:
    answer = hostile.get(path)
    assert answer.status_code in (200, 303)
    check_harmless(answer.text)


@pytest.mark.parametrize("text", HOSTILE[:-1:3], ids=range(len(HOSTILE[:-1:3])))
def test_what_a_person_types_comes_back_as_text(web: Web, anna: Browser, text: str) -> None:
    text = text.encode("utf-8", "replace").decode()
    form = anna.mark(1) | {"verdict": "nonsense", "note": text, "reading": text}
    for answer in (
        anna.post("/decide", form),
        anna.post("/decide", form | {"screen": text}),
        anna.post("/decide", form | {"token": text}),
    ):
        assert answer.status_code in (400, 403, 422)
        page = answer.text
        for tag, attributes in Seen(page).tags:
            assert not [name for name in attributes if name.startswith("on")], attributes
            assert tag != "iframe"
        assert page.count("<script") == page.count('<script src="/static/')
    for query in (f"/login?name={'x' * 50}", "/next?text=" + text.encode("utf-8", "replace").hex()):
        check_harmless(anna.follow(anna.get(query)).text)


def test_no_page_has_inline_script_or_style(web: Web, anna: Browser) -> None:
    anna.decide(1)
    for path in ("/", "/mark/1", "/mark/11", "/groups", "/group/11", "/conflicts", "/log", "/login", "/nothing"):
        check_harmless(anna.get(path).text)
    for name in ("review.js", "viewer.js"):
        source = anna.get(f"/static/{name}").text
        assert "innerHTML" not in source
        assert "eval(" not in source
        assert "http:" not in source
        assert "https:" not in source
    assert "url(" not in anna.get("/static/review.css").text


def test_pictures_are_our_own_pixels_without_metadata(tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x010E] = "SECRET-DESCRIPTION"
    image = Image.open(io.BytesIO(photo_bytes(1)))
    path = tmp_path / "p.jpg"
    image.save(path, "JPEG", exif=exif, comment=b"SECRET-COMMENT")
    path.write_bytes(
        path.read_bytes() + b"SECRET-TAIL <?xml version='1.0'?><!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>"
    )
    import hashlib

    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    source = MadeSource()
    source.put(record(str(path), sha256), str(path))
    anna = Browser(web_of(tmp_path, source))
    for place in (
        "/marks/1/mark.jpg",
        "/marks/1/strip/0.jpg",
        f"/photo/{sha256}/0/0/0.jpg",
        f"/photo/{sha256}/1/0/0.jpg",
    ):
        answer = anna.get(place)
        assert answer.status_code == 200
        assert answer.headers["content-type"] == "image/jpeg"
        assert b"SECRET" not in answer.content
        assert Image.open(io.BytesIO(answer.content)).format == "JPEG"
        assert not Image.open(io.BytesIO(answer.content)).getexif()


def test_a_photo_that_changed_or_is_gone_is_not_shown(tmp_path: Path) -> None:
    web = web_of(tmp_path)
    anna = Browser(web)
    row = web.desk.marks.by_number[1]
    path = Path(row.path)
    path.write_bytes(photo_bytes(40))
    assert anna.get(f"/photo/{row.photo}/0/0/0.jpg").status_code == 404
    path.unlink()
    assert anna.get("/marks/1/mark.jpg").status_code == 404
    assert anna.get("/mark/1").status_code == 200


PIECES = [
    "..",
    "%2e%2e",
    "....",
    "etc",
    "passwd",
    "static",
    "photo",
    "marks",
    "1",
    "-1",
    "review.css",
    "%00",
    "\\",
    "%5c",
    "C:",
    "~",
    ".",
    "",
    "a" * 300,
    "%252e",
    "é",
    "h1",
    "0.jpg",
    "mark.jpg",
    "store.db",
    "%2f",
    "proc",
    "self",
    "environ",
]


def fuzzed_paths(count: int) -> list[str]:
    dice = random.Random(4)
    roots = ["", "static/", "photo/", "marks/", "photo/../", "marks/1/", "mark/", "group/"]
    return ["/" + dice.choice(roots) + "/".join(dice.choices(PIECES, k=dice.randrange(1, 6))) for _ in range(count)]


def check_paths(folder: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / "outside.txt").write_text("OUTSIDE-THE-PHOTOS", "utf-8")
    web = web_of(folder)
    anna = Browser(web)
    anna.get("/mark/1")
    anna.get("/marks/1/mark.jpg")
    opened: list[str] = []
    known = set(web.desk.source.paths.values())  # type: ignore[attr-defined]
    real = io.open

    def watched(file: Any, *arguments: Any, **named: Any) -> Any:
        opened.append(str(file))
        return real(file, *arguments, **named)

    monkeypatch.setattr("builtins.open", watched)
    for path in fuzzed_paths(count):
        answer = anna.client.get(path, headers={"Sec-Fetch-Site": "same-origin"})
        assert answer.status_code in (200, 303, 307, 400, 404, 405, 422), (path, answer.status_code)
        assert b"OUTSIDE" not in answer.content
        assert b"root:" not in answer.content
        assert b"SQLite format" not in answer.content
    assert [name for name in opened if name not in known and not name.endswith(".j2")] == []


def test_no_path_reads_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_paths(tmp_path, 150, monkeypatch)


@pytest.mark.slow
def test_ten_thousand_paths_read_nothing_outside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    check_paths(tmp_path, 10_000, monkeypatch)


def test_only_listed_assets_are_served(anna: Browser) -> None:
    for name in ("app.py", "../app.py", "..%2fapp.py", "icon.svg", "review.css.bak", ""):
        assert anna.get(f"/static/{name}").status_code == 404
    for name in STATIC:
        assert anna.get(f"/static/{name}").status_code == 200
    assert not [name for name in STATIC if name.endswith(".svg")]


def test_every_asset_is_our_own_and_local() -> None:
    folder = Path(vision.__file__).parent / "review"
    for path in [*folder.glob("static/*"), *folder.glob("templates/*")]:
        if path.suffix != ".png":
            assert not re.search(r"(src|href|url\()\s*=?\s*[\"']?(https?:)?//", path.read_text("utf-8")), path


def test_names_and_notes_stay_out_of_logs(web: Web, anna: Browser, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger="vision"):
        anna.decide(1, note="the witness is Jane Roe", reading="AB123456")
        anna.decide(1, "nonsense", note="the witness is Jane Roe")
        anna.post("/decide", hidden(anna.get("/mark/11").text) | {"screen": "Jane Roe"})
    own = [one.getMessage() for one in caplog.records if one.name.startswith(("vision", "uvicorn", "fastapi"))]
    assert not [line for line in own if "Jane" in line or "AB123456" in line]


def test_xmp_is_never_parsed() -> None:
    root = Path(vision.__file__).parent
    parsers = re.compile(r"^\s*(import|from)\s+(xml|lxml|defusedxml|html5lib)", re.MULTILINE)
    assert [p.name for p in (root / "review").rglob("*.py") if parsers.search(p.read_text("utf-8"))] == []
    assert [p.name for p in (root / "photo.py", root / "containers.py") if parsers.search(p.read_text("utf-8"))] == []
