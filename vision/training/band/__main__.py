"""Train the net that finds the band of a head's text, on renders only, and write models/weights/band.onnx.

    python -m vision.training.band --seed 0 --faces 15000 --steps 2500

Read top to bottom: faces from renders, training, a check on renders it has not seen, export.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from vision.flatten.band import COLUMNS, ROWS, edges
from vision.training.band.examples import Face, batch, face
from vision.training.band.net import BandNet
from vision.training.export import write_onnx
from vision.training.render.fonts import few_fonts

BATCH = 24
# How far (rows) the row asked for is spread, and what the cells with text count beside the edges.
SPREAD, TEXT_WEIGHT = 1.2, 3.0
CHECKED = 500  # faces, the last ones, that training never sees
SEEDS = 900_000_000  # seeds begin here, so that no other training renders the same


def gather(seed: int, count: int, jobs: int) -> list[Face]:
    """So many faces, in order of their seeds."""
    seeds = range(SEEDS + seed * 1_000_000, SEEDS + seed * 1_000_000 + count)
    with ProcessPoolExecutor(jobs, initializer=cv2.setNumThreads, initargs=(1,)) as pool:
        return list(pool.map(face, seeds, chunksize=50))


def loss_of(said: tuple[Tensor, Tensor], text: Tensor, wanted: Tensor) -> Tensor:
    """Cross-entropy of both edges, each spread over the rows near it, and of the cells with text."""
    log_probs, odds = said
    away = torch.arange(ROWS)[None, None] - wanted[..., None]
    spread = torch.softmax(-(away**2) / (2 * SPREAD**2), dim=2)
    at_edges = -(spread * log_probs.float()).sum(dim=2).mean()
    return at_edges + TEXT_WEIGHT * functional.binary_cross_entropy_with_logits(odds.float(), text)


def train(faces: Sequence[Face], seed: int, steps: int) -> BandNet:
    """The net after so many steps, seeded; its curve goes to standard error."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = BandNet()
    optimizer = torch.optim.AdamW(net.parameters(), 3e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, total_steps=steps)
    for step in range(steps):
        seen, text, wanted = map(torch.from_numpy, batch([faces[i] for i in rng.integers(len(faces), size=BATCH)], rng))
        with torch.autocast("cpu", torch.bfloat16):
            said = net(seen)
        loss = loss_of(said, text, wanted)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 100 == 0:
            say(f"step {step} loss {float(loss.detach()):.3f}")
    return net.eval()


def check(net: BandNet, faces: Sequence[Face]) -> str:
    """How far the edges lie from where they are, and how often by more than a quarter of the text's height."""
    with torch.no_grad():
        said = [net(torch.from_numpy(one.seen[None]))[0][0].numpy() for one in faces]
    found, true = np.array([edges(one) for one in said]), np.array([one.edges for one in faces])
    away, high = np.abs(found - true), np.maximum(true[:, 1] - true[:, 0], 1.0)
    off = (away > 0.25 * high[:, None]).any(axis=1)
    return (
        f"edges off by {np.median(away[:, 0]):.2f} and {np.median(away[:, 1]):.2f} rows of {ROWS} (medians); "
        f"either by more than a quarter of the text's height on {100 * off.mean():.1f}% of {len(faces)}"
    )


def export(net: BandNet, path: Path) -> None:
    """Log-probabilities "edges" (N, 2, ROWS) of faces (N, 2, ROWS, COLUMNS) uint8, as ONNX."""

    class Served(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.net = net

        def forward(self, faces: Tensor) -> Tensor:
            found: Tensor = self.net(faces)[0]
            return found

    write_onnx(Served(), torch.zeros((1, 2, ROWS, COLUMNS), dtype=torch.uint8), path, "faces", ["edges"])


def say(line: str) -> None:
    """One line of progress, on standard error."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def main() -> None:
    """Render, train, check, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--faces", type=int, default=15_000)
    parser.add_argument("--steps", type=int, default=2500)
    parser.add_argument("--jobs", type=int, default=1, help="processes that render; the result is the same")
    parser.add_argument("--out", type=Path, default=Path("models/weights/band.onnx"))
    arguments = parser.parse_args()
    if warning := few_fonts():
        say(warning)
    start = time.perf_counter()
    faces = gather(arguments.seed, arguments.faces, arguments.jobs)
    say(f"{len(faces)} faces rendered, {time.perf_counter() - start:.0f} s")
    net = train(faces[:-CHECKED], arguments.seed, arguments.steps)
    say(f"{check(net, faces[-CHECKED:])}; {time.perf_counter() - start:.0f} s")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    export(net, arguments.out)


if __name__ == "__main__":
    main()
