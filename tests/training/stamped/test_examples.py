"""What a strip shows one way up and the other, and windows cut from a ring."""

from __future__ import annotations

import numpy as np
import pytest

from vision.errors import MissingError
from vision.training.learn.marks import Struck
from vision.training.render import ElementSpec, MarkSpec
from vision.training.render.printed import printed_strip
from vision.training.render.truth import CharacterTruth, ElementTruth, StripTruth
from vision.training.stamped import examples as examples_module
from vision.training.stamped.alphabet import labels
from vision.training.stamped.examples import CUT_PX, WINDOW_PX, Stands, examples, shown, standing, straight, window
from vision.training.stamped.rough import dented, parted

LABELS = labels()
INDEX = {label: i for i, label in enumerate(LABELS) if label}
TURN = 720.0


def element(text: str, angle: float, *, upside_down: bool = False, turn_deg: float = 0.0) -> ElementTruth:
    """Characters 20 degrees apart round angle."""
    cells = [text] if text.startswith("<") else list(text)
    sense = -1.0 if upside_down else 1.0
    characters = tuple(
        CharacterTruth(c, (angle + sense * 20.0 * (i - (len(cells) - 1) / 2)) % 360.0, 18.0, turn_deg)
        for i, c in enumerate(cells)
    )
    return ElementTruth(text, angle, 20.0 * len(cells), upside_down, 0.7, 0.2, characters)


def read(*elements: ElementTruth, upside_down: bool = False) -> str:
    truth = StripTruth(elements, TURN, 0.5, 0.0)
    return "".join(LABELS[s.label] for s in standing(truth, INDEX, upside_down=upside_down))


def test_only_what_stands_upright_is_read() -> None:
    both = (element("AB", 90.0), element("CD7", 270.0, upside_down=True))
    assert read(*both) == "AB"
    assert read(*both, upside_down=True) == "CD7"


def test_words_that_look_alike_either_way_are_read_either_way() -> None:
    assert read(element("96", 90.0), upside_down=True) == "96"
    assert read(element("66", 90.0), upside_down=True) == "99"
    assert read(element("68A", 90.0), upside_down=True) == ""


def test_symbols_are_read_either_way_only_where_they_look_it() -> None:
    assert read(element("<star>", 10.0), upside_down=True) == "<star>"
    assert read(element("<broad arrow>", 10.0), upside_down=True) == ""
    assert read(element("<broad arrow>", 10.0)) == "<broad arrow>"


def test_characters_turned_sideways_are_not_read() -> None:
    assert read(element("26", 90.0, turn_deg=90.0)) == ""


def test_letters_of_one_shape_are_one_label() -> None:
    assert read(element("САН", 90.0)) == "CAH"


def test_columns_of_a_turned_strip_count_from_its_other_end() -> None:
    truth = StripTruth((element("A", 90.0),), TURN, 0.5, 0.0)
    (upright,) = standing(truth, INDEX, upside_down=False)
    assert upright.middle == pytest.approx(180.0)
    truth = StripTruth((element("A", 90.0, upside_down=True),), TURN, 0.5, 0.0)
    (turned,) = standing(truth, INDEX, upside_down=True)
    assert turned.middle == pytest.approx(TURN - 1 - 180.0)


def test_a_window_goes_round_the_ring_and_moves_what_stands_with_its_pixels() -> None:
    gray = np.tile(np.arange(200, dtype=np.uint8), (48, 1))
    cut = window(gray, [Stands(1, 10.0, 20.0), Stands(2, 150.0, 160.0)], 140)
    assert cut.gray.shape == (48, WINDOW_PX)
    assert cut.gray[0, [0, 59, 60, 259, 260]].tolist() == [140, 199, 0, 199, 0]
    assert [(s.label, s.left) for s in cut.stands] == [(2, 10.0), (1, 70.0), (2, 210.0), (1, 270.0)]


@pytest.mark.parametrize("width", CUT_PX)
def test_a_straight_cut_holds_its_characters_whole_and_asks_for_no_others(width: int) -> None:
    """Bright characters 20 columns wide on a dark ring, in pairs 4 columns apart, across its seam too."""
    stands = [Stands(1 + n, x, x + 20.0) for n, x in enumerate([-22.0, 2.0, 100.0, 124.0, 200.0])]
    gray = np.zeros((48, 300), np.uint8)
    for one in stands:
        gray[10:38, np.arange(int(one.left), int(one.right)) % 300] = 200
    aimed = 0
    for seed in range(60):
        cut = straight(gray, stands, width, np.random.default_rng(seed))
        assert cut.gray.shape == (48, width)
        assert cut.margin == 0
        for one in cut.asked:
            assert one.left >= -5.0
            assert one.right <= width + 5.0
            inside = cut.gray[20, max(0, int(one.left) + 1) : int(one.right) - 1]
            assert inside.size > 8
            assert (inside == 200).all()
        aimed += bool(cut.asked)
    assert aimed >= 45


