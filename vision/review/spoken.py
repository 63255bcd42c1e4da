"""What the log comes to, in the words of the exports: who stands behind each mark, or that they disagree."""

from __future__ import annotations

from vision.archive.exports.items import Status, Word
from vision.review.ledger import Ledger, Said, Standing

_STATUS: dict[str, Status] = {
    "accepted": "confirmed",
    "corrected": "confirmed",
    "rejected": "rejected",
    "undetermined": "undetermined",
}


def words(ledger: Ledger) -> dict[str, dict[str, Word]]:
    """People's words by photo sha256 and mark id; marks that people drew are among them. What nobody decided, or what
    was taken back, is left out."""
    found: dict[str, dict[str, Word]] = {}
    for (photo, mark), standing in ledger.marks.items():
        word = _word(standing)
        if word:
            found.setdefault(photo, {})[mark] = word
    for photo, drawn in ledger.new_marks.items():
        for said in drawn:
            if not ledger.is_undone(said.seq):
                found.setdefault(photo, {}).setdefault(str(said.body["mark"]), _drawn(said))
    return found


def _word(standing: Standing) -> Word | None:
    if standing.state == "open":
        return None
    held = standing.verdict
    if held is None:
        people = tuple(said.reviewer for said in standing.words)
        return Word("conflict", people, str(standing.words[-1].body["time"]))
    people = (held.reviewer,) if standing.settled else tuple(said.reviewer for said in standing.words)
    readings = [said.body["reading"] for said in (held, *standing.words) if said.body.get("reading")]
    return Word(
        _STATUS[held.verdict],
        people,
        str(held.body["time"]),
        level=str(held.body.get("level", "")),
        pattern=str(held.body.get("pattern", "")),
        maker=str(held.body.get("maker", "")),
        country=str(held.body.get("country", "")),
        reading=str(readings[0]) if readings else "",
        note="; ".join(str(said.body["note"]) for said in standing.words if said.body.get("note")),
    )


def _drawn(said: Said) -> Word:
    body = said.body
    outline = tuple((float(x), float(y)) for x, y in body["outline"])
    reading = str(body["reading"])
    return Word(
        "confirmed", (said.reviewer,), str(body["time"]), reading=reading, kind=str(body["kind"]), outline=outline
    )
