"""Deciding: what is kept, what is refused, and that nothing is ever overwritten or decided by a machine."""

from __future__ import annotations

import ast
import json
from dataclasses import replace
from pathlib import Path

import pytest
from review.made import CANDIDATES, Browser, hidden, markings, record, source_of, web_of

import vision
from vision.errors import OutputError, UsageError
from vision.review.acts import Choice, opened
from vision.review.ledger import Ledger, Said, contradict
from vision.review.log import Entry
from vision.review.verify import verify
from vision.review.web import Web

BARNAUL = "Barnaul Cartridge Plant (Barnaul Machine-Tool Plant) (RU)"


def test_a_decision_says_who_what_on_which_bytes_and_what_was_shown(web: Web, anna: Browser) -> None:
    row = web.desk.marks.by_number[1]
    photo = web.desk.source.photo(row.photo)
    assert photo is not None
    answer = anna.decide(1, note="clear under raking light")
    assert answer.headers["location"] == "/next?kept=1"
    (body,) = anna.log
    said = {name: body[name] for name in ("act", "reviewer", "role", "photo", "mark", "record", "kit", "verdict")}
    assert said == {
        "act": "decision",
        "reviewer": "anna",
        "role": "reviewer",
        "photo": row.photo,
        "mark": "h1",
        "record": photo.record_sha256,
        "kit": "kit0",
        "verdict": "accepted",
    }
    assert (body["level"], body["country"], body["maker"], body.get("pattern")) == ("maker", "RU", BARNAUL, None)
    assert body["shown"] == [pattern for pattern, _, _ in CANDIDATES]
    assert body["note"] == "clear under raking light"
    assert body["blind"] is False
    assert body["drawn_at"] <= body["time"]


@pytest.mark.parametrize(
    ("level", "named"), [("pattern", ("RU", BARNAUL, "ru-17-barnaul")), ("maker", ("RU", BARNAUL)), ("state", ("RU",))]
)
def test_widening_leaves_out_what_is_finer(anna: Browser, level: str, named: tuple[str, ...]) -> None:
    anna.decide(1, level=level)
    assert Said(1, anna.log[0]).named == named


@pytest.mark.parametrize("verdict", ["rejected", "undetermined"])
def test_none_of_these_and_cannot_tell_name_nobody(anna: Browser, verdict: str) -> None:
    anna.decide(1, verdict)
    assert anna.log[0]["verdict"] == verdict
    assert "country" not in anna.log[0]


def test_a_correction_keeps_what_was_typed_with_or_without_the_candidate(anna: Browser) -> None:
    anna.decide(1, "corrected", reading="17 75")
    anna.decide(11, "corrected", reading="17 76", with_candidate="1")
    assert [(b["reading"], b.get("maker")) for b in anna.log] == [("17 75", None), ("17 76", BARNAUL)]


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"verdict": "corrected", "reading": "  "}, "Type what stands on the mark"),
        ({"verdict": "accepted", "pick": "7"}, "Pick a candidate"),
        ({"verdict": "accepted", "level": "planet"}, "Say how far"),
        ({"verdict": "confirmed"}, "is not a verdict"),
        ({"verdict": "rejected", "note": "x" * 4001}, "at most 4000 characters"),
    ],
)
def test_what_does_not_fit_together_is_refused_with_the_text_kept(
    anna: Browser, fields: dict[str, str], sentence: str
) -> None:
    answer = anna.decide(1, **({"note": "typed"} | fields))
    assert answer.status_code == 422
    assert sentence in answer.text
    assert fields.get("note", "typed") in answer.text
    assert anna.log == []


def test_a_page_that_was_not_made_here_decides_nothing(anna: Browser) -> None:
    form = anna.mark(1) | {"verdict": "undetermined"}
    sealed = form["screen"]
    group = hidden(anna.get("/group/1").text)["group"]
    changed = sealed[:40] + ("B" if sealed[40] == "A" else "A") + sealed[41:]
    for screen in ("", "é.x", sealed[:-4], f"x{sealed}", changed, group):
        answer = anna.post("/decide", form | {"screen": screen})
        assert answer.status_code == 400
        assert "not made by this server" in answer.text
    assert anna.log == []


