"""Calibration is fitted to what is true, measured on what was not fitted, and resumed where it was broken off."""

from __future__ import annotations

import json
import math
import random
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from vision.attribute import UNKNOWN, attribute
from vision.calibration import Calibration, load_calibration
from vision.catalogue import MarkingSet, load_marking_set
from vision.errors import KitError
from vision.manifest import models_folder, write_manifest
from vision.training.calibrate import __main__ as command
from vision.training.calibrate import confused, examples, measure, run
from vision.training.calibrate.fit import RISKS, fit, listed, weighed
from vision.training.calibrate.marks import Marks
from vision.training.render import ElementTruth

YEAR = 2026
# Scores drawn below are true log-odds times this, so this is the temperature to be found.
TRUE_TEMPERATURE = 2.0


@pytest.fixture(scope="module")
def shipped() -> MarkingSet:
    return load_marking_set()


def drawn_renders(markings: MarkingSet, count: int) -> list[dict[str, Any]]:
    """Renders as the cache holds them: two patterns and none, of which one is true as often as their odds say."""
    rng = random.Random(1)
    makers = [p for p in markings.patterns if p.role == "maker" and p.code.isalnum()]
    found = []
    for seed in range(count):
        pair = rng.sample(makers, 2)
        odds = [round(rng.gauss(1.0, 2.0), 2), round(rng.gauss(-1.0, 2.0), 2), 0.0]
        weights = [math.exp(o) for o in odds]
        true = rng.choices([pair[0].id, pair[1].id, None], weights)[0]
        gain = round(rng.uniform(2.0, 9.0), 2)
        explanations = [
            [p, o * TRUE_TEMPERATURE, [["code", 1.0, code, False, [0.0, 9.0], 2 * gain]]]
            for p, o, code in zip([pair[0].id, pair[1].id, None], odds, ["ZZ", "QQ", "XX"], strict=True)
        ]
        heads = [{"score": 1.0, "true": True, "explanations": explanations}]
        found.append({"seed": seed, "style": "plate", "truth": true, "struck": [], "found": heads, "stamp": "now"})
    return found


def test_the_temperature_is_found_and_the_promises_are_kept(shipped: MarkingSet) -> None:
    marks = weighed([e for r in drawn_renders(shipped, 900) for e in examples.examples_of(r)], shipped, YEAR)
    calibration = fit(marks)
    assert math.exp(calibration.temperature[0]) == pytest.approx(TRUE_TEMPERATURE, rel=0.15)
    assert abs(calibration.temperature[1]) < 0.15
    assert abs(calibration.outside[0]) < 0.8
    outcomes = measure.held_out(marks)
    assert len(outcomes) == 900
    assert measure.calibration_error(outcomes) < 0.05
    assert measure.log_loss(outcomes) < measure.log_loss([measure.judged(measure.BEFORE, m, 0) for m in marks])
    for risk in RISKS:
        for _, part in measure.strata_of(outcomes):
            for level in range(3):
                share = sum(o.reaches[risk][level] for o in part) / len(part)
                assert share == pytest.approx(1.0 - risk, abs=0.035), (risk, level)
        said = [o.stated[risk] for o in outcomes if o.stated[risk] is not None]
        allowed = risk * len(said)
        assert sum(not right for right in said) <= allowed + 3.0 * math.sqrt(allowed)


def test_what_is_fitted_on_is_what_attribution_says(shipped: MarkingSet) -> None:
    calibration = Calibration(temperature=(0.4, -0.2), outside=(0.5, 0.1), missed=0.05)
    for mark in weighed([e for r in drawn_renders(shipped, 12) for e in examples.examples_of(r)], shipped, YEAR):
        got = attribute(mark.example.explanations, shipped, calibration=calibration, this_year=YEAR)
        patterns, _, states = listed(calibration, mark)
        assert patterns[UNKNOWN] == pytest.approx(got.unknown_probability)
        assert sorted(p for n, p in patterns.items() if n != UNKNOWN) == pytest.approx(
            sorted(c.probability for c in got.candidates)
        )
        assert set(states) == {UNKNOWN, *(c.country for c in got.candidates)}


