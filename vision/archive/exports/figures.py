"""From what was counted in a store to what the report's page shows, quality and what came to nothing included."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from itertools import pairwise

from sqlalchemy import func, select

from vision.archive.connect import reading
from vision.archive.exports.bars import charts, years
from vision.archive.exports.behind import Photos
from vision.archive.exports.counted import GLARE, SHARPNESS, Counted, count, step
from vision.archive.exports.decided import by_status
from vision.archive.exports.shares import by_month, by_place, likes
from vision.archive.exports.stored import Words
from vision.archive.lying import failing, is_held
from vision.archive.store import Store
from vision.archive.tables import failures, files, marks, results
from vision.report.archive import Archive, Histogram, Reason, Step
from vision.report.archive_words import failed
from vision.text import so_many, visible


def archive_of(store: Store, words: Words, *, photos_per_bar: int = 12, thumbnails: int = 0) -> Archive:
    """What a store shows; words are people's, by photo sha256 and mark id."""
    counted = count(store, words, photos_per_bar)
    photos = Photos(store, counted.decided, photos_per_bar, thumbnails)
    made = tuple(f"marktrace {run.version}, kit {run.kit}, begun {run.created_at}" for run in store.runs())
    totals = _totals(store, counted)
    url = store.engine.url
    return Archive(
        name=visible(url.render_as_string(hide_password=True) if url.host else str(url.database)),
        made_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
        totals=totals,
        runs=made,
        charts=charts(counted, photos),
        years=years(counted, photos),
        shares=(by_place(counted, photos), by_month(counted, photos)),
        clusters=likes(counted, photos),
        histograms=_histograms(counted, photos),
        reasons=_reasons(store, counted, photos, totals["photos examined"]),
        notes=_notes(counted, len(made)),
    )


def _totals(store: Store, counted: Counted) -> dict[str, int]:
    said = by_status(counted.decided)
    stated = sum(sums.count for _, sums, _ in counted.tallies["origins"])
    with reading(store.engine) as connection:
        examined = select(func.count()).select_from(results).where(results.c.newest, is_held(results.c.photo_id))
        photos = connection.execute(examined).scalar_one()
        lying = connection.execute(select(func.count()).where(~files.c.gone)).scalar_one()
    return {
        "files in the archive": lying,
        "photos examined": photos,
        "marks found": counted.marks + sum(one.facts is not None for one in counted.decided),
        "confirmed by people": said["confirmed"],
        "candidates, not confirmed": stated,
        "rejected by people": said["rejected"],
        "people cannot tell": said["undetermined"],
    }


def _notes(counted: Counted, runs: int) -> tuple[str, ...]:
    notes = []
    if counted.conflicts:
        on = so_many(counted.conflicts, "mark")
        shown = "it is shown as a candidate" if counted.conflicts == 1 else "they are shown as candidates"
        notes.append(f"On {on} people contradict each other; {shown}.")
    if counted.without_file:
        on = so_many(counted.without_file, "mark")
        notes.append(
            f"People decided on {on} of photos whose file was changed or is gone since. What they decided is kept, and "
            "not counted here: marktrace search --store STORE --without-file lists it."
        )
    if runs > 1:
        notes.append(f"The store holds {runs} runs; each photo is counted once, as its newest run has it.")
    return tuple(notes)


# Quality, and what came to nothing


def _histograms(counted: Counted, photos: Photos) -> tuple[Histogram, ...]:
    return (
        _histogram(
            "sharpness",
            "How sharp the marks were",
            "0 is blurred, 1 sharp. A mark that is blurred or small in the photo can be photographed again.",
            counted,
            SHARPNESS,
            photos,
        ),
        _histogram(
            "glare", "How much glare was on them", "The share of the mark that is washed out.", counted, GLARE, photos
        ),
    )


def _histogram(key: str, title: str, note: str, counted: Counted, edges: Sequence[float], photos: Photos) -> Histogram:
    counts: Counter[tuple[int, bool]] = Counter()
    samples: dict[int, list[int]] = defaultdict(list)
    for (number, stated), sums, some in counted.tallies[key]:
        counts[number, stated] += sums.count
        samples[number] += some
    for one in counted.decided:
        if one.facts is not None:
            number = step(getattr(one.facts, key), edges)
            counts[number, one.facts.level != "unknown"] += 1
            samples[number].append(one.facts.number)
    names = [f"below {edges[0]:g}", *(f"{a:g} to {b:g}" for a, b in pairwise(edges)), f"{edges[-1]:g} and more"]
    order = [*range(len(names)), *([-1] if -1 in samples else [])]
    made = (
        Step(
            f"{key}-{number}",
            "not measured" if number < 0 else names[number],
            counts[number, True],
            counts[number, False],
            photos.of_marks(samples[number]),
        )
        for number in order
    )
    return Histogram(key, title, note, tuple(made))


def _reasons(store: Store, counted: Counted, photos: Photos, examined: int) -> tuple[Reason, ...]:
    """Files that no run could read by stage and code, photos without a mark, marks that came to nothing."""
    many = func.count().label("many")
    query = select(failures.c.stage, failures.c.code, many).join_from(failures, files)
    grouped = query.where(failing(unread=True), ~files.c.gone).group_by(failures.c.stage, failures.c.code)
    with reading(store.engine) as connection:
        lost = connection.execute(grouped.order_by(many.desc(), failures.c.stage, failures.c.code)).all()
        marked = connection.execute(select(func.count(marks.c.photo_id.distinct())).where(marks.c.newest)).scalar_one()
    found = [
        Reason(f"failed-{i}", failed(stage, code), number, photos.of_failures(stage, code))
        for i, (stage, code, number) in enumerate(lost, 1)
    ]
    if examined > marked:
        found.append(Reason("no-mark", "photo in which no mark was found", examined - marked, photos.without_marks()))
    says = {"nothing": "mark on which nothing could be read", "unknown": "mark that was read, and no origin fits"}
    for key, sums, samples in counted.tallies["unread"]:
        found.append(Reason(f"unread-{key}", says[key], sums.count, photos.of_marks(samples)))
    return tuple(found)
