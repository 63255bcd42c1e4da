"""Train the reader of stamped metal on rendered strips.

    python -m vision.training.stamped runs/begin.onnx --out runs/stamped --steps 4000

Training goes on from the last checkpoint in --out when there is one, and can be stopped at any time; else it begins
with the reader it is given: one that serves, or the recogniser made into one (vision.training.stamped.begin). A line
of figures is written every --every steps, also to curve.csv; then come vision.training.stamped.export and .mix.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

import cv2
import torch
from torch.utils.data import DataLoader, IterableDataset

from vision.training.learn.rates import groups
from vision.training.learn.start import served, with_labels
from vision.training.render.fonts import few_fonts
from vision.training.stamped.alphabet import labels
from vision.training.stamped.checkpoint import State, load_state, save_state
from vision.training.stamped.examples import CUT_PX, WINDOWS_A_STRIP, examples, shown
from vision.training.stamped.loss import Batch, batch_of, mean_loss
from vision.training.stamped.measure import character_errors
from vision.training.stamped.net import StampedNet

# Strips with seeds from here on are only measured on.
HELD_OUT = 10_000_000
HELD_OUT_STRIPS = 60
# What a share of the strips can be, as examples() has it.
KINDS = {
    "printed": "whose mark is printed, not struck",
    "spokes": "with lines from pocket to rim",
    "dents": "with round dents between characters",
    "glare": "of polished metal under bare lamps, out of focus",
    "looks": "unrolled as for any of the reader's looks, not as for its first",
}
# What straight cuts count for beside windows.
CUTS_WEIGHT = 0.25
# The head learns faster than the features: many of its rows start from nothing, and the features carry.
HEAD_TIMES = 10.0


class Strips(IterableDataset[list[Batch]]):
    """What each step is taught: a batch of windows of strips with rising seeds, of each of KINDS the share that is
    spoilt so, and one of straight cuts of the same strips, of one width, where any are asked for. Every worker makes
    its own share of the batches."""

    def __init__(
        self, first_step: int, seed: int, names: Sequence[str], strips: int, cuts: int, kinds: Mapping[str, float]
    ) -> None:
        self._first_step, self._seed, self._names = first_step, seed, names
        self._strips, self._cuts, self._kinds = strips, cuts, dict(kinds)

    def __iter__(self) -> Iterator[list[Batch]]:
        cv2.setNumThreads(1)
        worker = torch.utils.data.get_worker_info()
        share, of = (worker.id, worker.num_workers) if worker else (0, 1)
        step = self._first_step + share
        while True:
            first = self._seed * 100_000_000 + step * self._strips
            yield of_strips(range(first, first + self._strips), self._names, self._cuts, self._kinds)
            step += of


def of_strips(seeds: Iterable[int], names: Sequence[str], cuts: int, kinds: Mapping[str, float]) -> list[Batch]:
    """The windows of some strips, and so many straight cuts of each, if any: a batch each."""
    strips = [shown(seed, names, None, **kinds) for seed in seeds]
    batches = [batch_of([strip.window() for strip in strips for _ in range(WINDOWS_A_STRIP)])]
    if cuts:
        width = CUT_PX[int(strips[0].rng.integers(len(CUT_PX)))]
        batches.append(batch_of([strip.straight(width) for strip in strips for _ in range(cuts)]))
    return batches


def main() -> None:
    """Train, from a checkpoint where there is one."""
    arguments = _arguments()
    if warning := few_fonts():
        sys.stderr.write(f"{warning}\n")
    cv2.setNumThreads(1)
    torch.set_num_threads(arguments.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(arguments.seed)
    names = labels()
    net = beginning(arguments.start, names, arguments.seed).to(memory_format=torch.channels_last)
    optimizer = torch.optim.AdamW(groups(net, HEAD_TIMES), lr=arguments.rate, weight_decay=0.01)
    state = State(net, optimizer, {k: v.detach().clone() for k, v in net.named_parameters()}, names)
    arguments.out.mkdir(parents=True, exist_ok=True)
    step = load_state(arguments.out, state)
    held_out = list(chain.from_iterable(examples(HELD_OUT + s, names) for s in range(HELD_OUT_STRIPS)))
    kinds = {kind: getattr(arguments, kind) for kind in KINDS}
    strips = Strips(step, arguments.seed, names, arguments.batch // WINDOWS_A_STRIP, arguments.cuts, kinds)
    loader = DataLoader(strips, batch_size=None, num_workers=arguments.workers,
                        prefetch_factor=4, multiprocessing_context="spawn")  # fmt: skip
    losses, began = [], time.monotonic()
    for batches in islice(loader, arguments.steps - step):
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, arguments.steps, arguments.rate, arguments.least) * group["times"]
        optimizer.zero_grad(set_to_none=True)
        for batch, weight in zip(batches, (1.0, CUTS_WEIGHT), strict=False):
            gray = batch.gray.contiguous(memory_format=torch.channels_last)
            with torch.autocast("cpu", torch.bfloat16, enabled=arguments.bfloat16):
                said = net(gray)
            loss = mean_loss(said.float(), batch, arguments.most) * weight
            loss.backward()
            if batch is batches[0]:
                losses.append(float(loss.detach()))
        torch.nn.utils.clip_grad_norm_(net.parameters(), 2.0)
        optimizer.step()
        step += 1
        state.follow(min(arguments.average, (1 + step) / (10 + step)))
        if step % arguments.every == 0 or step == arguments.steps:
            save_state(arguments.out, state, step)
            wrong = character_errors(state.averaged(), held_out)
            _report(arguments.out, step, losses, time.monotonic() - began, wrong)
            losses, began = [], time.monotonic()


def beginning(start: Path, names: tuple[str, ...], seed: int) -> StampedNet:
    """The network before its first step: the reader served by start, with a head for names."""
    net, known = served(start)
    return with_labels(net, known, names, seed)


def rate_at(step: int, steps: int, rate: float, least: float) -> float:
    """How far a step moves a feature, as a share of its spread: up in 150 steps to rate, then down a cosine to the
    share least of it."""
    warm = min(1.0, (step + 1) / 150)
    way = min(1.0, step / steps)
    return rate * warm * (least + (1.0 - least) * (0.5 + 0.5 * math.cos(math.pi * way)))


def _report(out: Path, step: int, losses: Sequence[float], seconds: float, wrong: float) -> None:
    """One line of the curve: training loss, and the share of characters misread on the held-out strips."""
    line = [step, round(sum(losses) / len(losses), 4), round(wrong, 4), round(seconds, 1)]
    with (out / "curve.csv").open("a", newline="") as file:
        csv.writer(file).writerow(line)
    sys.stderr.write(f"step {step}  loss {line[1]:.3f}  characters wrong {100 * wrong:.1f}%  {seconds:.0f} s\n")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("start", type=Path, help="the reader to go on from, a file like models/weights/stamped.onnx")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and curve")
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--batch", type=int, default=16, help="windows a step")
    parser.add_argument("--rate", type=float, default=1e-3, help="furthest a step moves a feature, of its spread")
    parser.add_argument("--least", type=float, default=0.02, help="share of the rate that the last steps have")
    parser.add_argument("--average", type=float, default=0.998, help="how much of the running average a step keeps")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--most", type=float, default=math.inf, help="nats beyond which a window counts as unreadable")
    parser.add_argument("--cuts", type=int, default=0, help="straight cuts of each strip, beside its windows")
    for kind, such in KINDS.items():
        parser.add_argument(f"--{kind}", type=float, default=0.0, help=f"share of strips {such}")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--bfloat16", action="store_true", help="half as long a step where the processor has AMX")
    parser.add_argument("--workers", type=int, default=1, help="processes that render")
    parser.add_argument("--every", type=int, default=200, help="steps between checkpoints")
    return parser.parse_args()
