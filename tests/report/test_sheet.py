"""The page is complete, self-contained, and nothing from outside can become markup."""

from __future__ import annotations

import dataclasses
import re
from html.parser import HTMLParser

import drawn
import pytest

from vision.report import content
from vision.report.sheet import page
from vision.types import Failure, Reading, Result

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "'-alert(1)-'",
    "javascript:alert(1)",
    "{{ 7*7 }}{% raw %}",
    "</style><svg onload=alert(1)>",
    "\u202egpj.exe",
    "a\x00b\x1b[2J",
    "&lt;b&gt;",
]


class Seen(HTMLParser):
    """The tags, attributes and text of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str, str]] = []
        self.words: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(tag, name, value or "") for name, value in attrs]

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return re.sub(r"\s+", " ", " ".join(self.words))


def test_the_page_says_everything_a_person_needs() -> None:
    text = Seen(page([(drawn.result(), drawn.views())])).text
    for needed in (
        "CANDIDATE",
        "not confirmed by a person",
        "head 188.jpg",
        "Novosibirsk Cartridge Plant",
        "Russia (RU)",
        "then Soviet Union",
        "62%",
        "54% by the photo alone",
        "The middle 8 could be a 0 (21 %).",
        "https://example.org/list?page=2",
        "lead only: a hint, not evidence",
        "grade C",
        "or 0 21%",
        "turned by half",
        "15%",
        "pattern clears bar",
        drawn.SHA256,
        drawn.RUN.kit,
        content.MUST_CONFIRM,
        *content.SAYS_NOT,
    ):
        assert needed in text, needed


def test_the_page_needs_nothing_from_outside() -> None:
    seen = Seen(page([(drawn.result(), drawn.views())]))
    assert not {"script", "link", "iframe", "object", "embed", "form", "base"} & set(seen.tags)
    for tag, name, value in seen.attributes:
        assert not name.startswith("on"), (tag, name)
        if name in ("src", "href", "xlink:href"):
            assert value.startswith("data:image/jpeg;base64,"), value[:60]
    policy = next(v for _, n, v in seen.attributes if n == "content" and "default-src" in v)
    assert policy.startswith("default-src 'none'; img-src data:; style-src 'unsafe-inline'")


@pytest.mark.parametrize("text", HOSTILE)
def test_text_from_outside_never_becomes_markup(text: str) -> None:
    plain = Seen(page([(drawn.result(), drawn.views())]))
    candidate = dataclasses.replace(
        drawn.candidates()[0], manufacturer=text, code=text, state_then=text, calibre=text,
        reasons_for=(text,), reasons_against=(text, text), sources=(text,),
    )  # fmt: skip
    attribution = dataclasses.replace(
        drawn.attribution(), decided_by=text, candidates=(candidate, *drawn.candidates()[1:])
    )
    first = dataclasses.replace(drawn.elements()[0].characters[0], text=text, alternatives=((text, 0.1),))
    element = dataclasses.replace(
        drawn.elements()[0], text=text, characters=(first, *drawn.elements()[0].characters[1:])
    )
    mark = dataclasses.replace(
        drawn.mark(), attribution=attribution, reading=Reading("ppocr", (element, *drawn.elements()[1:]))
    )
    photo = drawn.result(text).photo
    assert photo is not None
    result = Result(dataclasses.replace(photo, taken_at=text), text, (mark,), dataclasses.replace(drawn.RUN, kit=text))
    html = page([(result, drawn.views())])
    seen = Seen(html)
    assert set(seen.tags) == set(plain.tags)
    assert {(t, n) for t, n, _ in seen.attributes} == {(t, n) for t, n, _ in plain.attributes}
    assert not re.search("[\x00-\x08\x0b-\x1f\u202a-\u202e]", html)


def test_a_refused_photo_says_why() -> None:
    failed = drawn.failed_result()
    text = Seen(page([(dataclasses.replace(failed, failure=Failure("photo", "x", "Copy <it> again.")), None)])).text
    assert "could not be examined" in text
    assert "Copy <it> again." in text
    assert "Candidates " not in text


def test_several_photos_share_one_page_and_empty_ones_say_so() -> None:
    html = page([(drawn.result(), drawn.views()), (drawn.empty_result(), drawn.views())])
    assert html.count('<article class="sheet">') == 2
    assert "No mark found" in Seen(html).text


def test_a_limit_shows_fewer_candidates_but_not_less_probability() -> None:
    text = Seen(page([(drawn.result(), drawn.views())], limit=1)).text
    assert "Klimovsk" not in text
    assert "2 more, less likely 22%" in text
