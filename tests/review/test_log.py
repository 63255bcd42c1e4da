"""Entries, heads and signatures."""

from __future__ import annotations

import json
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vision.errors import OutputError, UsageError
from vision.review.log import Head, canonical, chained, now, read_head, sha256_of, write_head
from vision.review.sign import is_signed_by, new_key, signed
from vision.review.verify import START, verify

TEXTS = st.dictionaries(st.text(max_size=20), st.text(max_size=40) | st.integers() | st.none(), max_size=6)


@given(TEXTS)
def test_the_order_of_keys_changes_nothing(body: dict[str, object]) -> None:
    assert canonical(dict(reversed(body.items()))) == canonical(body)
    assert json.loads(canonical(body)) == body
    assert canonical(body).isascii()


@given(st.lists(TEXTS, max_size=8))
def test_whatever_is_said_makes_a_whole_log(bodies: list[dict[str, object]]) -> None:
    entries = []
    for body in bodies:
        entries.append(chained(body, entries[-1] if entries else None))
    assert verify((e.seq, e.text, e.sha256) for e in entries).fault == ""
    assert [e.seq for e in entries] == list(range(1, len(bodies) + 1))
    for body, entry in zip(bodies, entries, strict=True):
        assert entry.body == body | {"seq": entry.seq, "prev": entry.body["prev"]}


def test_an_entry_names_the_one_before_it() -> None:
    first = chained({"act": "decision"}, None)
    second = chained({"act": "undo"}, first)
    assert first.text == f'{{"act":"decision","prev":"{START}","seq":1}}'
    assert second.body["prev"] == first.sha256 == sha256_of(first.text)


def test_a_head_survives_its_file(tmp_path: Path) -> None:
    head = Head(7, "ab" * 32, now())
    write_head(head, tmp_path / "case" / "head.json")
    assert read_head(tmp_path / "case" / "head.json") == head
    assert [p.name for p in (tmp_path / "case").iterdir()] == ["head.json"]


def test_a_printed_head_can_be_compared_by_eye() -> None:
    assert Head(7, "0123456789abcdef" * 4, "2026-01-01T00:00:00.000Z").printed() == (
        "marktrace decision log: 7 entries at 2026-01-01T00:00:00.000Z\n"
        "sha256 of the last: 01234567 89abcdef 01234567 89abcdef 01234567 89abcdef 01234567 89abcdef"
    )


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"schema": "marktrace-head/2", "count": 1, "sha256": "", "time": ""}']
)
def test_what_is_no_head_is_refused(tmp_path: Path, text: str) -> None:
    file = tmp_path / "head.json"
    file.write_text(text, "utf-8")
    with pytest.raises(UsageError, match=r"head\.json is not a head of a decision log"):
        read_head(file)


def test_a_head_that_is_not_there_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"There is no file .*head\.json"):
        read_head(tmp_path / "head.json")


def test_a_head_that_cannot_be_written_says_so(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    with pytest.raises(OutputError, match="Cannot write"):
        write_head(Head(0, START, now()), tmp_path / "file" / "head.json")


def test_a_signature_holds_for_one_head_and_one_key(tmp_path: Path) -> None:
    public = new_key(tmp_path / "key")
    other = new_key(tmp_path / "other")
    head = signed(Head(7, "ab" * 32, now()), tmp_path / "key")
    assert head.public_key == public
    assert is_signed_by(head, public)
    assert not is_signed_by(head, other)
    assert not is_signed_by(replace(head, count=6), public)
    assert not is_signed_by(replace(head, sha256="cd" * 32), public)
    assert not is_signed_by(replace(head, time="2020-01-01T00:00:00.000Z"), public)
    assert not is_signed_by(replace(head, signature=""), public)
    write_head(head, tmp_path / "head.json")
    assert is_signed_by(read_head(tmp_path / "head.json"), public)


def test_a_key_is_private_and_never_overwritten(tmp_path: Path) -> None:
    new_key(tmp_path / "key")
    assert stat.S_IMODE((tmp_path / "key").stat().st_mode) == 0o600
    with pytest.raises(OutputError, match="Cannot write the key"):
        new_key(tmp_path / "key")
    (tmp_path / "bad").write_text("no key", "utf-8")
    with pytest.raises(UsageError, match="is not a signing key"):
        signed(Head(0, START, now()), tmp_path / "bad")