def test_the_same_page_sent_again_counts_once(anna: Browser) -> None:
    form = anna.mark(1) | {"verdict": "undetermined"}
    answers = [anna.post("/decide", form) for _ in range(3)]
    assert [a.headers["location"] for a in answers] == ["/next?kept=1"] * 3
    assert len(anna.log) == 1


def test_enter_in_a_form_presses_a_button_that_decides_nothing(tmp_path: Path) -> None:
    """A browser presses a form's first button for Enter on a candidate or a tick, also without scripts."""
    anna = Browser(web_of(tmp_path))
    for path, action in (("/mark/1", "/decide"), ("/group/1", "/group")):
        page = anna.get(path).text
        form = page[page.index(f'action="{action}"') :]
        first = form[form.index("<button") :].partition(">")[0]
        assert first == '<button hidden name="enter" value="1"', path
        answer = anna.post(action, hidden(page) | {"enter": "1", "note": "I typed this"})
        assert answer.status_code == 200
        assert 'role="alert"' not in answer.text
    assert "I typed this" in anna.post("/decide", anna.mark(1) | {"enter": "1", "note": "I typed this"}).text
    assert anna.log == []


def test_a_stale_page_is_told_and_what_was_typed_is_kept(web: Web, anna: Browser) -> None:
    otto = Browser(web, "otto")
    form = anna.mark(1) | {"verdict": "rejected", "note": "I typed this"}
    otto.decide(1)
    answer = anna.post("/decide", form)
    assert answer.status_code == 409
    assert "Somebody else has decided" in answer.text
    assert "I typed this" in answer.text
    assert "otto" in answer.text
    assert len(anna.log) == 1
    again = anna.post("/decide", form | hidden(answer.text))
    assert again.status_code == 303
    assert [body["reviewer"] for body in anna.log] == ["otto", "anna"]


def test_a_record_that_changed_is_told_and_nothing_written(web: Web, anna: Browser) -> None:
    form = anna.mark(1) | {"verdict": "undetermined", "note": "I typed this"}
    row = web.desk.marks.by_number[1]
    made = web.desk.source.records[row.photo]  # type: ignore[attr-defined]
    web.desk.source.put(record(made["photo"]["path"], row.photo, ("17", "75")), "")  # type: ignore[attr-defined]
    answer = anna.post("/decide", form)
    assert answer.status_code == 409
    assert "read anew" in answer.text
    assert "I typed this" in answer.text
    assert anna.log == []
    answer = anna.post("/decide", form | hidden(answer.text))
    assert answer.status_code == 303


def test_two_verdicts_are_both_kept_and_shown_as_a_conflict_until_a_lead_settles_it(web: Web, anna: Browser) -> None:
    otto, lena = Browser(web, "otto"), Browser(web, "lena", "lead")
    anna.decide(1)
    otto.decide(1, "rejected")
    key = web.desk.marks.by_number[1].key
    assert web.desk.ledger.standing(*key).state == "conflict"
    page = otto.get("/conflicts").text
    assert "anna" in page
    assert "otto" in page
    assert web.desk.ledger.standing(*key).verdict is None
    assert "settle" not in otto.get("/mark/1").text
    otto.decide(1, "rejected", settle="1")
    assert web.desk.ledger.standing(*key).state == "conflict"
    lena.decide(1, settle="1")
    standing = web.desk.ledger.standing(*key)
    assert standing.state == "settled"
    assert standing.verdict is not None
    assert standing.verdict.reviewer == "lena"
    assert len(anna.log) == 4
    assert {said.reviewer for said in standing.words} == {"anna", "otto"}


def test_undo_adds_an_entry_and_opens_the_mark_again(web: Web, anna: Browser) -> None:
    anna.decide(1)
    form = hidden(anna.get("/mark/1").text)
    answer = anna.post("/undo", form | {"seq": "1", "key": "k1"})
    assert answer.headers["location"] == "/mark/1?undone=1"
    assert [body["act"] for body in anna.log] == ["decision", "undo"]
    assert web.desk.ledger.standing(*web.desk.marks.by_number[1].key).state == "open"
    assert anna.post("/undo", form | {"seq": "1", "key": "k2"}).status_code == 303
    assert len(anna.log) == 2
    assert anna.post("/undo", form | {"seq": "99", "key": "k3"}).status_code == 400
    assert anna.post("/undo", form | {"seq": "", "key": "k3"}).status_code == 400


