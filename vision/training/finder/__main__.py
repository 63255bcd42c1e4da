"""Train the net that weighs rims, on renders only, and write models/weights/heads.onnx with its card.

    python -m vision.training.finder --seed 0 --photos 2000 --steps 4000

Read top to bottom: examples from renders, training, a check on renders it has not seen, export.
"""

from __future__ import annotations

import argparse
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import cv2
import numpy as np
import torch
from torch.nn import functional

from vision.training.export import write_onnx
from vision.training.finder.examples import Examples, photo_examples
from vision.training.finder.net import RimNet

BATCH = 128
SHARES = (0.25, 0.3, 0.45)  # of a batch: right rims, rims off by a little or a pocket's width, everything else
RIGHT, WRONG = 0.9, 0.7  # overlaps: full marks from RIGHT on, none up to WRONG, in between in between
CHECKED = 0.1  # share of the photos, the last ones, that training never sees


def gather(seed: int, photos: int, jobs: int) -> list[Examples]:
    """The examples of each render, in order of their seeds."""
    with ProcessPoolExecutor(jobs) as pool:
        return list(pool.map(photo_examples, range(seed, seed + photos), chunksize=20))


def joined(parts: list[Examples]) -> Examples:
    """All examples of several renders as one."""
    return Examples(np.concatenate([p.looks for p in parts]), np.concatenate([p.overlaps for p in parts]))


def targets(overlaps: np.ndarray) -> np.ndarray:
    """Overlaps (N,) as what the net should answer, 0..1."""
    return np.clip((overlaps - WRONG) / (RIGHT - WRONG), 0, 1).astype(np.float32)


def augmented(rng: np.random.Generator, looks: np.ndarray) -> torch.Tensor:
    """The same rims under other light, turned, mirrored, paler, greyer, noisier, partly covered."""
    out = looks.astype(np.float32)
    count, angles = out.shape[:2]
    turns = (np.arange(angles)[None] * rng.choice([-1, 1], (count, 1)) + rng.integers(0, angles, (count, 1))) % angles
    out = np.take_along_axis(out, turns[:, :, None, None], axis=1)
    rgb = out[..., :3]
    grey = (rng.uniform(0, 1, (count, 1, 1, 1)) * (rng.random((count, 1, 1, 1)) < 0.4)).astype(np.float32)
    rgb = rgb * (1 - grey) + rgb.mean(axis=3, keepdims=True) * grey
    rgb = 255 * (np.clip(rgb, 0, 255) / 255) ** np.exp(rng.normal(0, 0.25, (count, 1, 1, 1))).astype(np.float32)
    rgb = rgb * np.exp(rng.normal(0, 0.12, (count, 1, 1, 3))).astype(np.float32)
    rgb = rgb + 12 * rng.standard_normal((count, 1, 1, 1), np.float32)
    noise = rng.standard_normal(
        rgb.shape[1:], np.float32
    )  # one sheet a batch: drawing it anew costs as much as the net
    rgb = rgb + noise * rng.exponential(3, (count, 1, 1, 1)).astype(np.float32)
    out[..., :3] = np.where(rng.random((count, 1, 1, 1)) < 0.1, 255 - rgb, rgb)
    return torch.from_numpy(np.clip(out, 0, 255).astype(np.uint8))


def train(examples: Examples, seed: int, steps: int) -> RimNet:
    """The net after so many steps, seeded; its curve goes to standard error."""
    torch.manual_seed(seed)
    torch.set_num_threads(1)
    rng = np.random.default_rng(seed)
    net = RimNet()
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-3)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 2e-3, total_steps=steps)
    right = examples.overlaps > (RIGHT + WRONG) / 2
    near = ~right & (examples.overlaps > 0.2)
    groups = [np.flatnonzero(g) for g in (right, near, ~right & ~near)]
    wanted = targets(examples.overlaps)
    for step in range(steps):
        picked = np.concatenate([rng.choice(g, round(s * BATCH)) for g, s in zip(groups, SHARES, strict=True)])
        odds = net(augmented(rng, examples.looks[picked]))
        loss = functional.binary_cross_entropy_with_logits(odds, torch.from_numpy(wanted[picked]))
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()
        schedule.step()
        if step % 200 == 0:
            say(f"step {step} loss {loss.item():.4f}")
    return net.eval()


def check(net: RimNet, examples: Examples) -> str:
    """Shares of right rims kept and wrong ones refused, at odds of one."""
    with torch.no_grad():
        odds = torch.cat([net(torch.from_numpy(part)) for part in np.array_split(examples.looks, 20)]).numpy()
    groups = {"right": examples.overlaps > 0.9, "near": (examples.overlaps > 0.2) & (examples.overlaps < 0.7),
              "other": examples.overlaps <= 0.2}  # fmt: skip
    return ", ".join(
        f"{name}: {np.mean(odds[at] > 0):.4f} of {at.sum()} scored above 0.5" for name, at in groups.items()
    )


def export(net: RimNet, looks: np.ndarray, path: Path) -> None:
    """Scores (N,) 0..1 of looks (N, angles, radii, 4) uint8, as ONNX."""
    scored = torch.nn.Sequential(net, torch.nn.Sigmoid())
    write_onnx(scored, torch.from_numpy(looks[:2]), path, "looks", ["scores"])


def say(line: str) -> None:
    """One line of progress, on standard error."""
    sys.stderr.write(line + "\n")


def main() -> None:
    """Render, train, check, export."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--photos", type=int, default=2000)
    parser.add_argument("--steps", type=int, default=4000)
    parser.add_argument("--jobs", type=int, default=1, help="processes that render; the result is the same")
    parser.add_argument("--out", type=Path, default=Path("models/weights/heads.onnx"))
    arguments = parser.parse_args()
    start = time.perf_counter()
    cv2.setNumThreads(1)
    parts = gather(arguments.seed, arguments.photos, arguments.jobs)
    unseen = int(arguments.photos * (1 - CHECKED))
    net = train(joined(parts[:unseen]), arguments.seed, arguments.steps)
    checked = joined(parts[unseen:])
    say(f"{check(net, checked)}; {time.perf_counter() - start:.0f} s")
    arguments.out.parent.mkdir(parents=True, exist_ok=True)
    export(net, checked.looks, arguments.out)


if __name__ == "__main__":
    main()