def test_a_head_on_which_nothing_was_read_says_nothing_of_the_figures(shipped: MarkingSet) -> None:
    silent = [{"score": 0.9, "true": True, "explanations": [[None, -1.4, []]]}]
    render = {"seed": 1, "style": "low", "truth": None, "struck": [], "found": silent}
    assert weighed(examples.examples_of(render), shipped, YEAR) == []


def test_rows_that_spell_one_mark_of_one_plant_are_one_truth(shipped: MarkingSet) -> None:
    """A number in an oval is read without it, and then no other plant's."""
    read = [["pl-21-skarzysko-kamienna", 9.0, [["code", 9.0, "21", False, [350.0, 10.0], 12.0]]], [None, 3.0, []]]
    found = [{"score": 1.0, "true": True, "explanations": read}]
    render = {"seed": 1, "style": "low", "truth": "pl-21-in-oval-skarzysko-kamienna", "struck": [], "found": found}
    (mark,) = weighed(examples.examples_of(render), shipped, YEAR)
    assert mark.nodes == (mark.truth,)


def test_marks_are_known_unknown_bare_and_missing(shipped: MarkingSet) -> None:
    known = [p.id for p in shipped.patterns if p.role == "maker"]
    marks = Marks(shipped, dict.fromkeys(known, 0.0))
    struck = [marks.draw(np.random.default_rng(seed)) for seed in range(400)]
    assert struck[7] == marks.draw(np.random.default_rng(7))
    assert sum(s.pattern is not None for s in struck) == pytest.approx(280, abs=40)
    assert sum(s.mark is None for s in struck) == pytest.approx(24, abs=15)
    assert sum(s.mark is not None and not s.mark.elements for s in struck) == pytest.approx(24, abs=15)
    codes = {"".join(way) for p in shipped.patterns for way in p.stampings}
    for one in struck:
        if one.mark and one.mark.elements:
            first = one.mark.elements[0].text.replace(" ", "")
            assert (first in codes) == (one.pattern is not None)


def test_hebrew_codes_are_struck_with_their_first_letter_to_the_right(shipped: MarkingSet) -> None:
    marks = Marks(shipped, {"il-taas-ramat-hasharon": 0.0})
    struck = [marks.draw(np.random.default_rng(seed)) for seed in range(20)]
    assert {one.mark.elements[0].text for one in struck if one.pattern and one.mark} == {
        "עת"
    }  # read from the right: תע


def test_a_broken_off_run_goes_on_and_other_code_starts_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[int] = []

    class OneProcess:
        def Pool(self, jobs: int, start: object, given: object) -> OneProcess:
            return self

        def __enter__(self) -> OneProcess:
            return self

        def __exit__(self, *error: object) -> None: ...

        def imap_unordered(self, work: object, seeds: list[int]) -> list[dict[str, int]]:
            made.extend(seeds)
            return [{"seed": seed} for seed in seeds]

    monkeypatch.setattr(examples.multiprocessing, "get_context", lambda name: OneProcess())
    monkeypatch.setattr(examples.Pipeline, "load", lambda **settings: None)
    monkeypatch.setattr(examples, "stamp", lambda models: "now")
    cache = tmp_path / "build" / "cache.jsonl"
    assert [r["seed"] for r in examples.fill_cache(cache, [1, 2], 2, tmp_path)] == [1, 2]
    with cache.open("a", encoding="utf-8") as out:
        out.write('{"seed": 3, "st')  # cut short by a kill
    assert sorted(r["seed"] for r in examples.fill_cache(cache, [1, 2, 3], 2, tmp_path)) == [1, 2, 3]
    assert made == [1, 2, 3]
    assert [json.loads(line)["seed"] for line in cache.read_text("utf-8").splitlines()] == [1, 2, 3]
    monkeypatch.setattr(examples, "stamp", lambda models: "later")
    assert sorted(r["seed"] for r in examples.fill_cache(cache, [1, 2], 2, tmp_path)) == [1, 2]
    assert made == [1, 2, 3, 1, 2]