def test_only_their_own_entries_can_be_taken_back_save_by_a_lead(web: Web, anna: Browser) -> None:
    otto, lena = Browser(web, "otto"), Browser(web, "lena", "lead")
    anna.decide(1)
    refused = otto.post("/undo", hidden(otto.get("/mark/1").text) | {"seq": "1", "key": "k"})
    assert refused.status_code == 400
    assert "Entry 1 is anna&#39;s" in refused.text
    assert lena.post("/undo", hidden(lena.get("/mark/1").text) | {"seq": "1", "key": "k"}).status_code == 303


def test_blind_shows_nothing_until_the_person_has_read_and_logs_it_first(web: Web, anna: Browser) -> None:
    anna.client.cookies.set("marktrace_blind", "1")
    page = anna.get("/mark/1").text
    for told in ("Barnaul", "17 74", "71%", ">17<", "Ulyanovsk"):
        assert told not in page, told
    form = hidden(page)
    assert opened(form["screen"], web.desk.secret).shown == ()
    refused = anna.post("/decide", form | {"verdict": "accepted", "level": "maker", "pick": "0"})
    assert refused.status_code == 422
    assert "Barnaul" not in refused.text
    answer = anna.post("/blind", form | {"own_reading": "17 7?"})
    assert answer.headers["location"] == "/mark/1?read=1"
    shown = anna.get("/mark/1?read=1").text
    assert "Barnaul" in shown
    assert "17 7?" in shown
    anna.post("/decide", hidden(shown) | {"verdict": "accepted", "level": "maker", "pick": "0"})
    reading, decision = anna.log
    assert (reading["act"], reading["own_reading"]) == ("reading", "17 7?")
    assert (decision["blind"], decision["read_in_entry"]) == (True, 1)


def test_a_reading_of_somebody_else_opens_nothing(web: Web, anna: Browser) -> None:
    otto = Browser(web, "otto")
    for browser in (anna, otto):
        browser.client.cookies.set("marktrace_blind", "1")
    anna.post("/blind", hidden(anna.get("/mark/1").text) | {"own_reading": "17"})
    assert "Barnaul" not in otto.get("/mark/1?read=1").text
    assert "Barnaul" not in anna.get("/mark/11?read=1").text


def test_ties_are_shuffled_and_the_order_is_logged(tmp_path: Path) -> None:
    tied = (("ru-17-barnaul", "17", 0.4), ("ru-3-ulyanovsk", "3", 0.4), ("ru-7-amursk", "7", 0.1))
    known = tuple(one for one in tied if one[0] in markings().by_id)
    web = web_of(tmp_path, source_of(tmp_path, 1, candidates=known))
    anna = Browser(web)
    orders = {opened(anna.mark(1)["screen"], web.desk.secret).shown for _ in range(30)}
    assert {order[:2] for order in orders} == {("ru-17-barnaul", "ru-3-ulyanovsk"), ("ru-3-ulyanovsk", "ru-17-barnaul")}
    assert {order[2:] for order in orders} == {tuple(one[0] for one in known[2:])}


def test_a_second_opinion_does_not_see_the_first(tmp_path: Path) -> None:
    web = web_of(tmp_path, second_share=1.0)
    anna, otto = Browser(web), Browser(web, "otto")
    anna.decide(1, note="I am sure of it")
    page = otto.get("/mark/1").text
    assert "I am sure of it" not in page
    assert "anna" not in page
    stale = otto.mark(1) | {"verdict": "rejected"}
    assert otto.post("/decide", stale).status_code == 303
    assert anna.log[1]["alone"] is True
    assert "I am sure of it" in otto.get("/mark/1").text


def test_a_page_can_send_new_marks_and_a_decision_and_each_is_kept(anna: Browser) -> None:
    form = anna.mark(1) | {"kind": "serial", "outline": "[[1,1],[9,1],[9,9],[1,9]]"}
    for reading in ("AB 12", "AB 12", "CD 34"):
        assert anna.post("/new-mark", form | {"reading": reading}).status_code == 303
    answer = anna.post("/decide", form | {"verdict": "undetermined"})
    assert answer.headers["location"] == "/next?kept=3"
    assert [body.get("reading", body["act"]) for body in anna.log] == ["AB 12", "CD 34", "decision"]
    assert len({body["mark"] for body in anna.log}) == 3