def test_an_edge_of_the_metal_leaves_characters_alone() -> None:
    gray = np.full((48, 300), 90, np.uint8)
    seen = [straight(gray, [Stands(1, 100.0, 130.0)], 64, np.random.default_rng(seed)) for seed in range(60)]
    edged = [cut for cut in seen if (cut.gray != 90).any()]
    assert 15 < len(edged) < 50
    for cut in edged:
        for one in cut.stands:
            assert (cut.gray[:, max(0, int(one.left) + 1) : max(0, int(one.right) - 1)] == 90).all()


@pytest.mark.parametrize("end", [False, True])
def test_what_lies_beyond_an_edge_has_one_shade_and_the_line_is_at_the_metal(*, end: bool) -> None:
    seen = 0
    for seed in range(40):
        cut = np.full((48, 80), 90, np.uint8)
        examples_module._bounded(cut, [], np.random.default_rng(seed), end=end)
        outwards = cut[0] if end else cut[0, ::-1]
        changed = outwards[np.flatnonzero(outwards != 90).min(initial=80) :]
        if len(changed) >= 8:
            assert len(set(changed[3:].tolist())) == 1
            seen += len(set(changed.tolist())) == 2
    assert seen > 8


def test_straight_cuts_do_not_change_what_windows_show() -> None:
    try:
        strip = shown(4, LABELS)
        windows = [strip.window().gray.tobytes() for _ in range(4)]
        strip.straight(48)
        assert windows == [e.gray.tobytes() for e in examples(4, LABELS)]
    except MissingError as fault:
        pytest.skip(str(fault))


def test_the_same_seed_gives_the_same_windows() -> None:
    try:
        one, other = (list(examples(4, LABELS)) for _ in range(2))
    except MissingError as fault:
        pytest.skip(str(fault))
    assert [e.gray.tobytes() for e in one] == [e.gray.tobytes() for e in other]
    assert [e.stands for e in one] == [e.stands for e in other]
    assert all(0 < s.label < len(LABELS) for e in one for s in e.stands)


def test_printed_ink_lies_where_the_truth_says_a_character_stands() -> None:
    try:
        strips = [printed_strip(seed, MarkSpec((ElementSpec("I", 90.0),))) for seed in range(40)]
    except MissingError as fault:
        pytest.skip(str(fault))
    profile = np.zeros(720)
    for rgb, truth in strips:
        assert rgb.shape == (48, int(truth.width_turn), 3)
        gray = rgb.mean(axis=2)
        inked = np.abs(gray - np.median(gray)).mean(axis=0)
        (character,) = truth.elements[0].characters
        columns = ((np.arange(720) - 360) / 2 + character.angle_deg) / 360 * truth.width_turn
        profile += (inked / inked.max())[np.round(columns).astype(int) % len(inked)]
    assert abs(np.argmax(profile) - 360) <= 4  # half degrees
    assert profile[350:371].max() > 2.5 * np.median(profile)  # clouds and washes stand anywhere


def test_lines_from_pocket_to_rim_stand_between_characters_and_on_none() -> None:
    truth = StripTruth((element("AB", 90.0), element("CD7", 270.0)), TURN, 0.5, 0.0)
    rgb = np.full((48, int(TURN), 3), 120, np.uint8)
    told = np.zeros(int(TURN), bool)
    for one in (c for e in truth.elements for c in e.characters):
        told[round((one.angle_deg - 9) * 2) : round((one.angle_deg + 9) * 2)] = True
    for seed in range(30):
        changed = (parted(rgb, truth, np.random.default_rng(seed)) != rgb).any(axis=(0, 2))
        assert 2 <= changed.sum() < 120
        assert not (changed & told).any()


def test_a_strip_without_room_between_its_characters_gets_no_lines() -> None:
    around = tuple(CharacterTruth("A", 15.0 * i, 14.0) for i in range(24))
    truth = StripTruth((ElementTruth("A" * 24, 0.0, 360.0, False, 0.7, 0.2, around),), 400.0, 0.5, 0.0)
    rgb = np.full((48, 400, 3), 120, np.uint8)
    assert np.array_equal(parted(rgb, truth, np.random.default_rng(1)), rgb)


