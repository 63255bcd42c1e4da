# ruff: noqa: E402 - what needs torch is imported after the question whether it is there
"""The loop: broken off anywhere it goes on to the same weights; the network that serves is the one that learns on."""

from __future__ import annotations

import random
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="training needs torch")


import onnx
import onnxruntime
from training.learn.tiny import LABELS, SETTINGS, STRUCK, tiny_plan, tiny_start

from vision.catalogue.lookalikes import fold
from vision.errors import KitError, UsageError
from vision.manifest import shipped_folder
from vision.training.learn import train as loop
from vision.training.learn.batches import Plan
from vision.training.learn.marks import new_labels, struck
from vision.training.learn.start import served, served_model, with_labels
from vision.training.learn.train import Progress, Settings, train, weights_hash

ROOT = Path(__file__).parents[3]
pytestmark = pytest.mark.filterwarnings("ignore")


class Killed(BaseException):
    """Stands for a kill: nothing after it runs."""


@pytest.fixture
def start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(loop, "HELD_OUT_STRIPS", 1)
    return tiny_start(tmp_path / "start.onnx")


def until(step: int):
    def tell(progress: Progress) -> None:
        if progress.step >= step:
            raise Killed

    return tell


def run(start: Path, folder: Path, settings: Settings = SETTINGS, kills: tuple[int, ...] = ()) -> str:
    for step in kills:
        with pytest.raises(Killed):
            train(start, tiny_plan(settings), settings, folder, until(step))
    return weights_hash(train(start, tiny_plan(settings), settings, folder, lambda _: None)[0])


def test_a_run_broken_off_ends_in_the_weights_of_an_unbroken_one(start: Path, tmp_path: Path) -> None:
    whole = run(start, tmp_path / "whole")
    assert run(start, tmp_path / "broken", kills=(1, 4, 5, 9)) == whole
    curves = [(tmp_path / name / "curve.csv").read_text("utf-8") for name in ("whole", "broken")]
    assert [line.split(",")[0] for line in curves[0].splitlines()] == ["step", "0", "3", "6", "9", "12"]
    assert [line.split(",")[2:] for line in curves[1].splitlines()] == [
        line.split(",")[2:] for line in curves[0].splitlines()
    ]


