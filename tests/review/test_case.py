"""The dossier: what it says, what it never says, and that it cannot do anything."""

from __future__ import annotations

import copy
import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from review.made import Browser, markings
from review.stored import fill
from review.test_hostile import HOSTILE, Seen

from vision.archive import Store, open_store
from vision.archive.intake import Intake
from vision.archive.names import as_text
from vision.archive.rows import FileSeen
from vision.cli import run
from vision.errors import UsageError
from vision.report.dossier import Dossier, data_sheet, page, pdf
from vision.review.accounts import Accounts
from vision.review.case import find_photo, gather
from vision.review.desk import Desk
from vision.review.source import StoreSource
from vision.review.web import Web


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return fill(tmp_path, 2)


def browser_over(store: Store, name: str, role: str = "reviewer") -> Browser:
    desk = Desk(StoreSource(store), store.people())
    return Browser(Web(desk, Accounts(desk.people), markings()), name, role)


def first_photo(store: Store) -> str:
    return next(iter(store.all_marks())).photo


def sheet_of(dossier: Dossier) -> dict[str, tuple[str, str]]:
    groups = data_sheet(dossier, dossier.marks[0])
    return {name: (value, how) for _, fields in groups for name, value, how in fields}


def test_an_undecided_photo_is_stamped_a_candidate_and_its_sheet_names_no_origin(store: Store) -> None:
    dossier = gather(store, first_photo(store))
    text = Seen(page(dossier)).text
    assert "CANDIDATE" in text
    assert "No person has decided on this mark" in text
    assert "Nobody has decided on this mark" in text
    sheet = sheet_of(dossier)
    for name in ("Manufacturer", "Country of manufacture (today)", "Year of manufacture", "Calibre as marked"):
        assert sheet[name] == ("", "")
    assert sheet["Mark exactly as read"] == ("17 74", "read by machine, see doubts above")
    assert sheet["Photo sha256"][0] == first_photo(store)


def test_a_decided_photo_says_who_decided_what_and_what_was_shown(store: Store) -> None:
    anna = browser_over(store, "Anna Kovac")
    anna.decide(1, level="pattern", note="clear in raking light")
    dossier = gather(store, first_photo(store))
    text = Seen(page(dossier)).text
    for told in ("DECIDED", "Anna Kovac", "clear in raking light", "ru-17-barnaul, ru-3-ulyanovsk", first_photo(store)):
        assert told in text, told
    row = store.people().log()[0]
    assert row[2][:12] in text
    assert dossier.record_sha256 == json.loads(row[1])["record"]
    sheet = sheet_of(dossier)
    assert sheet["Manufacturer"] == ("Barnaul Cartridge Plant (Barnaul Machine-Tool Plant)", "decided by Anna Kovac")
    assert sheet["Country of manufacture (today)"][0] == "Russia (RU)"
    assert sheet["Year of manufacture"] == ("1974", "from the mark, decided by Anna Kovac")


def test_deciding_on_the_state_fills_in_no_maker(store: Store) -> None:
    browser_over(store, "anna").decide(1, level="state")
    sheet = sheet_of(gather(store, first_photo(store)))
    assert sheet["Manufacturer"] == ("", "")
    assert sheet["Year of manufacture"] == ("", "")
    assert sheet["Country of manufacture (today)"][0] == "Russia (RU)"


def test_what_was_taken_back_is_shown_as_such_and_no_longer_holds(store: Store) -> None:
    anna = browser_over(store, "anna")
    anna.decide(1)
    anna.post("/undo", anna.mark(1) | {"seq": "1", "key": "k"})
    dossier = gather(store, first_photo(store))
    assert dossier.marks[0].status == "unconfirmed"
    assert [deed.withdrawn for deed in dossier.marks[0].deeds] == [True]
    assert "taken back later" in page(dossier)


def test_a_conflict_is_stamped_and_confirms_nothing(store: Store) -> None:
    browser_over(store, "anna").decide(1)
    browser_over(store, "otto").decide(1, "rejected")
    dossier = gather(store, first_photo(store))
    assert "IN CONFLICT" in page(dossier)
    assert sheet_of(dossier)["Manufacturer"] == ("", "")


def test_a_broken_log_and_a_changed_file_are_said(store: Store, tmp_path: Path) -> None:
    browser_over(store, "anna").decide(1)
    path = Path(store.paths(first_photo(store))[0])
    sha256 = first_photo(store)
    assert "read again now and has this sha256" in page(gather(store, sha256))
    path.write_bytes(b"something else")
    import sqlite3

    raw = sqlite3.connect(tmp_path / "finds.db")
    raw.execute("UPDATE decision_log SET entry = replace(entry, 'anna', 'otto')")
    raw.commit()
    raw.close()
    text = page(gather(store, sha256))
    assert "BROKEN at entry 1" in text
    assert "no file with these bytes can be reached" in text
    assert "data:image" not in text


