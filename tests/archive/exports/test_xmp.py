"""Sidecars on disk: beside the photos, whole, read back by ExifTool, and the photos never touched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from archive.exports.made import CONFIRMED, CONFLICT, REJECTED, on_disk, photo_bytes

from vision.archive.exports.items import Item, Word
from vision.archive.exports.regions import Stored, region, stored_as
from vision.archive.exports.xmp import Outcome, sidecar_of, write_sidecars

SIDECARS = sorted((Path(__file__).parent / "sidecars").glob("*.xmp"))
needs_exiftool = pytest.mark.skipif(
    shutil.which("exiftool") is None, reason="ExifTool is not installed (Debian: libimage-exiftool-perl)"
)


def write(*items: Item, unconfirmed: bool = False, **options: Any) -> list[Outcome]:
    return list(write_sidecars(items, unconfirmed, **options))


def exiftool(path: Path) -> dict[str, Any]:
    done = subprocess.run(
        ["exiftool", "-j", "-struct", "-G1", "-n", path.name],
        cwd=path.parent,
        capture_output=True,
        timeout=60,
        check=True,
    )
    read: dict[str, Any] = json.loads(done.stdout)[0]
    return {tag: value for tag, value in read.items() if tag.startswith("XMP")}


def test_only_what_a_person_decided_leaves_unless_asked(tmp_path: Path) -> None:
    items = [
        on_disk(tmp_path, "a.jpg", m1=CONFIRMED),
        on_disk(tmp_path, "b.jpg"),
        on_disk(tmp_path, "c.jpg", m1=REJECTED),
        on_disk(tmp_path, "d.jpg", m1=CONFLICT),
    ]
    assert write(*items) == [Outcome("a.jpg", "written"), Outcome("c.jpg", "written")]
    assert sorted(path.name for path in tmp_path.glob("*.xmp")) == ["a.jpg.xmp", "c.jpg.xmp"]
    assert "Russia" not in (tmp_path / "c.jpg.xmp").read_text("utf-8")
    assert [one.fate for one in write(*items, unconfirmed=True)] == ["written"] * 4
    candidate = (tmp_path / "b.jpg.xmp").read_text("utf-8")
    assert "marktrace|candidate|country|Russia (candidate)" in candidate
    assert "marktrace|country|Russia<" not in candidate
    assert "<marktrace:Status>unconfirmed<" in candidate


def test_a_mark_confirmed_later_loses_its_candidate_keywords(tmp_path: Path) -> None:
    write(on_disk(tmp_path), unconfirmed=True)
    assert "(candidate)" in (tmp_path / "a.jpg.xmp").read_text("utf-8")
    write(on_disk(tmp_path, m1=CONFIRMED))
    text = (tmp_path / "a.jpg.xmp").read_text("utf-8")
    assert "(candidate)" not in text
    assert "marktrace|country|Russia<" in text


def test_a_decision_taken_back_leaves_the_sidecar_and_others_words_stay(tmp_path: Path) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(SIDECARS[0].read_bytes())
    write(on_disk(tmp_path, m1=CONFIRMED))
    assert write(on_disk(tmp_path)) == [Outcome("a.jpg", "written")]
    text = (tmp_path / "a.jpg.xmp").read_text("utf-8")
    assert "marktrace" not in text
    assert "кейс 12" in text
    assert write(on_disk(tmp_path)) == []


@pytest.mark.parametrize("unconfirmed", [False, True])
def test_a_sidecar_that_held_only_ours_goes_with_it(tmp_path: Path, unconfirmed: bool) -> None:
    write(on_disk(tmp_path, m1=CONFIRMED), unconfirmed=unconfirmed)
    assert write(on_disk(tmp_path)) == [Outcome("a.jpg", "removed")]
    assert [path.name for path in tmp_path.iterdir()] == ["a.jpg"]


def test_a_bare_sidecar_of_another_program_stays(tmp_path: Path) -> None:
    theirs = '<x:xmpmeta xmlns:x="adobe:ns:meta/" x:xmptk="XMP Core"><rdf:RDF xmlns:rdf="{}"/></x:xmpmeta>'
    (tmp_path / "a.jpg.xmp").write_text(theirs.format("http://www.w3.org/1999/02/22-rdf-syntax-ns#"))
    write(on_disk(tmp_path, m1=CONFIRMED))
    assert write(on_disk(tmp_path)) == [Outcome("a.jpg", "written")]
    assert 'x:xmptk="XMP Core"' in (tmp_path / "a.jpg.xmp").read_text()


def test_a_second_export_changes_nothing(tmp_path: Path) -> None:
    item = on_disk(tmp_path, m1=CONFIRMED)
    write(item)
    before = (tmp_path / "a.jpg.xmp").stat()
    assert write(item) == [Outcome("a.jpg", "unchanged")]
    assert (tmp_path / "a.jpg.xmp").stat() == before


def test_photos_are_never_opened_for_writing(tmp_path: Path) -> None:
    items = [on_disk(tmp_path, f"{n}.jpg", m1=CONFIRMED) for n in "abc"]
    for item in items:
        assert item.file is not None
        item.file.chmod(0o444)

    def state() -> list[tuple[str, int, int]]:
        photos = sorted(tmp_path.glob("*.jpg"))
        return [
            (hashlib.sha256(p.read_bytes()).hexdigest(), p.stat().st_mtime_ns, p.stat().st_ctime_ns) for p in photos
        ]

    before = state()
    write(*items, unconfirmed=True)
    write(*items, naming="stem")
    write(*items, out=tmp_path / "copies")
    assert state() == before


def test_both_names_and_two_photos_that_would_share_one(tmp_path: Path) -> None:
    one, other = on_disk(tmp_path, "a.jpg", m1=CONFIRMED), on_disk(tmp_path, "a.jpeg", m1=CONFIRMED)
    first, second = write(one, other, naming="stem")
    assert first == Outcome("a.jpg", "written")
    assert second.fate == "left"
    assert "a.xmp is the sidecar of a.jpg already" in second.why
    assert sidecar_of(Path("x/a.b.jpg"), "stem") == Path("x/a.b.xmp")
    assert [outcome.fate for outcome in write(one, other)] == ["written", "written"]


@pytest.mark.parametrize("content", [b"not XML", b"<!DOCTYPE x []><x/>", b"<a/>", b""])
def test_a_sidecar_that_is_not_xmp_is_left_and_the_others_go_on(tmp_path: Path, content: bytes) -> None:
    items = [on_disk(tmp_path, "a.jpg", m1=CONFIRMED), on_disk(tmp_path, "b.jpg", m1=CONFIRMED)]
    (tmp_path / "a.jpg.xmp").write_bytes(content)
    left, written = write(*items)
    assert left.fate == "left"
    assert "a.jpg.xmp is left as it is: it" in left.why
    assert (tmp_path / "a.jpg.xmp").read_bytes() == content
    assert written == Outcome("b.jpg", "written")


def test_links_and_folders_in_a_sidecars_place_are_left(tmp_path: Path) -> None:
    item, other = on_disk(tmp_path, "a.jpg", m1=CONFIRMED), on_disk(tmp_path, "b.jpg", m1=CONFIRMED)
    (tmp_path / "target.xmp").write_bytes(SIDECARS[0].read_bytes())
    (tmp_path / "a.jpg.xmp").symlink_to(tmp_path / "target.xmp")
    (tmp_path / "b.jpg.xmp").mkdir()
    assert [outcome.fate for outcome in write(item, other)] == ["left", "left"]
    assert (tmp_path / "target.xmp").read_bytes() == SIDECARS[0].read_bytes()


def test_a_photo_that_is_gone_or_changed_gets_no_sidecar(tmp_path: Path) -> None:
    gone, changed = on_disk(tmp_path, "a.jpg", m1=CONFIRMED), on_disk(tmp_path, "b.jpg", m1=CONFIRMED)
    (tmp_path / "a.jpg").unlink()
    (tmp_path / "b.jpg").write_bytes(photo_bytes(seed=99))
    first, second = write(gone, changed)
    assert "a.jpg is not there" in first.why
    assert "b.jpg is not the one that was examined" in second.why
    assert list(tmp_path.glob("*.xmp")) == []


def test_a_read_only_folder_gives_a_sentence_and_nothing_half(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    item = on_disk(tmp_path, m1=CONFIRMED)
    opened = Path.open

    def refuse(path: Path, mode: str = "r", *rest: Any) -> Any:  # root, whom tests may run as, may write anywhere
        if "x" in mode:
            raise PermissionError(13, "Permission denied")
        return opened(path, mode, *rest)

    monkeypatch.setattr(Path, "open", refuse)
    (left,) = write(item)
    assert left.why.startswith("Cannot write ")
    assert "Permission denied" in left.why
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg"]


def test_a_disk_that_is_full_leaves_the_old_sidecar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a.jpg.xmp").write_bytes(SIDECARS[0].read_bytes())

    def full(_handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    (left,) = write(on_disk(tmp_path, m1=CONFIRMED))
    assert left.why.endswith("No space left on device.")
    assert (tmp_path / "a.jpg.xmp").read_bytes() == SIDECARS[0].read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.jpg", "a.jpg.xmp"]


def test_copies_in_another_folder_leave_the_archive_as_it_is(tmp_path: Path) -> None:
    archive = tmp_path / "archive"
    archive.mkdir()
    (archive / "a.jpg.xmp").write_bytes(next(p for p in SIDECARS if p.stem == "immich").read_bytes())
    item = on_disk(archive, m1=CONFIRMED)
    write(item, out=tmp_path / "kept")
    assert b"GPSLatitude" in (tmp_path / "kept/a.jpg.xmp").read_bytes()
    write(item, out=tmp_path / "stripped", keep_others=False)
    assert b"GPSLatitude" not in (tmp_path / "stripped/a.jpg.xmp").read_bytes()
    assert b"marktrace" not in (archive / "a.jpg.xmp").read_bytes()
    escaping = Item({**item.record, "photo": {**item.record["photo"], "path": "../../x/a.jpg"}}, item.words, item.file)
    write(escaping, out=tmp_path / "out")
    assert (tmp_path / "out/x/a.jpg.xmp").is_file()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_regions_are_measured_on_the_photo_as_stored(orientation: int) -> None:
    """A box near the upper left of the upright photo, found again by turning the stored one with Pillow."""
    import io

    import numpy as np
    from PIL import Image, ImageOps

    stored = stored_as(photo_bytes(orientation))
    assert stored == Stored((760, 900) if orientation >= 5 else (900, 760), orientation)
    found = region("m1", "", ((90, 38), (179, 38), (179, 75), (90, 75)), stored)
    assert found is not None
    width, height = stored.size_wh
    canvas = np.zeros((height, width), np.uint8)
    left, top = round((found.x - found.width / 2) * width), round((found.y - found.height / 2) * height)
    canvas[
        top : round((found.y + found.height / 2) * height) + 1, left : round((found.x + found.width / 2) * width) + 1
    ] = 255
    exif = Image.Exif()
    exif[274] = orientation
    buffer = io.BytesIO()
    Image.fromarray(canvas).save(buffer, "PNG", exif=exif)
    turned = np.asarray(ImageOps.exif_transpose(Image.open(io.BytesIO(buffer.getvalue()))))
    ys, xs = np.nonzero(turned)
    assert (abs(xs.min() - 90), abs(xs.max() - 179), abs(ys.min() - 38), abs(ys.max() - 75)) <= (1, 1, 1, 1)


def test_a_mark_without_area_gets_no_region() -> None:
    assert region("m1", "", (), Stored((10, 10), 1)) is None
    assert region("m1", "", ((3, 3), (3, 9)), Stored((10, 10), 1)) is None
    outside = region("m1", "", ((-50, -50), (200, 200)), Stored((10, 10), 1))
    assert outside is not None
    assert (outside.x, outside.y, outside.width, outside.height) == (0.5, 0.5, 1.0, 1.0)


@needs_exiftool
def test_exiftool_reads_ours_back(tmp_path: Path) -> None:
    write(on_disk(tmp_path, m1=CONFIRMED))
    read = exiftool(tmp_path / "a.jpg.xmp")
    paths = [
        ("status", "marktrace confirmed"),
        ("kind", "headstamp"),
        ("country", "Russia"),
        ("maker", "Novosibirsk Cartridge Plant"),
        ("code", "188"),
        ("year", "1943"),
        ("calibre", "7.62x54mmR"),
        ("reading", "188 <star> 43 <star>"),
    ]
    assert read["XMP-lr:HierarchicalSubject"] == ["|".join(("marktrace", *path)) for path in paths]
    assert read["XMP-digiKam:TagsList"] == ["/".join(("marktrace", *path)) for path in paths]
    assert [str(leaf) for leaf in read["XMP-dc:Subject"]] == [leaf for _, leaf in paths]
    info = read["XMP-mwg-rs:RegionInfo"]
    assert info["AppliedToDimensions"] == {"W": 900, "H": 760, "Unit": "pixel"}
    (found,) = info["RegionList"]
    assert found["Area"]["Unit"] == "normalized"
    assert [found["Area"][side] for side in "XYWH"] == pytest.approx(
        [420.5 / 900, 380.5 / 760, 600 / 900, 600 / 760], abs=2e-6
    )
    assert found["Description"].startswith("headstamp: 188 <star> 43 <star>: Novosibirsk Cartridge Plant, RU, 1943")
    assert "Name" not in found
    assert read["XMP-marktrace:Status"] == "decided"
    line = json.loads(read["XMP-marktrace:Record"])
    assert line["marks"][0]["decision"]["by"] == ["M. Okoye"]


@needs_exiftool
@pytest.mark.parametrize("path", SIDECARS, ids=lambda path: path.stem)
def test_exiftool_sees_nothing_lost_of_another_programs_sidecar(tmp_path: Path, path: Path) -> None:
    item = on_disk(tmp_path, m1=CONFIRMED)
    shutil.copy(path, tmp_path / "a.jpg.xmp")
    before = exiftool(tmp_path / "a.jpg.xmp")
    assert write(item) == [Outcome("a.jpg", "written")]
    after = exiftool(tmp_path / "a.jpg.xmp")
    assert len(before) >= 4
    for tag, value in before.items():
        if tag == "XMP-mwg-rs:RegionInfo":
            assert after[tag]["RegionList"][: len(value["RegionList"])] == value["RegionList"]
            assert after[tag]["AppliedToDimensions"] == value["AppliedToDimensions"]
        elif tag in ("XMP-lr:HierarchicalSubject", "XMP-digiKam:TagsList", "XMP-dc:Subject"):
            values = value if isinstance(value, list) else [value]
            assert after[tag][: len(values)] == values
        else:
            assert after[tag] == value, tag
    assert "marktrace|country|Russia" in after["XMP-lr:HierarchicalSubject"]


@needs_exiftool
def test_a_separator_in_a_name_does_not_make_a_branch(tmp_path: Path) -> None:
    item = on_disk(tmp_path, m1=Word("confirmed", ("A",), "t", "maker", "", "A|B/C (RS)", "RS"))
    write(item)
    assert "marktrace|maker|A-B-C" in exiftool(tmp_path / "a.jpg.xmp")["XMP-lr:HierarchicalSubject"]
