"""Train the network that tells symbols apart, on renders only. Read top to bottom.

    python -m vision.training.symbols.examples runs/bank
    python -m vision.training.symbols.train runs/bank --out runs/one-shot --steps 1000 --leave-out 20
    python -m vision.training.symbols.train runs/bank --out runs/symbols --steps 1000 --start runs/one-shot

--leave-out N never shows N of the symbols, drawn by a fixed seed: what one-shot learning is measured with. --start
begins with the network of another run, which is how all symbols are learnt in less time. A run that was cut short goes
on from its last checkpoint. --half runs the convolutions in bfloat16: a processor with AMX takes half the time.
"""

from __future__ import annotations

import argparse
import copy
import csv
import math
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn

from vision.training.symbols.batches import next_batch
from vision.training.symbols.checkpoint import load, load_average, save
from vision.training.symbols.drawing import load_symbols
from vision.training.symbols.examples import Edges, load_edges
from vision.training.symbols.loss import LEFT_OUT, Directions, batch_loss
from vision.training.symbols.measure import named_right
from vision.training.symbols.net import DIRECTIONS, SymbolNet

RATE, WARM_STEPS, DECAY = 3e-3, 40, 0.05
FOLLOW = 0.985  # of the running average, a step
EVERY = 50  # steps between checkpoints
LEAVE_OUT_SEED = 20


def kept_symbols(count: int, leave_out: int) -> list[int]:
    """The indices of the symbols that training may see."""
    left = set(np.random.default_rng(LEAVE_OUT_SEED).choice(count, leave_out, replace=False).tolist())
    return [i for i in range(count) if i not in left]


class Model(nn.Module):
    """The network and the learnt directions, trained together."""

    def __init__(self, symbols: int) -> None:
        super().__init__()
        self.net = SymbolNet()
        self.directions = Directions(symbols, DIRECTIONS)


def rate_at(step: int, steps: int) -> float:
    """The learning rate: up in the first steps, then down along a cosine."""
    return RATE * min(1.0, (step + 1) / WARM_STEPS) * (0.01 + 0.99 * (0.5 + 0.5 * math.cos(math.pi * step / steps)))


class Halved(nn.Module):
    """The network with its convolutions in bfloat16; weights and directions stay in single precision."""

    def __init__(self, net: SymbolNet) -> None:
        super().__init__()
        self.net = net

    def forward(self, edges: Tensor) -> tuple[Tensor, Tensor]:
        with torch.autocast("cpu", torch.bfloat16):
            seen = self.net.features(edges)
        return self.net.told(seen.float())


def train(
    edges: Edges, out: Path, steps: int, seed: int, leave_out: int, start: Path | None, *, half: bool = False
) -> None:
    """Train for so many steps in all, with checkpoints and a curve in out; start is another run's folder."""
    rows, _ = load_symbols()
    kept = kept_symbols(len(rows), leave_out)
    torch.manual_seed(seed)
    model = Model(len(kept)).to(memory_format=torch.channels_last)
    if start is not None:
        model.net.load_state_dict(average_net(start).state_dict())
    average = copy.deepcopy(model).eval()
    optimizer = torch.optim.AdamW(model.parameters(), RATE, weight_decay=DECAY)
    first = load(out, model, average, optimizer)
    net = Halved(model.net) if half else model.net
    started, losses = time.perf_counter(), []
    for step in range(first, steps):
        rng = np.random.default_rng([seed, step])
        for group in optimizer.param_groups:
            group["lr"] = rate_at(step, steps)
        batch = next_batch(edges, rows, kept, rng)
        left_out = torch.from_numpy(rng.random(len(batch.drawings)) < LEFT_OUT)
        parts = batch_loss(net, model.directions, batch, left_out)
        optimizer.zero_grad()
        torch.stack(parts).sum().backward()
        nn.utils.clip_grad_norm_(model.parameters(), 2.0)
        optimizer.step()
        follow(average, model)
        losses.append([part.item() for part in parts])
        if (step + 1) % EVERY == 0 or step + 1 == steps:
            save(out, model, average, optimizer, step + 1)
            right = named_right(average.net, average.directions.unit(), edges.checked[kept, :6])
            _report(out, step + 1, losses, right, time.perf_counter() - started)
            losses = []


def average_net(folder: Path) -> SymbolNet:
    """The network of a run: the running average of its weights at the last checkpoint."""
    weights = load_average(folder)
    net = SymbolNet()
    net.load_state_dict({k.removeprefix("net."): v for k, v in weights.items() if k.startswith("net.")})
    return net.eval()


@torch.no_grad()
def follow(average: Model, model: Model) -> None:
    """Moves the running average on; the norms' statistics are taken as they are."""
    for mean, now in zip(average.parameters(), model.parameters(), strict=True):
        mean.lerp_(now, 1 - FOLLOW)
    for kept, new in zip(average.buffers(), model.buffers(), strict=True):
        kept.copy_(new)


def _report(out: Path, step: int, losses: Sequence[Sequence[float]], right: float, seconds: float) -> None:
    """One line of the curve: the losses, and the share of pictures held out that are named right."""
    drawn, known, things = (round(float(v), 4) for v in np.mean(losses, axis=0))
    with (out / "curve.csv").open("a", newline="") as file:
        csv.writer(file).writerow([step, drawn, known, things, round(right, 4), round(seconds, 1)])
    parts = f"drawings {drawn:.3f}  known {known:.3f}  things {things:.3f}"
    sys.stderr.write(f"step {step}  {parts}  right {100 * right:.1f}%  {seconds:.0f} s\n")


def main() -> None:
    """Train."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bank", type=Path, help="the folder vision.training.symbols.examples wrote")
    parser.add_argument("--out", type=Path, required=True, help="folder of checkpoints and curve")
    parser.add_argument("--steps", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--leave-out", type=int, default=0, help="symbols never shown")
    parser.add_argument("--start", type=Path, help="the folder of the run whose network is gone on with")
    parser.add_argument("--half", action="store_true", help="convolutions in bfloat16")
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    arguments.out.mkdir(parents=True, exist_ok=True)
    given = (arguments.steps, arguments.seed, arguments.leave_out, arguments.start)
    train(load_edges(arguments.bank), arguments.out, *given, half=arguments.half)


if __name__ == "__main__":
    main()
