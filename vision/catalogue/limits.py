"""What a headstamp can not show: rules R12.1 to R12.9, and R11.3, R11.6 and R11.7, as texts for sheets and reports.

Guidance for people; nothing is computed from it.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limit:
    """One thing to keep in mind, with the id of its rule."""

    rule: str
    text: str


LIMITS = (
    Limit(
        "R12.1",
        "The maker is not the supplier: the point of diversion, the last legal holder and the supplying "
        "state are not on the case.",
    ),
    Limit("R12.2", "The year is the year of the case, not of loading, sale, transfer or use."),
    Limit(
        "R12.3",
        "A fired case may have been reloaded, and a live round may be a reload in someone else's case: "
        "look at primer crimp, lacquer and mouth sealant.",
    ),
    Limit("R12.4", "The calibre legend may be wrong for the case as it now is: measure the head and the length."),
    Limit("R12.5", "Most cases carry no lot number: without the packing a lot is rarely traceable."),
    Limit(
        "R12.6",
        "The same mark in two places does not prove a link: states buy, lose and give away the same lots.",
    ),
    Limit("R12.7", "The nationality of the user never follows from the origin of the round."),
    Limit("R12.8", "Every attribution is a candidate: a person confirms it."),
    Limit("R12.9", "Packing may belong to another state than the case: record case and box as two attributions."),
    Limit(
        "R11.3",
        "Marks struck later and reformed cases occur, and commercial buyers put their names on others' cases.",
    ),
    Limit(
        "R11.6",
        "Copied legends are known: Chinese copies of British 7.62x51, Darra copies of almost anything, "
        "counterfeit brands.",
    ),
    Limit(
        "R11.7",
        "Filed heads show scratches and a depressed face; worn dies show partial characters with sharp edges.",
    ),
)