def test_rows_once_warmed_are_taken_up_again(start: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Killed while the rows are warmed, and then between that and the first checkpoint."""
    whole = run(start, tmp_path / "whole")

    def at_the_first_measurement(progress: Progress) -> None:
        if progress.loss is not None:
            raise Killed

    for tell in (until(0), at_the_first_measurement):
        with pytest.raises(Killed):
            train(start, tiny_plan(), SETTINGS, tmp_path / "broken", tell)
    monkeypatch.setattr(loop, "warm_head", lambda *_: pytest.fail("the rows were warmed already"))
    assert run(start, tmp_path / "broken") == whole
    begun = loop.begun(start, tiny_plan(), tmp_path / "broken")
    old, known = served(start)
    assert torch.equal(begun.head.weight[: len(known)], old.head.weight)
    assert not torch.equal(
        begun.head.weight[len(known) :], with_labels(old, known, tiny_plan().labels, 1).head.weight[len(known) :]
    )


def test_shorter_numbers_give_other_weights_and_as_repeatable_ones(start: Path, tmp_path: Path) -> None:
    short = replace(SETTINGS, steps=4, every=2, bfloat16=True)
    whole = run(start, tmp_path / "whole", short)
    assert run(start, tmp_path / "broken", short, kills=(3,)) == whole
    assert run(start, tmp_path / "longer", replace(short, bfloat16=False)) != whole


def test_another_seed_gives_other_weights_and_a_run_with_other_settings_is_refused(start: Path, tmp_path: Path) -> None:
    short = replace(SETTINGS, steps=2, every=2)
    first = run(start, tmp_path / "first", short)
    assert run(start, tmp_path / "second", replace(short, seed=2)) != first
    with pytest.raises(UsageError, match="other settings"):
        run(start, tmp_path / "first", replace(short, steps=4))


def test_a_batch_is_the_same_whoever_makes_it() -> None:
    one, other = tiny_plan().batch(5), tiny_plan().batch(5)
    assert torch.equal(one.gray, other.gray)
    assert torch.equal(one.labels, other.labels)
    assert not torch.equal(one.gray, tiny_plan().batch(6).gray)


def test_the_served_network_as_torch_module_gives_the_same_answers() -> None:
    weights = shipped_folder() / "weights" / "stamped.onnx"
    net, labels = served(weights)
    gray = np.random.default_rng(4).uniform(-1, 1, (2, 1, 48, 320)).astype(np.float32)
    session = onnxruntime.InferenceSession(weights, providers=["CPUExecutionProvider"])
    with torch.no_grad():
        said = net(torch.from_numpy(gray)).exp().numpy()
    assert np.abs(said - np.exp(session.run(None, {"x": gray})[0])).max() < 1e-4
    assert len(labels) == said.shape[2]
    again = onnxruntime.InferenceSession(
        served_model(weights, net, labels, 1).SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert np.abs(said - np.exp(again.run(None, {"x": gray})[0])).max() < 1e-4
    more = with_labels(net, labels, (*labels, "Ա"), seed=1)
    with torch.no_grad():
        wider = more.head(more.features(torch.from_numpy(gray))).numpy()
    assert wider.shape[2] == len(labels) + 1
    known = np.exp(wider[..., :-1] - wider[..., :-1].max(axis=2, keepdims=True))
    assert np.abs(known / known.sum(axis=2, keepdims=True) - said).max() < 1e-4


def test_new_labels_of_the_shipped_reader_begin_quietly_and_can_be_learnt_from_every_window() -> None:
    """What all rows of its head have in common is hundreds of nats, which new rows must share."""
    net, known = served(shipped_folder() / "weights" / "stamped.onnx")
    batch = Plan(tiny_plan().struck, new_labels(known, tiny_plan().struck), 16, 1).batch(0)
    net = with_labels(net, known, (*known, "Ա", "Բ"), seed=1)
    with torch.no_grad():
        said = net(batch.gray).exp()
    assert float(said[..., len(known) :].sum(dim=-1).mean()) < 0.01
    assert float(said[..., 0].mean()) > 0.5


def test_what_is_no_reader_is_refused_as_a_start(tmp_path: Path) -> None:
    (tmp_path / "x.onnx").write_bytes(b"\x08\x07nothing")
    with pytest.raises(KitError):
        served(tmp_path / "x.onnx")
    with pytest.raises(KitError, match="not the stamped reader's"):
        served(shipped_folder() / "weights" / "heads.onnx")


def test_what_was_learnt_serves_and_can_be_learnt_on(tmp_path: Path) -> None:
    net, known = served(tiny_start(tmp_path / "start.onnx"))
    net = with_labels(net, known, (*LABELS, "Ж"), seed=1)
    with torch.no_grad():
        for parameter in net.parameters():
            parameter.add_(0.01)
    model = served_model(tmp_path / "start.onnx", net, (*LABELS, "Ж"), 7)
    onnx.save(model, tmp_path / "next.onnx")
    again, labels = served(tmp_path / "next.onnx")
    assert labels == (*LABELS, "Ж")
    gray = torch.linspace(-1, 1, 48 * 320).reshape(1, 1, 48, 320)
    with torch.no_grad():
        assert float((net(gray) - again(gray)).abs().max()) < 1e-2  # half precision
    assert served_model(tmp_path / "next.onnx", again, labels, 7).SerializeToString() == model.SerializeToString()


def test_a_network_with_an_unknown_operation_is_refused(tmp_path: Path) -> None:
    model = onnx.load(tiny_start(tmp_path / "start.onnx"))
    next(node for node in model.graph.node if node.op_type == "Relu").op_type = "Tanh"
    onnx.save(model, tmp_path / "strange.onnx")
    with pytest.raises(KitError, match="operation Tanh"):
        served(tmp_path / "strange.onnx")


def test_the_set_and_what_was_known_before_take_turns() -> None:
    marks = [STRUCK.mark(seed) for seed in range(40)]
    assert all(mark is None for mark in marks[1::2])
    texts = [[e.text for e in mark.elements] for mark in marks[::2] if mark]
    assert any("AB" in text for text in texts)
    assert any("7" in text and "Ж" in text for text in texts)


def test_letters_of_scripts_that_no_font_draws_together_are_not_shuffled_into_one_word() -> None:
    mixed = replace(STRUCK, ways=(("天",), ("Գ",)), letters=("天", "Գ"))
    texts = {e.text for seed in range(0, 400, 2) if (mark := mixed.mark(seed)) for e in mark.elements}
    assert {"天天", "ԳԳ", "天", "Գ"} <= texts
    assert not [text for text in texts if {"天", "Գ"} <= set(text)]


def test_new_shapes_are_added_after_the_known_ones_and_lookalikes_are_not_new() -> None:
    labels = new_labels(LABELS, STRUCK)
    assert labels == (*LABELS, fold("Ж"))
    assert new_labels(LABELS, replace(STRUCK, ways=(("АВ",),))) == LABELS  # Cyrillic, struck like Latin


def test_two_processes_share_the_steps_and_end_alike(start: Path, tmp_path: Path) -> None:
    plan = tiny_plan()
    assert torch.equal(plan.batch(7).gray, Plan(plan.struck, plan.labels, 4, 1).batch(3 * 2 + 1).gray)


@pytest.mark.slow
def test_killed_at_ten_random_points_it_ends_in_the_same_weights(tmp_path: Path) -> None:
    """SIGKILL after a random number of reports and a random moment: the same hash as the unbroken run."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    for folder in (whole, broken):
        folder.mkdir()
        tiny_start(folder / "start.onnx")
    command = [sys.executable, "-W", "ignore", "-m", "training.learn.tiny"]
    where = {
        "cwd": ROOT,
        "env": {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"},
    }
    expected = subprocess.run([*command, str(whole), "60"], capture_output=True, text=True, check=True, **where).stdout
    rng = random.Random(11)
    last = []
    for _ in range(10):
        process = subprocess.Popen([*command, str(broken), "60"], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   text=True, **where)  # fmt: skip
        for _ in range(rng.randrange(1, 9)):  # at most 8 of 60 steps a go: never done
            last.append(process.stderr.readline())
        time.sleep(rng.uniform(0.0, 0.1))
        assert process.poll() is None
        process.kill()
        process.communicate()
    assert len({line for line in last if line.startswith("step")}) > 10  # it went on, and not from the start each time
    said = subprocess.run([*command, str(broken), "60"], capture_output=True, text=True, check=True, **where).stdout
    assert len(said) == 64
    assert said == expected


@pytest.mark.slow
def test_processes_of_torchrun_end_in_one_and_the_same_weights(tmp_path: Path) -> None:
    tiny_start(tmp_path / "start.onnx")
    command = [sys.executable, "-W", "ignore", "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
    where = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}", "PATH": "/usr/bin:/bin", "OMP_NUM_THREADS": "1"}
    done = subprocess.run([*command, "-m", "training.learn.tiny", str(tmp_path), "12"], cwd=ROOT, env=where, text=True,
                          capture_output=True, check=True)  # fmt: skip
    assert len(done.stdout) == 128
    assert done.stdout[:64] == done.stdout[64:]
    assert len((tmp_path / "run" / "curve.csv").read_text("utf-8").splitlines()) == 6


def test_what_a_set_bears_that_no_font_has_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    from vision.catalogue.load import load_marking_set

    pattern = load_marking_set().patterns[0]
    strange = [replace(pattern, stampings=(("<lion passant>",), ("A",)))]
    assert struck(strange).left_out == ("<lion passant>",)
    assert struck(strange).ways == (("A",),)
