"""The training: one loop, read from top to bottom. It may be killed at any point and goes on to the same weights."""

from __future__ import annotations

import csv
import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
import torch.distributed as dist
from safetensors.torch import load_file, save_file

from vision.errors import OutputError, UsageError
from vision.training.learn.batches import Plan, held_out, loader
from vision.training.learn.rates import groups
from vision.training.learn.start import served, with_labels
from vision.training.learn.warm import warm_head
from vision.training.stamped.checkpoint import State, load_state, save_state
from vision.training.stamped.loss import mean_loss
from vision.training.stamped.measure import character_errors
from vision.training.stamped.net import StampedNet

# The head may change faster than the features, which carry what was learnt before.
HEAD_TIMES = 5.0
AVERAGE = 0.97
WARM_STEPS = 20
HELD_OUT_STRIPS = 12
SETTINGS, CURVE, BEGUN = "settings.json", "curve.csv", "begun.safetensors"


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that decides the weights beside the plan and the weights it starts from."""

    steps: int = 8000
    windows: int = 16
    warm_batches: int = 400
    warm_rounds: int = 10
    rate: float = 1.5e-3
    seed: int = 1
    every: int = 50
    threads: int = 2
    workers: int = 1
    device: str = "auto"
    bfloat16: bool = False


QUICK = Settings(steps=300, warm_batches=200, warm_rounds=16, every=100)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a training is: steps done of all, mean loss since the last word (None while the new rows are warmed), the
    share of characters misread on the set's and on other held-out strips (None between measurements), and the seconds
    left at this pace (None where it is not known; while rows are warmed, of that alone)."""

    step: int
    steps: int
    loss: float | None
    set_wrong: float | None
    known_wrong: float | None
    seconds_left: float | None


def train(
    start: Path, plan: Plan, settings: Settings, run: Path, tell: Callable[[Progress], None],
    made_of: Mapping[str, str] | None = None,
) -> tuple[StampedNet, int, bool]:  # fmt: skip
    """The network after settings.steps (the running average of its weights, from the served ones in start), the steps
    done, and whether this process is the one that writes.

    run keeps checkpoint and curve; a run that was broken off there goes on, and one with other settings, or made of
    something else (names and hashes of what plan was made of), is refused (UsageError).
    """
    rank, ranks, device = begin(settings)
    net, known = served(start)
    net = with_labels(net, known, plan.labels, settings.seed).to(device)
    net = net.to(memory_format=torch.channels_last)  # type: ignore[call-overload]  # half the time a step takes
    optimizer = torch.optim.AdamW(groups(net, HEAD_TIMES), lr=settings.rate, weight_decay=0.01)
    state = State(net, optimizer, {k: v.detach().clone() for k, v in net.named_parameters()}, plan.labels)
    _same_run(run, plan, settings, start, dict(made_of or {}), rank, ranks)
    step = load_state(run, state)
    measured = [held_out(plan, HELD_OUT_STRIPS, known=known) for known in (False, True)]
    if step == 0 and (run / BEGUN).is_file():
        net.head.load_state_dict(load_file(run / BEGUN))
    elif step == 0:
        warming = (settings.warm_batches, settings.warm_rounds, settings.workers)
        loss = warm_head(net, len(known), plan, *warming, lambda left: _tell_warming(tell, settings, left, rank))
        if rank == 0:
            wrong = [character_errors(net, some) for some in measured]
            _write_curve(run, 0, loss, wrong)
            _keep_begun(run, net)
            tell(Progress(0, settings.steps, loss, wrong[0], wrong[1], None))
    if step == 0:
        state.follow(0.0)
    losses, began, first = [], time.monotonic(), step
    for batch in loader(plan, range(step, settings.steps), rank, ranks, settings.workers):
        for group in optimizer.param_groups:
            group["lr"] = rate(step, settings) * group["times"]
        batch = batch.to(device)
        with torch.autocast(device.type, torch.bfloat16, enabled=settings.bfloat16):
            said = net(batch.gray)
        loss = mean_loss(said.float(), batch)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        _share_gradients(net, ranks)
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        step += 1
        state.follow(min(AVERAGE, (1 + step) / (10 + step)))
        losses.append(float(loss.detach()))
        if step % settings.every == 0 or step == settings.steps:
            wrong = [character_errors(state.averaged(), some) for some in measured] if rank == 0 else [0.0, 0.0]
            left = (settings.steps - step) * (time.monotonic() - began) / (step - first)
            if rank == 0:
                _write_curve(run, step, sum(losses) / len(losses), wrong)
                save_state(run, state, step)
                tell(Progress(step, settings.steps, sum(losses) / len(losses), wrong[0], wrong[1], left))
            losses = []
        elif rank == 0:
            tell(Progress(step, settings.steps, losses[-1], None, None,
                          (settings.steps - step) * (time.monotonic() - began) / (step - first)))  # fmt: skip
    return state.averaged().cpu(), step, rank == 0