def test_dents_lie_between_characters() -> None:
    truth = StripTruth((element("A", 10.0), element("B", 190.0)), TURN, 0.5, 0.0)
    rgb = np.full((48, int(TURN), 3), 120, np.uint8)
    told = np.zeros(int(TURN), bool)
    for character in (c for e in truth.elements for c in e.characters):
        from_, to = (round((character.angle_deg + side * character.span_deg / 2) * 2) for side in (-1, 1))
        told[np.arange(from_ + 2, to - 2) % int(TURN)] = True
    for seed in range(20):
        changed = (dented(rgb, truth, np.random.default_rng(seed)) != rgb).any(axis=2)
        columns, rows = changed.any(axis=0), changed.any(axis=1)
        assert 8 <= columns.sum() < 300
        assert 8 <= rows.sum() < 48
        assert not (columns & told).any()


def test_a_strip_without_room_gets_no_dents() -> None:
    around = tuple(CharacterTruth("A", 15.0 * i, 14.0) for i in range(24))
    truth = StripTruth((ElementTruth("A" * 24, 0.0, 360.0, False, 0.7, 0.2, around),), 400.0, 0.5, 0.0)
    rgb = np.full((48, 400, 3), 120, np.uint8)
    assert np.array_equal(dented(rgb, truth, np.random.default_rng(1)), rgb)


def test_lines_dents_glare_and_print_are_drawn_by_chance_of_their_own() -> None:
    """What stands on a strip, and where, is the same with lines, dents and glare as without."""
    try:
        plain, lined = list(examples(4, LABELS)), list(examples(4, LABELS, spokes=1.0))
        pitted, lit = list(examples(4, LABELS, dents=1.0)), list(examples(4, LABELS, glare=1.0))
        printed = [e.gray.tobytes() for e in examples(4, LABELS, printed=1.0)]
    except MissingError as fault:
        pytest.skip(str(fault))
    kinds = (plain, lined, pitted, lit)
    assert all([e.stands for e in some] == [e.stands for e in plain] for some in kinds)
    assert len({tuple(e.gray.tobytes() for e in some) for some in kinds}) == 4
    assert printed != [e.gray.tobytes() for e in plain]


def test_a_strip_seen_by_a_further_look_bears_the_same_and_looks_otherwise() -> None:
    def seen(seed: int, looks: float) -> tuple[set[int], set[bytes]]:
        windows = list(examples(seed, LABELS, None, 24, looks=looks))
        return {stands.label for window in windows for stands in window.stands}, {w.gray.tobytes() for w in windows}

    try:
        pairs = [(seen(seed, 0.0), seen(seed, 1.0)) for seed in range(12)]
    except MissingError as fault:
        pytest.skip(str(fault))
    assert all(first[0] == further[0] for first, further in pairs)
    # One look in four is the first.
    assert 5 <= sum(not first[1] & further[1] for first, further in pairs) < 12


def test_the_strips_of_a_sharpened_look_are_sharpened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(examples_module, "LOOKS", ((0.72, 0.0), (0.72, 2.0)))
    try:
        same = [
            [e.gray.tobytes() for e in examples(seed, LABELS)]
            == [e.gray.tobytes() for e in examples(seed, LABELS, looks=1.0)]
            for seed in range(12)
        ]
    except MissingError as fault:
        pytest.skip(str(fault))
    assert 0 < sum(same) < 12


def test_whether_a_strip_gets_lines_says_nothing_of_the_mark_it_bears(monkeypatch: pytest.MonkeyPatch) -> None:
    """Strips of a set bear its words or its letters shuffled: lines come on as many of the one as of the other."""
    of_set = Struck((("ABC",), ("CBA",)), ("A", "B", "C"), ())
    lined: dict[bool, list[bool]] = {True: [], False: []}
    for seed in range(0, 160, 2):
        mark = of_set.mark(seed)
        assert mark is not None
        drawn: list[bool] = []
        monkeypatch.setattr(examples_module, "parted", lambda rgb, truth, rng, seen=drawn: seen.append(True) or rgb)
        try:
            list(examples(seed, LABELS, mark, 1, spokes=0.4))
        except MissingError as fault:
            pytest.skip(str(fault))
        lined[bool({"ABC", "CBA"}.intersection(e.text for e in mark.elements))].append(bool(drawn))
    shares = {known: sum(some) / len(some) for known, some in lined.items()}
    assert all(0.15 < share < 0.7 for share in shares.values()), shares