def test_a_new_mark_is_kept_inside_the_photo(web: Web, anna: Browser) -> None:
    form = anna.mark(1) | {"kind": "serial", "reading": "AB 12"}
    for bad in (
        "",
        "[]",
        "[[1, 2]]",
        "nonsense",
        "[[1,1],[1,1],[1,1],[1,1]]",
        '[["a",1],[2,2],[3,3],[4,4]]',
        "[[NaN,1],[2,2],[3,3],[4,4]]",
        "[[1,1],[90,1],[90,1],[1,1]]",
        "[[1,1],[90,1],[90,2.5],[1,2.5]]",
        f"[[{'9' * 400},1],[9,1],[9,9],[1,9]]",
        "[" * 20000,
    ):
        assert anna.post("/new-mark", form | {"outline": bad}).status_code == 422, bad
    assert anna.post("/new-mark", form | {"outline": "[[1,1],[9,1],[9,9],[1,9]]", "kind": "x"}).status_code == 422
    answer = anna.post("/new-mark", form | {"outline": json.dumps([[-50, 10], [9999, 10], [9999, 80], [-50, 80]])})
    assert answer.headers["location"] == "/mark/1?marked=1"
    (body,) = anna.log
    assert body["outline"] == [[0.0, 10.0], [699.0, 10.0], [699.0, 80.0], [0.0, 80.0]]
    assert (body["act"], body["kind"], body["reading"]) == ("mark", "serial", "AB 12")


def test_a_group_is_decided_only_after_its_sample_was_looked_at(tmp_path: Path) -> None:
    web = web_of(tmp_path, source_of(tmp_path, 12))
    anna = Browser(web)
    assert "12 marks" in anna.get("/groups").text
    page = anna.get("/group/1").text
    sample = [name for name in {part.split('"')[0] for part in page.split('name="')[1:]} if name.startswith("seen_")]
    assert len(sample) == 4
    form = hidden(page) | {"level": "maker"}
    for checked in ([], sample[:-1]):
        answer = anna.post("/group", form | dict.fromkeys(checked, "1"))
        assert answer.status_code == 422
        assert anna.log == []
    left_out = next(r.number for r in web.desk.marks.ordered if f"seen_{r.number}" not in sample)
    full = form | dict.fromkeys(sample, "1") | {f"out_{left_out}": "1"}
    assert "11 decisions were kept" in anna.follow(anna.post("/group", full)).text
    assert anna.post("/group", full).status_code == 303
    assert len(anna.log) == 11
    assert len({body["group"] for body in anna.log}) == 1
    assert {body["group_size"] for body in anna.log} == {11}
    assert web.desk.ledger.standing(*web.desk.marks.by_number[left_out].key).state == "open"
    assert verify(web.desk.people.log()).fault == ""


def test_a_group_leaves_out_what_changed_meanwhile(tmp_path: Path) -> None:
    web = web_of(tmp_path, source_of(tmp_path, 6))
    anna, otto = Browser(web), Browser(web, "otto")
    page = anna.get("/group/1").text
    sample = {part.split('"')[0] for part in page.split('name="')[1:] if part.startswith("seen_")}
    otto.decide(1, "rejected")
    answer = anna.post("/group", hidden(page) | {"level": "maker"} | dict.fromkeys(sample, "1"))
    assert "1 marks of the group changed" in anna.follow(answer).text
    assert len(anna.log) == 6
    assert [body["reviewer"] for body in anna.log] == ["otto"] + ["anna"] * 5