def begin(settings: Settings) -> tuple[int, int, torch.device]:
    """(this process's number, how many there are, the device), with everything set that could change the weights."""
    torch.set_num_threads(settings.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(settings.seed)
    torch.use_deterministic_algorithms(True, warn_only=True)
    rank, ranks = int(os.environ.get("RANK", "0")), int(os.environ.get("WORLD_SIZE", "1"))
    cuda = torch.cuda.is_available() and settings.device != "cpu"
    if settings.device == "cuda" and not cuda:
        raise UsageError("There is no CUDA device here: use --device cpu, or auto.")
    if ranks > 1 and not dist.is_initialized():
        dist.init_process_group("nccl" if cuda else "gloo")
    return rank, ranks, torch.device("cuda", int(os.environ.get("LOCAL_RANK", "0"))) if cuda else torch.device("cpu")


def rate(step: int, settings: Settings) -> float:
    """How far a step moves a feature, as a share of its spread: up in the first steps, then down along a cosine."""
    warm = min(1.0, (step + 1) / WARM_STEPS)
    way = min(1.0, step / settings.steps)
    return settings.rate * warm * (0.02 + 0.98 * (0.5 + 0.5 * math.cos(math.pi * way)))


def weights_hash(net: StampedNet) -> str:
    """The sha256 over every weight's name and bytes."""
    digest = hashlib.sha256()
    for name, parameter in sorted(net.named_parameters()):
        digest.update(name.encode())
        digest.update(parameter.detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def begun(start: Path, plan: Plan, run: Path) -> StampedNet:
    """The network as it was when the loop began: the served one in start, the new rows of its head warmed."""
    net, known = served(start)
    net = with_labels(net, known, plan.labels, 0)
    net.head.load_state_dict(load_file(run / BEGUN))
    return net


def _tell_warming(tell: Callable[[Progress], None], settings: Settings, seconds_left: float, rank: int) -> None:
    if rank == 0:
        tell(Progress(0, settings.steps, None, None, None, seconds_left))


def _keep_begun(run: Path, net: StampedNet) -> None:
    partial = run / f".{BEGUN}.new"
    save_file({name: weight.detach().cpu().contiguous() for name, weight in net.head.named_parameters()}, partial)
    partial.replace(run / BEGUN)


def _share_gradients(net: StampedNet, ranks: int) -> None:
    """Every process goes on with the mean of all gradients."""
    if ranks > 1:
        for gradient in [p.grad for p in net.parameters() if p.grad is not None]:
            dist.all_reduce(gradient)
            gradient /= ranks


def _same_run(
    run: Path, plan: Plan, settings: Settings, start: Path, made_of: Mapping[str, str], rank: int, ranks: int
) -> None:
    """Note what this run is (the first process does), or see that a run begun here is the same."""
    facts = asdict(settings) | {
        "start": hashlib.sha256(start.read_bytes()).hexdigest(),
        "plan": hashlib.sha256(repr((plan.struck, plan.labels, len(plan.real))).encode()).hexdigest(),
        "processes": ranks,
        "made_of": made_of,
    }
    path = run / SETTINGS
    if path.is_file() and json.loads(path.read_text("utf-8")) != facts:
        raise UsageError(
            f"{run} holds a run with other settings, another state of the set, or from another base: undo what was "
            "changed to go on with it, or remove that folder to begin anew."
        )
    if path.is_file() or rank:
        return
    partial = path.with_name(f".{SETTINGS}.new")
    try:
        run.mkdir(parents=True, exist_ok=True)
        partial.write_text(json.dumps(facts, indent=1) + "\n", "utf-8")
        partial.replace(path)
    except OSError as error:
        raise OutputError(f"Cannot write {run}: {error.strerror}.") from error


def _write_curve(run: Path, step: int, loss: float, wrong: Sequence[float]) -> None:
    """The curve up to this step; lines past it are of a run that was broken off and are made again."""
    path = run / CURVE
    rows = list(csv.reader(path.read_text("utf-8").splitlines()))[1:] if path.is_file() else []
    rows = [row for row in rows if int(row[0]) < step]
    rows.append([str(step), f"{loss:.4f}", f"{wrong[0]:.4f}", f"{wrong[1]:.4f}"])
    partial = path.with_name(f".{CURVE}.new")
    with partial.open("w", newline="", encoding="utf-8") as out:
        csv.writer(out).writerows([["step", "loss", "set_characters_wrong", "known_characters_wrong"], *rows])
    partial.replace(path)