def test_explanations_come_back_from_the_cache_as_they_went_in() -> None:
    (one,) = examples.examples_of(drawn_renders(load_marking_set(), 1)[0])
    best = one.explanations[0]
    assert examples._explanation(json.loads(json.dumps(examples._packed(best)))) == best


@pytest.mark.parametrize(
    ("struck", "pairs"),
    [
        (ElementTruth("18", 0.0, 20.0, False, 0.7, 0.2), {("1", "1"): 1, ("8", "8"): 1}),
        (ElementTruth("81", 0.0, 20.0, False, 0.7, 0.2), {("8", "1"): 1, ("1", "8"): 1}),
        (ElementTruth("18", 0.0, 20.0, True, 0.7, 0.2), {("1", "nothing"): 1, ("8", "nothing"): 1}),
        (ElementTruth("18", 40.0, 20.0, False, 0.7, 0.2), {("1", "nothing"): 1, ("8", "nothing"): 1}),
    ],
)
def test_characters_are_paired_where_they_stand(struck: ElementTruth, pairs: Mapping[tuple[str, str], int]) -> None:
    read = {"score": 1.0, "true": True, "explanations": [[None, 5.0, [["other", 5.0, "18", False, [355.0, 5.0], 9.0]]]]}
    elements = [[struck.text, struck.angle_deg, struck.span_deg, struck.upside_down, struck.radius, struck.height]]
    render = {"seed": 1, "style": "low", "truth": None, "struck": elements, "found": [read]}
    assert confused.characters(examples.examples_of(render)) == pairs


def test_the_command_writes_figures_card_manifest_and_picture(
    tmp_path: Path, shipped: MarkingSet, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    pytest.importorskip("matplotlib")
    monkeypatch.setattr(run, "fill_cache", lambda cache, seeds, jobs, models: iter(drawn_renders(shipped, len(seeds))))
    models = tmp_path / "models"
    (models / "markings").mkdir(parents=True)
    for table in (models_folder() / "markings").iterdir():
        (models / "markings" / table.name).write_bytes(table.read_bytes())
    picture = tmp_path / "images" / "reliability.png"
    command.main(["--photos", "200", "--models", str(models), "--picture", str(picture)])
    assert sorted(load_calibration(models).bars) == list(RISKS)
    card = (models / "calibration.md").read_text("utf-8")
    assert card == capsys.readouterr().out
    assert "200 heads were found" in card
    assert "calibration.md" in (models / "manifest.json").read_text("utf-8")
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_verb_leaves_a_package_that_would_not_get_better(
    tmp_path: Path, shipped: MarkingSet, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Fitted to what is true it is written; where the truth is drawn at random it is not."""
    from training.package.made import small_package
    from typer.testing import CliRunner

    from vision.cli import app
    from vision.training.package import verify_package

    folder = small_package(tmp_path / "small")
    (folder / "markings").mkdir()
    for table in (models_folder() / "markings").iterdir():
        (folder / "markings" / table.name).write_bytes(table.read_bytes())
    write_manifest(folder)
    renders = drawn_renders(shipped, 200)
    monkeypatch.setattr(run, "fill_cache", lambda cache, seeds, jobs, models: iter(renders))
    assert CliRunner().invoke(app, ["calibrate", "shipped"]).exit_code != 0
    done = CliRunner().invoke(app, ["calibrate", str(folder), "--photos", "200"])
    assert done.exit_code == 0, done.output
    assert verify_package(folder).facts["calibration"] == "fitted on 200 renders from seed 950000"
    assert verify_package(folder).compared is None  # what photos said was of other probabilities
    before = (folder / "calibration.json").read_bytes()
    monkeypatch.setattr(run.Fitted, "better", property(lambda self: False))
    assert isinstance(CliRunner().invoke(app, ["calibrate", str(folder), "--photos", "200"]).exception, KitError)
    assert (folder / "calibration.json").read_bytes() == before