def test_a_store_that_went_away_is_told_with_the_text_kept(
    web: Web, anna: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    form = anna.mark(1) | {"verdict": "rejected", "note": "I typed this"}

    def gone(*_: object) -> None:
        raise OutputError("The store cannot be used: disk I/O error.")

    monkeypatch.setattr(web.desk.people, "append", gone)
    answer = anna.post("/decide", form)
    assert answer.status_code == 503
    assert "I typed this" in answer.text
    assert "disk I/O error" in answer.text
    monkeypatch.undo()
    assert anna.post("/decide", form).status_code == 303
    assert len(anna.log) == 1


def test_reading_every_page_decides_nothing(web: Web) -> None:
    """No machine output becomes a decision by being looked at: only a person's form does."""
    lena = Browser(web, "lena", "lead")
    for path in (
        "/",
        "/next",
        "/next?skip=1",
        "/mark/1",
        "/mark/1?read=1&kept=1",
        "/groups",
        "/group/1",
        "/conflicts",
        "/log",
        "/people",
    ):
        lena.get(path)
    for path in ("/decide", "/undo", "/blind", "/new-mark", "/group", "/blind-mode", "/language"):
        lena.get(path)
        lena.post(path, {})
        lena.post(path, {"token": hidden(lena.get("/mark/1").text)["token"]})
    assert lena.log == []


def test_the_log_is_written_in_one_place_and_only_with_a_person() -> None:
    """L7: of all code only Desk appends to the log, and only deeds, which need a signed-in person, reach it."""
    root = Path(vision.__file__).parent
    callers: dict[str, set[str]] = {}
    for path in root.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
                callers.setdefault(ast.unparse(node.func), set()).add(path.relative_to(root).as_posix())
    assert callers["self.people.append"] == {"review/desk.py"}
    assert [name for name in callers if name.endswith("people.append")] == ["self.people.append"]
    deeds = {"web.desk.decide", "web.desk.undo", "web.desk.read_alone", "web.desk.add_mark"}
    assert {file for name in deeds for file in callers[name]} == {"review/deeds.py"}
    assert callers["desk.decide_group"] == {"review/groups.py"}
    makers = [name for name, files in callers.items() if name.endswith("Person")]
    assert makers == []
    source = (root / "review/accounts.py").read_text("utf-8")
    assert source.count("Person(") == 1
    for path in root.rglob("*.py"):
        text = path.read_text("utf-8")
        assert "Person(" not in text or path.name in ("accounts.py", "acts.py"), path


@pytest.mark.parametrize("verdict", ["confirmed", "", "ACCEPTED"])
def test_there_is_no_other_verdict(verdict: str) -> None:
    with pytest.raises(UsageError, match="is not a verdict"):
        Choice(verdict)  # type: ignore[arg-type]


def said(verdict: str, **more: str) -> Said:
    return Said(1, {"verdict": verdict, "reviewer": "x"} | more)


RU = {"level": "state", "country": "RU"}
BARN = {"level": "maker", "country": "RU", "maker": "Barnaul (RU)"}
ULYA = {"level": "maker", "country": "RU", "maker": "Ulyanovsk (RU)"}


@pytest.mark.parametrize(
    ("one", "other", "against"),
    [
        (said("accepted", **RU), said("accepted", **BARN), False),
        (said("accepted", **BARN), said("accepted", **ULYA), True),
        (said("accepted", **RU), said("rejected"), True),
        (said("accepted", **RU), said("undetermined"), True),
        (said("rejected"), said("undetermined"), True),
        (said("rejected"), said("rejected"), False),
        (said("corrected", reading="17"), said("corrected", reading="17"), False),
        (said("corrected", reading="17"), said("corrected", reading="71"), True),
        (said("corrected", reading="17"), said("accepted", **BARN), False),
    ],
)
def test_what_contradicts_what(one: Said, other: Said, against: bool) -> None:
    assert contradict(one, other) == contradict(other, one) == against


def test_a_ledger_counts_the_same_in_one_go_or_in_pieces(web: Web, anna: Browser) -> None:
    otto = Browser(web, "otto")
    anna.decide(1)
    otto.decide(1, "rejected")
    anna.decide(11, "undetermined")
    anna.post("/undo", hidden(anna.get("/mark/1").text) | {"seq": "3", "key": "k"})
    entries = [Entry(*row) for row in web.desk.people.log()]
    whole, pieces = Ledger(), Ledger()
    whole.take(entries)
    for entry in entries:
        pieces.take([entry])
        pieces.take([entry])
    for ledger in (pieces, web.desk.ledger):
        assert ledger.states == whole.states
        assert {k: s.state for k, s in ledger.marks.items()} == {k: s.state for k, s in whole.marks.items()}
    assert whole.states["conflict"] == 1


def test_a_screen_is_what_was_sealed(web: Web, anna: Browser) -> None:
    screen = opened(anna.mark(1)["screen"], web.desk.secret)
    assert opened(screen.sealed(b"k"), b"k") == screen
    with pytest.raises(UsageError):
        opened(replace(screen, blind=True).sealed(b"other"), b"k")