def test_serials_can_be_hidden(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    record = store.record(first_photo(store))
    assert record is not None

    def mask(made: dict[str, Any]) -> dict[str, Any]:
        made["marks"][0]["reading"] = None
        return made

    made = copy.deepcopy(record.record)
    made["marks"][0]["kind"] = "serial"
    monkeypatch.setattr(type(record), "record", property(lambda _: made))
    browser_over(store, "anna").decide(1, "corrected", reading="AB 123456", note="seen on AB 123456")
    plain, hidden = page(gather(store, record.photo)), page(gather(store, record.photo, mask))
    assert "AB 123456" in plain
    assert "data:image" in plain
    for secret in ("AB 123456", "17 74", "data:image"):
        assert secret not in hidden
    assert "Serial numbers are hidden in this copy" in hidden


def test_it_loads_nothing_and_has_no_script(store: Store) -> None:
    class Tags(HTMLParser):
        def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
            assert tag not in ("script", "link", "iframe", "object", "embed", "form")
            for name, value in attrs:
                assert not name.startswith("on")
                if name in ("src", "href"):
                    assert (value or "").startswith("data:image/jpeg;base64,")

    html = page(gather(store, first_photo(store)))
    Tags().feed(html)
    assert "default-src 'none'" in html


@pytest.mark.parametrize("text", [one for one in HOSTILE if len(one) < 1000][::6])
def test_hostile_text_stays_text(store: Store, text: str, monkeypatch: pytest.MonkeyPatch) -> None:
    record = store.record(first_photo(store))
    assert record is not None
    made = copy.deepcopy(record.record)
    made["photo"] |= {"path": text, "taken_at": text}
    made["marks"][0]["reading"]["elements"][0]["characters"][0]["text"] = text
    made["marks"][0]["attribution"]["candidates"][0] |= {"manufacturer": text, "for": [text], "sources": [text]}
    usual = [tag for tag, _ in Seen(page(gather(store, record.photo))).tags]
    monkeypatch.setattr(type(record), "record", property(lambda _: made))
    assert [tag for tag, _ in Seen(page(gather(store, record.photo))).tags] == usual


def test_a_photo_is_found_by_file_name_or_hash(store: Store, tmp_path: Path) -> None:
    sha256 = first_photo(store)
    path = store.paths(sha256)[0]
    for named in (path, Path(path).name, sha256, sha256[:10].upper()):
        assert find_photo(store, named) == sha256
    for named in ("nothing.jpg", "", sha256[:4], str(tmp_path / "finds.db")):
        with pytest.raises(UsageError):
            find_photo(store, named)


def test_a_photo_is_found_by_every_name_that_a_search_shows(store: Store) -> None:
    sha256 = first_photo(store)
    intake = Intake(store.engine, "0.1.0", "kit-1", "{}")
    names = [as_text("/d/caf\udce9.jpg"), "/d/copy.jpg", "/d/COPY.jpg"]
    intake.see([FileSeen(name, 1, 1) for name in names])
    for one in intake.waiting():
        intake.hold(one.file, sha256 if one.path != names[2] else [*store.records()][-1].photo, 1)
    assert intake.waiting() == []
    for named in (r"/d/caf\xe9.jpg", r"caf\xe9.jpg", "caf\udce9.jpg", "copy.jpg", "d/copy.jpg"):
        assert find_photo(store, named) == sha256
    with pytest.raises(UsageError, match="no photo"):
        find_photo(store, "opy.jpg")
    intake.see([], under=["/d"])
    assert find_photo(store, "copy.jpg") == sha256


def need_weasyprint() -> None:
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as fault:
        pytest.skip(f"no PDF here, weasyprint or its system libraries are missing: {fault}")


def test_the_command_writes_html_and_pdf(store: Store, tmp_path: Path) -> None:
    sha256 = first_photo(store)
    url, html, out = str(tmp_path / "finds.db"), tmp_path / "d.html", tmp_path / "d.pdf"
    assert run(["report", "--store", url, "--photo", sha256, "-o", str(html)]) == 0
    assert sha256 in html.read_text("utf-8")
    assert run(["report", "--store", url, "--photo", "nothing", "-o", str(html)]) == 1
    need_weasyprint()
    assert run(["report", "--store", url, "--photo", sha256, "-o", str(out)]) == 0
    assert out.read_bytes().startswith(b"%PDF-")
    assert len(out.read_bytes()) > 10_000


def test_a_pdf_fetches_nothing(tmp_path: Path) -> None:
    need_weasyprint()
    secret = tmp_path / "secret.txt"
    secret.write_text("SECRET", "utf-8")
    made = pdf(f"<img src='{secret.as_uri()}'><object data='{secret.as_uri()}'></object><img src='http://evil.test/x'>")
    assert b"SECRET" not in made


def test_a_store_can_be_read_while_the_page_has_it_open(store: Store, tmp_path: Path) -> None:
    browser_over(store, "anna").decide(1)
    with open_store(str(tmp_path / "finds.db")) as other:
        assert gather(other, first_photo(other)).marks[0].by == ("anna",)
